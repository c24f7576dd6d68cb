"""How large a measurement is: as it is documented, or so small that it only shows that it runs.

`WATCHCALL_BENCH_SCALE=small` is for the tests, which run every documented measurement: the same
code goes through the same steps, over a handful of things and for moments. What it prints then has
every row and column, and says nothing.
"""

from __future__ import annotations

import os
import sys

VARIABLE = "WATCHCALL_BENCH_SCALE"
SMALL = os.environ.get(VARIABLE) == "small"
WARNING = "on a small scale: these figures say nothing"
LESS, SHORTER = 100, 10  # how many times


def refuse_another() -> None:
    if os.environ.get(VARIABLE) not in (None, "", "small"):
        sys.exit(f"{VARIABLE}: there is no scale {os.environ[VARIABLE]!r}, only small")


def many(count: int) -> int:
    """Return how many there are of something; on a small scale two are enough to be several."""
    return min(count, max(2, count // LESS)) if SMALL else count


def lasting(wanted: float) -> float:
    """Return how long something goes on, or how far apart two of its turns are."""
    return wanted / SHORTER if SMALL else wanted


def enough(share: float, expected: float) -> float:
    """Return how many looks are enough; on a small scale one: a moment's delay costs others."""
    return 1 if SMALL else share * expected
