"""Any channels, any trouble with the phones: the pager comes to rest, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stories.nights import sleeper
from tests.stories.town import ALICE, BOB, CAROL, LADDER, Town, check, town
from watchcall.core.attempt import Outcome
from watchcall.core.calendar import Silence
from watchcall.core.contact import Channel, Contact, Event, ReachedBy

NAMES = ("httpd", "db", "mail")
CHECKS = tuple(check(name) for name in NAMES)
PEOPLE = (ALICE, BOB, CAROL)
HOUR, A_DAY = timedelta(hours=1), timedelta(hours=24)
CALLS = st.sampled_from(
    "answered human machine no-answer busy failed lost lost-unplaced 500-placed unreachable 429 "
    "reject:21211 reject:20003".split()
)
TEXTS = st.sampled_from(
    "delivered undelivered:30003 undelivered:30008 lost lost-unplaced unreachable 429".split()
)
ACTS = "fail fail fail recover all flap restart reload acknowledge silence unsilence".split()
ACTS += ["ahead", "back"]  # the wall clock is set
ACTS += ["call fail", "call recover", "call acknowledge"]  # what comes while the next call goes on
HAPPENS = st.tuples(st.sampled_from(ACTS), st.sampled_from(NAMES), st.sampled_from([1, 5, 20]))
Told = dict[str, Any]


@st.composite
def some_channels(draw: st.DrawFn) -> tuple[Channel, ...]:
    """One to three channels, for any of three people of whom some want to sleep."""
    people = [draw(st.one_of(st.just(one), sleepers(one))) for one in PEOPLE]
    made = [
        replace(
            LADDER,
            name=name,
            type=draw(st.sampled_from(["voice", "voice", "sms"])),
            to=tuple(draw(st.lists(st.sampled_from(people), min_size=1, unique=True))),
            rounds=draw(st.integers(1, 2)),
            round_delay=draw(st.sampled_from([timedelta(0), timedelta(minutes=10)])),
            recovery=draw(st.booleans()),
            reached_by=draw(st.sampled_from(ReachedBy)),
            events=frozenset(Event),
        )
        for name in draw(st.sampled_from([("one",), ("one", "two"), ("one", "two", "three")]))
    ]
    if len(made) > 1 and draw(st.booleans()):
        made[:2] = replace(made[0], fallback="two"), replace(made[1], default=False)
    return tuple(made)


def sleepers(person: Contact) -> st.SearchStrategy[Contact]:
    hours = st.sampled_from([(22, 7), (0, 5), (23, 6)])
    return st.builds(
        lambda span, critical: sleeper(person, *span, critical=critical), hours, st.booleans()
    )


@dataclass
class Night:
    """What happens, as far as the rules need it."""

    town: Town
    channels: tuple[Channel, ...]
    group_wait: timedelta
    marks: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NAMES, "+"))
    silences: list[Silence] = field(default_factory=list)
    given_up: set[int] = field(default_factory=set)  # numbers of incidents, for the command

    async def begin(self) -> None:
        await self.town.start(*CHECKS, channels=self.channels, group_wait=self.group_wait)

    async def happens(self, act: str, name: str) -> None:
        night = self.town
        match act:
            case "fail":
                await self.fail(name)
            case "recover":
                await self.recover(name)
            case "all":
                await self.fail(*NAMES)
            case "flap":
                for _ in range(3):
                    await self.fail(name)
                    await self.recover(name)
            case "restart":
                await night.stop()
                night.clock.advance(60)
                await self.begin()
            case "reload":
                await night.reload(*CHECKS, channels=self.channels, group_wait=self.group_wait)
            case "acknowledge" if night.engine.watches[name].incident is not None:
                await night.acknowledge(name)
            case "silence":
                self.silences.append(await night.silence(name, last=timedelta(minutes=30)))
            case "unsilence" if self.silences:
                await night.unsilence(self.silences.pop())
            case "call fail" | "call recover" | "call acknowledge":
                night.meanwhile.append(lambda _: self.happens(act.removeprefix("call "), name))
            case "ahead" | "back":
                night.clock.set_wall(timedelta(hours=1 if act == "ahead" else -1))
                await night.engine.clock_set()

    async def fail(self, *names: str) -> None:
        self.marks.update(dict.fromkeys(names, "-"))
        await self.town.fail(*names)

    async def recover(self, name: str) -> None:
        self.marks[name] = "+"
        await self.town.recover(name)

    async def passes(self, duration: timedelta, step: float) -> None:
        """Let time pass; then every check is looked at once more."""
        await self.town.wait(duration, step=step)
        for name, mark in self.marks.items():
            await self.town.look(mark, name)
        for one in await self.town.store.undelivered():
            self.given_up.add(one.data["id"])
            await self.town.store.ran(one.id, "ran", self.town.clock.now().utc)


async def live(night: Night, events: Sequence[tuple[str, str, int]]) -> None:
    """Let a night pass, and a day on which nothing happens and anybody may be called."""
    await night.begin()
    for act, name, minutes in events:
        await night.happens(act, name)
        await night.passes(timedelta(minutes=minutes), step=15)
    night.town.voice.max_calls_per_hour = 1000
    for _ in range(A_DAY // HOUR):
        await night.passes(HOUR, step=600)


async def forgotten(night: Night) -> list[Told]:
    """Return the open incidents that somebody is to hear of, and of which nothing says why not."""
    calls = await night.town.store.calls(10_000)
    reached = [one for one in calls if Outcome(one["outcome"]).reached]
    told = {number for call in reached for number in call["incidents"]}
    owned = {
        watch.incident.number
        for watch in night.town.engine.watches.values()
        if watch.incident is not None and watch.incident.acknowledged
    }
    return [
        one
        for one in await night.town.store.incidents(1000)
        if one["closed_at"] is None and one["id"] not in told | owned | night.given_up
    ]


@settings(max_examples=40, deadline=None)
@given(
    some_channels(),
    st.lists(HAPPENS, min_size=1, max_size=14),
    st.lists(st.lists(CALLS, max_size=8), min_size=3, max_size=3),
    st.lists(TEXTS, max_size=8),
    st.sampled_from([timedelta(0), timedelta(seconds=3)]),
    st.sampled_from([1, 20]),
    st.sampled_from([0, 10]),
)
def test_the_pager_comes_to_rest_and_nobody_is_forgotten(
    channels: tuple[Channel, ...],
    events: list[tuple[str, str, int]],
    phones: list[list[str]],
    texts: list[str],
    group_wait: timedelta,
    per_hour: int,
    remind: int,
) -> None:
    async def play(folder: Path) -> None:
        async with town(folder) as stage:
            stage.voice.max_calls_per_hour = per_hour
            stage.remind_every = timedelta(minutes=remind)
            names = [one.name for one in PEOPLE]
            for name, behaviours in zip(names, phones, strict=True):
                stage.people[name] = [*behaviours, "human"]
            stage.texts.behaviours = [*texts, "delivered"]
            night = Night(stage, channels, group_wait)
            await live(night, events)

            for channel in channels:
                assert await stage.store.pages(channel.name) == []
            assert await forgotten(night) == []

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))
