"""The clock is set, or the machine sleeps: nothing is invented, nothing storms, nothing is lost.

Silences, maintenance, quiet hours and the end of an acknowledgement are instants in UTC: they come
when the clock says so. What was promised as a duration never becomes longer by it.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.town import MINUTE, Town, telling, town
from watchcall.core.health import State

HOUR = timedelta(hours=1)
STEPS = [
    pytest.param(-HOUR, id="an hour back"),
    pytest.param(HOUR, id="an hour ahead"),
    pytest.param(timedelta(days=-3650), id="ten years back"),
    pytest.param(timedelta(days=3650), id="ten years ahead"),
]
BACK = [STEPS[0], STEPS[2]]


async def set_clock(night: Town, step: timedelta) -> None:
    """As the daemon does it when the schedule's guard tells."""
    night.clock.set_wall(step)
    await night.engine.clock_set()
    await night.engine.tick()


async def sleep(night: Town, duration: timedelta) -> None:
    night.clock.advance(duration)
    await night.engine.slept(duration)
    await night.engine.clock_set()


@pytest.mark.parametrize("step", STEPS)
async def test_a_healthy_night_stays_quiet(tmp_path: Path, step: timedelta) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("++--+")
        await set_clock(night, step)
        await night.see("--++" * 3)

        assert night.phone.requests == []


@pytest.mark.parametrize("step", STEPS)
async def test_an_outage_that_is_confirmed_after_it_calls_as_ever(
    tmp_path: Path, step: timedelta
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.see("+--")
        await set_clock(night, step)
        await night.see("-" * 5)
        assert len(night.heard) == 1
        await night.see("++")
        assert len(night.heard) == 2, "and so does its end"


@pytest.mark.parametrize("step", STEPS)
async def test_an_outage_that_was_told_is_not_told_again(tmp_path: Path, step: timedelta) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("---")
        await set_clock(night, step)
        await night.see("-" * 20)

        assert len(night.heard) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_it_is_reminded_of_in_time_and_only_so_often(tmp_path: Path, step: timedelta) -> None:
    async with town(tmp_path) as night:
        night.remind_every = 30 * MINUTE
        await night.start()
        await night.see("---")
        await set_clock(night, step)
        await night.see("-" * 35)
        assert 2 <= len(night.heard) <= 3, "one at most comes early"
        await night.see("-" * 200)
        assert len(night.heard) == 4


@pytest.mark.parametrize("step", STEPS)
async def test_an_acknowledgement_never_holds_longer_for_it(
    tmp_path: Path, step: timedelta
) -> None:
    async with town(tmp_path) as night:
        night.remind_every = 30 * MINUTE
        await night.start()
        night.engine.rules.ack_timeout = 2 * HOUR
        await night.see("---")
        await night.acknowledge()
        await set_clock(night, step)
        await night.see("-" * 130)

        assert len(night.heard) >= 2, "two hours later somebody hears of it again"
        assert not night.incident().acknowledged


@pytest.mark.parametrize("step", STEPS)
async def test_a_silence_is_no_longer_than_what_was_asked_for(
    tmp_path: Path, step: timedelta
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.silence("httpd", last=2 * HOUR)
        await night.see("---")
        assert night.phone.requests == []
        await set_clock(night, step)
        await night.see("-" * 181)

        assert len(night.heard) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_boot_grace_is_no_longer_for_it(tmp_path: Path, step: timedelta) -> None:
    """A machine whose clock is wrong until NTP has put it right."""
    async with town(tmp_path) as night:
        night.grace = 300
        await night.start()
        await night.fail()
        await night.wait(MINUTE)
        await set_clock(night, step)
        assert night.phone.requests == []
        await night.wait(5 * MINUTE)

        assert len(night.heard) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_what_waits_for_companions_does_not_wait_longer(
    tmp_path: Path, step: timedelta
) -> None:
    async with town(tmp_path) as night:
        await night.start(group_wait=timedelta(seconds=10))
        await night.fail()
        await set_clock(night, step)
        await night.wait(20)

        assert len(night.heard) == 1


# -- sleep


async def test_failures_before_a_sleep_do_not_count_after_it(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+--")
        await sleep(night, 8 * HOUR)
        await night.see("-+")
        assert night.phone.requests == []
        await night.see("---")
        assert len(night.heard) == 1, "what goes on failing is told"


async def test_a_nap_shorter_than_two_intervals_changes_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+--")
        await sleep(night, timedelta(seconds=50))
        await night.see("-")

        assert len(night.heard) == 1


async def test_what_was_confirmed_before_a_sleep_still_is(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.see("---+")
        await sleep(night, 8 * HOUR)
        await night.see("+")
        assert night.engine.watches["httpd"].health.state is State.FAILING
        await night.see("+")
        assert len(night.heard) == 2


async def test_a_sleep_is_no_time_in_which_nobody_could_look(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+?")
        await sleep(night, 8 * HOUR)
        await night.see("?" * 9)
        before = night.engine.watches["httpd"].health.state
        await night.see("???")

        assert [before, night.engine.watches["httpd"].health.state] == [State.OK, State.UNKNOWN]
