"""The control socket: the daemon's side and the command line's."""
