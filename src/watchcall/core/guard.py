"""The cost guard: how many calls are too many.

It never holds back the first call of a new incident, nor the first that says that one became
worse, and what it holds back is put off, not
dropped: the page waits, what fails meanwhile joins it, and one call then tells all of it.
The limits per number are GoAlert's (facts: notification/twilio, `ratelimit.go`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
APART = timedelta(minutes=1)  # two calls to one number, where nobody asked for less
PER_NUMBER = (  # so many calls to one number within so long
    (3, timedelta(minutes=15)),
    (7, HOUR),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that Twilio took."""

    at: datetime
    to: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait until then, and why."""

    until: datetime
    why: str


def hold(
    placed: Sequence[Placed], to: str, now: datetime, per_hour: int, apart: timedelta = APART
) -> Hold | None:
    """Return what keeps the next call back, None where nothing does.

    placed:   the calls of the last hour, in any order
    per_hour: at most so many over all numbers
    apart:    two calls to one number; an operator who wants rounds to follow each other more
              quickly has said so
    """
    mine = sorted(one.at for one in placed if one.to == to)
    holds = [_hold(sorted(one.at for one in placed), per_hour, HOUR, now, "max_calls_per_hour")]
    for limit, within in ((1, apart), *PER_NUMBER):
        seconds = within.total_seconds()
        why = f"at most {limit} within {seconds:.0f} s to one number"
        holds.append(_hold(mine, limit, within, now, why))
    return max(filter(None, holds), key=lambda one: one.until, default=None)


def _hold(
    times: Sequence[datetime], limit: int, within: timedelta, now: datetime, why: str
) -> Hold | None:
    recent = [at for at in times if now - at < within and at <= now]
    if len(recent) < limit:
        return None
    return Hold(recent[-limit] + within, why)
