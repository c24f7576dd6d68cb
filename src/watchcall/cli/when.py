"""Times on the command line: how long, and until when."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, time, timedelta

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}
LONGEST = timedelta(days=3650)  # as in the configuration
LONGEST_SILENCE = timedelta(days=365)  # as the daemon has it
NOT_A_DURATION = 'write a duration such as "30m", "2h" or "7d"'
NOT_A_TIME = 'write a time such as 07:00, "2026-11-20 07:00" or 2026-11-20T07:00:00Z'
DAY = timedelta(days=1)


def duration(text: str) -> timedelta | None:
    """Read a duration as the configuration has it, None where it is none.

    Raises ArgumentTypeError where it is too long. The configuration's own parser needs pydantic,
    which takes longer to import than all else that a command does.
    """
    found = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]{1,9})?) ?(ms|[smhd]?)", text)
    if found is None:
        return None
    seconds = float(found[1]) * SECONDS[found[2]]
    if seconds > LONGEST.total_seconds():
        raise argparse.ArgumentTypeError("at most 3650d")
    return timedelta(seconds=seconds)


def lasting(text: str) -> datetime:
    """Read `--for`: return when that is over."""
    last = duration(text)
    if last is None:
        raise argparse.ArgumentTypeError(f"{text!r}: {NOT_A_DURATION}")
    if not last:
        raise argparse.ArgumentTypeError("must be more than nothing")
    if last > LONGEST_SILENCE:
        raise argparse.ArgumentTypeError("at most 365d")
    return datetime.now(UTC) + last


def ending(text: str) -> datetime:
    """Read `--until`: a time with an offset, else as this machine's clock shows it."""
    now = datetime.now(UTC)
    then = _next(text, now) if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text) else _read(text)
    if then <= now:
        raise argparse.ArgumentTypeError(f"{text!r} is over already")
    if then > now + LONGEST_SILENCE:
        raise argparse.ArgumentTypeError("at most 365 days from now")
    return then


def _next(text: str, now: datetime) -> datetime:
    """Return when the clock here shows a time of day next."""
    try:
        hour, minute = map(int, text.split(":"))
        at = time(hour, minute)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: {NOT_A_TIME}") from None
    today = now.astimezone().date()
    days = (datetime.combine(today + DAY * more, at).astimezone(UTC) for more in (0, 1))
    return next(then for then in days if then > now)


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r}: {NOT_A_TIME}") from None
