"""What `watchcall install-service` lays down, where, and whether this machine can take it."""
