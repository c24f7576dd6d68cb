"""What the simulator asks of others: TwiML documents and status callbacks."""

from __future__ import annotations

import pytest
from twilio.request_validator import RequestValidator

from tests.simulator.caller import ME, TWIML, WORDS, calling
from tests.simulator.server import serving
from watchcall.simulator.outward import loopback

ALL = ["initiated", "ringing", "answered", "completed"]
APOLOGY = "We are sorry, an application error has occurred. Goodbye."


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_url_serves_the_words(method: str) -> None:
    with serving(words=TWIML) as web:
        async with calling() as caller:
            await caller.place(url=f"{web.url}/words", method=method)
            call = await caller.ended()

        assert call.heard == [WORDS]
        assert [method] == [request.method for request in web.received]


async def test_a_redirect_is_followed() -> None:
    with serving(first="<Response><Redirect>/second</Redirect></Response>", second=TWIML) as web:
        async with calling() as caller:
            await caller.place(url=f"{web.url}/first")

            assert (await caller.ended()).heard == [WORDS]


async def test_redirects_in_a_circle_come_to_an_end() -> None:
    with serving(a="<Response><Redirect>/a</Redirect></Response>") as web:
        async with calling() as caller:
            await caller.place(url=f"{web.url}/a")

            assert (await caller.ended()).status == "completed"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("{}/nothing", 11200, id="a document that is not there"),
        pytest.param("http://192.0.2.1/", 11200, id="another machine, which is never asked"),
        pytest.param("http://127.0.0.1:1/", 11200, id="a closed port"),
        pytest.param("{}/bad", 12100, id="a document that is no TwiML"),
    ],
)
async def test_without_its_words_a_call_apologizes_and_notes_why(path: str, code: int) -> None:
    with serving(bad="<Response>") as web:
        async with calling() as caller:
            await caller.place(url=path.format(web.url))
            call = await caller.ended()

        assert call.heard == [APOLOGY]
        assert [code] == call.errors


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        pytest.param(
            "answer",
            [("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed")],
            id="an answered call",
        ),
        pytest.param("busy", [("0", "initiated"), ("3", "busy")], id="a busy phone"),
    ],
)
async def test_status_callbacks_tell_of(behaviour: str, told: list[tuple[str, str]]) -> None:
    with serving(status="") as web:
        async with calling(behaviour) as caller:
            await caller.place(status_callback=f"{web.url}/status", status_callback_event=ALL)
            await caller.simulator.until(
                lambda: len(caller.simulator.entries("callback")) == len(told)
            )
        forms = sorted((one.form["SequenceNumber"], one.form["CallStatus"]) for one in web.received)

        assert told == forms


async def test_only_the_end_is_told_by_default_with_its_duration() -> None:
    with serving(status="") as web:
        async with calling() as caller:
            await caller.place(status_callback=f"{web.url}/status")
            await caller.simulator.until(lambda: caller.simulator.entries("callback"))
        [told] = web.received

        assert (told.form["CallStatus"], told.form["CallDuration"]) == ("completed", "1")
        assert told.form["To"] == ME


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_status_callbacks_are_signed_as_twilio_signs(method: str) -> None:
    with serving(status="") as web:
        async with calling() as caller:
            url = f"{web.url}/status?incident=7"
            await caller.place(status_callback=url, status_callback_method=method)
            await caller.simulator.until(lambda: caller.simulator.entries("callback"))
            validator = RequestValidator(caller.simulator.account.token)
        [told] = web.received

        assert validator.validate(web.url + told.path, told.form, told.signature)


async def test_a_callback_to_another_machine_is_noted_and_not_sent() -> None:
    async with calling("busy") as caller:
        await caller.place(status_callback="https://example.org/status")
        [noted] = await caller.simulator.until(lambda: caller.simulator.entries("callback"))

        assert noted["status"] is None
        assert "loopback" in noted["error"]


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("localhost.example.org", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback_is_decided_without_a_resolver(host: str | None, ours: bool) -> None:
    assert ours is loopback(host)
