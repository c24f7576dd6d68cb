"""When checks are looked at: the real APScheduler on the real loop, under clocks that jump."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import time_machine

from tests.fakes import NOON
from watchcall.core.check import Check, ProcessTarget, phase
from watchcall.schedule import SLOT, Every, Schedule

YEARS = timedelta(days=3650)


def check(name: str, interval: float = 0.1) -> Check:
    return Check(
        name=name,
        target=ProcessTarget(process=name),
        interval=timedelta(seconds=interval),
    )


class Eyes:
    """Counts looks, and lets a test wait for them."""

    def __init__(self) -> None:
        self.looks: Counter[str] = Counter()
        self._changed = asyncio.Event()

    async def look(self, name: str) -> None:
        self.looks[name] += 1
        self._changed.set()

    async def until(self, name: str, times: int) -> None:
        async with asyncio.timeout(10):
            while self.looks[name] < times:
                self._changed.clear()
                await self._changed.wait()


async def test_every_check_is_looked_at_again_and_again() -> None:
    eyes = Eyes()
    schedule = Schedule(eyes.look)
    schedule.start()
    schedule.set([check("a"), check("b")])

    await eyes.until("a", 3)
    await eyes.until("b", 3)
    await schedule.stop()


async def test_a_look_can_be_brought_forward_but_not_put_off() -> None:
    eyes = Eyes()
    schedule = Schedule(eyes.look)
    schedule.start()
    schedule.set([check("slow", interval=3600)])
    await eyes.until("slow", 1)

    schedule.sooner("slow", timedelta(milliseconds=10))
    await eyes.until("slow", 2)
    schedule.sooner("slow", timedelta(milliseconds=10))
    schedule.sooner("slow", timedelta(hours=5))
    await eyes.until("slow", 3)
    await schedule.stop()


async def test_a_removed_check_is_not_looked_at_and_an_unchanged_one_keeps_its_turn() -> None:
    eyes = Eyes()
    schedule = Schedule(eyes.look)
    schedule.start()
    schedule.set([check("stays", interval=3600), check("goes", interval=3600)])
    await eyes.until("stays", 1)
    await eyes.until("goes", 1)

    schedule.set([check("stays", interval=3600), check("comes", interval=3600)])
    await eyes.until("comes", 1)
    schedule.sooner("goes", timedelta(0))
    await schedule.stop()

    assert eyes.looks == {"stays": 1, "goes": 1, "comes": 1}


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(timedelta(hours=-1), id="an hour back"),
        pytest.param(timedelta(hours=1), id="an hour ahead"),
        pytest.param(-YEARS, id="ten years back"),
        pytest.param(YEARS, id="ten years ahead"),
    ],
)
async def test_after_the_clock_was_set_looks_go_on_and_do_not_storm(step: timedelta) -> None:
    eyes = Eyes()
    with time_machine.travel(NOON) as clock:
        schedule = Schedule(eyes.look)
        schedule.start()
        schedule.set([check("often", interval=0.1), check("seldom", interval=3600)])
        await eyes.until("seldom", 1)
        await eyes.until("often", 2)
        before = eyes.looks["often"]

        clock.shift(step)
        schedule.check_clock()

        await eyes.until("often", before + 5)
        await schedule.stop()
    assert eyes.looks["seldom"] == 1


async def test_a_clock_that_only_drifts_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    eyes = Eyes()
    with time_machine.travel(NOON) as clock:
        schedule = Schedule(eyes.look)
        clock.shift(0.1)
        schedule.check_clock()

    assert caplog.messages == []


async def test_after_a_sleep_everything_is_looked_at_soon() -> None:
    eyes, slept = Eyes(), [0.0]
    schedule = Schedule(eyes.look, boot=lambda: time.monotonic() + slept[0])
    schedule.start()
    schedule.set([check("seldom", interval=3600)])
    await eyes.until("seldom", 1)

    slept[0] = 8 * 3600.0
    schedule.check_clock()

    await eyes.until("seldom", 2)
    await schedule.stop()


async def test_a_sleep_is_told_before_any_look_that_begins_after_it() -> None:
    slept, told = [0.0], []

    async def look(name: str) -> None:
        told.append(name)

    async def jumped(by: timedelta) -> None:
        await asyncio.sleep(0)
        told.append(f"slept {by.total_seconds():.0f}")

    schedule = Schedule(look, boot=lambda: time.monotonic() + slept[0], jumped=jumped)
    schedule.start()
    schedule.set([check("often", interval=0.1)])
    async with asyncio.timeout(10):
        while not told:  # noqa: ASYNC110 - the look is the schedule's
            await asyncio.sleep(0.01)
        slept[0] = 3600.0
        before = len(told)
        while len(told) < before + 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await schedule.stop()

    assert told[before : before + 2] == ["slept 3600", "often"]


@pytest.mark.parametrize("step", [timedelta(hours=-1), YEARS])
async def test_that_the_clock_was_set_is_told_as_no_sleep(step: timedelta) -> None:
    told: list[timedelta] = []

    async def jumped(by: timedelta) -> None:
        told.append(by)

    with time_machine.travel(NOON) as clock:
        schedule = Schedule(Eyes().look, jumped=jumped)
        clock.shift(step)
        await schedule._mind_clock()
        await schedule._mind_clock()

    assert told == [timedelta(0)]


@pytest.mark.parametrize("missed", [timedelta(seconds=61.3), timedelta(days=1.4), YEARS])
def test_missed_turns_are_not_walked_through_one_by_one_and_the_next_is_in_step(
    missed: timedelta,
) -> None:
    second = timedelta(seconds=1)
    trigger = Every(second, phase=0.0, first=NOON - YEARS)

    now = NOON + missed
    after = trigger.get_next_fire_time(NOON, now)

    assert timedelta(0) < after - now <= second
    assert (after - NOON) % second == timedelta(0)


def turns(name: str, interval: timedelta, count: int) -> list[datetime]:
    """When a check is looked at; APScheduler asks the trigger twice for each turn."""
    trigger, found = Every(interval, phase(name), NOON), [NOON]
    while len(found) < count:
        trigger.get_next_fire_time(found[-1], found[-1])
        found.append(trigger.get_next_fire_time(found[-1], found[-1]))
    return found


def test_looks_that_began_together_spread_over_the_whole_interval() -> None:
    interval = timedelta(seconds=10)
    third = [turns(f"check-{number}", interval, 3)[2] for number in range(1000)]

    seconds = Counter(int((at - NOON) % interval / timedelta(seconds=1)) for at in third)
    assert set(seconds) == set(range(10))
    assert max(seconds.values()) < 150
    assert all((at - NOON) % SLOT == timedelta(0) for at in third)


@pytest.mark.parametrize("interval", [timedelta(milliseconds=100), timedelta(seconds=10)])
def test_no_gap_is_longer_than_the_interval_or_shorter_than_half_of_it(
    interval: timedelta,
) -> None:
    for number in range(100):
        gaps = {after - before for before, after in pairwise(turns(f"check-{number}", interval, 9))}
        assert min(gaps) >= interval / 2 - SLOT / 2
        assert max(gaps) == interval
        assert len(gaps) <= 2


def test_phases_are_spread_and_the_same_at_every_start() -> None:
    phases = [phase(f"check-{number}") for number in range(1000)]

    assert phases == [phase(f"check-{number}") for number in range(1000)]
    tenths = Counter(int(one * 10) for one in phases)
    assert set(tenths) == set(range(10))
    assert max(tenths.values()) < 150


async def test_a_look_that_is_under_way_at_the_end_is_given_up_without_a_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looking = asyncio.Event()

    async def look(name: str) -> None:
        looking.set()
        await asyncio.Event().wait()

    schedule = Schedule(look)
    schedule.start()
    schedule.set([check("a")])
    async with asyncio.timeout(10):
        await looking.wait()
    await schedule.stop()
    await asyncio.sleep(0)

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_look_that_crashes_is_logged_and_its_next_turn_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    eyes = Eyes()

    async def look(name: str) -> None:
        await eyes.look(name)
        if eyes.looks[name] == 1:
            raise ZeroDivisionError("a bug")

    schedule = Schedule(look)
    schedule.start()
    schedule.set([check("a")])
    await eyes.until("a", 3)
    await schedule.stop()

    assert "a bug" in caplog.text
