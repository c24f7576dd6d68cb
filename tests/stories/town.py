"""The stage of the stories: the real engine, pager and SQLite store; only time, eyes and phones
are fakes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes import FakeClock, FakeDesk, FakeOutlet, FakePhone, FakeTexts, FakeWitness
from watchcall.core.attempt import CallReport
from watchcall.core.calendar import Silence, Window
from watchcall.core.check import Check, ProcessTarget
from watchcall.core.contact import Channel, Contact, ReachedBy
from watchcall.core.health import Level, Observation, Thresholds
from watchcall.core.incident import How, Incident
from watchcall.core.reason import Reason
from watchcall.engine import Engine, Inquiry
from watchcall.pager import Pager
from watchcall.pager.switchboard import Line, Switchboard, Voice
from watchcall.ports import CallRequest
from watchcall.store import SqlStore

ALICE = Contact(name="alice", phone="+819012345678", language="ja-JP")
BOB = Contact(name="bob", phone="+15005550009")
CAROL = Contact(name="carol", phone="+15005550010")
PHONE = Channel(name="phone", to=(ALICE,), rounds=1)  # one person, one call
LADDER = Channel(name="phone", to=(ALICE, BOB), reached_by=ReachedBy.HUMAN)
NEEDED = Thresholds(fail_after=3, recover_after=2)
MARKS = {
    "?": Level.UNKNOWN,
    "+": Level.OK,
    "w": Level.WARNING,
    "c": Level.CRITICAL,
    "-": Level.CRITICAL,
}
MINUTE = timedelta(minutes=1)
NAMES = {one.phone: one.name for one in (ALICE, BOB, CAROL)}
SHORTLY = 2.0  # seconds: the pace of calls and of questions, which nobody waits for in a story


def check(name: str = "httpd", process: str | None = None, *depends_on: str) -> Check:
    target = ProcessTarget(process=process or name)
    return Check(name=name, target=target, needed=NEEDED, depends_on=depends_on)


Happening = Callable[[str], Awaitable[None]]  # is given the SID of the call that goes on


@dataclass
class EventfulPhone(FakePhone):
    """A phone network where things happen while calls go on: one at each question about a call.

    people: behaviours of their own, by name; everybody else shares `behaviours`
    """

    meanwhile: list[Happening | None] = field(default_factory=list)
    people: dict[str, list[str]] = field(default_factory=dict)

    async def place(self, request: CallRequest) -> CallReport:
        shared = self.behaviours
        self.behaviours = self.people.get(NAMES[request.to], shared)
        try:
            return await super().place(request)
        finally:
            self.behaviours = shared

    async def fetch(self, sid: str) -> CallReport:
        happening = self.meanwhile.pop(0) if self.meanwhile else None
        if happening is not None:
            await happening(sid)
        return await super().fetch(sid)


class Town:
    """One server with its checks, one phone network, and a night that passes minute by minute."""

    def __init__(self, state: Path, clock: FakeClock, phone: FakePhone) -> None:
        self.clock = clock
        self.phone = phone
        self.voice = Voice(host="web1", zone=ZoneInfo("Asia/Tokyo"), max_calls_per_hour=1000)
        self.meanwhile: list[Happening | None] = []  # see EventfulPhone
        self.people: dict[str, list[str]] = {}
        self.texts = FakeTexts(clock)
        self.outlet = FakeOutlet()
        self.desk = FakeDesk(phone=phone, texts=self.texts)
        self.sooner: list[str] = []  # checks that are to be looked at before their time
        self.calendar = FakeCalendar()
        self.grace = 0.0  # seconds from now on during which the machine has just booted
        self.remind_every = timedelta(0)
        self.witness = FakeWitness()
        # Patience with the witness, in real time: so much that nothing hangs on how busy we are.
        self.soon, self.latest = timedelta(hours=1), timedelta(hours=2)
        self.inquiry: Inquiry
        self._state = state
        self.store: SqlStore
        self.engine: Engine
        self.pager: Pager
        self.lines: list[Line] = []

    async def start(
        self,
        *checks: Check,
        channels: tuple[Channel, ...] = (PHONE,),
        group_wait: timedelta = timedelta(0),
    ) -> None:
        """Start WatchCall on the state that is there."""
        self.store = SqlStore(f"sqlite:///{self._state}/watchcall.db", "web1")
        self.board = Switchboard(self.store, self.clock, self.voice, chance=lambda: 0.5)
        self.pager = Pager(self.board)
        patience = self.soon, self.latest
        self.inquiry = Inquiry(self.store, self.clock, self.witness, *patience, first_s=0)
        self.engine = Engine(
            self.store,
            self.clock,
            on_decision=self._decided,
            look_soon=self.sooner.append,
            on_failure=self.inquiry.begin,
        )
        self.engine.holds.calendar = self.calendar
        self.engine.holds.grace = self.clock.now().elapsed + self.grace
        self.engine.rules.remind_every, self.engine.rules.max_reminders = self.remind_every, 3
        await self.reload(*checks, channels=channels, group_wait=group_wait)

    async def reload(
        self,
        *checks: Check,
        channels: tuple[Channel, ...] = (PHONE,),
        group_wait: timedelta = timedelta(0),
    ) -> list[str]:
        """Return what ended with the old configuration."""
        checks = checks or (check(),)
        routed = tuple(one for one in channels if one.default)
        routes = {one.name: routed for one in checks}
        ended = await self.engine.watch(checks, routes, group_wait, channels)
        self.voice.group_wait = group_wait
        self.board.channels = channels
        self.board.patience.grace = self.engine.holds.grace
        await self.board.load()
        self.lines = [self._line(channel) for channel in channels]
        return ended

    def _line(self, channel: Channel) -> Line:
        if channel.address is not None:
            return Line(channel=channel, outlet=self.outlet)
        if channel.type == "sms":
            return Line(channel=channel, texts=self.texts)
        return Line(channel=channel, phone=self.phone, texts=self.texts)

    async def stop(self) -> None:
        await self.inquiry.stop()
        await self.store.close()

    async def restart(
        self,
        *checks: Check,
        off_for: timedelta = MINUTE,
        channels: tuple[Channel, ...] = (PHONE,),
    ) -> None:
        await self.stop()
        self.clock.advance(off_for)
        await self.start(*checks, channels=channels)

    async def see(self, marks: str, name: str = "httpd") -> None:
        """One look a minute; after each, everything that is due on the phones is done."""
        for mark in marks:
            await self.look(mark, name)
            await self.ring()
            self.clock.advance(MINUTE)
            await self.engine.tick()

    async def look(
        self, mark: str, name: str = "httpd", evidence: dict[str, Any] | None = None
    ) -> None:
        level = MARKS[mark]
        reason = (
            Reason.of("process.none", name=name)
            if level.failing
            else Reason.of("process.running", name=name, count=1)
        )
        await self.engine.observe(
            name, Observation(level=level, reason=reason, evidence=evidence or {})
        )

    async def fail(self, *names: str) -> None:
        """Confirm a failure of each check; nobody is called yet."""
        for name in names or ("httpd",):
            for _ in range(NEEDED.fail_after):
                await self.look("-", name)

    async def recover(self, *names: str) -> None:
        """Confirm a recovery of each check; nobody is called yet."""
        for name in names or ("httpd",):
            for _ in range(NEEDED.recover_after):
                await self.look("+", name)

    async def ring(self, since: datetime | None = None) -> None:
        """Let the pager do what is due now; what is due later is left."""
        for _ in range(20):
            rang = [await self._ring(line, since) for line in self.lines]
            wrote = [await self._follow_up(line, since) for line in self.lines]
            if not any(rang + wrote):
                return
        raise AssertionError("the pager finds no end")

    async def _ring(self, line: Line, since: datetime | None) -> bool:
        """Return whether a channel had anything to do."""
        for turns in range(200):
            wait = await self.pager.turn(line, since)
            if line.outlet is not None:
                await self.pager.delivered()
                wait = wait and await self.pager.turn(line, since)
            later = 1 if line.channel.type == "sms" else SHORTLY  # texts are asked about for long
            if wait is None or wait > later:
                return turns > 0
            self.clock.advance(wait)
        raise AssertionError("the pager finds no end")

    async def _follow_up(self, line: Line, since: datetime | None) -> bool:
        """Return whether a list that follows a call had anything done for it."""
        for turns in range(200):
            if await self.pager.follow_up(line, since) != 0:
                return turns > 0
        raise AssertionError("the lists find no end")

    async def wait(self, duration: timedelta | float, step: float = 5) -> None:
        """Let time pass; whatever comes due meanwhile is done."""
        seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
        until = self.clock.now().elapsed + seconds
        while (left := round(until - self.clock.now().elapsed, 6)) > 0:  # it knows microseconds
            self.clock.advance(min(step, left))
            await self.engine.tick()
            await self.ring()

    async def silence(
        self, *checks: str, last: timedelta = timedelta(hours=1), by: str = "alice"
    ) -> Silence:
        now = self.clock.now().utc
        made = Silence(checks=checks, reason="", by=by, start=now, end=now + last)
        kept = await self.engine.silence(made)
        await self.ring()
        return kept

    async def unsilence(self, silence: Silence) -> None:
        await self.engine.silence(replace(silence, ended_at=self.clock.now().utc))
        await self.ring()

    async def quiet(self, name: str = "httpd") -> list[str]:
        """Why nobody was told of the last incident of a check, oldest first."""
        found = [one for one in await self.store.incidents(100) if one["check"] == name]
        return [quiet["why"] for quiet in found[0]["quiet"]]

    async def turn(self, channel: str = "phone") -> float | None:
        """Let the pager do one thing for one channel."""
        return await self.pager.turn(self.line(channel))

    def line(self, channel: str) -> Line:
        return next(line for line in self.lines if line.channel.name == channel)

    def incident(self, name: str = "httpd") -> Incident:
        """The open incident of a check."""
        incident = self.engine.watches[name].incident
        assert incident is not None, f"{name} has no open incident"
        return incident

    async def acknowledge(self, *names: str, by: str = "alice") -> None:
        ids = [self.incident(name).id for name in names or ("httpd",)]
        await self.engine.acknowledge(ids, by, How.CLI)

    def _decided(self) -> None:
        """As the daemon does it."""
        self.board.state.only(self.engine.calling)
        self.pager.wake()

    @property
    def called(self) -> list[str]:
        """Who was called, in order; also where Twilio refused the call or lost it."""
        return [NAMES[request.to] for request in self.phone.requests]

    @property
    def texted(self) -> list[str]:
        """Who was sent a text, in order."""
        return [NAMES[request.to] for request in self.texts.requests]

    @property
    def heard(self) -> list[str]:
        return self.phone.heard

    async def outcomes(self) -> list[str]:
        """The ledger's outcomes, oldest first."""
        return [call["outcome"] for call in reversed(await self.store.calls(100))]


class FakeCalendar:
    """Maintenance of all checks, or of some, as the story has it."""

    def __init__(self) -> None:
        self.windows: list[tuple[str, Window]] = []

    def plan(self, check: str, start: datetime, last: timedelta) -> None:
        self.windows.append((check, Window(name="upgrade", start=start, end=start + last)))

    def holding(self, check: str, tags: Iterable[str], at: datetime) -> Window | None:
        holding = [one for mine, one in self.windows if mine in (check, "*") and one.holds(at)]
        return max(holding, key=lambda one: one.end, default=None)


@asynccontextmanager
async def town(state: Path, *behaviours: str) -> AsyncIterator[Town]:
    """A town whose phones behave as told; it is not started yet."""
    clock = FakeClock()
    phone = EventfulPhone(clock, list(behaviours) or ["answered"])
    stage = Town(state, clock, phone)
    stage.meanwhile, stage.people = phone.meanwhile, phone.people
    try:
        yield stage
    finally:
        await stage.stop()


def only(there: Iterable[str]) -> str:
    """The SID of the only call or text."""
    (sid,) = there
    return sid


def telling(channel: Channel = PHONE) -> tuple[Channel, ...]:
    """The channel with its recoveries told."""
    return (replace(channel, recovery=True),)
