"""A key was pressed: what it does, and what it does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.fakes import NOON
from tests.web.twilio import CALL, ID, KEYS, STATUS, Night, call, form, incident, reachable
from watchcall.core.attempt import Outcome, Phase

ENDED = {"phase": Phase.ENDED, "outcome": Outcome.ANSWERED, "ended_at": NOON}


async def test_1_lets_the_person_own_all_that_the_call_told() -> None:
    night = Night(incidents=[incident("httpd"), incident("db")])
    async with reachable(night) as twilio:
        reply = await twilio.press("1")

    assert reply.said == "ACKNOWLEDGED"
    assert night.owners == {"httpd": "alice", "db": "alice"}
    assert night.keys == [(ID, "1")]


async def test_1_leaves_alone_what_came_after_the_call_was_placed() -> None:
    night = Night(incidents=[incident("httpd"), incident("db")])
    night.joined = {"of db": NOON + timedelta(seconds=1)}
    async with reachable(night) as twilio:
        assert (await twilio.press("1")).said == "ACKNOWLEDGED"

    assert night.owners == {"httpd": "alice"}


async def test_1_after_the_recovery_acknowledges_nothing() -> None:
    night = Night()
    night.close("httpd")
    async with reachable(night) as twilio:
        assert (await twilio.press("1")).said == "OVER"

    assert night.acknowledged == []


async def test_1_at_the_instant_of_the_recovery_does_not_thank_for_nothing() -> None:
    class Recovering(Night):
        async def acknowledge(self, ids, by):  # type: ignore[no-untyped-def]  # as in Night
            self.close("httpd")
            return await super().acknowledge(ids, by)

    async with reachable(Recovering()) as twilio:
        assert (await twilio.press("1")).said == "OVER"


async def test_1_twice_says_the_same_and_does_nothing_more() -> None:
    night = Night()
    async with reachable(night) as twilio:
        first = await twilio.press("1")
        once = list(night.incidents)
        night.at += timedelta(seconds=30)
        second = await twilio.press("1")

    assert (first.said, second.said) == ("ACKNOWLEDGED", "ACKNOWLEDGED")
    assert night.incidents == once


async def test_1_of_many_at_once_is_one_acknowledgement() -> None:
    night = Night()
    async with reachable(night) as twilio:
        replies = await asyncio.gather(*(twilio.press("1") for _ in range(10)))

    assert {reply.said for reply in replies} == {"ACKNOWLEDGED"}
    assert night.owners == {"httpd": "alice"}


async def test_2_passes_the_call_on_and_acknowledges_nothing() -> None:
    async with reachable() as twilio:
        assert (await twilio.press("2")).said == "PASSED"

    assert twilio.night.keys == [(ID, "2")]
    assert twilio.night.acknowledged == []


async def test_2_promises_nobody_a_call_about_what_is_over() -> None:
    night = Night()
    night.close("httpd")
    async with reachable(night) as twilio:
        assert (await twilio.press("2")).said == "OVER"


async def test_1_after_2_still_acknowledges() -> None:
    async with reachable() as twilio:
        await twilio.press("2")
        assert (await twilio.press("1")).said == "ACKNOWLEDGED"

    assert twilio.night.owners == {"httpd": "alice"}
    assert twilio.night.keys == [(ID, "2"), (ID, "1")]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        pytest.param("*", "REPEAT", id="star"),
        pytest.param("3", "NOT_UNDERSTOOD", id="another digit"),
        pytest.param("#", "NOT_UNDERSTOOD", id="hash"),
        pytest.param("", "NOT_UNDERSTOOD", id="none"),
        pytest.param("11", "NOT_UNDERSTOOD", id="two at once"),
        pytest.param(" 1", "NOT_UNDERSTOOD", id="a space before"),
        pytest.param("１", "NOT_UNDERSTOOD", id="a wide one"),  # noqa: RUF001 - that is the point
    ],
)
async def test_any_other_key_says_it_once_more(key: str, said: str) -> None:
    async with reachable() as twilio:
        assert (await twilio.press(key)).said == said

    assert (twilio.night.keys, twilio.night.acknowledged) == ([], [])


async def test_no_key_at_all_is_not_understood() -> None:
    async with reachable() as twilio:
        assert (await twilio.post(KEYS, form())).said == "NOT_UNDERSTOOD"


@pytest.mark.parametrize("phase", [Phase.POSTING, Phase.UNCERTAIN], ids=lambda phase: phase.value)
async def test_a_key_may_be_faster_than_the_sid(phase: Phase) -> None:
    async with reachable(Night(attempt_=call(phase=phase, sid=None))) as twilio:
        assert (await twilio.press("1")).said == "ACKNOWLEDGED"


@pytest.mark.parametrize(
    ("ended", "after_s", "status"),
    [
        pytest.param(ENDED, 60, 200, id="the last second"),
        pytest.param(ENDED, 61, 403, id="too late"),
        pytest.param(ENDED | {"sid": None}, 61, 403, id="never placed"),
        pytest.param(
            ENDED | {"sid": None, "outcome": Outcome.UNCERTAIN}, 600, 200, id="lost, and it rang"
        ),
        pytest.param(
            ENDED | {"sid": None, "outcome": Outcome.UNCERTAIN}, 3600, 403, id="lost for long"
        ),
    ],
)
async def test_a_call_that_ended_has_a_minute(
    ended: dict[str, object], after_s: int, status: int
) -> None:
    night = Night(attempt_=call(**ended), at=NOON + timedelta(seconds=after_s))
    async with reachable(night) as twilio:
        replies = [await twilio.press("1"), await twilio.post(STATUS, form())]

    taken = status == 200
    assert [reply.status for reply in replies] == [status, 204 if taken else 403]
    assert night.owners == ({"httpd": "alice"} if taken else {})
    assert night.nudged == ([ID] if taken else [])
    assert night.keys == []  # nobody follows the call any more


@pytest.mark.parametrize("said", ["queued", "completed", "ringing", "in-progress", "on-fire", ""])
async def test_a_status_only_has_twilio_asked(said: str) -> None:
    async with reachable() as twilio:
        reply = await twilio.post(STATUS, form(CallStatus=said, SequenceNumber="3", Digits="1"))

    assert (reply.status, reply.body) == (204, "")
    assert twilio.night.nudged == [ID]
    assert (twilio.night.keys, twilio.night.acknowledged) == ([], [])


async def test_while_the_store_fails_twilio_is_told_to_try_elsewhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with reachable(Night(unreadable=True)) as twilio:
        replies = [
            await twilio.press("1"),
            await twilio.press("1"),
            await twilio.post(STATUS, form()),
        ]

    assert [(reply.status, reply.body) for reply in replies] == [(503, "")] * 3
    assert twilio.night.keys == []
    [record] = caplog.records
    assert "disk full" in record.getMessage()
    assert record.exc_info is None


async def test_an_acknowledgement_that_cannot_be_written_is_no_key() -> None:
    class Full(Night):
        async def acknowledge(self, ids, by):  # type: ignore[no-untyped-def]  # as in Night
            from watchcall.errors import StoreError

            raise StoreError("the database cannot be written: disk full")

    night = Full()
    async with reachable(night) as twilio:
        assert (await twilio.press("1")).status == 503

    assert night.keys == []


async def test_a_key_of_another_call_is_refused() -> None:
    async with reachable() as twilio:
        reply = await twilio.press("1", CallSid=CALL[:-1] + "2")

    assert (reply.status, reply.body) == (403, "")
    assert twilio.night.acknowledged == []
