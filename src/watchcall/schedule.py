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
from functools import partial

from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from watchcall.core.check import Check, phase

log = logging.getLogger(__name__)

SLOT = timedelta(milliseconds=100)  # looks that begin together share the cost of waking up
FIRST_EACH = timedelta(milliseconds=1)  # so far apart are first looks, on average
EACH = timedelta(milliseconds=10)  # and later ones: a few need not be spread over the interval
GUARD_EVERY = 1.0  # seconds
STEP = timedelta(milliseconds=250)  # what the clocks may part without being called a step
ZERO = timedelta(0)


class Every(BaseTrigger):  # type: ignore[misc]  # apscheduler ships no types
    """Due `interval` after the last time; turns that were missed are left out, not made up for.

    APScheduler's own IntervalTrigger walks through every missed turn, which after a step of ten
    years is a loop without end. The two gaps after the `first` time are shorter, by the check's
    phase, so that looks that began together are spread. It keeps no count of its own: APScheduler
    asks twice for each turn.

    phase: 0 to 1, where in the interval, counted from `first`, its turns are to be
    """

    def __init__(self, interval: timedelta, phase: float, first: datetime) -> None:
        self.interval = interval
        self._short = _slotted(interval * (0.5 + phase / 2)) or interval
        self._spread = first + 1.5 * self._short

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        previous = previous or now
        due = previous + (self._short if previous < self._spread else self.interval)
        return due if due > now else due + ((now - due) // self.interval + 1) * self.interval


class Tasks(BaseExecutor):  # type: ignore[misc]  # apscheduler ships no types
    """Runs each job as a task of the loop and no more: nobody listens to APScheduler's events."""

    def __init__(self) -> None:
        super().__init__()
        self._running: set[asyncio.Task[None]] = set()

    def shutdown(self, wait: bool = True) -> None:
        for task in self._running:
            task.cancel()

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> None:
        task = asyncio.get_running_loop().create_task(job.func(*job.args))
        self._running.add(task)
        task.add_done_callback(partial(self._ended, job.id))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._run_job_success(name, ())
        else:
            self._run_job_error(name, error, error.__traceback__)


class Schedule:
    """Calls `look(name)` for every check at its interval; a check never overlaps itself.

    wall, steady: the two clocks, in seconds; the guard holds one against the other
    boot:         like `steady`, but it goes on while the machine sleeps
    jumped:       told when the clock was set (zero), or for how long the machine slept; before
                  any look that begins after that
    """

    def __init__(
        self,
        look: Callable[[str], Awaitable[None]],
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        boot: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
        jumped: Callable[[timedelta], Awaitable[None]] | None = None,
    ) -> None:
        self._look = look
        self._wall = wall
        self._steady = steady
        self._boot = boot
        self._jumped = jumped
        self._asleep = boot() - steady()
        self._apart = self._parted()
        self._guard: asyncio.Task[None] | None = None
        self._stopping = False
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            executors={"default": Tasks()},
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
            await self._mind_clock()  # after a sleep this may be the first to wake
            await self._look(name)
        except asyncio.CancelledError:
            if not self._stopping:  # APScheduler would log it as a crash
                raise

    def set(self, checks: Iterable[Check]) -> None:
        """Look at these checks from now on; those that were there keep their turn."""
        now = self._now()
        wanted = {check.name: check for check in checks}
        for job in self._scheduler.get_jobs():
            if job.id not in wanted:
                job.remove()
            elif job.trigger.interval == wanted[job.id].interval:
                del wanted[job.id]
        for check in wanted.values():
            self._add(check, now, len(wanted))

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

    async def _mind_clock(self) -> None:
        slept = self.check_clock()
        if slept is not None and self._jumped is not None:
            await self._jumped(slept)

    def check_clock(self) -> timedelta | None:
        """Hold the clocks against each other, and shift the jobs where they have parted.

        Returns for how long the machine slept, zero where the clock was only set; None where
        neither happened.
        """
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
            return slept
        if abs(step) >= STEP:
            log.warning("the clock was set by %+.1f s; the schedule follows", _s(step))
            return ZERO
        return None

    def _look_at_everything(self) -> None:
        jobs = self._scheduler.get_jobs()
        for job in jobs:
            self.sooner(job.id, FIRST_EACH * len(jobs) * phase(job.id))

    def _add(self, check: Check, now: datetime, others: int) -> None:
        phase = _phase(check)
        first = now + _slotted(min(check.interval, FIRST_EACH * others) * phase)
        self._scheduler.add_job(
            self._take,
            Every(check.interval, phase * min(1.0, EACH * others / check.interval), first),
            args=(check.name,),
            id=check.name,
            next_run_time=first,
            replace_existing=True,
        )

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(GUARD_EVERY)
            await self._mind_clock()

    def _parted(self) -> float:
        return self._wall() - self._steady()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)


def _phase(check: Check) -> float:
    """Looks at processes share a scan of them all: they are due together."""
    return 0.0 if check.type == "process" else phase(check.name)


def _slotted(gap: timedelta) -> timedelta:
    return gap // SLOT * SLOT


def _s(duration: timedelta) -> float:
    return duration.total_seconds()
