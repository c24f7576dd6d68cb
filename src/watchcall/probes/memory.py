"""Which processes a check saw last, so that one that is gone can be named."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from watchcall.core.check import Check


@dataclass(frozen=True, slots=True)
class Sighting:
    """The processes that were there once, and how many seconds ago that was."""

    pids: tuple[int, ...]
    ago_s: float


class Sightings:
    """The last processes of each check. One that watches something else now has seen none.

    now: seconds of a clock that goes on while the machine sleeps
    """

    def __init__(
        self, now: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    ) -> None:
        self._now = now
        self._seen: dict[str, tuple[str, tuple[int, ...], float]] = {}

    def saw(self, check: Check, pids: list[int]) -> None:
        if pids:
            self._seen[check.name] = (check.fingerprint, tuple(pids), self._now())

    def last(self, check: Check) -> Sighting | None:
        fingerprint, pids, at = self._seen.get(check.name, ("", (), 0.0))
        if fingerprint != check.fingerprint:
            return None
        return Sighting(pids, max(0.0, self._now() - at))
