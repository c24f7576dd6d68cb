"""How busy this process is, and what follows from it for looks (core.shedding)."""

from __future__ import annotations

import asyncio
import logging
import resource
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta

from watchcall.core.check import Check
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.core.shedding import BEAT_S, GOOD_S, Pressure, Turns, beat, shed

log = logging.getLogger(__name__)

SAID_EVERY_S = 60.0
REMEMBERED_S = 600.0  # longer than any look lasts
SPARE = 128  # descriptors for everything but looks
MOST_DESCRIPTORS = 65_536
PART = 0.1  # of its timeout: a look that the loop kept waiting for so long measured the loop
ON_TIME = frozenset({"timeout", "latency"})  # parts of codes of reasons that time alone is for


class Load:
    """Measures how late the loop is, and leaves out turns when it is too late.

    late: looks that the loop kept waiting for so long that what they measured says nothing
    shed: turns that were left out
    most: looks under way at a time
    now:  a steady clock, in seconds
    """

    def __init__(self, most: int = 10**6, now: Callable[[], float] | None = None) -> None:
        self.late = 0
        self.shed = 0
        self._most = most
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._pressure = Pressure()
        self._turns = Turns()
        self._lags: deque[tuple[float, float]] = deque()  # when the loop was late, and how late
        self._due: float | None = None  # when the next beat is
        self._said, self._unsaid = 0.0, 0

    @property
    def share(self) -> float:
        """How much of what is due is looked at."""
        return self._pressure.share

    @property
    def lasts(self) -> bool:
        """Whether turns have been left out for so long that somebody should know."""
        return self._pressure.lasts(self._now())

    def as_json(self) -> dict[str, float]:
        return {"late": self.late, "shed": self.shed, "share": round(self.share, 3)}

    async def run(self) -> None:
        """Measure for ever."""
        while True:
            self._due = self._now() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self.beat(max(0.0, self._now() - self._due))

    def beat(self, lag: float) -> None:
        """The loop was so many seconds late."""
        now, self._due = self._now(), None
        self._pressure = beat(self._pressure, lag, now)
        if lag >= GOOD_S:
            self._lags.append((now, lag))
        while self._lags and self._lags[0][0] < now - REMEMBERED_S:
            self._lags.popleft()
        self._tell(now)

    def admits(self, name: str, under_way: int) -> bool:
        """Whether there is room for a check's turn; one that is left out is counted."""
        if under_way < self._most and self._turns.take(name, self.share):
            return True
        self.shed += 1
        self._unsaid += 1
        self._pressure = shed(self._pressure, self._now())
        return False

    def keep(self, checks: Iterable[Check]) -> None:
        """These are all the checks there are."""
        self._turns.keep({check.name for check in checks})

    def judged(self, check: Check, seen: Observation, began: float) -> Observation:
        """Return what a look is worth that began then: not a failure where we were too slow."""
        if seen.level is Level.OK or ON_TIME.isdisjoint(seen.reason.code.split(".")):
            return seen
        lag = self.lag(began)
        if lag < PART * check.timeout.total_seconds():
            return seen
        self.late += 1
        return Observation(
            level=Level.UNKNOWN, reason=Reason.of("look.late", seconds=round(lag, 1))
        )

    def lag(self, since: float) -> float:
        """Return for how many seconds the loop stood still since then."""
        now = self._now()
        overdue = 0.0 if self._due is None else max(0.0, now - self._due)
        stood = sum(min(lag, at - since) for at, lag in self._lags if at > since)
        return stood + min(overdue, now - since)

    def _tell(self, now: float) -> None:
        if not self._unsaid or now - self._said < SAID_EVERY_S:
            return
        text = "this machine is too slow for all looks: %d were left out; %.0f %% are taken now"
        log.warning(text, self._unsaid, self.share * 100)
        self._said, self._unsaid = now, 0


def left_out(ago: timedelta) -> Observation:
    """Return what is seen of a check that nobody has looked at for so long."""
    return Observation(level=Level.UNKNOWN, reason=Reason.of("look.left_out"), blind=ago)


def room() -> int:
    """Let this process open as many files as it may; return how many looks that is enough for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return max(SPARE, min(soft, MOST_DESCRIPTORS) - SPARE)
