"""A chore takes its turns whatever happens in them."""

from __future__ import annotations

import asyncio

import pytest

from watchcall.errors import StoreError
from watchcall.pager import chore
from watchcall.pager.chore import Chore


class Job:
    """Does what its script says, a turn each: a number to return, or an error to raise."""

    def __init__(self, *script: float | Exception | None) -> None:
        self.script = list(script)
        self.turns = 0
        self.done = asyncio.Event()

    async def turn(self) -> float | None:
        self.turns += 1
        now = self.script.pop(0) if self.script else None
        if not self.script:
            self.done.set()
        if isinstance(now, Exception):
            raise now
        return now


@pytest.mark.parametrize(
    "script",
    [
        pytest.param((0, 0, None), id="zero goes on at once"),
        pytest.param((0.001, None), id="seconds are waited for"),
        pytest.param((StoreError("full"), None), id="trouble passes"),
        pytest.param((ZeroDivisionError("a bug"), None), id="a bug does not end it"),
    ],
)
async def test_it_goes_on(
    script: tuple[float | Exception | None, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chore, "AGAIN_S", 0.001)
    job = Job(*script)
    task = Chore("test", job.turn)
    async with asyncio.timeout(10):
        await job.done.wait()
    await task.stop()

    assert job.turns == len(script)


async def test_however_often_it_is_woken_it_rests_between_two_turns() -> None:
    job = Job(None, None)
    task = Chore("test", job.turn, least=3600)
    for _ in range(10):
        task.wake()
        await asyncio.sleep(0)
    await task.stop()

    assert job.turns == 1


async def test_who_is_in_no_hurry_waits_a_while_once_it_is_woken() -> None:
    job = Job(None, None)
    task = Chore("test", job.turn, after=3600)
    for _ in range(10):
        await asyncio.sleep(0)
        task.wake()
    await task.stop()

    assert job.turns == 1


async def test_it_sleeps_until_it_is_woken() -> None:
    job = Job(None, None)
    task = Chore("test", job.turn)
    for _ in range(5):
        await asyncio.sleep(0)
    slept = job.turns
    task.wake()
    async with asyncio.timeout(10):
        await job.done.wait()
    await task.stop()

    assert (slept, job.turns) == (1, 2)
