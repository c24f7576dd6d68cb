"""A look's own deadline, a little before its caller's."""

from __future__ import annotations

from watchcall.core.check import Check


def own_limit(check: Check) -> float:
    """Return the seconds a look may take, so that it can still say which phase took too long."""
    seconds = check.timeout.total_seconds()
    return seconds - min(0.05, seconds * 0.05)


def seconds_of(check: Check) -> float:
    seconds = check.timeout.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds
