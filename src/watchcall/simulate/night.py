"""The real engine, pager and store, put together as the daemon does it, for one simulated night.

What the daemon does otherwise stands here alone: clock, eyes and phones are simulated, the
command for the undelivered is not run, and nobody is asked for answers and prices.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta, tzinfo
from typing import Any

from watchcall.config.plan import Plan
from watchcall.core.attempt import ACKNOWLEDGES, Phase
from watchcall.core.calendar import Silence
from watchcall.core.contact import Channel
from watchcall.core.incident import How, Incident
from watchcall.engine import Engine
from watchcall.looks import Looks
from watchcall.pager import Line, Pager, Switchboard, Voice
from watchcall.pager.chore import Chore
from watchcall.pager.monitor import Monitor
from watchcall.pager.undelivered import NOT_SET
from watchcall.simulate.clock import SimulatedClock
from watchcall.simulate.looks import Eyes, Rota
from watchcall.simulate.outlets import SimulatedDesk, SimulatedOutlet
from watchcall.simulate.phones import SimulatedPhone, SimulatedTexts
from watchcall.simulate.record import Happening, Record, RecordingStore
from watchcall.simulate.world import World
from watchcall.windows import Windows

FAR = 1e9  # seconds
JUDGED_EVERY_S = 1.0
SELDOM = timedelta(minutes=1)  # while nothing is due; whatever is decided asks anew
BY = "the timeline"  # who silences


class Night:
    """Everything that runs. `stop` and `start` again is a restart on the same store.

    idle_until: the loop's time at which the world changes next
    """

    def __init__(self, plan: Plan, zone: tzinfo, clock: SimulatedClock, world: World) -> None:
        self._plan, self._clock, self._world = plan, clock, world
        self._voice = _voice(plan, zone)
        self._numbers = itertools.count(1)
        self.idle_until = FAR
        self.record = Record()
        self.store = RecordingStore(plan.host, clock, self.record)
        self.phone = SimulatedPhone(clock, world)
        self.phone.on_key = self._pressed
        self.texts = SimulatedTexts(clock, world)
        self.outlets = {
            one.name: SimulatedOutlet(one.name, clock, world)
            for one in plan.channels
            if one.address is not None
        }

    async def start(self) -> None:
        plan, clock, store = self._plan, self._clock, self.store
        self._board = Switchboard(store, clock, self._voice, new_id=self._new_id, chance=_middling)
        self._pager = Pager(self._board)
        self._engine = Engine(
            *(store, clock, self._wake), new_id=self._new_id, look_soon=self._look_soon
        )
        self._chores: list[Chore] = []
        self._pager_was = "ok"  # where nothing else is known, nothing is to be said
        self._board.on_change = self._wake
        self._engine.rules.ack_timeout = plan.ack_timeout
        self._engine.rules.remind_every = plan.remind_every
        self._engine.rules.max_reminders = plan.max_reminders
        self._engine.holds.calendar = Windows(plan.maintenance)
        self._engine.holds.grace = plan.boot_grace.total_seconds()
        self._board.patience.grace = self._engine.holds.grace
        await self._engine.watch(plan.checks, plan.routes, plan.group_wait, plan.channels)
        eyes = Eyes(self._world)
        self._looks = Looks(self._engine, {one.type: eyes for one in plan.checks}, clock)
        self._looks.expect(plan.checks)
        self._rota = Rota(self._look, self._idle)
        self._rota.set(plan.checks)
        await self._pager.serve({one.name: self._line(one) for one in plan.channels})
        self._begin_chores()

    def _begin_chores(self) -> None:
        desk = SimulatedDesk(self._world, self.phone, self.texts)
        channels, countries = self._plan.channels, self._plan.countries
        monitor = Monitor(desk, self._board, self._engine, channels, countries)
        trouble = Chore("trouble", lambda: _told(monitor))
        self._chores = [
            Chore("account", monitor.turn),
            Chore("undelivered", self._undelivered),
            Chore("judging", self._judge_again),
            trouble,
        ]
        self._board.state.on_change = lambda: self._pager_changed(trouble.wake)

    async def stop(self) -> None:
        await self._rota.stop()
        for chore in self._chores:
            await chore.stop()
        await self._pager.stop()

    async def settled(self) -> bool:
        """Whether nothing is open, nothing undecided, and nobody is to be told anything."""
        watches = self._engine.watches.values()
        if self._engine.open or any(one.doubtful or one.flaps.flapping for one in watches):
            return False
        return not await self.waits()

    async def waits(self) -> bool:
        """Whether somebody is still to be told something: nobody was reached yet, or is awake, or
        it is held back."""
        if any(one.debt for one in self._engine.watches.values()):
            return True
        if any(one.owed for one in self._engine.open):
            return True
        pages = [await self.store.pages(one.name) for one in self._plan.channels]
        return any(pages)

    @property
    def open(self) -> list[Incident]:
        return self._engine.open

    @property
    def host(self) -> str:
        return self._plan.host

    def said(self, call: Mapping[str, Any]) -> str | None:
        """Return the words of an attempt of the ledger; None where it never got so far."""
        if call["channel"] in self.outlets:
            return self.outlets[call["channel"]].said.get(call["uuid"])
        return (self.texts if call["type"] == "sms" else self.phone).said.get(call["sid"])

    async def acknowledge(self, by: str, check: str | None) -> bool:
        """Let a person own what is open, as `watchcall ack` does; False where nothing is."""
        ids = [one.id for one in self._engine.open if check in (None, one.check)]
        return bool(await self._engine.acknowledge(ids, by, How.CLI)) if ids else False

    async def silence(self, pattern: str, lasts: timedelta, reason: str) -> None:
        now = self._clock.now().utc
        await self._engine.silence(
            Silence(checks=(pattern,), reason=reason, by=BY, start=now, end=now + lasts)
        )

    async def unsilence(self, pattern: str) -> bool:
        """Take back the silences of a pattern; False where there are none."""
        now = self._clock.now().utc
        held = [one for one in self._engine.holds.silences if one.checks == (pattern,)]
        for one in held:
            await self._engine.silence(replace(one, ended_at=now))
        return bool(held)

    # What the daemon, its Telling and its web room do between these

    def _line(self, channel: Channel) -> Line:
        if channel.address is not None:
            return Line(channel=channel, outlet=self.outlets[channel.name])
        if channel.type == "sms":
            return Line(channel=channel, texts=self.texts)
        return Line(channel=channel, phone=self.phone, texts=self.texts)

    def _wake(self) -> None:
        self._board.state.only(self._engine.calling)
        self._pager.wake()
        for chore in self._chores:
            chore.wake()

    async def _look(self, name: str) -> None:
        await self._looks.take(name, self._rota)

    def _look_soon(self, name: str) -> None:
        self._rota.sooner(name, timedelta(0))

    async def _judge_again(self) -> float:
        """As often as the daemon does it, where there is anything to judge."""
        await self._engine.tick()
        now = self._clock.now().utc
        ends = [one.again for one in self._engine.watches.values() if one.again]
        own = self._engine.own is not None and bool(self._engine.own.owed)
        soonest = now if own else min(ends, default=now + SELDOM)
        return max(JUDGED_EVERY_S, min(soonest - now, SELDOM).total_seconds())

    async def _pressed(self, attempt_id: str, key: str) -> None:
        attempt = await self.store.attempt(attempt_id)
        if attempt is None or attempt.phase is Phase.ENDED:
            return
        page = await self.store.page_of(attempt)
        told = [one.id for one in page.tells(attempt) if one.open]
        if key == ACKNOWLEDGES and told:
            await self._engine.acknowledge(told, attempt.contact, How.KEY)
        self._board.keys[attempt.id] = key
        self._board.nudge(attempt.id)

    async def _undelivered(self) -> float | None:
        now, command = self._clock.now().utc, self._plan.on_undelivered
        for one in await self.store.undelivered():
            why = f"{command[0]} would be run" if command else NOT_SET
            number = (one.data["id"],)
            self.record.note(Happening(at=now, kind="undelivered", why=why, incidents=number))
            await self.store.ran(one.id, "a simulation runs no command", now)
        return None

    def _pager_changed(self, tell: Callable[[], None]) -> None:
        state, now = self._board.state, self._clock.now().utc
        if state.state != self._pager_was:
            self._pager_was = state.state
            self.record.note(Happening(at=now, kind="pager", what=state.state, why=state.reason))
        tell()

    def _idle(self, name: str) -> float | None:
        """Until when looks at a check decide nothing: it is as it is believed to be, and so is
        all that it depends on, and what depends on it."""
        watch, holds = self._engine.watches[name], self._engine.holds
        family = (watch, *holds.above(watch), *holds.below(watch))
        if any(one.doubtful or one.looked is None for one in family):
            return None
        return self.idle_until

    def _new_id(self) -> str:
        """UUIDs that are the same at every run."""
        return str(uuid.UUID(int=next(self._numbers)))


async def _told(monitor: Monitor) -> None:
    await monitor.tell()


def _middling() -> float:
    return 0.5


def _voice(plan: Plan, zone: tzinfo) -> Voice:
    return Voice(
        host=plan.host,
        zone=zone,
        shared_from=plan.twilio.shared_from,
        public_url=plan.web.public_url if plan.web else None,
        max_calls_per_hour=plan.max_calls_per_hour,
        group_wait=plan.group_wait,
    )
