"""Who it is that runs a command, for the record."""

from __future__ import annotations

import os


def whoever() -> str:
    """Return who sits here: the one behind sudo, else the login name."""
    if behind := os.environ.get("SUDO_USER"):
        return behind
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user need not have a name
        return f"user {os.getuid()}"
