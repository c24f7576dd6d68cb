"""Any night at all: looks, restarts, crashes and reloads in any order, against a plain model."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stories.town import NEEDED, Town, telling, town

EVENTS = st.lists(
    st.sampled_from(["+", "-", "-", "restart", "crash", "reload"]), min_size=5, max_size=40
)
LONG = timedelta(minutes=11)  # between two looks: what fails three times in a row is not flapping


class Model:
    """What ought to be told, by an independent reading of the rules.

    A streak does not survive a restart; what is confirmed does.
    """

    def __init__(self) -> None:
        self.failing = False
        self.settled = False
        self.failures = self.successes = 0
        self.untold = False  # an outage that nobody was called about yet
        self.told = False  # the open outage was told
        self.calls: list[str] = []

    def look(self, mark: str) -> None:
        if mark == "-":
            self.failures, self.successes = self.failures + 1, 0
        else:
            self.failures, self.successes = 0, self.successes + 1
        if not self.failing and self.failures >= NEEDED.fail_after:
            self.failing = self.settled = self.untold = True
        elif self.successes >= (NEEDED.recover_after if self.settled else 1):
            if self.failing and self.told:
                self.calls.append("recovery")
            self.failing = self.untold = self.told = False
            self.settled = True

    def ring(self) -> None:
        if self.untold:
            self.calls.append("failure")
            self.untold, self.told = False, True

    def restart(self) -> None:
        self.failures = self.successes = 0


async def live(night: Town, model: Model, events: list[str]) -> None:
    """Let a night pass, in WatchCall and in the model."""
    await night.start(channels=telling())
    for event in events:
        night.clock.advance(LONG)
        if event in "+-":
            await night.look(event)
            model.look(event)
        elif event == "reload":
            await night.reload(channels=telling())
        else:
            if event == "restart":
                await night.ring()
                model.ring()
            await night.stop()  # a crash: what was committed is there, what was to ring did not
            await night.start(channels=telling())
            model.restart()
        if event != "crash":
            await night.ring()
            model.ring()
    await night.ring()
    model.ring()


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_every_outage_is_told_once_and_nothing_else_is(events: list[str]) -> None:
    async def play(folder: Path) -> tuple[list[str], list[str]]:
        model = Model()
        async with town(folder) as night:
            await live(night, model, events)
            calls = await night.store.calls(1000)
        return [call["event"] for call in reversed(calls)], model.calls

    with tempfile.TemporaryDirectory() as folder:
        told, expected = asyncio.run(play(Path(folder)))

    assert told == expected
