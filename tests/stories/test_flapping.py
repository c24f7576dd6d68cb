"""Flapping: three incidents in half an hour are one "unstable", then quiet until it is calm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.stories.nights import ALONE, until
from tests.stories.town import BOB, MINUTE, PHONE, Town, check, telling, town
from watchcall.core.contact import EVENTS, Event
from watchcall.core.health import Level

ENGLISH = replace(PHONE, to=(BOB,))
DOWN_AND_UP = "---++"
CALM = "+" * 11


async def events(night: Town) -> list[str]:
    """The events that were called about, oldest first."""
    return [call["event"] for call in reversed(await night.store.calls(100))]


async def test_the_third_incident_is_told_as_unstable_and_those_after_it_are_not_told(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        await night.see("+" + DOWN_AND_UP * 6)

        assert await events(night) == ["failure", "failure", "flapping"]
        assert [why.partition(":")[0] for why in await night.quiet()] == ["flapping"] * 1 + [
            "the failure was never told here"
        ]


async def test_three_in_a_longer_time_are_three_failures(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see((DOWN_AND_UP + "+" * 11) * 4)

        assert await events(night) == ["failure"] * 4


async def test_a_critical_failure_that_lasts_five_minutes_is_told_nevertheless(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        await night.see(DOWN_AND_UP * 3 + "---" + "-" * 3)
        assert await events(night) == ["failure", "failure", "flapping"]
        await night.see("---")
        assert await events(night) == ["failure", "failure", "flapping", "failure"]


async def test_also_the_one_that_was_told_as_unstable(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        await night.see(DOWN_AND_UP * 2 + "-" * 10)

        assert await events(night) == ["failure", "failure", "flapping", "failure"]


async def test_a_warning_that_lasts_is_not(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        await night.see("www++" * 2 + "w" * 30)

        assert await events(night) == ["failure", "failure", "flapping"]


async def test_ten_good_minutes_end_it(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        await night.see(DOWN_AND_UP * 3 + CALM + DOWN_AND_UP)

        assert await events(night) == ["failure", "failure", "flapping", "failure"]


async def test_less_does_not(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        await night.see(DOWN_AND_UP * 3 + "+" * 6 + DOWN_AND_UP + "+" * 6 + DOWN_AND_UP)

        assert await events(night) == ["failure", "failure", "flapping"]


async def test_that_it_is_well_again_is_told_once_it_is_calm(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling(ENGLISH))
        await night.see(DOWN_AND_UP * 4)
        # The second recovery waited, as a fourth call within 15 minutes: it is news no more.
        assert await events(night) == ["failure", "recovery", "failure", "flapping"]
        await night.see(CALM + "+")
        assert (await events(night))[4:] == ["recovery"]
        await night.see("+" * 30)
        assert len(await events(night)) == 5


async def test_a_channel_that_does_not_want_to_know_is_left_alone(tmp_path: Path) -> None:
    deaf = replace(ENGLISH, events=EVENTS - {Event.FLAPPING})
    async with town(tmp_path) as night:
        await night.start(channels=(deaf,))
        await night.see(DOWN_AND_UP * 6)

        assert await events(night) == ["failure", "failure"]


async def test_a_restart_does_not_make_it_calm(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        await night.see(DOWN_AND_UP * 3)
        await night.restart(channels=(ENGLISH,))
        await night.see("+++" + DOWN_AND_UP * 2)

        assert await events(night) == ["failure", "failure", "flapping"]


async def test_each_channel_is_told_once_though_at_another_time(tmp_path: Path) -> None:
    strict = replace(ENGLISH, name="strict", level=Level.CRITICAL)
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH, strict))
        await night.see("www++" * 3 + "---++" * 2)
        told = [(one["channel"], one["event"]) for one in reversed(await night.store.calls(9))]

        assert told == [
            ("phone", "failure"),
            ("phone", "failure"),
            ("phone", "flapping"),
            ("strict", "flapping"),
        ]


async def test_the_incidents_of_others_do_not_count(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        names = ["a", "b", "c", "d"]
        await night.start(*(check(name) for name in names), channels=(ENGLISH,))
        for name in names:
            await night.fail(name)
            await night.ring()
            night.clock.advance(MINUTE)

        assert await events(night) == ["failure"] * 4


QUIET = "quiet hours of alice until 07:00"


async def test_who_slept_is_not_told_of_what_is_calm_by_the_morning(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ALONE,))
        await until(night, 23)
        await night.see("+" + DOWN_AND_UP * 4 + CALM)
        await until(night, 7, 30)

        assert night.called == []
        first, second, third, _ = await quiet(night)
        assert first == second == [QUIET, "recoveries are not told", "it recovered before the call"]
        assert (third[0], third[-1]) == (QUIET, "it is no longer unstable")


async def test_what_is_unstable_in_the_morning_is_told(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ALONE,))
        await until(night, 6, 40)
        await night.see("+" + DOWN_AND_UP * 3 + "+" * 6)

        assert await events(night) == ["flapping"]


async def test_what_came_to_rest_and_fails_anew_is_told_as_a_failure(tmp_path: Path) -> None:
    """The old page is no longer needed, and the new failure has one of its own."""
    async with town(tmp_path) as night:
        await night.start(channels=(ALONE,))
        await until(night, 23)
        await night.see("+" + DOWN_AND_UP * 3 + CALM + "+" * 30 + "---")
        await until(night, 7, 1)

        assert await events(night) == ["failure"]


async def quiet(night: Town) -> list[list[str]]:
    """Why phones stayed silent, by incident, the oldest first."""
    found = reversed(await night.store.incidents(100))
    return [[each["why"] for each in one["quiet"]] for one in found]
