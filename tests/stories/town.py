"""The stage of the stories: the real engine, pager and SQLite store; only time, eyes and phones
are fakes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.fakes import FakeClock, FakePhone
from watchcall.core.check import Check, ProcessTarget
from watchcall.core.contact import Channel, Contact
from watchcall.core.health import Level, Observation, Thresholds
from watchcall.core.reason import Reason
from watchcall.engine import Engine
from watchcall.pager import Line, Pager, Voice
from watchcall.store import SqlStore

ALICE = Contact(name="alice", phone="+819012345678", language="ja-JP")
BOB = Contact(name="bob", phone="+15005550009")
PHONE = Channel(name="phone", to=(ALICE, BOB))
NEEDED = Thresholds(fail_after=3, recover_after=2)
MARKS = {"+": Level.OK, "w": Level.WARNING, "c": Level.CRITICAL, "-": Level.CRITICAL}
MINUTE = timedelta(minutes=1)


def check(name: str = "httpd", process: str | None = None) -> Check:
    return Check(name=name, target=ProcessTarget(process=process or name), needed=NEEDED)


class Town:
    """One server with its checks, one phone network, and a night that passes minute by minute."""

    def __init__(self, state: Path, clock: FakeClock, phone: FakePhone) -> None:
        self.clock = clock
        self.phone = phone
        self.shared_from = False
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
        voice = Voice(host="web1", zone=ZoneInfo("Asia/Tokyo"), shared_from=self.shared_from)
        self.pager = Pager(self.store, self.clock, voice)
        self.engine = Engine(self.store, self.clock, on_decision=lambda: None)
        await self.reload(*checks, channels=channels, group_wait=group_wait)

    async def reload(
        self,
        *checks: Check,
        channels: tuple[Channel, ...] = (PHONE,),
        group_wait: timedelta = timedelta(0),
    ) -> None:
        checks = checks or (check(),)
        await self.engine.watch(checks, {one.name: channels for one in checks}, group_wait)
        self.lines = [Line(channel=channel, phone=self.phone) for channel in channels]

    async def stop(self) -> None:
        await self.store.close()

    async def restart(self, *checks: Check, off_for: timedelta = MINUTE) -> None:
        await self.stop()
        self.clock.advance(off_for)
        await self.start(*checks)

    async def see(self, marks: str, name: str = "httpd") -> None:
        """One look a minute; after each, everything that is due on the phones is done."""
        for mark in marks:
            await self.look(mark, name)
            await self.ring()
            self.clock.advance(MINUTE)

    async def look(self, mark: str, name: str = "httpd") -> None:
        level = MARKS[mark]
        reason = (
            Reason.of("process.running", name=name, count=1)
            if level is Level.OK
            else Reason.of("process.none", name=name)
        )
        await self.engine.observe(name, Observation(level=level, reason=reason))

    async def ring(self, since: datetime | None = None) -> None:
        """Let the pager do what is due now; what is due later is left."""
        for line in self.lines:
            for _ in range(100):
                if await self.pager.turn(line, since) != 0:
                    break
            else:
                raise AssertionError("the pager finds no end")

    @property
    def heard(self) -> list[str]:
        return self.phone.heard

    async def outcomes(self) -> list[str]:
        """The ledger's outcomes, oldest first."""
        return [call["outcome"] for call in reversed(await self.store.calls(100))]


@asynccontextmanager
async def town(state: Path, *behaviours: str) -> AsyncIterator[Town]:
    """A town whose phones behave as told; it is not started yet."""
    clock = FakeClock()
    stage = Town(state, clock, FakePhone(clock, list(behaviours) or ["answered"]))
    try:
        yield stage
    finally:
        await stage.stop()


def telling(channel: Channel = PHONE) -> tuple[Channel, ...]:
    """The channel with its recoveries told."""
    return (replace(channel, recovery=True),)
