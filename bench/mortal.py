"""A process that is going to be killed: everything of WatchCall's from the engine on.

The engine, the pager, the store and Twilio's adapter are the daemon's own, in the daemon's order of
starting. Its looks are made up; it has no configuration, no probes and no chores.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bench.marks import Mark, MarkedStore, Marks
from bench.outages import CHANNELS, QUICK, Outage
from watchcall.channels.twilio import Account, TwilioPhone
from watchcall.clock import SystemClock
from watchcall.core import attempt, flapping, guard, ladder
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.engine import Engine
from watchcall.pager import Line, Pager, Switchboard, Voice, calls, chore, switchboard

LOOK_S = 0.02
QUIET_S = 1.0  # without a page: there is nothing left to tell
WITHIN_S = 180.0  # everything must have been told, once nobody kills any more
PAUSES = (
    *((calls, name) for name in ("POLL_S", "LOOK_S", "BUSY_S", "SEARCH", "EARLY", "LATE")),
    (chore, "AGAIN_S"),
    (attempt, "BACKOFF"),
    *((ladder, name) for name in ("LOST_AGAIN", "ACCOUNT_RETRY")),
    (guard, "APART"),
    (flapping, "WITHIN"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one process has to do.

    outages: that it watches, from a storm that began at `began` (monotonic clock)
    """

    database: str
    account: Account
    outages: Sequence[Outage]
    began: float


def quicken() -> None:
    """Let every pause of the pager be QUICK times shorter; commits and requests stay as they are.

    EARLY and LATE, in which a lost call is looked for, are shorter too, but Twilio's dates have
    whole seconds: a call that is up to a second older is still found.
    """
    for module, name in PAUSES:
        value = getattr(module, name)
        several = isinstance(value, tuple)
        setattr(module, name, tuple(one / QUICK for one in value) if several else value / QUICK)
    switchboard.CALL_EVERY_S /= QUICK
    limits = tuple((most, within / QUICK) for most, within in guard.PER_NUMBER)
    setattr(guard, "PER_NUMBER", limits)  # noqa: B010 - its type says how many there are


class Mortal:
    """One life."""

    def __init__(self, task: Task, marks: Marks) -> None:
        self._task, self._marks = task, marks
        self._clock = SystemClock()

    async def live(self) -> None:
        """Start as the daemon does, and look again and again until killed."""
        await self._start()
        while True:
            await self._look()
            await asyncio.sleep(LOOK_S)

    async def live_until_quiet(self) -> bool:
        """The same until nothing is left to tell; return whether that came in time."""
        await self._start()
        quiet_since = began = time.monotonic()
        while time.monotonic() - quiet_since < QUIET_S:
            await self._look()
            await asyncio.sleep(LOOK_S)
            busy = [await self._store.pages(channel.name) for channel in CHANNELS]
            if any(busy) or any(watch.doubtful for watch in self._engine.watches.values()):
                quiet_since = time.monotonic()
            if time.monotonic() - began > WITHIN_S:
                return False
        await self._pager.stop()
        await self._store.close()
        return True

    async def _start(self) -> None:
        self._store = MarkedStore(self._task.database, "web1", self._marks)
        if self._store.set_aside:
            raise RuntimeError(self._store.set_aside)
        self._engine = Engine(self._store, self._clock, on_decision=lambda: self._pager.wake())
        voice = Voice(host="web1", zone=ZoneInfo("Asia/Tokyo"), max_calls_per_hour=10**6)
        self._pager = Pager(Switchboard(self._store, self._clock, voice))
        checks = tuple(one.check for one in self._task.outages)
        routes = {one.name: (one.channel,) for one in self._task.outages}
        await self._engine.watch(checks, routes, voice.group_wait, CHANNELS)
        phones = {one.name: TwilioPhone(self._task.account, one.name) for one in CHANNELS}
        lines = {one.name: Line(channel=one, phone=phones[one.name]) for one in CHANNELS}
        stray = await self._pager.serve(lines)
        await self._engine.retell([one for page in stray for one in page.incidents if one.open])
        self._marks[Mark.READY] = time.monotonic_ns()

    async def _look(self) -> None:
        now = time.monotonic() - self._task.began
        for outage in self._task.outages:
            fails = outage.begins <= now < outage.ends
            level = Level.CRITICAL if fails else Level.OK
            reason = Reason.of("text", text=outage.name)
            await self._engine.observe(outage.name, Observation(level=level, reason=reason))
