"""When to look: APScheduler, and the guard that keeps it honest when the clock is set.

APScheduler 3 follows the wall clock: after a step back its jobs stand still for that long
(agronholm/apscheduler#351), after a step forward all of them are due at once. The guard compares
the wall clock with the monotonic one and moves the jobs by what they have parted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from watchcall.core.check import Check, phase

log = logging.getLogger(__name__)

FIRST_SPREAD = timedelta(seconds=1)  # the first looks come within this, not all in one instant
GUARD_EVERY = 1.0  # seconds
STEP = timedelta(milliseconds=250)  # what the clocks may part without being called a step


class Every(BaseTrigger):  # type: ignore[misc]  # apscheduler ships no types
    """Due `interval` after the last time, or from now where that is past.

    APScheduler's own IntervalTrigger walks through every missed turn, which after a step of ten
    years is a loop without end. The first gap is shorter, by the check's phase, so that looks
    that began together spread over the interval.
    """

    def __init__(self, interval: timedelta, phase: float) -> None:
        self.interval = interval
        self._gap = interval * (0.5 + phase / 2)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        gap, self._gap = self._gap, self.interval
        due = (previous or now) + gap
        return due if due > now else now + self.interval


class Schedule:
    """Calls `look(name)` for every check at its interval; a check never overlaps itself.

    wall, steady: the two clocks, in seconds; the guard holds one against the other
    boot:         like `steady`, but it goes on while the machine sleeps
    """

    def __init__(
        self,
        look: Callable[[str], Awaitable[None]],
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        boot: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._look = look
        self._wall = wall
        self._steady = steady
        self._boot = boot
        self._asleep = boot() - steady()
        self._apart = self._parted()
        self._guard: asyncio.Task[None] | None = None
        self._stopping = False
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            executors={"default": AsyncIOExecutor()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin; needs a running loop."""
        self._scheduler.start()
        self._guard = asyncio.create_task(self._watch_clock())

    async def stop(self) -> None:
        """Look no more; a look that is under way is given up without a word."""
        self._stopping = True
        if self._guard is not None:
            self._guard.cancel()
            await asyncio.gather(self._guard, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # APScheduler ends in a callback of the loop

    async def _take(self, name: str) -> None:
        try:
            await self._look(name)
        except asyncio.CancelledError:
            if not self._stopping:  # APScheduler would log it as a crash
                raise

    def set(self, checks: Iterable[Check]) -> None:
        """Look at these checks from now on; those that were there keep their turn."""
        wanted = {check.name: check for check in checks}
        for job in self._scheduler.get_jobs():
            if job.id not in wanted:
                job.remove()
            elif job.trigger.interval == wanted[job.id].interval:
                del wanted[job.id]
        for check in wanted.values():
            self._add(check)

    def sooner(self, name: str, after: timedelta) -> None:
        """Look at a check again after this long, if it is not due before."""
        job = self._scheduler.get_job(name)
        if job is None:
            return
        at = self._now() + after
        if job.next_run_time is None or at < job.next_run_time:
            job.modify(next_run_time=at)

    def shift(self, by: timedelta) -> None:
        """Move every job: the wall clock was set by this much."""
        for job in self._scheduler.get_jobs():
            try:
                job.modify(next_run_time=job.next_run_time + by)
            except JobLookupError:
                continue
            except OverflowError:
                job.modify(next_run_time=self._now() + job.trigger.interval)

    def check_clock(self) -> None:
        """Hold the clocks against each other, and shift the jobs where they have parted."""
        asleep = self._boot() - self._steady()
        slept, self._asleep = timedelta(seconds=asleep - self._asleep), asleep
        apart = self._parted()
        step = timedelta(seconds=apart - self._apart)
        if abs(step) >= STEP:
            self._apart = apart
            self.shift(step)
        if slept >= STEP:
            log.warning("this machine slept for %.0f s; looking at everything", _s(slept))
            self._look_at_everything()
        elif abs(step) >= STEP:
            log.warning("the clock was set by %+.1f s; the schedule follows", _s(step))

    def _look_at_everything(self) -> None:
        for job in self._scheduler.get_jobs():
            self.sooner(job.id, FIRST_SPREAD * phase(job.id))

    def _add(self, check: Check) -> None:
        spread = min(check.interval, FIRST_SPREAD) * phase(check.name)
        self._scheduler.add_job(
            self._take,
            Every(check.interval, phase(check.name)),
            args=(check.name,),
            id=check.name,
            next_run_time=self._now() + spread,
            replace_existing=True,
        )

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(GUARD_EVERY)
            self.check_clock()

    def _parted(self) -> float:
        return self._wall() - self._steady()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)


def _s(duration: timedelta) -> float:
    return duration.total_seconds()
