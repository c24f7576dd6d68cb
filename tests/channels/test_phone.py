"""What Twilio is asked for, and why a call failed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.channels.server import CALLER, ME, account, answering, form
from tests.contracts.stages import becomes
from watchcall.channels.twilio import TwilioPhone, TwilioTexts
from watchcall.channels.twilio.resource import LONGEST_TEXT
from watchcall.core.speech import Speech
from watchcall.errors import Rejected, Unsure
from watchcall.ports import CallRequest, TextRequest
from watchcall.simulator.simulator import Simulator

SPEECH = Speech("httpd に障害", "繰り返します。", "ja-JP", voice="Polly.Kazuha-Neural")
REQUEST = CallRequest(to=ME, speech=SPEECH, ring_timeout_s=25)
CALL = "CA" + "0" * 32
EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
KEYS = "https://watchcall.example.com/twilio/keys?attempt=1&n=2"
STATUS = "https://watchcall.example.com/twilio/status"


async def asked(request: CallRequest) -> dict[str, Any]:
    """Return the form that a request becomes."""
    async with Simulator({}) as simulator:
        phone = TwilioPhone(account(simulator.url), "test")
        await phone.place(request)
        phone.close()
        return form(simulator)


async def test_the_form_of_a_call() -> None:
    said = await asked(REQUEST)

    assert "<Say" in said.pop("Twiml")
    assert said == {"To": ME, "From": CALLER, "Timeout": "25", "TimeLimit": "300"}


async def test_detection_is_asked_for_where_it_is_wanted() -> None:
    said = await asked(replace(REQUEST, detect=True))

    assert (said["MachineDetection"], said["MachineDetectionTimeout"]) == ("Enable", "30")


async def test_an_operators_document_is_named_not_sent() -> None:
    said = await asked(replace(REQUEST, twiml_url="https://example.com/t", keys_url=KEYS))

    assert said["Url"] == "https://example.com/t"
    assert "Twiml" not in said


async def test_where_keys_can_be_told_they_are_gathered_and_every_step_is_told() -> None:
    said = await asked(replace(REQUEST, keys_url=KEYS, status_callback=STATUS))

    assert "<Gather" in said["Twiml"]
    assert said["StatusCallback"] == STATUS
    assert said["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]


async def test_an_operators_callback_is_told_of_the_end_only() -> None:
    said = await asked(replace(REQUEST, status_callback="https://example.com/s"))

    assert said["StatusCallback"] == "https://example.com/s"
    assert "StatusCallbackEvent" not in said


async def test_a_plain_call_needs_no_url_and_no_voice() -> None:
    said = await asked(
        replace(
            REQUEST,
            plain=True,
            twiml_url="https://example.com/t",
            keys_url=KEYS,
            status_callback=STATUS,
        )
    )

    assert said.keys() == {"To", "From", "Timeout", "TimeLimit", "Twiml"}
    assert "voice" not in said["Twiml"]
    assert "httpd に障害" in said["Twiml"]


async def test_the_simulator_hears_the_words_in_their_language() -> None:
    async with Simulator({"speed": 100, "queued": 0}) as simulator:
        phone = TwilioPhone(account(simulator.url), "test")
        await becomes(phone.fetch, (await phone.place(REQUEST)).sid)
        phone.close()

        heard = [(entry["language"], entry["words"]) for entry in simulator.entries("heard")]
    assert heard == [("ja-JP", "httpd に障害"), ("ja-JP", "繰り返します。 httpd に障害")]


@pytest.mark.parametrize("direction", ["inbound", "outbound-dial", 7])
async def test_a_call_that_came_in_is_none_that_was_placed(direction: object) -> None:
    """The caller ID may ring itself, through another carrier say."""
    call = {"sid": CALL, "status": "queued", "direction": direction}
    async with answering(200, json.dumps({"calls": [call]})) as url:
        phone = TwilioPhone(account(url), "test")
        found = await phone.placed_between(ME, *EVER)
        phone.close()

    assert found == []


@pytest.mark.parametrize(
    ("direction", "count"), [("inbound", 0), ("outbound-api", 1), ("outbound-reply", 1), (7, 0)]
)
async def test_a_text_that_came_in_is_none_that_was_sent(direction: object, count: int) -> None:
    text = {"sid": "SM" + "0" * 32, "status": "received", "direction": direction}
    async with answering(200, json.dumps({"messages": [text]})) as url:
        texts = TwilioTexts(account(url), "test")
        found = await texts.sent_between(ME, *EVER)
        texts.close()

    assert len(found) == count


@pytest.mark.parametrize("end", ["cancel", "hang_up"])
@pytest.mark.parametrize(
    ("code", "raises"),
    [pytest.param(21220, None, id="too late"), pytest.param(20003, Rejected, id="not allowed")],
)
async def test_only_too_late_is_no_error(
    end: str, code: int, raises: type[Exception] | None
) -> None:
    async with answering(400, json.dumps({"code": code, "message": "no"})) as url:
        phone = TwilioPhone(account(url), "test")
        if raises is None:
            await getattr(phone, end)(CALL)
        else:
            with pytest.raises(raises):
                await getattr(phone, end)(CALL)
        phone.close()


def _note(code: Any, minute: int, text: str) -> dict[str, Any]:
    date = f"Fri, 20 Nov 2026 12:{minute:02}:00 +0000"
    return {"error_code": code, "message_date": date, "message_text": text}


@pytest.mark.parametrize(
    ("notes", "why"),
    [
        pytest.param([], None, id="none"),
        pytest.param([_note(None, 1, "a word"), {}, 7], None, id="none with a code"),
        pytest.param(
            [_note("13520", 1, "old"), _note("13224", 3, "new"), _note(None, 5, "last")],
            (13224, "new"),
            id="the newest with a code",
        ),
        pytest.param(
            [_note(11200, 1, urlencode({"Msg": "Bad host", "ErrorCode": 11200, "url": "x"}))],
            (11200, "Bad host"),
            id="the words for people out of a form",
        ),
        pytest.param(
            [_note(13224, 1, f"{ME}\ninvalid {'x' * 900}")],
            (13224, f"+81*******678 invalid {'x' * 177}…"),
            id="on one line, short, without a number",
        ),
    ],
)
async def test_why_a_call_failed(notes: list[Any], why: tuple[int, str] | None) -> None:
    async with answering(200, json.dumps({"notifications": notes})) as url:
        phone = TwilioPhone(account(url), "test")
        found = await phone.why(CALL)
        phone.close()

    assert found == why
    assert found is None or len(found[1]) <= LONGEST_TEXT


async def test_a_reason_that_is_no_list_is_not_learnt() -> None:
    async with answering(200, '{"notifications": {}}') as url:
        phone = TwilioPhone(account(url), "test")
        with pytest.raises(Unsure):
            await phone.why(CALL)
        phone.close()


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        pytest.param("web1: httpd に障害\nK7Q2", "web1: httpd に障害\nK7Q2", id="as it is"),
        pytest.param("a\x1b[31m\x00\ud800b", "a[31mb", id="without what nobody can read"),
    ],
)
async def test_the_form_of_a_text(body: str, sent: str) -> None:
    async with Simulator({}) as simulator:
        texts = TwilioTexts(account(simulator.url), "test")
        await texts.send(TextRequest(to=ME, body=body, status_callback=STATUS))
        texts.close()
        said = form(simulator)

    assert said == {"To": ME, "From": CALLER, "Body": sent, "StatusCallback": STATUS}
