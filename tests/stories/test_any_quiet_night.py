"""Any night with silences, maintenance, acknowledgements and dependencies, in any order.

Two things must hold whatever happens: nobody is called about what is to be left alone, and what
still fails once nothing keeps it quiet has been told.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stories.town import NEEDED, Town, check, telling, town
from watchcall.core.calendar import Silence
from watchcall.core.check import Check
from watchcall.core.health import Level, State
from watchcall.core.incident import Incident
from watchcall.engine import Watch

NAMES = ("gateway", "shop")  # the shop depends on the gateway
LOOKS = [f"{name} {mark}" for name in NAMES for mark in "+--"]
OTHERS = "silence unsilence maintenance acknowledge restart wait".split()
EVENTS = st.lists(st.sampled_from([*LOOKS, *LOOKS, *OTHERS]), min_size=10, max_size=50)
STEP = timedelta(minutes=4)


@dataclass
class Story:
    """What went on, as far as the two rules need it."""

    night: Town
    silences: list[Silence] = field(default_factory=list)

    async def happens(self, event: str) -> None:
        night = self.night
        match event.split():
            case [name, mark]:
                await night.look(mark, name)
            case ["silence"]:
                self.silences.append(await night.silence("shop", last=3 * STEP))
            case ["unsilence"] if self.silences:
                await night.unsilence(self.silences.pop())
            case ["maintenance"]:
                night.calendar.plan("shop", night.clock.now().utc, 2 * STEP)
            case ["acknowledge"]:
                for watch in night.engine.watches.values():
                    if watch.incident is not None:
                        await night.acknowledge(watch.check.name)
            case ["restart"]:
                await night.restart(*checks(), off_for=STEP, channels=telling())

    def left_alone(self) -> bool:
        """Whether the shop is silenced or maintained now."""
        now = self.night.clock.now().utc
        silenced = any(one.holds(now) for one in self.silences)
        return silenced or self.night.calendar.holding("shop", (), now) is not None

    async def calls_about(self, name: str) -> int:
        known = {one["id"]: one["check"] for one in await self.night.store.incidents(1000)}
        calls = await self.night.store.calls(1000)
        return sum(name in {known[id_] for id_ in call["incidents"]} for call in calls)

    async def untold(self) -> list[str]:
        """Checks that fail, with nothing that keeps quiet about them, and of which nobody knows."""
        watches = self.night.engine.watches.values()
        due = {
            one.incident.number: one
            for one in watches
            if one.incident is not None and self._is_to_be_told(one, one.incident)
        }
        if not due:
            return []
        told = {id_ for call in await self.night.store.calls(1000) for id_ in call["incidents"]}
        return [one.check.name for number, one in due.items() if number not in told]

    def _is_to_be_told(self, watch: Watch, incident: Incident) -> bool:
        if incident.acknowledged or self.night.engine.quiet(watch):
            return False
        return watch.health.state is State.FAILING and watch.health.seen is Level.CRITICAL


def checks() -> tuple[Check, Check]:
    return check("gateway"), check("shop", None, "gateway")


async def live(folder: Path, events: list[str]) -> None:
    async with town(folder) as night:
        night.remind_every = timedelta(minutes=15)
        await night.start(*checks(), channels=telling())
        story = Story(night)
        for event in events:
            quiet = story.left_alone()
            before = await story.calls_about("shop") if quiet else None
            await story.happens(event)
            await night.engine.tick()
            await night.ring()
            if quiet and story.left_alone():
                assert await story.calls_about("shop") == before, "it was to be left alone"
            assert await story.untold() == []
            night.clock.advance(STEP)
            await night.engine.tick()
            await night.ring()
            assert await story.untold() == []


@settings(max_examples=80, deadline=None)
@given(EVENTS)
def test_nobody_is_called_for_nothing_and_nothing_is_forgotten(events: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(Path(folder), events))


def test_three_looks_confirm() -> None:
    assert NEEDED.fail_after == 3
