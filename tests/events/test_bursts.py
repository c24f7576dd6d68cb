"""A burst is passed on at once, a stream a few times a second, and the last of it always."""

from __future__ import annotations

import asyncio

import pytest

from watchcall.events.bursts import Bursts


@pytest.mark.parametrize(
    ("happened", "at_once"),
    [
        pytest.param(1, 1, id="one"),
        pytest.param(3, 3, id="a burst"),
        pytest.param(100, 3, id="a storm"),
    ],
)
async def test_what_is_told_at_once(happened: int, at_once: int) -> None:
    told: list[None] = []
    bursts = Bursts(lambda: told.append(None), burst=3, every=3600)

    for _ in range(happened):
        bursts.happened()
    bursts.stop()

    assert len(told) == at_once


async def test_what_was_held_back_is_told_once_in_the_end() -> None:
    told, late = 0, asyncio.Event()

    def tell() -> None:
        nonlocal told
        told += 1
        if told == 4:
            late.set()

    bursts = Bursts(tell, burst=3, every=0.01)
    for _ in range(1000):
        bursts.happened()
    async with asyncio.timeout(10):
        await late.wait()

    assert told == 4


async def test_patience_is_earned_again() -> None:
    told: list[None] = []
    bursts = Bursts(lambda: told.append(None), burst=1, every=1e-9)

    for _ in range(3):
        bursts.happened()
        await asyncio.sleep(0)

    assert len(told) == 3
