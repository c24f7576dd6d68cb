"""Twilio's replies, scripted: refused, slow, lost, unreadable."""

from __future__ import annotations

import json

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.simulator.caller import ME, calling


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        pytest.param("reject", 400, 21217, id="reject: a 400, by default for the number"),
        pytest.param({"does": "reject", "code": 21215}, 400, 21215, id="reject: with that code"),
        pytest.param(
            {"does": "reject", "code": 20003}, 401, 20003, id="reject: with the code's own status"
        ),
        pytest.param("429", 429, 20429, id="429: too many requests"),
        pytest.param(429, 429, 20429, id="429: written as a number"),
        pytest.param("500", 500, 20500, id="500: an internal error"),
        pytest.param({"does": "500", "status": 503}, 503, 20503, id="500: or another 5xx"),
    ],
)
async def test_a_refusal_has_its_code_and_leaves_no_call(
    behaviour: object, status: int, code: int
) -> None:
    async with calling(behaviour) as caller:
        with pytest.raises(TwilioRestException) as refused:
            await caller.place()

        assert (status, code) == (refused.value.status, refused.value.code)
        assert caller.simulator.calls == []


async def test_a_429_can_say_when_to_come_back() -> None:
    async with calling({"does": "429", "retry_after": 7}) as caller:
        reply = await caller.create()

        assert reply.headers["Retry-After"] == "7"


async def test_a_500_may_leave_a_call_that_rings_nonetheless() -> None:
    async with calling({"does": "500", "placed": True}) as caller:
        with pytest.raises(TwilioRestException):
            await caller.place()

        assert (await caller.ended()).status == "completed"


async def test_a_lost_reply_leaves_a_call_that_can_be_found() -> None:
    async with calling("lost") as caller:
        with pytest.raises(requests.ConnectionError):
            await caller.place()
        [found] = (await caller.ask("GET", "/Calls.json", params={"To": ME})).json()["calls"]

        assert found["sid"] == caller.simulator.calls[0].sid


async def test_a_lost_request_leaves_nothing() -> None:
    async with calling({"does": "lost", "placed": False}) as caller:
        with pytest.raises(requests.ConnectionError):
            await caller.place()

        assert caller.simulator.calls == []
        [reply] = caller.simulator.entries("reply")
        assert (reply["delivery"], reply["sid"], reply["status"]) == ("lost", None, None)


async def test_a_cut_reply_leaves_a_call() -> None:
    async with calling("cut") as caller:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            await caller.place()

        assert (await caller.ended()).status == "completed"


async def test_a_garbled_reply_is_a_201_that_leaves_a_call() -> None:
    async with calling("garbage") as caller:
        with pytest.raises(json.JSONDecodeError):
            await caller.place()
        [reply] = caller.simulator.entries("reply")

        assert (reply["status"], reply["behaviour"]) == (201, "garbage")
        assert (await caller.ended()).status == "completed"


async def test_a_slow_reply_comes_when_the_phone_rings_already() -> None:
    async with calling({"does": "slow", "delay": 0.15}) as caller:
        placed = await caller.place()
        events = [entry["kind"] for entry in caller.simulator.ledger]
        reply = next(nth for nth, kind in enumerate(events) if kind == "reply")

        assert placed.sid == caller.simulator.calls[0].sid
        assert events.index("speaking") < reply


async def test_a_reply_that_is_slower_than_its_client_is_noted_as_gone() -> None:
    async with calling({"does": "slow", "delay": 0.3}) as caller:
        caller.http.timeout = 0.1
        with pytest.raises(requests.Timeout):
            await caller.place()
        [reply] = await caller.simulator.until(lambda: caller.simulator.entries("reply"))

        assert (reply["delivery"], reply["status"]) == ("gone", None)
        assert (await caller.ended()).status == "completed"


async def test_after_trouble_the_next_entry_counts() -> None:
    async with calling("lost", "429", "answer") as caller:
        with pytest.raises(requests.ConnectionError):
            await caller.place()
        with pytest.raises(TwilioRestException):
            await caller.place()
        placed = await caller.place()

        assert placed.sid == caller.simulator.calls[1].sid
