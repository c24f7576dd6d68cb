"""Who may speak: what Twilio signed, with the URL that it was given; nobody else."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.web.twilio import (
    ACCOUNT,
    CALL,
    KEYS,
    PUBLIC,
    STATUS,
    Night,
    form,
    reachable,
    sign,
)
from watchcall.web import hooks
from watchcall.web.rarely import Rarely

PRESSED = form(Digits="1")
URL = PUBLIC + KEYS
ANOTHER = "AC" + "1" * 32


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="as it is"),
        pytest.param({"target": KEYS}, id="the proxy takes the path of public_url off"),
        pytest.param(
            {"headers": [("Host", "127.0.0.1:9911"), ("X-Forwarded-Proto", "http")]},
            id="a TLS proxy in front, with a Host of its own",
        ),
        pytest.param(
            {
                "headers": [
                    ("X-Forwarded-Host", "evil.example.com"),
                    ("X-Forwarded-For", "nobody, nowhere"),
                ]
            },
            id="whatever X-Forwarded says",
        ),
        pytest.param({"signs": URL.replace(".com/", ".com:443/")}, id="signed with :443"),
        pytest.param({"params": form(Digits="1", CallerName="")}, id="a blank parameter"),
        pytest.param({"params": form(Digits="1", City=" Oslo  ")}, id="white space around a value"),
        pytest.param({"params": form(Digits="1", City="東京 & +?=%")}, id="any letters"),
        pytest.param({"params": [*PRESSED, ("X", "b"), ("X", "a")]}, id="two values of a name"),
        pytest.param({"params": [*PRESSED, ("Digits", "1")]}, id="the same value twice"),
        pytest.param({"path": f"{KEYS}?a=1&b=%2F&c"}, id="a query, letter by letter"),
    ],
)
async def test_twilio_is_believed(sent: dict[str, Any]) -> None:
    async with reachable() as twilio:
        reply = await twilio.post(**{"path": KEYS, "params": PRESSED} | sent)

    assert reply.said == "ACKNOWLEDGED"
    assert twilio.night.owners == {"httpd": "alice"}


@pytest.mark.parametrize(
    ("public", "signed"),
    [
        pytest.param("https://w.example.com", "https://w.example.com", id="no path"),
        pytest.param("https://w.example.com", "https://w.example.com:443", id="with :443"),
        pytest.param("https://w.example.com:8443", "https://w.example.com:8443", id=":8443"),
        pytest.param("https://w.example.com:8443", "https://w.example.com", id=":8443 left away"),
        pytest.param("http://127.0.0.1:9911", "http://127.0.0.1:9911", id="loopback"),
        pytest.param("http://[::1]:9911", "http://[::1]:9911", id="IPv6"),
        pytest.param("https://w.example.com/twilio", "https://w.example.com/twilio", id="a path"),
    ],
)
async def test_any_public_url_works(public: str, signed: str) -> None:
    async with reachable(Night(public_url=public)) as twilio:
        assert (await twilio.post(KEYS, PRESSED, signs=signed + KEYS)).said == "ACKNOWLEDGED"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"signature": None}, id="no signature"),
        pytest.param({"signature": " "}, id="an empty one"),
        pytest.param({"signature": "x" * 28}, id="a made-up one"),
        pytest.param({"signature": "\xff\x80é"}, id="one of strange letters"),
        pytest.param({"signature": "A" * 9000}, id="an endless one"),
        pytest.param({"headers": [("X-Twilio-Signature", "x")]}, id="two signatures"),
        pytest.param({"token": "another"}, id="another token"),
        pytest.param({"token": ""}, id="an empty token"),
        pytest.param({"signs": "http://10.0.0.7:9911/pager" + KEYS}, id="signed for the Host"),
        pytest.param({"signs": URL.replace("https", "http")}, id="signed for http"),
        pytest.param({"signs": PUBLIC + STATUS}, id="signed for the status of the same call"),
        pytest.param({"signs": f"{URL}?a=1"}, id="the query was dropped on the way"),
        pytest.param({"path": f"{KEYS}?a=1", "signs": URL}, id="a query was added on the way"),
        pytest.param(
            {"path": f"{KEYS}?b=%2f", "signs": f"{URL}?b=%2F"}, id="a query was rewritten"
        ),
        pytest.param(
            {"params": [*PRESSED, ("City", "")], "body": "Digits=1"}, id="blank values dropped"
        ),
        pytest.param(
            {"params": form(Digits="1", City=" x"), "body": "City=x&Digits=1"}, id="spaces stripped"
        ),
        pytest.param(
            {"params": form(Digits="2"), "body": f"AccountSid={ACCOUNT}&CallSid={CALL}&Digits=1"},
            id="another key than was signed",
        ),
    ],
)
async def test_nobody_else_is(sent: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    async with reachable() as twilio:
        reply = await twilio.post(**{"path": KEYS, "params": PRESSED} | sent)

    assert (reply.status, reply.body) == (403, "")
    assert twilio.night.untouched
    [record] = caplog.records
    assert "web.public_url" in record.getMessage()
    assert PUBLIC in record.getMessage()


async def test_who_cannot_sign_learns_nothing_of_which_calls_there_are() -> None:
    unknown = KEYS.replace("6f1c", "0000")
    async with reachable() as twilio:
        replies = [await twilio.post(path, PRESSED, signature="x") for path in (KEYS, unknown)]

    assert replies[0] == replies[1]
    assert twilio.night.asked == []


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        pytest.param(KEYS, form(Digits="1", AccountSid=ANOTHER), "account", id="foreign account"),
        pytest.param(KEYS, form(Digits="1")[1:], "account", id="no account"),
        pytest.param(KEYS.replace("6f1c", "0000"), PRESSED, "nobody knows", id="unknown call"),
        pytest.param(KEYS, form(Digits="1", CallSid="CAx"), "CallSid", id="of another call"),
        pytest.param(KEYS, form(Digits="1", CallSid=""), "CallSid", id="of no call"),
        pytest.param(STATUS, form(CallSid="CAx"), "CallSid", id="status of another call"),
    ],
)
async def test_a_signature_alone_is_not_enough(
    path: str, params: list[tuple[str, str]], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with reachable() as twilio:
        reply = await twilio.post(path, params)

    assert (reply.status, reply.body) == (403, "")
    assert (twilio.night.acknowledged, twilio.night.keys, twilio.night.nudged) == ([], [], [])
    assert said in caplog.text


@pytest.mark.parametrize("name", ["Digits", "CallSid", "AccountSid"])
async def test_what_decides_is_said_once(name: str) -> None:
    async with reachable() as twilio:
        reply = await twilio.post(KEYS, [*PRESSED, (name, "2")])

    assert reply.status == 400
    assert twilio.night.owners == {}


async def test_a_storm_of_strangers_is_one_line_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    elapsed = [0.0]
    monkeypatch.setattr(hooks.log, "filters", [Rarely(lambda: elapsed[0])])
    async with reachable() as twilio:
        for second in (0, 1, 30, 59.9, 60, 61):
            elapsed[0] = second
            await twilio.post(KEYS, PRESSED, signature="x")
            await twilio.post(KEYS, form(CallSid="CAx", Digits="1"))

    said = [record.msg[:30] for record in caplog.records]
    assert len(said) == 4  # each cause at 0 and at 60
    assert len(set(said)) == 2
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_the_signature_is_the_one_that_twilio_documents() -> None:
    """https://www.twilio.com/docs/usage/security#explore-the-algorithm-yourself, its example."""
    params = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"

    assert sign(url, list(params.items()), "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
