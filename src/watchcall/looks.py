"""Looking: a probe under its deadline, its observation to the engine, and when to look again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from watchcall.core.check import Check
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.engine import Engine, Watch
from watchcall.load import Load, left_out
from watchcall.ports import Clock, Probe

log = logging.getLogger(__name__)

# A probe that keeps its own deadline (libcurl does) knows better why it ended: it goes first.
GRACE = timedelta(milliseconds=500)

# A look that took so much longer than it may, or than the loop's clock says, did not run all the
# while: the process was stopped, or the machine slept, and that is what timed out.
HALT = timedelta(milliseconds=250)


class Soon(Protocol):
    """The part of the schedule that a look needs."""

    def sooner(self, name: str, after: timedelta) -> None: ...


@dataclass(frozen=True, slots=True)
class Look:
    """One look that was taken; `took` is its duration."""

    seen: Observation
    took: timedelta


async def look(probe: Probe, check: Check, clock: Clock) -> Look:
    """Look once. Always returns in time: what hangs or crashes is an observation too."""
    began, awake = clock.now(), asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout((check.timeout + GRACE).total_seconds()):
            seen = await probe.look(check)
    except TimeoutError:
        seconds = f"{check.timeout.total_seconds():g}"
        seen = _unknown(Reason.of("look.timeout", seconds=seconds))
    except Exception as error:  # the probe has a bug; the others go on looking
        log.exception("the look of check %r crashed", check.name)
        seen = _unknown(Reason.of("look.crashed", error=type(error).__name__))
    took = clock.now().since(began)
    slept = took - timedelta(seconds=asyncio.get_running_loop().time() - awake)
    longest = check.timeout + HALT + (timedelta(0) if seen.level.failing else GRACE)
    if seen.level is not Level.OK and (slept > HALT or took > longest):
        seen = _unknown(Reason.of("look.halted"))
    return Look(seen, took)


def _unknown(reason: Reason) -> Observation:
    return Observation(level=Level.UNKNOWN, reason=reason)


class Looks:
    """Takes the looks that are due; a check never overlaps itself.

    last:    by name, the `elapsed` clock at the end of the last look (or when it was put on watch)
    turn:    the same of the last turn that was left out
    on_look: called after each look with what was seen
    """

    def __init__(
        self,
        engine: Engine,
        probes: Mapping[str, Probe],
        clock: Clock,
        on_look: Callable[[Check, Observation], None] = lambda _, __: None,
        load: Load | None = None,
    ) -> None:
        self.last: dict[str, float] = {}
        self._counted: dict[str, tuple[Level, float]] = {}  # what was seen last, and when
        self.turn: dict[str, float] = {}
        self._load = load or Load()
        self._on_look = on_look
        self._under_way: set[str] = set()
        self._again: set[str] = set()  # to be looked at once more: something happened meanwhile
        self._early: set[asyncio.Task[None]] = set()
        self._engine = engine
        self._probes = probes
        self._clock = clock

    def expect(self, checks: tuple[Check, ...]) -> None:
        """These checks are on watch now: count their silence from here."""
        now = self._clock.now().elapsed
        self.last = {check.name: self.last.get(check.name, now) for check in checks}
        self._counted = {name: one for name, one in self._counted.items() if name in self.last}
        self.turn.clear()
        self._load.keep(checks)

    async def take_turn(self, name: str, schedule: Soon) -> None:
        """The turn of a check has come: look, or leave it out where this machine is too slow."""
        if name in self._under_way or self._load.admits(name, len(self._under_way)):
            await self.take(name, schedule)
        else:
            await self._leave_out(name)

    async def _leave_out(self, name: str) -> None:
        """A turn without a look says nothing, until there were none for `unknown_after`."""
        watch, last = self._engine.watches.get(name), self.last.get(name)
        if watch is None or last is None:
            return
        now = self.turn[name] = self._clock.now().elapsed
        ago = timedelta(seconds=now - last)
        if ago >= watch.check.needed.unknown_after:
            await self._engine.observe(name, left_out(ago))

    def take_now(self, name: str, schedule: Soon) -> None:
        """Look at one check before its turn, which stays; after the look that is under way."""
        if name in self._under_way:
            self._again.add(name)
            return
        task = asyncio.create_task(self.take(name, schedule), name=f"early look at {name!r}")
        self._early.add(task)
        task.add_done_callback(self._early.discard)

    async def stop(self) -> None:
        """Give up the early looks that are under way."""
        for task in self._early:
            task.cancel()
        await asyncio.gather(*self._early, return_exceptions=True)

    async def take(self, name: str, schedule: Soon) -> None:
        """Look at one check, let the engine decide, and come back soon while it is undecided.

        The turn of a check that is being looked at is that very look.
        """
        if name in self._under_way:
            return
        self._under_way.add(name)
        try:
            await self._take(name, schedule)
            while name in self._again:
                self._again.discard(name)
                await self._take(name, schedule)
        finally:
            self._under_way.discard(name)
            self._again.discard(name)

    async def _take(self, name: str, schedule: Soon) -> None:
        watch = self._engine.watches.get(name)
        if watch is None:
            return
        began = asyncio.get_running_loop().time()
        taken = await look(self._probes[watch.check.type], watch.check, self._clock)
        seen = self._load.judged(watch.check, taken.seen, began)
        wait = self._repeats(watch, seen)
        if wait is None:
            await self._engine.observe(name, seen)
        if name in self.last:
            self.last[name] = self._clock.now().elapsed
        self._on_look(watch.check, seen)
        if wait is not None:
            await self._engine.seen_again(name)
            schedule.sooner(name, wait)
            return
        watch = self._engine.watches.get(name)
        if watch and watch.doubtful:
            schedule.sooner(name, watch.check.retry_interval)

    def slept(self, by: timedelta) -> None:
        """The machine slept: nobody was to look meanwhile."""
        self.last = {name: at + by.total_seconds() for name, at in self.last.items()}

    def _repeats(self, watch: Watch, seen: Observation) -> timedelta | None:
        """Return when to look again after a look that counts for nothing, None where it counts.

        Events bring looks forward, many of them when much happens at once. Such looks that see
        the same are one look: `fail_after` of them in a second would confirm nothing. What could
        not be seen in between makes no difference.
        """
        check, now = watch.check, self._clock.now().elapsed
        level, at = self._counted.get(check.name, (None, 0.0))
        pause = check.retry_interval if watch.doubtful else check.interval
        early = now - at < min(check.retry_interval, check.interval).total_seconds() / 2
        if watch.looked is not None and seen.level is level and early:
            return pause - timedelta(seconds=now - at)
        if seen.level is not Level.UNKNOWN:
            self._counted[check.name] = seen.level, now
        return None

    def overdue(self) -> list[str]:
        """Return the checks whose turn has not come for far too long."""
        now = self._clock.now().elapsed
        return [
            name
            for name, last in self.last.items()
            if (watch := self._engine.watches.get(name))
            and now - max(last, self.turn.get(name, last)) > _patience(watch.check)
        ]


def _patience(check: Check) -> float:
    return (2 * check.interval + check.timeout + GRACE).total_seconds() + 10
