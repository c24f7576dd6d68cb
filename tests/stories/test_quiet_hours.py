"""Quiet hours: people sleep, incidents do not. What still fails in the morning is told then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.nights import (
    ALONE,
    ASLEEP,
    BUT_CRITICAL,
    TEXTS,
    WITH_BOB,
    sleeper,
    tell,
    tokyo,
    until,
    warn,
    why_quiet,
)
from tests.stories.town import BOB, CAROL, LADDER, PHONE, check, telling, town
from watchcall.core.contact import Channel, Event

THREE = (check("httpd"), check("db"), check("mail"))
OTHER = replace(PHONE, name="other", to=(CAROL,), default=False)


async def test_nobody_is_called_in_quiet_hours_and_what_still_fails_is_told_at_their_end(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ALONE,))
        await until(night, 23)
        await night.fail()
        await until(night, 6, 59)
        assert night.called == []
        await until(night, 7, 1)

        assert night.called == ["alice"]
        (call,) = await night.store.calls(10)
        assert call["placed_at"] == "2026-11-20T22:00:00+00:00", "at seven, to the second"
        assert await why_quiet(night) == ["quiet hours of alice until 07:00"]


async def test_before_and_after_the_phone_rings_as_ever(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*THREE, channels=(ALONE,))
        await until(night, 21, 58)
        await night.fail("httpd")
        await until(night, 22)
        assert night.called == ["alice"]

        await until(night, 7)
        await night.fail("db")
        await night.ring()
        assert night.called == ["alice", "alice"]


async def test_what_opens_and_closes_inside_is_not_told(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling(ALONE))
        await until(night, 23)
        await night.fail()
        await night.wait(60)
        await night.recover()
        await until(night, 8)

        assert night.called == []
        assert await why_quiet(night) == [
            "quiet hours of alice until 07:00",
            "it recovered before the call",
        ]


async def test_what_was_told_before_and_recovered_inside_is_told_at_the_end(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling(ALONE))
        await night.fail()
        await night.ring()
        await until(night, 23)
        await night.recover()
        await until(night, 6, 59)
        assert len(night.heard) == 1
        await until(night, 7, 1)

        assert len(night.heard) == 2
        assert "復旧" in night.heard[1]
        assert await why_quiet(night) == ["quiet hours of alice until 07:00"]


async def test_an_acknowledged_incident_wakes_nobody_in_the_morning(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ALONE,))
        night.engine.rules.ack_timeout = timedelta(0)
        await until(night, 23)
        await night.fail()
        await night.wait(60)
        await night.acknowledge(by="bob")
        await until(night, 8)

        assert night.called == []


async def test_who_wants_it_is_woken_by_what_is_critical(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*THREE, channels=(replace(PHONE, to=(BUT_CRITICAL,)),))
        await until(night, 23)
        await warn(night, "httpd")
        await night.wait(60)
        assert night.called == []

        await night.fail("db")
        await night.wait(60)
        assert len(night.heard) == 1
        assert "db" in night.heard[0]
        assert "httpd" not in night.heard[0]

        await until(night, 8)
        assert len(night.heard) == 2
        assert "httpd" in night.heard[1]


async def test_a_warning_that_becomes_critical_in_the_night_wakes_them(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(replace(PHONE, to=(BUT_CRITICAL,)),))
        await until(night, 23)
        await warn(night)
        await night.wait(60)
        await night.fail()
        await night.wait(60)

        assert night.called == ["alice"]
        assert night.clock.now().utc < tokyo(23, 10)


async def test_what_is_critical_waits_for_its_companions_in_the_night_too(
    tmp_path: Path,
) -> None:
    channels = (replace(PHONE, to=(BUT_CRITICAL,)),)
    async with town(tmp_path) as night:
        await night.start(*THREE, channels=channels, group_wait=timedelta(seconds=10))
        await until(night, 23)
        await warn(night, "httpd")
        await night.wait(30)
        await night.fail("db")
        await night.wait(5)
        assert night.called == []
        await night.fail("mail")
        await night.wait(60)

        assert len(night.heard) == 1
        assert all(name in night.heard[0] for name in ("db", "mail"))


async def test_a_rise_waits_for_companions_as_a_failure_does(tmp_path: Path) -> None:
    channels = (replace(PHONE, to=(BUT_CRITICAL,)),)
    async with town(tmp_path) as night:
        await night.start(channels=channels, group_wait=timedelta(seconds=10))
        await until(night, 23)
        await warn(night)
        await night.wait(30)
        await night.fail()
        await night.wait(5)
        assert night.called == []
        await night.wait(10)

        assert night.called == ["alice"]


# Several people


async def test_who_is_awake_is_called_instead(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(WITH_BOB,))
        await until(night, 23)
        await night.fail()
        await until(night, 9)

        assert night.called == ["bob"], "he took it, and alice sleeps in"
        assert await why_quiet(night) == ["quiet hours of alice until 07:00"]


async def test_who_comes_later_in_the_list_was_not_left_alone(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(replace(WITH_BOB, to=(BOB, ASLEEP)),))
        await until(night, 23)
        await night.fail()
        await night.wait(60)

        assert night.called == ["bob"]
        assert await why_quiet(night) == []


async def test_where_the_awake_do_not_answer_the_sleepers_are_called_when_they_wake(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "no-answer", "no-answer", "human") as night:
        await night.start(channels=(replace(WITH_BOB, rounds=2),))
        await until(night, 23)
        await night.fail()
        await night.wait(300)
        assert night.called == ["bob", "bob"]
        assert night.board.state.reason == "nobody was reached about incident 1"

        await until(night, 7, 1)
        assert night.called == ["bob", "bob", "alice"]
        assert night.board.state.state == "ok"


async def test_the_command_for_the_undelivered_is_run_when_the_awake_do_not_answer(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(WITH_BOB,))
        await until(night, 23)
        await night.fail()
        await night.wait(60)

        assert len(await night.store.undelivered()) == 1


@pytest.mark.parametrize("asleep_first", [True, False])
async def test_also_when_they_are_on_a_channel_of_their_own(
    tmp_path: Path, *, asleep_first: bool
) -> None:
    """Who sleeps on another channel is called in the morning, and that is too late."""
    awake = replace(LADDER, to=(BOB,), name="awake", rounds=1)
    channels = (ALONE, awake) if asleep_first else (awake, ALONE)
    async with town(tmp_path) as night:
        night.people.update(bob=["no-answer"], alice=["answered"])
        await night.start(channels=channels)
        await until(night, 23)
        await night.fail()
        await night.wait(180)

        assert night.called == ["bob"]
        (undelivered,) = await night.store.undelivered()
        await night.store.ran(undelivered.id, "ran", night.clock.now().utc)
        await until(night, 7, 1)
        assert night.called == ["bob", "alice"]
        assert await night.store.undelivered() == [], "once"
        assert night.board.state.state == "ok"


async def test_sleepers_on_several_channels_do_not_wait_for_one_another(tmp_path: Path) -> None:
    """None of them looks for anybody before the morning."""
    awake = replace(LADDER, to=(BOB,), name="awake", rounds=1)
    texts = replace(TEXTS, name="texts", to=(ASLEEP,))
    other = replace(ALONE, name="other", to=(sleeper(CAROL, 22, 8),))
    async with town(tmp_path) as night:
        night.people.update(bob=["no-answer"], alice=["no-answer"], carol=["no-answer"])
        await night.start(channels=(ALONE, texts, awake, other))
        await until(night, 23)
        await night.fail()
        await night.wait(180)

        assert night.called == ["bob"]
        (undelivered,) = await night.store.undelivered()
        await night.store.ran(undelivered.id, "ran", night.clock.now().utc)
        await until(night, 6, 59)
        assert await night.store.undelivered() == [], "once"


async def test_who_has_woken_on_one_channel_is_tried_before_the_command_is_run(
    tmp_path: Path,
) -> None:
    """Who sleeps longer on another channel is no reason to run it."""
    awake = replace(LADDER, to=(BOB,), name="awake", rounds=2, round_delay=timedelta(minutes=485))
    early = replace(ALONE, rounds=2, round_delay=timedelta(minutes=20))
    later = replace(ALONE, name="later", to=(sleeper(CAROL, 22, 9),))
    async with town(tmp_path) as night:
        night.people.update(bob=["no-answer"], alice=["no-answer", "answered"])
        await night.start(channels=(early, awake, later))
        await until(night, 23)
        await night.fail()
        await until(night, 8)

        assert night.called == ["bob", "alice", "bob", "alice"]
        assert await night.store.undelivered() == []


async def test_not_while_another_channel_still_tries(tmp_path: Path) -> None:
    awake = replace(LADDER, to=(BOB,), name="awake", rounds=1)
    slow = replace(awake, to=(CAROL,), name="slow", rounds=2, round_delay=timedelta(minutes=9))
    async with town(tmp_path) as night:
        night.people.update(bob=["no-answer"], carol=["no-answer", "answered"])
        await night.start(channels=(ALONE, awake, slow))
        await until(night, 23)
        await night.fail()
        await until(night, 8)

        assert night.called == ["bob", "carol", "carol", "alice"], "each channel tells its own"
        assert await night.store.undelivered() == []


async def test_nor_where_nobody_was_tried_because_all_sleep_on_several_channels(
    tmp_path: Path,
) -> None:
    other = replace(ALONE, name="other", default=False)
    third = replace(ALONE, name="third")
    async with town(tmp_path) as night:
        await night.start(channels=(replace(ALONE, fallback="other"), other, third))
        await until(night, 23)
        await night.fail()
        await until(night, 5)

        assert night.called == []
        assert await night.store.undelivered() == []


async def test_that_everybody_sleeps_is_no_trouble_of_the_pager(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ALONE,))
        await until(night, 23)
        await night.fail()
        await until(night, 5)

        assert await night.store.undelivered() == []
        assert night.board.state.state == "unknown", "nothing was tried yet"


async def test_a_woken_sleeper_has_all_rounds(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(LADDER, to=(BOB, ASLEEP), rounds=2),))
        await until(night, 23)
        await night.fail()
        await until(night, 8)

        assert night.called == ["bob", "bob", "alice", "alice"]


async def test_two_sleepers_wake_one_after_the_other(tmp_path: Path) -> None:
    later = sleeper(CAROL, 22, 8)
    async with town(tmp_path, "no-answer", "human") as night:
        await night.start(channels=(replace(LADDER, to=(later, ASLEEP), rounds=1),))
        await until(night, 23)
        await night.fail()
        await until(night, 7, 30)
        assert night.called == ["alice"]
        await until(night, 8, 30)

        assert night.called == ["alice", "carol"]
        assert await why_quiet(night) == [
            "quiet hours of carol until 08:00",
            "quiet hours of alice until 07:00",
        ]


async def test_who_falls_asleep_before_the_next_round_is_not_called(tmp_path: Path) -> None:
    channel = replace(ALONE, rounds=3, round_delay=timedelta(minutes=30))
    async with town(tmp_path, "no-answer", "answered") as night:
        await night.start(channels=(channel,))
        await until(night, 21, 45)
        await night.fail()
        await until(night, 6, 59)
        assert night.called == ["alice"]
        await until(night, 8)

        assert night.called == ["alice", "alice"]


# The fallback


async def test_the_fallback_stands_in_at_once_when_everybody_sleeps(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(replace(ALONE, fallback="other"), OTHER))
        await until(night, 23)
        await night.fail()
        await night.wait(10)
        assert night.called == ["carol"]
        await until(night, 9)

        assert night.called == ["carol"], "she took it: alice is not called in the morning"


async def test_the_sleepers_are_called_where_the_fallback_reached_nobody(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.people.update(carol=["no-answer"], alice=["answered"])
        other = replace(OTHER, rounds=1)
        await night.start(*THREE, channels=(replace(ALONE, fallback="other"), other))
        await until(night, 23)
        for name in ("httpd", "db"):
            await night.fail(name)
            await night.wait(60)
        assert night.called == ["carol", "carol"]
        await until(night, 9)

        assert night.called == ["carol", "carol", "alice"], "one call tells both"


# In one call


async def test_all_that_failed_in_the_night_is_one_call_in_the_morning(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        english = replace(ALONE, language="en-US")
        await night.start(*THREE, channels=(english,))
        await until(night, 23)
        await warn(night, "httpd")
        await until(night, 1)
        await night.fail("db")
        await until(night, 3)
        await warn(night, "mail")
        await night.wait(60)
        assert len(await night.store.pages("phone")) == 1, "they wait as one"
        await until(night, 8)

        assert len(night.heard) == 1
        assert "db, httpd and mail" in night.heard[0], "the worst first"
        assert await why_quiet(night, "mail") == ["quiet hours of alice until 07:00"]


async def test_what_recovers_meanwhile_is_left_out(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*THREE, channels=(ALONE,))
        await until(night, 23)
        await night.fail("httpd")
        await night.wait(60)
        await night.fail("db")
        await night.wait(60)
        await night.recover("httpd")
        await until(night, 8)

        assert len(night.heard) == 1
        assert "httpd" not in night.heard[0]


async def test_all_that_recovered_in_the_night_is_one_call_too(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*THREE, channels=telling(ALONE))
        for name in ("httpd", "db"):
            await night.fail(name)
            await night.ring()
        await until(night, 23)
        for name in ("httpd", "db"):
            await night.recover(name)
            await night.wait(600, step=60)
        await until(night, 8)

        assert len(night.heard) == 3
        assert "httpd" in night.heard[2]
        assert "db" in night.heard[2]


async def test_a_reminder_is_told_with_the_failures(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*THREE, channels=(ALONE,))
        await night.fail("httpd")
        await night.ring()
        await until(night, 23)
        await tell(night, Event.REMINDER, "httpd")
        await night.wait(60)
        await night.fail("db")
        await night.wait(60)
        await until(night, 8)

        assert len(night.heard) == 2
        assert "httpd" in night.heard[1]
        assert "db" in night.heard[1]


# Texts


async def test_who_is_awake_has_a_text_at_once_and_who_sleeps_when_they_wake(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(TEXTS,))
        await until(night, 23)
        await night.fail()
        await night.wait(60)
        assert night.texted == ["carol"]
        await until(night, 6, 59)
        assert night.texted == ["carol"]
        await until(night, 7, 1)

        assert night.texted == ["carol", "alice"]
        assert await why_quiet(night) == ["quiet hours of alice until 07:00"]


async def test_the_nights_failures_are_one_text_to_those_who_slept(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*THREE, channels=(TEXTS,))
        await until(night, 23)
        for name in ("httpd", "db", "mail"):
            await night.fail(name)
            await night.wait(600, step=60)
        assert night.texted == ["carol"] * 3
        await until(night, 8)

        assert night.texted == ["carol"] * 3 + ["alice"]
        assert all(name in night.texts.requests[-1].body for name in ("httpd", "db", "mail"))


async def test_who_had_a_text_in_the_night_has_no_second_where_the_morning_s_fails(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(*THREE, channels=(TEXTS,))
        await until(night, 23)
        for name in ("httpd", "db"):
            await night.fail(name)
            await night.wait(600, step=60)
        night.texts.behaviours[:] = ["undelivered:30003"]
        await until(night, 8)

        assert night.texted == ["carol", "carol", "alice"]
        assert await night.store.pages("texts") == []


async def test_a_recovery_goes_to_those_who_had_a_text_when_they_wake(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling(TEXTS))
        await night.fail()
        await night.wait(60)
        assert night.texted == ["alice", "carol"]
        await until(night, 23)
        await night.recover()
        await until(night, 5)
        assert night.texted == ["alice", "carol", "carol"]
        await until(night, 8)

        assert night.texted == ["alice", "carol", "carol", "alice"]


async def test_who_never_had_a_text_has_none_of_the_recovery(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling(TEXTS))
        await until(night, 23)
        await night.fail()
        await night.wait(60)
        await night.recover()
        await until(night, 8)

        assert night.texted == ["carol", "carol"]


# What happens meanwhile


async def test_a_restart_in_the_night_forgets_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*THREE, channels=(ALONE,))
        await until(night, 23)
        await night.fail("httpd")
        await night.wait(60)
        await night.restart(*THREE, channels=(ALONE,))
        await night.fail("db")
        await until(night, 8)

        assert len(night.heard) == 1
        assert await why_quiet(night) == ["quiet hours of alice until 07:00"], "said once"


async def test_a_reload_that_ends_quiet_hours_tells_at_once(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ALONE,))
        await until(night, 23)
        await night.fail()
        await night.wait(60)
        await night.reload(channels=(PHONE,))
        await night.ring()

        assert night.called == ["alice"]


@pytest.mark.parametrize("hours", [-5, 5])
async def test_a_clock_that_is_set_in_the_night_is_believed_within_a_minute(
    tmp_path: Path, hours: int
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ALONE,))
        await until(night, 3)
        await night.fail()
        await night.wait(60)
        night.clock.set_wall(timedelta(hours=hours))
        await night.wait(61, step=61)

        asleep = hours < 0  # 22:02, or 08:02
        assert night.called == ([] if asleep else ["alice"])


async def test_the_log_says_who_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with town(tmp_path) as night:
        await night.start(channels=(ALONE,))
        await until(night, 23)
        await night.fail()
        await until(night, 5)

    said = "failure of incident 1 on channel 'phone': quiet hours of alice until 07:00"
    assert caplog.messages.count(said) == 1


@pytest.mark.parametrize("channel", [ALONE, replace(TEXTS, name="phone", to=(ASLEEP,))])
async def test_who_sleeps_is_looked_at_again_every_minute(tmp_path: Path, channel: Channel) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(channel,))
        await until(night, 23)
        await night.fail()
        await night.ring()

        assert await night.turn() == 60
