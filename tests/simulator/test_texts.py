"""Texts, scripted: what the real SDK sees of them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from tests.simulator.caller import ME, OURS, YOU
from tests.simulator.server import serving
from tests.simulator.texter import BODY, became, create, send, statuses, texting

SERVICE = "MG" + "0" * 32


@pytest.mark.parametrize(
    ("behaviour", "lived"),
    [
        pytest.param("delivered", "queued sending sent delivered", id="delivered: with a receipt"),
        pytest.param("sent", "queued sending sent", id="sent: no receipt ever comes"),
        pytest.param("undelivered", "queued sending sent undelivered", id="undelivered: lost late"),
        pytest.param("failed", "queued sending failed", id="failed: never sent"),
        pytest.param(
            {"does": "lost", "text": "undelivered"},
            "queued sending sent undelivered",
            id="lost: the text may be lost too",
        ),
    ],
)
async def test_a_text_lives_as_it_is_told_to(behaviour: Any, lived: str) -> None:
    async with texting(behaviour, price_after=0) as caller:
        await asyncio.gather(send(caller), return_exceptions=True)
        ended = await became(caller, lived.split()[-1])
        if ended.sent is not None:  # the price is the last that happens
            await caller.simulator.until(lambda: caller.simulator.entries("price"))

        assert lived.split() == statuses(caller)


async def test_without_a_script_every_text_is_delivered() -> None:
    async with texting() as caller:
        placed = await send(caller, to=YOU)

        assert (placed.status, placed.num_segments, placed.date_sent) == ("queued", "1", None)
        assert (await became(caller, "delivered")).body == BODY


async def test_each_text_takes_the_next_entry_and_the_last_one_repeats() -> None:
    async with texting("failed", "undelivered") as caller:
        for nth, status in enumerate(("failed", "undelivered", "undelivered")):
            await send(caller)
            await became(caller, status, nth)


async def test_texts_and_calls_have_lists_of_their_own() -> None:
    async with texting("undelivered", phones={ME: ["busy"]}) as caller:
        await caller.place()

        assert (await caller.ended()).status == "busy"
        await send(caller)
        await became(caller, "undelivered")


async def test_a_default_is_for_numbers_that_are_not_named() -> None:
    async with texting(default_text="failed") as caller:
        await send(caller, to=YOU)
        await became(caller, "failed")


@pytest.mark.parametrize(
    ("behaviour", "code", "message"),
    [
        pytest.param("undelivered", 30003, "Unreachable destination handset", id="undelivered"),
        pytest.param("failed", 30008, "Unknown error", id="failed"),
        pytest.param(
            {"does": "undelivered", "code": 30006},
            30006,
            "Landline or unreachable carrier",
            id="own",
        ),
        pytest.param({"does": "failed", "code": 30999}, 30999, "Error 30999", id="unknown"),
    ],
)
async def test_what_did_not_arrive_says_why(behaviour: Any, code: int, message: str) -> None:
    async with texting(behaviour) as caller:
        placed = await send(caller)
        await caller.simulator.until(lambda: caller.simulator.texts[0].status.final)
        ended = await asyncio.to_thread(caller.sdk.messages(placed.sid or "").fetch)

        assert (ended.error_code, ended.error_message) == (code, message)


async def test_the_price_comes_late_for_each_segment() -> None:
    async with texting(text_price=0.1, price_after=2) as caller:
        placed = await send(caller, body="障" * 71)
        await became(caller, "delivered")
        fetch = caller.sdk.messages(placed.sid or "").fetch
        early = await asyncio.to_thread(fetch)
        await caller.simulator.until(lambda: caller.simulator.entries("price"))
        late = await asyncio.to_thread(fetch)

        assert (early.price, early.num_segments) == (None, "2")
        assert (late.price, late.price_unit) == ("-0.20000", "USD")
        assert late.date_sent is not None


async def test_what_could_not_be_sent_costs_nothing() -> None:
    async with texting("failed", "delivered", price_after=0) as caller:
        await send(caller)
        await became(caller, "failed")
        await send(caller)
        await caller.simulator.until(lambda: caller.simulator.entries("price"))

        assert [text.price is None for text in caller.simulator.texts] == [True, False]


async def test_a_messaging_service_chooses_the_sender_later() -> None:
    async with texting() as caller:
        reply = await create(caller, From=None, MessagingServiceSid=SERVICE)
        accepted = reply.json()
        text = await became(caller, "delivered")

        assert (accepted["status"], accepted["from"]) == ("accepted", None)
        assert (accepted["num_segments"], accepted["messaging_service_sid"]) == ("0", SERVICE)
        assert (text.sender, text.segments) == (OURS, 1)
        assert statuses(caller)[:2] == ["accepted", "queued"]


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        pytest.param("reject", 400, 21610, id="reject: they have opted out, by default"),
        pytest.param({"does": "reject", "code": 21614}, 400, 21614, id="reject: with that code"),
        pytest.param("429", 429, 20429, id="429: too many requests"),
        pytest.param(500, 500, 20500, id="500: written as a number"),
    ],
)
async def test_a_refusal_has_its_code_and_leaves_no_text(
    behaviour: Any, status: int, code: int
) -> None:
    async with texting(behaviour) as caller:
        with pytest.raises(TwilioRestException) as refused:
            await send(caller)

        assert (status, code) == (refused.value.status, refused.value.code)
        assert caller.simulator.texts == []


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        pytest.param("lost", requests.ConnectionError, id="lost"),
        pytest.param("cut", requests.exceptions.ChunkedEncodingError, id="cut"),
        pytest.param("garbage", json.JSONDecodeError, id="garbage"),
        pytest.param({"does": "500", "placed": True}, TwilioRestException, id="500"),
    ],
)
async def test_a_troubled_reply_leaves_a_text_that_arrives(
    behaviour: Any, error: type[Exception]
) -> None:
    async with texting(behaviour) as caller:
        with pytest.raises(error):
            await send(caller)

        assert (await became(caller, "delivered")).to == ME


async def test_a_lost_request_leaves_nothing() -> None:
    async with texting({"does": "lost", "placed": False}) as caller:
        with pytest.raises(requests.ConnectionError):
            await send(caller)

        assert caller.simulator.texts == []


async def test_a_slow_reply_comes_when_the_text_has_arrived() -> None:
    async with texting({"does": "slow", "delay": 0.15}) as caller:
        await send(caller)
        kinds = [entry["kind"] for entry in caller.simulator.ledger]

        assert statuses(caller)[-1] == "delivered"
        assert len(kinds) - kinds[::-1].index("text") <= kinds.index("reply")


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        pytest.param(
            "delivered", {("queued", ""), ("sent", ""), ("delivered", "")}, id="delivered"
        ),
        pytest.param("failed", {("queued", ""), ("failed", "30008")}, id="failed"),
    ],
)
async def test_status_callbacks_tell_of_progress(
    behaviour: str, told: set[tuple[str, str]]
) -> None:
    with serving(status="") as web:
        async with texting(behaviour) as caller:
            placed = await send(caller, status_callback=f"{web.url}/status?incident=7")
            await caller.simulator.until(
                lambda: len(caller.simulator.entries("callback")) == len(told)
            )
            token = caller.simulator.account.token
        forms = [one.form for one in web.received]
        validator = RequestValidator(token)

        assert told == {(form["MessageStatus"], form.get("ErrorCode", "")) for form in forms}
        assert {(form["MessageSid"], form["To"]) for form in forms} == {(placed.sid, ME)}
        assert all(
            validator.validate(web.url + one.path, one.form, one.signature) for one in web.received
        )


async def test_a_callback_that_nobody_takes_harms_nothing() -> None:
    async with texting() as caller:
        await send(caller, status_callback="http://127.0.0.1:1/")
        await became(caller, "delivered")
        await caller.simulator.until(lambda: len(caller.simulator.entries("callback")) == 3)

        assert all(entry["error"] for entry in caller.simulator.entries("callback"))


async def test_the_ledger_tells_of_each_change_what_was_sent_to_whom() -> None:
    async with texting() as caller:
        await send(caller)
        await became(caller, "delivered")
        last = caller.simulator.entries("text")[-1]

        assert (last["to"], last["from"], last["body"]) == (ME, OURS, BODY)
        assert (last["segments"], last["was"], last["status"]) == (1, "sent", "delivered")
        assert last["sid"] == caller.simulator.entries("reply")[0]["sid"]
