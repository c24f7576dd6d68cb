"""Where requests go, and what it means where nobody takes them, or they are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.asking import NOW, QUESTIONS_OF_A_PHONE, REQUEST, refused
from tests.channels.server import account, answering
from tests.probes.certificates import Certificates
from watchcall.channels.retry import retry_after
from watchcall.channels.twilio import TwilioPhone
from watchcall.channels.twilio.http import Transport
from watchcall.channels.twilio.resource import LONGEST_TEXT, shown
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.simulator.simulator import Simulator


async def test_where_nobody_listens_nothing_was_placed() -> None:
    async with Simulator({}) as gone:
        url = gone.url

    assert isinstance(await refused(url), NotPlaced)


async def test_where_somebody_else_listens_nothing_was_placed(tmp_path: Path) -> None:
    context = Certificates(tmp_path).server("self-signed")
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", ssl=context)
    error = await refused(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()

    assert isinstance(error, NotPlaced)
    assert "certificate" in str(error)


async def test_a_proxy_that_is_not_there_places_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")

    assert isinstance(await refused("https://api.twilio.com"), NotPlaced)


async def test_no_proxy_of_the_environment_stands_before_the_simulator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with Simulator({}) as simulator:
        phone = TwilioPhone(account(simulator.url), "test")
        assert (await phone.place(REQUEST)).sid
        phone.close()


async def test_wrong_credentials_are_refused_and_not_quoted() -> None:
    secret = "c0ffee" * 5
    async with Simulator({}) as simulator:
        error = await refused(simulator.url, secret=secret)

    assert isinstance(error, Rejected)
    assert error.code == 20003
    assert secret not in str(error)
    assert secret not in repr(account(simulator.url, secret=secret))


async def test_a_first_request_finds_everything_loaded() -> None:
    async with Simulator({}) as simulator:
        phone = TwilioPhone(account(simulator.url), "test")
        await phone.warm()
        assert (await phone.place(REQUEST)).sid
        phone.close()


@pytest.mark.parametrize(
    ("api_url", "asked", "where"),
    [
        pytest.param(
            "http://127.0.0.1:9", "https://api.twilio.com/x?y", "http://127.0.0.1:9/x?y", id="api"
        ),
        pytest.param(
            "http://127.0.0.1:9", "https://voice.twilio.com/v1", "http://127.0.0.1:9/v1", id="voice"
        ),
        pytest.param(
            "https://api.dublin.ie1.twilio.com",
            "https://voice.twilio.com/v1",
            "https://voice.twilio.com/v1",
            id="voice is no part of another api",
        ),
        pytest.param(
            "https://api.twilio.com/",
            "https://voice.twilio.com",
            "https://voice.twilio.com",
            id="-",
        ),
    ],
)
def test_where_a_request_goes(api_url: str, asked: str, where: str) -> None:
    transport = Transport(api_url, 1)

    assert transport.redirected(asked) == where
    transport.close()


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        pytest.param((404, "{}"), Rejected, 404, id="there is none"),
        pytest.param((403, '{"code": 20403, "message": "no"}'), Rejected, 20403, id="forbidden"),
        pytest.param((401, '{"code": 20003, "message": "no"}'), Rejected, 20003, id="credentials"),
        pytest.param((400, '{"code": "21211"}'), Rejected, 21211, id="a code as a string"),
        pytest.param((400, '{"code": [21211]}'), Rejected, 400, id="a code that is none"),
        pytest.param(
            (400, '{"type": "x", "title": "No", "status": 400, "code": 21211}'),
            Rejected,
            21211,
            id="RFC 9457",
        ),
        pytest.param((429, '{"code": 20429, "message": "no"}'), NotPlaced, 20429, id="too many"),
        pytest.param((429, "<html>"), NotPlaced, 429, id="too many, says a gateway"),
        pytest.param((400, '{"code": 20429}'), NotPlaced, 20429, id="too many, by its code"),
        pytest.param((400, '{"code": 10004}'), Unsure, 10004, id="too much at once, by its code"),
        pytest.param((500, '{"code": 20500, "message": "no"}'), Unsure, 20500, id="an error"),
        pytest.param((502, "<html>"), Unsure, 502, id="a gateway's page"),
        pytest.param((200, "<html>"), Unsure, None, id="unreadable"),
    ],
)
@pytest.mark.parametrize(
    "ask", [None, *QUESTIONS_OF_A_PHONE], ids=["a call", "a look", "a list", "a reason"]
)
async def test_what_a_refusal_means(
    reply: tuple[int, str],
    error: type[PhoneError],
    code: int | None,
    ask: Callable[[TwilioPhone], Awaitable[object]] | None,
) -> None:
    async with answering(*reply) as url:
        caught = await refused(url, ask)

    assert isinstance(caught, error)
    assert caught.code == code


def test_what_twilio_says_stays_one_short_line_without_numbers() -> None:
    text = shown("The number\r\n +819012345678 \x1b[31mis\u2028wrong " + "x" * 500)

    assert text.startswith("The number +81*******678 [31mis wrong xxx")
    assert len(text) == LONGEST_TEXT


@pytest.mark.parametrize(
    ("value", "after"),
    [
        pytest.param("7", timedelta(seconds=7), id="seconds"),
        pytest.param("Fri, 20 Nov 2026 12:01:30 GMT", timedelta(seconds=90), id="a date"),
        pytest.param("Fri, 20 Nov 2026 11:00:00 GMT", timedelta(0), id="a date that is over"),
        pytest.param("9" * 400, timedelta(seconds=999_999_999), id="for ever"),
        pytest.param("²", None, id="a digit that is none"),
        pytest.param("-1", None, id="before"),
        pytest.param("soon", None, id="a word"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_how_long_to_wait(value: str, after: timedelta | None) -> None:
    assert retry_after({"Retry-After": value}, NOW) == after
