"""What people do by themselves: they text us, answer a text, ring us, call back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.simulator.caller import ME, OURS, YOU, Caller, calling
from tests.simulator.texter import BODY, became, outside, send, texting


async def inbox(caller: Caller) -> list[str | None]:
    """Return what polling finds of texts from ME to us."""
    listed = await asyncio.to_thread(lambda: caller.sdk.messages.list(to=OURS, from_=ME))
    return [text.body for text in listed]


async def rung(caller: Caller) -> list[tuple[str | None, str | None]]:
    """Return what polling finds of calls from ME to us."""
    listed = await asyncio.to_thread(lambda: caller.sdk.calls.list(to=OURS, from_=ME))
    return [(call.direction, call.status) for call in listed]


def lived(caller: Caller) -> list[str]:
    return [entry["status"] for entry in caller.simulator.entries("inbound-call")]


async def test_a_person_answers_with_the_code_that_the_text_names() -> None:
    async with texting({"does": "delivered", "reply": "ack {code}", "reply_after": 1}) as caller:
        await send(caller)
        answer = await became(caller, "received", 1)
        [told] = caller.simulator.entries("inbound-text")

        assert await inbox(caller) == ["ack K7Q4"]
        assert (answer.direction, answer.sender, answer.to) == ("inbound", ME, OURS)
        assert (told["from"], told["to"], told["body"]) == (ME, OURS, "ack K7Q4")
        assert caller.simulator.texts[0].status == "delivered"


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param({"does": "sent", "reply": "ok"}, id="a text without a receipt"),
        pytest.param({"does": "lost", "reply": "ok"}, id="a text whose request seemed lost"),
    ],
)
async def test_a_person_answers(behaviour: dict[str, str]) -> None:
    async with texting(behaviour) as caller:
        await asyncio.gather(send(caller), return_exceptions=True)
        await became(caller, "received", 1)


async def test_nobody_answers_what_did_not_arrive() -> None:
    lost = {"does": "slow", "delay": 0, "text": "undelivered", "reply": "ok", "reply_after": 0}
    async with texting(lost, price_after=1) as caller:
        await send(caller)
        await caller.simulator.until(lambda: caller.simulator.entries("price"))

        assert await inbox(caller) == []


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param("K7Q4 web-1: HTTP2 is down; A1B2", "ack K7Q4", id="the first of two codes"),
        pytest.param("障害番号K7Q4です", "ack K7Q4", id="between Japanese letters"),
        pytest.param("HTTP 2026: web1 XK7Q4 K7Q44", "ack ", id="what is no code is none"),
    ],
)
async def test_a_code_is_four_capitals_and_digits_with_one_of_each(body: str, answer: str) -> None:
    async with texting({"does": "delivered", "reply": "ack {code}"}) as caller:
        await send(caller, body=body)

        assert (await became(caller, "received", 1)).body == answer


async def test_a_script_can_say_what_a_code_looks_like() -> None:
    reply = {"does": "delivered", "reply": "{code}?"}
    async with texting(reply, code_pattern=r"since [0-9:]+") as caller:
        await send(caller, body=BODY)

        assert (await became(caller, "received", 1)).body == "since 14:03?"


async def test_an_answer_to_a_messaging_service_goes_to_its_number() -> None:
    other = "+15005550009"
    async with texting({"does": "delivered", "reply": "ok"}, text_from=other) as caller:
        await send(caller, from_=None, messaging_service_sid="MG" + "0" * 32)

        assert (await became(caller, "received", 1)).to == other


async def test_somebody_texts_us_through_the_endpoint() -> None:
    async with calling() as caller:
        reply = await outside(caller, "texts", From=ME, To=OURS, Body="ack K7Q4")

        assert (reply.status_code, reply.json()["sid"]) == (201, caller.simulator.texts[0].sid)
        assert await inbox(caller) == ["ack K7Q4"]


async def test_an_inbound_text_has_a_day_and_later_a_price() -> None:
    async with calling(price_after=0, text_price=0.01) as caller:
        text = caller.simulator.text(ME, OURS, "ack K7Q4")
        await caller.simulator.until(lambda: caller.simulator.entries("price"))
        seen = await asyncio.to_thread(caller.sdk.messages(text.sid).fetch)

        assert (seen.status, seen.direction, seen.price) == ("received", "inbound", "-0.01000")
        assert seen.date_sent is not None


@pytest.mark.parametrize(
    ("form", "life"),
    [
        pytest.param({}, "ringing in-progress completed", id="and is through by default"),
        pytest.param({"status": "no-answer"}, "ringing no-answer", id="and nobody answers"),
        pytest.param({"status": "busy"}, "ringing busy", id="and we are busy"),
        pytest.param({"status": "canceled"}, "ringing canceled", id="and gives up"),
    ],
)
async def test_somebody_rings_us_through_the_endpoint(form: dict[str, str], life: str) -> None:
    async with calling() as caller:
        reply = await outside(caller, "calls", From=ME, To=OURS, **form)
        ended = await caller.ended()

        assert (reply.status_code, reply.json()["sid"]) == (201, ended.sid)
        assert life.split() == lived(caller)
        assert await rung(caller) == [("inbound", life.split()[-1])]
        assert caller.simulator.entries("call") == []


@pytest.mark.parametrize(
    ("path", "form", "code"),
    [
        pytest.param("texts", {"From": ME, "To": OURS}, 20001, id="a text without a Body"),
        pytest.param("texts", {"From": "me", "To": OURS, "Body": "x"}, 21212, id="a From like me"),
        pytest.param(
            "texts", {"From": ME, "To": OURS, "Body": "x" * 1601}, 21617, id="too long a text"
        ),
        pytest.param("calls", {"From": ME}, 20001, id="a call to nobody"),
        pytest.param("calls", {"From": ME, "To": OURS, "status": "queued"}, 20001, id="no end"),
        pytest.param("calls", {"From": ME, "To": OURS, "Loud": "1"}, 20001, id="what is unknown"),
        pytest.param("faxes", {"From": ME}, 20003, id="what is no endpoint of its own"),
    ],
)
async def test_the_endpoints_refuse(path: str, form: dict[str, str], code: int) -> None:
    async with calling() as caller:
        reply = await outside(caller, path, **form)

        assert (code, reply.status_code >= 400) == (reply.json()["code"], True)
        assert (caller.simulator.calls, caller.simulator.texts) == ([], [])


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param({"does": "no-answer", "calls_back": 1}, id="who missed the call"),
        pytest.param({"does": "busy", "calls_back": 1}, id="who was busy"),
        pytest.param({"does": "answer", "calls_back": 1}, id="who heard it"),
        pytest.param({"does": "lost", "calls_back": 1}, id="whose call seemed lost"),
    ],
)
async def test_a_person_calls_back(behaviour: dict[str, Any]) -> None:
    async with calling(behaviour) as caller:
        await asyncio.gather(caller.place(timeout=1), return_exceptions=True)
        back = await caller.ended(1)

        assert (back.direction, back.caller, back.to) == ("inbound", ME, OURS)
        assert await rung(caller) == [("inbound", "completed")]


async def test_a_call_from_outside_uses_up_no_entry_of_a_script() -> None:
    async with calling({"does": "busy", "calls_back": 0}, "no-answer") as caller:
        await caller.place()
        await caller.ended(1)
        caller.simulator.ring(ME, OURS)
        await caller.ended(2)
        await caller.place(timeout=1)

        assert (await caller.ended(3)).status == "no-answer"


async def test_a_call_that_was_canceled_is_called_back_too() -> None:
    async with calling({"does": "answer", "ring": 500, "calls_back": 1}) as caller:
        placed = await caller.place(timeout=600)
        await caller.simulator.until(lambda: caller.simulator.calls[0].status == "ringing")
        await asyncio.to_thread(
            lambda: caller.sdk.calls(placed.sid or "").update(status="canceled")
        )

        assert (await caller.ended(1)).caller == ME


async def test_a_call_from_outside_can_be_hung_up() -> None:
    async with calling(speed=0.01) as caller:
        call = caller.simulator.ring(YOU, OURS)
        ended = await asyncio.to_thread(
            lambda: caller.sdk.calls(call.sid).update(status="completed")
        )

        assert (ended.direction, ended.status) == ("inbound", "canceled")
        assert ended.start_time is not None


async def test_a_call_from_outside_that_was_through_has_a_price() -> None:
    async with calling(price=0.01, price_after=0) as caller:
        call = caller.simulator.ring(ME, OURS)
        await caller.simulator.until(lambda: caller.simulator.entries("price"))
        seen = await caller.fetch(call.sid)

        assert (seen.price, seen.duration) == ("-0.01000", "1")
        assert seen.start_time is not None
