"""Root looks with the rights of the daemon's user: with its own, a look would see too much."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from watchcall import rights
from watchcall.config import locate
from watchcall.rights import User
from watchcall.service.standing import standing


def daemons_user(config: Path | None) -> User | None:
    """Return as whom the daemon runs: systemd's unit says so, else whose its socket is.

    config: what `--config` said. None: nobody knows
    """
    service = standing()
    if service is not None:
        return rights.user(service.user or "root", service.groups)
    try:
        owner = locate.control_socket(config).stat().st_uid
        return rights.user(pwd.getpwuid(owner).pw_name)
    except (OSError, KeyError):  # none listens there, or it is nobody's
        return None


def become(who: User) -> None:
    """Give up root for good; from now on this process is somebody else's."""
    os.setgroups(sorted(who.groups))
    os.setgid(who.gid)
    os.setuid(who.uid)
    known = pwd.getpwuid(who.uid)
    os.environ.update(HOME=known.pw_dir, USER=who.name, LOGNAME=who.name, SHELL=known.pw_shell)
