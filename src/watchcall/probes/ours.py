"""Whose fault it was: what only this machine is to blame for says nothing about a target."""

from __future__ import annotations

import errno
import os
from contextlib import suppress

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
