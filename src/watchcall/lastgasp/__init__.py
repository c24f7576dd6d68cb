"""The last gasp: when WatchCall has stopped for good, one call says so (docs/adr/0020).

It must work where all else is broken: nothing in this room imports anything but the standard
library and this room, and it reads neither the database nor, unless the token stands there, the
configuration. Whatever it says was worded while the daemon was well.
"""
