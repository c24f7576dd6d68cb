"""CPU use between two looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Key = tuple[int, float]  # a PID and when its process was born: PIDs are used again

# The kernel counts in ticks of 10 ms: over less than this, one tick would look like a burst.
SHORTEST = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Sample:
    at: float  # monotonic
    spent: dict[Key, float]  # CPU seconds so far
    percent: float | None  # what the sample before it led to


class CpuMeter:
    """Percent of one core since the look before, per check; None until there was one."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._last: dict[str, Sample] = {}

    def percent(self, check: str, spent: dict[Key, float]) -> float | None:
        now, last = self._monotonic(), self._last.get(check)
        if last is None:
            self._last[check] = Sample(now, spent, None)
            return None
        elapsed = now - last.at
        if elapsed < SHORTEST:
            return last.percent
        used = sum(self._since(last, key, total, elapsed) for key, total in spent.items())
        percent = round(100 * used / elapsed, 1)
        self._last[check] = Sample(now, spent, percent)
        return percent

    def _since(self, last: Sample, key: Key, total: float, elapsed: float) -> float:
        """What was born in between spent all of its time since; what is merely new to the check
        has a past that does not count."""
        if key in last.spent:
            return max(0.0, total - last.spent[key])
        return total if key[1] >= self._wall() - elapsed else 0.0
