"""The wall clock is set while something waits: nothing waits longer for it, or less."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.town import BOB, PHONE, Town, town
from watchcall.core.contact import Channel

WAIT = timedelta(seconds=30)
TEXT = Channel(name="text", type="sms", to=(BOB,))
STEPS = [
    pytest.param(timedelta(hours=hours), id=f"by {hours} h")
    for hours in (-10 * 365 * 24, -1, 1, 10 * 365 * 24)
]


@asynccontextmanager
async def waiting(state: Path, channel: Channel, *behaviours: str) -> AsyncIterator[Town]:
    """A failure waits thirty seconds for companions; five of them have passed."""
    async with town(state, *behaviours) as night:
        await night.start(channels=(channel,), group_wait=WAIT)
        await night.fail()
        await night.wait(5)
        yield night


async def called_after(night: Town, seconds: int) -> int:
    await night.wait(seconds, step=1)
    return len(night.called) + len(night.texted)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("channel", [PHONE, TEXT], ids=["a call", "a text"])
async def test_companions_are_waited_for_as_long_as_ever(
    tmp_path: Path, channel: Channel, step: timedelta
) -> None:
    async with waiting(tmp_path, channel) as night:
        await night.ring()
        night.clock.set_wall(step)
        assert await called_after(night, 20) == 0
        assert await called_after(night, 10) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_the_next_round_comes_when_it_would_have_come(
    tmp_path: Path, step: timedelta
) -> None:
    rounds = replace(PHONE, rounds=2, round_delay=timedelta(seconds=90))
    async with waiting(tmp_path, rounds, "no-answer") as night:
        assert await called_after(night, 30) == 1
        night.clock.set_wall(step)
        assert await called_after(night, 70) == 1
        assert await called_after(night, 30) == 2


@pytest.mark.parametrize("step", STEPS)
async def test_a_text_that_twilio_did_not_take_is_tried_again_in_seconds(
    tmp_path: Path, step: timedelta
) -> None:
    async with waiting(tmp_path, TEXT) as night:
        night.texts.behaviours[:] = ["429", "delivered"]
        assert await called_after(night, 27) == 1
        night.clock.set_wall(step)
        assert await called_after(night, 10) == 2


async def test_a_restart_after_the_clock_was_set_back_waits_no_longer_than_it_would_have(
    tmp_path: Path,
) -> None:
    async with waiting(tmp_path, PHONE) as night:
        night.clock.set_wall(-timedelta(hours=5))
        await night.restart(off_for=timedelta(seconds=1))
        assert await called_after(night, 31) == 1
