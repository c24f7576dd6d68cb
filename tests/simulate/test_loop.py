"""Time that passes without waiting: nothing is skipped, nothing is late, nothing hangs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from watchcall.errors import SimulationError
from watchcall.simulate import loop as loops
from watchcall.simulate.clock import SimulatedClock
from watchcall.simulate.loop import SimulatedLoop

NIGHT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HOUR = 3600.0


def simulated(work: Callable[[], Awaitable[None]]) -> None:
    async def done() -> None:
        await work()

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        runner.run(done())


def test_a_night_passes_in_an_instant() -> None:
    async def sleeps() -> None:
        clock = SimulatedClock(NIGHT)
        began = clock.now()
        await clock.sleep(8 * HOUR)
        assert clock.now().utc == NIGHT + timedelta(hours=8)
        assert clock.now().since(began) == timedelta(hours=8)

    began = time.monotonic()
    simulated(sleeps)
    assert time.monotonic() - began < 5


def test_what_is_due_earlier_comes_first_and_exactly_in_time() -> None:
    came: list[tuple[str, float]] = []

    async def one(name: str, after: float) -> None:
        await asyncio.sleep(after)
        came.append((name, asyncio.get_running_loop().time()))

    async def all_of_them() -> None:
        await asyncio.gather(one("c", HOUR), one("a", 0.25), one("b", 0.5), one("d", HOUR))

    simulated(all_of_them)
    assert came == [("a", 0.25), ("b", 0.5), ("c", HOUR), ("d", HOUR)]


def test_deadlines_are_kept() -> None:
    async def waits() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(90):
                await asyncio.Event().wait()
        assert asyncio.get_running_loop().time() == 90

    simulated(waits)


def test_waiting_for_what_never_comes_ends_with_an_error() -> None:
    async def waits() -> None:
        await asyncio.Event().wait()

    with pytest.raises(SimulationError, match="never comes"):
        simulated(waits)


def test_an_instant_that_never_ends_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "MOST_AT_ONCE", 1000)

    async def spins() -> None:
        for _ in range(100_000):
            await asyncio.sleep(0)

    with pytest.raises(SimulationError, match="does not get past one instant"):
        simulated(spins)


def test_a_simulation_without_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "MOST_TURNS", 1000)

    async def goes_on() -> None:
        for _ in range(100_000):
            await asyncio.sleep(1)

    with pytest.raises(SimulationError, match="--until"):
        simulated(goes_on)


def test_a_boot_begins_the_monotonic_clock_anew_and_no_other() -> None:
    async def boots() -> None:
        clock = SimulatedClock(NIGHT)
        assert clock.now().elapsed > 24 * HOUR  # it has been up for long
        await clock.sleep(60)
        clock.boot()
        await clock.sleep(5)
        assert clock.now().elapsed == pytest.approx(5)
        assert clock.now().utc == NIGHT + timedelta(seconds=65)

    simulated(boots)
