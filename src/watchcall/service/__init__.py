"""What `watchcall install-service` lays down, whether this machine can take it, how it stands."""
