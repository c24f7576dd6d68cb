"""Plays a script: a night from its beginning to the moment when all is settled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from watchcall.config.plan import Plan
from watchcall.core.incident import Incident
from watchcall.errors import SimulationError, TimelineError
from watchcall.simulate.clock import SimulatedClock
from watchcall.simulate.events import Acknowledges, Act, Event, Reboots, Silences, Unsilences
from watchcall.simulate.loop import SimulatedLoop
from watchcall.simulate.night import FAR, Night
from watchcall.simulate.record import Happening
from watchcall.simulate.world import World

LEAD = timedelta(minutes=5)  # before the first event: everything is looked at, and well
SETTLED = timedelta(minutes=15)  # with nothing open and nobody to be told: the night is over
AFTERWARDS = timedelta(hours=4)  # after the last event, while something is still open
HELD = timedelta(hours=16)  # while somebody is still to be told: a night, until people wake
AWAY = timedelta(hours=1)  # while Twilio is away: all that would happen is that it is tried again
STEP_S = 60.0  # between two looks at whether it is over
SELDOM_S = 600.0  # the same, while people sleep
MOST_CALLS = 1_000_000
LONGEST = timedelta(days=62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is played: events in the order of time; those without one hold from the beginning.

    until: None ends the night when all is settled
    """

    events: Sequence[Event]
    start: datetime
    until: datetime | None = None

    @classmethod
    def of(cls, events: Sequence[Event], beginning: datetime, until: datetime | None) -> Script:
        """beginning: where no event has a time."""
        first = next((one.at for one in events if one.at is not None), None)
        start = beginning if first is None else first - LEAD
        if until is not None and not timedelta(0) < until - start <= LONGEST:
            raise TimelineError(["--until: a night ends after it began, and within two months"])
        return cls(events=events, start=start, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A night that is over.

    calls: the ledger, oldest first, as `calls --json` has it
    open:  what is still open at its end
    """

    night: Night
    start: datetime
    end: datetime
    calls: list[dict[str, Any]]
    open: list[Incident]


def play(plan: Plan, zone: tzinfo, script: Script) -> Played:
    """Play a script; raise SimulationError where it comes to no end, or something crashes."""
    crashes = _Crashes()
    ours = logging.getLogger("watchcall")
    ours.addHandler(crashes)  # also keeps what is logged from stderr
    try:
        with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
            played = runner.run(_Player(plan, zone, script).run())
    finally:
        ours.removeHandler(crashes)
    if crashes.first is not None:
        raise SimulationError(f"something of ours crashed: {crashes.first}")
    return played


class _Crashes(logging.Handler):
    """Notices what the daemon would survive, and log with its traceback."""

    first: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and self.first is None:
            self.first = f"{record.getMessage()} ({record.exc_info[1]!r})"


class _Player:
    def __init__(self, plan: Plan, zone: tzinfo, script: Script) -> None:
        self._script = script
        self._clock = SimulatedClock(script.start)
        self._world = World()
        self._night = Night(plan, zone, self._clock, self._world)

    async def run(self) -> Played:
        events, night = self._script.events, self._night
        for event in events:
            if event.at is None:
                for act in event.acts:
                    self._world.take(act)
        self._expect(events)
        await night.start()
        for nth, event in enumerate(events):
            if event.at is None or await self._reach(event.at):
                self._expect(events[nth + 1 :])
                await self._happen(event)
        await self._end()
        played = Played(
            night=night,
            start=self._script.start,
            end=self._clock.now().utc,
            calls=(await night.store.calls(MOST_CALLS))[::-1],
            open=night.open,
        )
        await night.stop()
        await night.store.close()
        return played

    async def _reach(self, at: datetime) -> bool:
        """Let time pass until an instant; False where the night ends before."""
        until = self._script.until
        reached = until is None or at <= until
        await self._sleep(((at if until is None else min(at, until)) - self._now()).total_seconds())
        return reached

    def _expect(self, following: Sequence[Event]) -> None:
        """Until the next event nothing changes outside."""
        at = next((one.at for one in following if one.at is not None), None)
        if at is not None:
            left = (at - self._now()).total_seconds()
            self._night.idle_until = asyncio.get_running_loop().time() + left
        else:
            self._night.idle_until = FAR

    async def _happen(self, event: Event) -> None:
        note = Happening(at=self._now(), kind="timeline", what=event.text, line=event.line)
        self._night.record.note(note)
        for act in event.acts:
            if not self._world.take(act):
                await self._do(act, note)

    async def _do(self, act: Act, note: Happening) -> None:
        match act:
            case Acknowledges():
                if not await self._night.acknowledge(act.by, act.check):
                    self._night.record.note(replace(note, what="nothing is open to acknowledge"))
            case Reboots():
                await self._night.stop()
                await self._clock.sleep(act.off_for.total_seconds())
                self._clock.boot()
                self._night.record.note(
                    replace(note, at=self._now(), what="the machine has booted")
                )
                await self._night.start()
            case Silences():
                await self._night.silence(act.pattern, act.lasts, act.reason)
            case Unsilences():
                if not await self._night.unsilence(act.pattern):
                    self._night.record.note(replace(note, what="there is no such silence"))

    async def _end(self) -> None:
        """Go on until the night is over."""
        script = self._script
        if script.until is not None:
            await self._reach(script.until)
            return
        since, last = self._now(), self._now()
        while self._now() < since + SETTLED and not await self._drags_on(last):
            await self._sleep(STEP_S)
            if not await self._night.settled():
                since = self._now()

    async def _drags_on(self, last: datetime) -> bool:
        """Whether nothing more is to be expected, though something is open."""
        passed = self._now() - last
        if not self._world.twilio_up:
            return passed >= AWAY
        if passed < AFTERWARDS or passed.total_seconds() % SELDOM_S >= STEP_S:
            return False
        return passed >= HELD or not await self._night.waits()

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            await self._clock.sleep(seconds)

    def _now(self) -> datetime:
        return self._clock.now().utc
