"""WatchCall: when something on a server breaks, the right person's phone rings."""

__version__ = "0.1.0"
