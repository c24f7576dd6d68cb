"""The whole thing, rehearsed on this machine: httpd stops, the phone rings."""
