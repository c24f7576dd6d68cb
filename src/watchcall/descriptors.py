"""File descriptors: what looks may use, and what is kept for calling people.

Looks are many and people are few: when a limit is near, looks stop first. What they leave is for
the connection to Twilio, for the store and for the control socket.
"""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from pathlib import Path

OURS = Path("/proc/self/fd")
MANY = 65536  # a limit so high that nobody needs to count exactly
KEPT = 64  # descriptors that looks leave alone, or a quarter of a limit that is low


def raise_limit() -> None:
    """Take all that the system allows: 1024 is a default for programs that use select()."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # some kernels promise more than they give
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def left_for_looks() -> int:
    """Return how many descriptors looks may still open; less than one is none."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        used = _lowest() if limit > MANY else _counted()
    except OSError:
        return 0
    return limit - min(KEPT, limit // 4) - used


def _lowest() -> int:
    """Return the lowest that is free: all below it are in use, and few above."""
    lowest = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    os.close(lowest)
    return lowest


def _counted() -> int:
    """proc(5): since Linux 6.2 the size of the folder says how many there are."""
    return OURS.stat().st_size or sum(1 for _ in OURS.iterdir())


def shortage() -> str | None:
    """Return what is wrong where looks have to do without, None where there are enough."""
    if left_for_looks() > 0:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        f"no file descriptors are left for looking (the limit is {limit}): what needs one is not "
        "looked at; raise LimitNOFILE= of the service"
    )
