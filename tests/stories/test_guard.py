"""The cost guard: how much is called about a long night, and that nothing is lost by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.stories.town import ALICE, BOB, CAROL, LADDER, MINUTE, PHONE, Town, check, telling, town
from watchcall.core.calendar import Silence
from watchcall.core.contact import Event
from watchcall.core.guard import HOUR, PER_NUMBER
from watchcall.ports import Decision, Notice

ENGLISH = replace(PHONE, to=(BOB,))
RESTLESS = replace(LADDER, to=(BOB,), rounds=12, round_delay=timedelta(seconds=60))


def placed(night: Town, number: str | None = None) -> list[datetime]:
    """When calls were placed."""
    calls = night.phone.calls.values()
    return [one.created_at for to, one in calls if number in (None, to) and one.created_at]


def most_within(times: Sequence[datetime], span: timedelta) -> int:
    return max(sum(begin <= at < begin + span for at in times) for begin in times)


async def test_a_number_is_not_called_more_often_than_people_can_bear(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(RESTLESS,))
        await night.fail()
        await night.wait(timedelta(hours=3), step=20)

        times = placed(night)
        assert len(times) == 12, "all rounds are called in the end"
        for limit, within in ((1, timedelta(minutes=1)), *PER_NUMBER):
            assert most_within(times, within) <= limit


async def test_so_many_an_hour_over_all_numbers_and_channels(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    one = replace(LADDER, to=(ALICE, BOB), rounds=3)
    two = replace(one, name="second", to=(CAROL,))
    async with town(tmp_path, "no-answer") as night:
        night.voice.max_calls_per_hour = 4
        await night.start(channels=(one, two))
        await night.fail()
        await night.wait(timedelta(hours=4), step=20)

        times = placed(night)
        assert len(times) == 9
        assert most_within(times, timedelta(hours=1)) <= 4
        assert "held back: max_calls_per_hour" in caplog.text


async def test_the_first_call_of_a_new_incident_is_never_held_back(tmp_path: Path) -> None:
    names = [f"check-{number}" for number in range(6)]
    async with town(tmp_path) as night:
        night.voice.max_calls_per_hour = 1
        await night.start(*map(check, names), channels=(ENGLISH,))
        for name in names:
            await night.fail(name)
            await night.ring()

        assert len(night.heard) == 6


async def test_nor_that_of_the_same_check_when_it_fails_again(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.voice.max_calls_per_hour = 1
        await night.start(channels=(ENGLISH,))
        for _ in range(5):
            await night.fail()
            await night.ring()
            await night.recover()
            night.clock.advance(16 * MINUTE)  # more often, and it would be flapping

        assert len(night.heard) == 5


async def test_nor_that_of_one_that_became_worse(tmp_path: Path) -> None:
    """A warning that was heard is no reason to keep quiet about an outage."""
    async with town(tmp_path) as night:
        night.voice.max_calls_per_hour = 1
        await night.start(channels=(ENGLISH,))
        for mark in "www":
            await night.look(mark)
        await night.ring()
        await night.wait(30)
        for mark in "---":
            await night.look(mark)
        await night.ring()

        assert len(night.heard) == 2
        assert "has been critical since" in night.heard[-1]


async def test_but_a_second_call_about_the_same_rise_is(tmp_path: Path) -> None:
    async with town(tmp_path, "human", "no-answer", "human") as night:
        night.voice.max_calls_per_hour = 1
        await night.start(channels=(RESTLESS,))
        for mark in "www":
            await night.look(mark)
        await night.ring()
        for mark in "---":
            await night.look(mark)
        await night.ring()
        await night.wait(timedelta(minutes=5))

        assert len(placed(night)) == 2


async def test_what_is_held_is_called_later_and_tells_all_that_joined(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer", "no-answer", "human") as night:
        night.voice.max_calls_per_hour = 2
        await night.start(check("httpd"), check("db"), channels=(RESTLESS,))
        await night.fail("httpd")
        await night.wait(30)
        await night.fail("db")
        await night.ring()
        assert len(night.heard) == 2, "the first call about db is free"

        await night.wait(timedelta(minutes=50), step=20)
        assert len(night.heard) == 2
        await night.wait(timedelta(minutes=15), step=20)
        assert len(night.heard) == 3
        assert "httpd and db" in night.heard[-1]


async def test_what_recovers_while_it_is_held_is_not_called_about(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer") as night:
        night.voice.max_calls_per_hour = 1
        await night.start(channels=(RESTLESS,))
        await night.fail()
        await night.wait(300)
        await night.recover()
        await night.wait(timedelta(hours=2), step=60)

        assert len(night.heard) == 1
        assert await night.store.pages("phone") == []


async def test_the_guard_remembers_over_a_restart(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer") as night:
        night.voice.max_calls_per_hour = 2
        await night.start(channels=(RESTLESS,))
        await night.fail()
        await night.wait(300)
        assert len(night.heard) == 2

        await night.restart(channels=(RESTLESS,))
        await night.wait(timedelta(minutes=45), step=20)
        assert len(night.heard) == 2


async def test_a_recovery_may_be_told_right_after_the_failure(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling(ENGLISH))
        await night.fail()
        await night.ring()
        await night.recover()
        before = night.clock.now()
        await night.ring()

        assert len(night.heard) == 2
        assert night.clock.now().since(before) < timedelta(seconds=5)


async def test_rejected_calls_cost_nothing_and_count_for_nothing(tmp_path: Path) -> None:
    behaviours = [*["reject:99999"] * 3, "human"]
    async with town(tmp_path, *behaviours) as night:
        night.voice.max_calls_per_hour = 1
        await night.start(channels=(replace(LADDER, to=(ALICE, BOB, CAROL)),))
        await night.fail()
        await night.wait(90)

        assert night.called == ["alice", "bob", "carol", "alice"]


async def test_texts_are_not_limited_by_it(tmp_path: Path) -> None:
    texts = replace(ENGLISH, name="texts", type="sms")
    names = [f"check-{number}" for number in range(4)]
    async with town(tmp_path) as night:
        night.voice.max_calls_per_hour = 1
        await night.start(*map(check, names), channels=(texts,))
        for name in names:
            await night.fail(name)
            await night.ring()

        assert len(night.texts.read) == 4


async def test_who_is_next_does_not_wait_because_of_the_incident_before(tmp_path: Path) -> None:
    """Alice never answers, Bob does; his last call is only seconds old when the next comes."""
    async with town(tmp_path, "no-answer", "human", "no-answer", "human") as night:
        await night.start(*(check(name) for name in ("httpd", "db")), channels=(LADDER,))
        for name in ("httpd", "db"):
            await night.fail(name)
            await night.ring()

        assert night.called == ["alice", "bob", "alice", "bob"]


async def test_the_fallback_does_not_wait_for_a_person_whose_calls_are_held_back(
    tmp_path: Path,
) -> None:
    busy = replace(LADDER, to=(ALICE,), round_delay=timedelta(seconds=3), fallback="texts")
    texts = replace(PHONE, name="texts", type="sms", to=(BOB,), default=False)
    async with town(tmp_path, "busy") as night:
        await night.start(channels=(busy, texts))
        await night.fail()
        await night.wait(60)

        assert len(placed(night)) == 3, "the fourth within a quarter of an hour waits"
        assert night.texted == ["bob"]


async def a_recovery_is_held(night: Town) -> None:
    """httpd recovers, which nobody hears: three calls in a quarter of an hour have been."""
    hearing = replace(ENGLISH, recovery=True)
    await night.start(check("httpd"), check("db"), channels=(hearing,))
    for name, happens in (("db", night.fail), ("db", night.recover), ("httpd", night.fail)):
        await happens(name)
        await night.ring()
        night.clock.advance(2 * MINUTE)
    await night.recover("httpd")
    await night.ring()
    assert len(night.heard) == 3


async def test_a_recovery_that_is_held_back_says_why(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await a_recovery_is_held(night)
        assert "held back: at most 3 within 900 s to one number" in await night.quiet("httpd")

        await night.wait(15 * MINUTE, step=20)
        assert "httpd recovered" in night.heard[3]


async def test_that_it_recovered_is_not_told_while_it_fails_again(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await a_recovery_is_held(night)
        night.clock.advance(2 * MINUTE)
        await night.fail("httpd")
        await night.wait(20 * MINUTE, step=20)

        assert len(night.heard) == 4
        assert "httpd has been failing" in night.heard[3]
        first = [one for one in await night.store.incidents(9) if one["check"] == "httpd"][-1]
        assert "it has failed again since" in [one["why"] for one in first["quiet"]]


async def test_nor_after_that_but_the_last_recovery_alone(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await a_recovery_is_held(night)
        night.clock.advance(2 * MINUTE)
        await night.fail("httpd")
        await night.ring()
        await night.recover("httpd")
        await night.wait(40 * MINUTE, step=20)

        assert sum("httpd recovered" in heard for heard in night.heard) == 1


async def test_what_failed_again_without_a_call_takes_no_recovery_away(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await a_recovery_is_held(night)
        await night.silence("httpd", last=2 * MINUTE)
        await night.fail("httpd")
        await night.recover("httpd")
        await night.wait(30 * MINUTE, step=20)

        assert "httpd recovered" in night.heard[3]


async def test_a_call_that_a_silence_spared_was_never_asked_of_twilio_and_costs_nothing(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "no-answer") as night:
        night.voice.max_calls_per_hour = 2
        patient = replace(ENGLISH, rounds=2, round_delay=timedelta(seconds=120))
        await night.start(channels=(patient,))
        await night.fail()
        await night.ring()
        silence = await night.silence("httpd")  # while the second round waits
        await night.wait(300, step=20)
        assert await night.outcomes() == ["no_answer"]

        await night.unsilence(silence)
        assert await night.outcomes() == ["no_answer", "no_answer"], "not held back"


async def test_one_that_twilio_has_taken_and_gave_back_counts(tmp_path: Path) -> None:
    """Twilio bills what rang, and rings whom it likes before it hears of the silence."""
    async with town(tmp_path, "ringing", "human") as night:
        night.voice.max_calls_per_hour = 1
        made: list[Silence] = []

        async def silenced(_sid: str) -> None:
            made.append(await night.engine.silence(hour(night)))

        await night.start(channels=(ENGLISH,))
        await night.fail()
        night.meanwhile[:] = [silenced]
        await night.ring()
        await night.wait(300, step=20)
        await night.unsilence(made[0])
        assert await night.outcomes() == ["canceled"]

        await night.wait(timedelta(hours=1), step=60)
        assert await night.outcomes() == ["canceled", "answered"], "put off, not dropped"


def hour(night: Town) -> Silence:
    now = night.clock.now().utc
    return Silence(checks=("httpd",), reason="", by="alice", start=now, end=now + HOUR)


@pytest.mark.parametrize(
    "back",
    [
        pytest.param(timedelta(0), id="by a clock that is right"),
        pytest.param(timedelta(hours=5), id="by one that was set back"),
    ],
)
async def test_what_joins_a_call_that_is_held_back_is_held_back_once_not_for_ever(
    tmp_path: Path, back: timedelta
) -> None:
    """It is due when it joins, and is no news to the guard: both in turn would find no end."""
    async with town(tmp_path, "no-answer") as night:
        await night.start(check("httpd"), check("db"), channels=(ENGLISH,))
        night.clock.set_wall(-back)
        for name in ("httpd", "db"):
            await night.fail(name)
            await night.ring()
        for name in ("httpd", "db"):
            await remind(night, name, ahead=back)
            await night.ring()
            night.clock.advance(5)
        assert night.called == ["bob", "bob"]

        assert [len(await night.quiet(name)) for name in ("httpd", "db")] == [2, 1]
        await night.wait(60)
        assert night.called == ["bob"] * 3


async def test_one_that_is_held_back_twice_for_the_same_time_waits_twice(tmp_path: Path) -> None:
    """The clock was set back, so both times it is put off until the same instant."""
    ahead = timedelta(hours=5)
    other = replace(ENGLISH, name="other", default=False, round_delay=timedelta(0))
    async with town(tmp_path, "no-answer") as night:
        await night.start(check("httpd"), channels=(ENGLISH, other))
        night.clock.set_wall(-ahead)
        await night.fail("httpd")
        called_at = night.clock.now()
        await night.ring()
        night.clock.advance(5)
        after = night.clock.now().since(called_at)
        await remind(night, "httpd", ahead)
        await night.ring()
        night.clock.advance(MINUTE - 2 * after)
        await remind(night, "httpd", ahead, "other")
        await night.ring()
        night.clock.advance(MINUTE - night.clock.now().since(called_at))  # so long after that one
        await night.ring()
        assert night.called == ["bob", "bob"]

        await night.wait(55)
        assert night.called == ["bob"] * 3


async def remind(night: Town, name: str, ahead: timedelta, channel: str = "phone") -> None:
    """A failure is to be told again, as was written down by a clock that was ahead."""
    now = night.clock.now().utc + ahead
    notice = Notice(channel=channel, event=Event.REMINDER, due_at=now - ahead, joins=True)
    decision = Decision(at=now, incident=night.incident(name), notices=(notice,))
    await night.store.commit(decision)
