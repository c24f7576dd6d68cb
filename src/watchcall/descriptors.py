"""File descriptors: what looks may use, and what is kept for calling people.

Looks are many and people are few: when a limit is near, looks stop first. What they leave is for
the connection to Twilio, for the store and for the control socket.
"""

from __future__ import annotations

import os
import resource
from contextlib import suppress

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
        # The kernel gives the lowest that is free: all below it are in use.
        lowest = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    os.close(lowest)
    return limit - min(KEPT, limit // 4) - lowest


def shortage() -> str | None:
    """Return what is wrong where looks have to do without, None where there are enough."""
    if left_for_looks() > 0:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        f"no file descriptors are left for looking (the limit is {limit}): what needs one is not "
        "looked at; raise LimitNOFILE= of the service"
    )
