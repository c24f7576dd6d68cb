"""Any night with crashes: between any two things that the pager and the engine do.

Nothing that lasts stays untold, and a crash costs at most one repeated call.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import DETECTED_AS, ENDS_AS, FakePhone
from tests.stories.town import LADDER, Town, check, town
from watchcall.core.attempt import FINAL, CallReport
from watchcall.ports import CallRequest

CHECKS = ("alpha", "beta")
CHANNELS = (replace(LADDER, rounds=4),)
PORTS = ("save", "commit", "settle", "engage")
LASTS = 9  # seconds from the first ring to the end of a call

Event = str | tuple[str, int, bool, int]
EVENTS: st.SearchStrategy[Sequence[Event]] = st.lists(
    st.one_of(
        st.sampled_from([f"{what} {name}" for what in ("fail", "mend") for name in CHECKS]),
        st.sampled_from(["wait 1", "wait 30", "wait 200"]),
        st.tuples(
            st.just("crash"),
            st.integers(1, 9),  # at which thing from now on
            st.booleans(),  # after it was done, or before
            st.sampled_from([0, 3, 40]),  # seconds until the next start
        ),
    ),
    min_size=3,
    max_size=14,
)
ANSWERS = st.lists(st.sampled_from(["busy", "no-answer", "machine", "human", "lost"]), max_size=4)


class Crash(BaseException):
    """Kill -9: nothing that would have followed happens."""


@dataclass
class Network(FakePhone):
    """Calls take their time, and go on when WatchCall is dead. Keeps what must not happen."""

    ends: dict[str, tuple[float, str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    still_fails: Callable[[str], bool] = lambda _name: True

    def heard_by_people(self, name: str) -> int:
        """How many calls told somebody of a check."""
        self._tick()
        return sum(
            name in self.said[sid]
            for sid, (_, behaviour) in self.ends.items()
            if behaviour in ("human", "lost") and self.calls[sid][1].status == "completed"
        )

    async def fetch(self, sid: str) -> CallReport:
        self._tick()
        return await super().fetch(sid)

    async def placed_between(
        self, to: str, since: datetime, until: datetime
    ) -> Sequence[CallReport]:
        self._tick()
        return await super().placed_between(to, since, until)

    async def cancel(self, sid: str) -> None:
        self._tick()
        await super().cancel(sid)

    def _ring(self, request: CallRequest, behaviour: str) -> str:
        self._tick()
        if any(to == request.to and one.status not in FINAL for to, one in self.calls.values()):
            self.wrong.append("two live calls to one number")
        for name in CHECKS:
            if name in request.speech.text and not self.still_fails(name):
                self.wrong.append(f"{name} is told though it recovered")
        sid = super()._ring(request, "ringing")
        self.ends[sid] = self.clock.now().elapsed + LASTS, behaviour
        return sid

    def _tick(self) -> None:
        """Let those calls end whose time has come."""
        for sid, (at, behaviour) in self.ends.items():
            if at <= self.clock.now().elapsed and self.calls[sid][1].status not in FINAL:
                status, by = ENDS_AS.get(behaviour, behaviour), DETECTED_AS.get(behaviour, "human")
                self.move(sid, status, by)


class Fuse:
    """Burns down with each thing that is written or asked for; at its end there is a crash."""

    def __init__(self, things: int, late: bool) -> None:
        self._left, self._late = things, late

    def through(self, port: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def fused(*args: Any, **options: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._late:
                raise Crash
            done = await port(*args, **options)
            if self._left == 0:
                raise Crash
            return done

        return fused


class Story:
    """One night, and what is true in it."""

    def __init__(self, night: Town, network: Network) -> None:
        self.night, self.network = night, network
        self.failing: set[str] = set()
        self.outages = dict.fromkeys(CHECKS, 0)
        self.crashes = 0
        self.off_s = 0

    async def begin(self) -> None:
        await self.night.start(*map(check, CHECKS), channels=CHANNELS)
        self.network.still_fails = lambda name: self.night.engine.watches[name].incident is not None

    async def pass_(self, events: Sequence[Event]) -> None:
        for event in events:
            try:
                await self._live(event)
            except Crash:
                await self._rise()
        self._defuse()
        for name in CHECKS:  # whatever is so goes on, and is looked at
            await (self.night.fail(name) if name in self.failing else self.night.recover(name))
        for _ in range(120):
            await self.night.wait(60, step=60)
            if not await self.night.store.pages("phone"):
                return

    async def _live(self, event: Event) -> None:
        if isinstance(event, tuple):
            _, things, late, self.off_s = event
            self._lay(Fuse(things, late))
            return
        what, which = event.split()
        if what == "wait":
            await self.night.wait(int(which), step=10)
        elif what == "fail":
            self.outages[which] += which not in self.failing
            self.failing.add(which)
            await self.night.fail(which)
        else:
            self.failing.discard(which)
            await self.night.recover(which)
        await self.night.ring()

    def _lay(self, fuse: Fuse) -> None:
        self._defuse()
        for port in PORTS:
            setattr(self.night.store, port, fuse.through(getattr(self.night.store, port)))
        for port in ("place", "fetch"):
            setattr(self.network, port, fuse.through(getattr(self.network, port)))

    def _defuse(self) -> None:
        for thing, ports in ((self.night.store, PORTS), (self.network, ("place", "fetch"))):
            for port in ports:
                vars(thing).pop(port, None)

    async def _rise(self) -> None:
        self.crashes += 1
        self._defuse()
        await self.night.stop()
        self.night.clock.advance(timedelta(seconds=self.off_s))
        await self.begin()


async def play(folder: Path, events: Sequence[Event], answers: list[str]) -> None:
    async with town(folder) as night:
        night.phone = network = Network(night.clock, [*answers, "human"])
        story = Story(night, network)
        await story.begin()
        await story.pass_(events)

        assert network.wrong == []
        told = {
            one["check"]: one for one in await night.store.incidents(100) if not one["closed_at"]
        }
        assert set(told) == story.failing
        for name, one in told.items():
            assert "human" in [each["outcome"] for each in one["told"]], f"{name} was told nobody"
        for name in CHECKS:
            most = story.outages[name] + story.crashes
            assert network.heard_by_people(name) <= most, f"{name} was told too often"
        assert await night.store.pages("phone") == []


@settings(max_examples=40, deadline=None)
@given(EVENTS, ANSWERS)
def test_what_lasts_is_told_and_a_crash_costs_at_most_one_repeat(
    events: Sequence[Event], answers: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), events, answers))
