"""Failures that come together are told together, and one that comes later waits for nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.town import BOB, LADDER, PHONE, check, town

BOTH = (check("httpd"), check("db"))
ENGLISH = replace(PHONE, to=(BOB,))
WAIT = timedelta(seconds=3)
FIVE_MINUTES = timedelta(minutes=5)


async def test_what_fails_within_the_wait_is_one_call(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*BOTH, channels=(ENGLISH,), group_wait=WAIT)
        await night.fail("httpd")
        night.clock.advance(2)
        await night.fail("db")
        night.clock.advance(1)
        await night.ring()

        assert len(night.heard) == 1
        assert "httpd and db" in night.heard[0]


async def test_while_a_failure_waits_for_companions_a_connection_is_made(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*BOTH, channels=(ENGLISH,), group_wait=WAIT)
        await night.fail("httpd")
        await night.ring()
        night.clock.advance(2)
        await night.fail("db")
        await night.ring()
        night.clock.advance(1)
        await night.ring()

        assert len(night.heard) == 1
        assert night.phone.connected == [2]


async def test_what_is_due_at_once_waits_for_no_connection(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*BOTH, channels=(ENGLISH,))
        await night.fail("httpd")
        await night.ring()

        assert len(night.heard) == 1
        assert night.phone.connected == []


async def test_the_wait_is_the_first_ones_and_is_not_prolonged(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*BOTH, channels=(ENGLISH,), group_wait=timedelta(seconds=10))
        await night.fail("httpd")
        night.clock.advance(9)
        await night.fail("db")
        night.clock.advance(1)
        await night.ring()

        assert len(night.heard) == 1


async def test_what_joins_while_the_phone_rings_in_vain_is_told_by_the_next_attempt(
    tmp_path: Path,
) -> None:
    async def db_fails(sid: str) -> None:
        await night.fail("db")
        night.phone.move(sid, "no-answer")

    async with town(tmp_path, "ringing", "human") as night:
        await night.start(*BOTH, channels=(LADDER,))
        await night.fail("httpd")
        night.meanwhile[:] = [db_fails]
        await night.ring()
        await night.wait(600, step=30)

        assert night.called == ["alice", "bob"]
        assert "db" not in night.heard[0]
        assert "httpd and db" in night.heard[1]


async def test_what_joins_while_somebody_listens_gets_a_call_of_its_own(tmp_path: Path) -> None:
    async def db_fails(sid: str) -> None:
        await night.fail("db")
        night.phone.move(sid, "completed", "human")

    async with town(tmp_path, "in-progress", "human") as night:
        await night.start(*BOTH, channels=(replace(LADDER, to=(BOB,)),))
        await night.fail("httpd")
        night.meanwhile[:] = [db_fails]
        await night.ring()
        await night.wait(600, step=30)

        assert night.called == ["bob", "bob"]
        assert "httpd" not in night.heard[1]
        assert "db" in night.heard[1]


async def test_what_fails_after_somebody_was_reached_is_a_new_call(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(*BOTH, channels=(LADDER,))
        await night.fail("httpd")
        await night.ring()
        await night.fail("db")
        await night.ring()

        assert night.called == ["alice", "alice"]


async def test_a_failure_between_two_rounds_is_called_about_at_once(tmp_path: Path) -> None:
    channel = replace(LADDER, to=(BOB,), round_delay=timedelta(minutes=30))
    async with town(tmp_path, "no-answer", "human") as night:
        await night.start(*BOTH, channels=(channel,), group_wait=WAIT)
        await night.fail("httpd")
        await night.wait(60)
        assert night.called == ["bob"]

        await night.fail("db")
        await night.wait(5, step=1)
        assert night.called == ["bob", "bob"]
        assert "httpd and db" in night.heard[-1], "one call tells all"

        await night.wait(3600, step=60)
        assert night.called == ["bob", "bob"]


async def test_a_failure_while_the_account_is_refused_is_called_about_at_once(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "reject:20003", "human") as night:
        await night.start(*BOTH, channels=(LADDER,), group_wait=WAIT)
        await night.fail("httpd")
        await night.wait(10)
        assert await night.outcomes() == ["rejected"]

        await night.fail("db")
        await night.wait(5, step=1)
        assert (await night.outcomes())[1] == "human"

        await night.wait(FIVE_MINUTES)
        told = {one["check"]: one["told"] for one in await night.store.incidents(10)}
        assert all(any(each["outcome"] == "human" for each in one) for one in told.values())


async def test_a_failure_while_the_cost_guard_holds_is_called_about_at_once(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "no-answer", "human") as night:
        night.voice.max_calls_per_hour = 1
        await night.start(*BOTH, channels=(replace(LADDER, to=(BOB,)),))
        await night.fail("httpd")
        await night.wait(120)
        assert night.called == ["bob"], "the second round is held back"

        await night.fail("db")
        await night.ring()
        assert night.called == ["bob", "bob"]
        assert "httpd and db" in night.heard[-1]


@pytest.mark.parametrize("wait", [0, 3])
async def test_a_rise_while_the_phone_rings_is_told_by_the_next_attempt(
    tmp_path: Path, wait: int
) -> None:
    async def becomes_critical(sid: str) -> None:
        await night.fail()
        night.phone.move(sid, "no-answer")

    async with town(tmp_path, "ringing", "human") as night:
        await night.start(
            channels=(replace(LADDER, to=(BOB,)),), group_wait=timedelta(seconds=wait)
        )
        for _ in range(3):
            await night.look("w")
        night.clock.advance(wait)
        night.meanwhile[:] = [becomes_critical]
        await night.ring()
        await night.wait(120)

        assert ["warning" in said for said in night.heard] == [True, False]


async def test_a_rise_after_somebody_heard_of_the_warning_is_told_anew(tmp_path: Path) -> None:
    async def becomes_critical(sid: str) -> None:
        await night.fail()
        night.phone.move(sid, "completed", "human")

    async with town(tmp_path, "in-progress", "human") as night:
        await night.start(channels=(replace(LADDER, to=(BOB,)),))
        for _ in range(3):
            await night.look("w")
        night.meanwhile[:] = [becomes_critical]
        await night.ring()
        await night.wait(120)

        assert ["warning" in said for said in night.heard] == [True, False]


async def test_a_call_that_was_taken_back_tells_what_came_in_the_same_moment(
    tmp_path: Path,
) -> None:
    """The page was over when the call was taken back, and is not when it has ended."""

    async def one_ends_and_another_begins(_sid: str) -> None:
        await night.recover("httpd")

    async def another_begins(_sid: str) -> None:
        await night.fail("db")

    async with town(tmp_path, "ringing", "human") as night:
        await night.start(*BOTH, channels=(replace(LADDER, to=(BOB,)),))
        await night.fail("httpd")
        night.meanwhile[:] = [one_ends_and_another_begins, another_begins]
        await night.ring()
        await night.wait(120)

        assert night.called == ["bob", "bob"]
        assert "db" in night.heard[1]
        assert "httpd" not in night.heard[1]


async def test_what_joined_while_somebody_listened_is_not_said_to_be_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It was not part of the call: neither ledger nor log say so; and its silence has a name."""
    caplog.set_level("INFO")

    async def comes_and_goes(sid: str) -> None:
        night.phone.move(sid, "in-progress")
        await night.fail("db")
        await night.recover("db")
        night.phone.move(sid, "completed", answered_by="human")

    async with town(tmp_path, "ringing") as night:
        await night.start(*BOTH, channels=(LADDER,))
        await night.fail("httpd")
        night.meanwhile[:] = [comes_and_goes]
        await night.ring()

        (call,) = await night.store.calls(10)
        assert (call["incident"], call["incidents"]) == (1, [1])
        assert "failure of incident 1 on channel 'phone': reached" in caplog.messages
        (db,) = [one for one in await night.store.incidents(10) if one["check"] == "db"]
        assert "it recovered before the call" in [one["why"] for one in db["quiet"]]


async def test_twenty_failures_in_one_burst_are_one_call(tmp_path: Path) -> None:
    names = [f"web-{n:02}" for n in range(20)]
    async with town(tmp_path, "answered") as night:
        await night.start(*map(check, names), group_wait=timedelta(seconds=3))
        for mark in "+---":
            for name in names:
                await night.look(mark if name == "web-07" else mark.replace("-", "w"), name)
        night.clock.advance(3)
        await night.ring()

        (asked,) = night.phone.requests
        assert asked.speech.text.startswith(
            "ウォッチコールです、サーバー web1 で、20件の障害が発生しています。"
            "web-07、web-00、web-01、ほか17件です。"
        )
