"""Whose fault it was: what only this machine is to blame for says nothing about a target."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from pathlib import Path

from watchcall.core.reason import Reason
from watchcall.probes.verdict import CannotLook, clean
from watchcall.rights import explained

# We were not allowed, or not able, to open a connection at all.
OUR_ERRNOS = frozenset(
    {
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ENOBUFS,
        errno.EADDRNOTAVAIL,
        errno.EAFNOSUPPORT,
        errno.EPERM,
        errno.EACCES,
    }
)


# What getaddrinfo() reads; it passes over what it may not read, and then knows no name.
LOOKED_UP_IN = (Path("/etc/hosts"), Path("/etc/resolv.conf"), Path("/etc/nsswitch.conf"))


def refuse_if_forbidden() -> None:
    """Raise CannotLook where looking up a name is denied to us: then no name has an address."""
    for path in LOOKED_UP_IN:
        try:
            path.open("rb").close()
        except PermissionError as error:
            raise _forbidden(f"{path}: {explained(error, path)}") from None
        except OSError:  # it may well not be there
            continue
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as name_server:
            name_server.connect(("127.0.0.1", 53))  # sends nothing
    except PermissionError as error:
        raise _forbidden(f"names: {explained(error)}") from None
    except OSError:  # there is no IPv4 here
        return


def _forbidden(error: str) -> CannotLook:
    return CannotLook(Reason.of("http.cannot_look", error=clean(error)))


def lacks_descriptors() -> bool:
    """Whether this process could not open a handful of files now.

    libcurl reports that as a refused connection, an unknown host or an unreadable CA file, and
    getaddrinfo() as an unknown host.
    """
    held: list[int] = []
    try:
        for _ in range(8):
            held.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    finally:
        for fd in held:
            with suppress(OSError):
                os.close(fd)
    return False
