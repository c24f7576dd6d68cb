"""One request, against servers that answer as they like."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from tests.channels.outlets import listening
from tests.lastgasp.words import ME, SAID, person, words
from tests.probes.certificates import Certificates
from watchcall.core.refusal import Fault, meaning
from watchcall.lastgasp.request import FOR_ALL, PERHAPS, TOO_MANY, Meaning, Reply, place, understood
from watchcall.lastgasp.words import OTHERWISE


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        pytest.param(201, b'{"sid": "CA1"}', Meaning.PLACED, id="placed"),
        pytest.param(201, b"gar", Meaning.PLACED, id="placed, and nobody can read what it says"),
        pytest.param(201, b"[]", Meaning.PLACED, id="placed, and it says something odd"),
        pytest.param(429, b"", Meaning.LATER, id="too often"),
        pytest.param(400, b'{"code": 20429}', Meaning.LATER, id="too often, by its code"),
        pytest.param(500, b"", Meaning.UNSURE, id="Twilio has trouble"),
        pytest.param(503, b"<html>", Meaning.UNSURE, id="something before Twilio has"),
        pytest.param(401, b'{"code": 20003}', Meaning.NOBODY, id="a wrong token"),
        pytest.param(403, b"", Meaning.NOBODY, id="not allowed"),
        pytest.param(400, b'{"code": 21210}', Meaning.NOBODY, id="not from our number"),
        pytest.param(400, b'{"code": 21217}', Meaning.REFUSED, id="not to this number"),
        pytest.param(400, b'{"code": "x"}', Meaning.REFUSED, id="an odd code"),
        pytest.param(302, b"", Meaning.REFUSED, id="a redirect, which is not followed"),
    ],
)
def test_what_an_answer_means(status: int, body: bytes, means: Meaning) -> None:
    assert understood(status, body).meaning is means


@pytest.mark.parametrize(
    ("codes", "faults"),
    [
        (TOO_MANY, {Fault.BUSY}),
        (FOR_ALL, {Fault.ACCOUNT, Fault.CALLER}),
        (PERHAPS, {Fault.UNSURE}),
    ],
)
def test_codes_mean_what_they_mean_to_the_daemon(codes: set[int], faults: set[Fault]) -> None:
    everything = set(range(100, 600)) | set(range(10_000, 40_000))

    assert codes == {code for code in everything if meaning(code).fault in faults}


@pytest.mark.parametrize(
    ("header", "after"), [("3", 3.0), ("86400", 60.0), ("Sat, 28 Nov", None), (None, None)]
)
def test_when_it_may_be_asked_again(header: str | None, after: float | None) -> None:
    assert understood(429, b"", header).after == after


async def asked(folder: Path, api: str, timeout_s: float = 5.0) -> Reply:
    known = words(folder, api=api, timeout_s=timeout_s)
    return await asyncio.to_thread(place, known, "s3cr3t", person("me", ME), SAID[OTHERWISE])


async def test_it_is_what_the_calls_resource_wants(tmp_path: Path) -> None:
    body = b'{"sid": "CA7"}'
    reply = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    async with listening(reply) as twilio:
        got = await asked(tmp_path, twilio.url)
        ((head, sent),) = twilio.asked

    assert got == Reply(Meaning.PLACED, "CA7")
    assert head.startswith(f"POST /2010-04-01/Accounts/AC{'0' * 32}/Calls.json HTTP/1.1\r\n")
    assert "Authorization: Basic " in head
    fields = sent.decode().split("&")
    assert "To=%2B819012345678" in fields
    assert "From=%2B15005550006" in fields
    assert "Timeout=25" in fields


async def test_nobody_there_is_certainly_not_placed(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        got = await asked(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}")

    assert got == Reply(Meaning.LATER, "cannot connect to Twilio (Connection refused)")


async def test_a_secret_is_not_spoken_to_who_cannot_prove_to_be_twilio(tmp_path: Path) -> None:
    context = Certificates(tmp_path).server("self-signed")
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", ssl=context)
    got = await asked(tmp_path, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()

    assert got == Reply(Meaning.LATER, "cannot connect to Twilio (its certificate is not trusted)")


@pytest.mark.parametrize(
    ("login", "sent"),
    [("", None), ("us%40er:p%3Ass@", "Proxy-Authorization: Basic dXNAZXI6cDpzcw==")],
)
async def test_a_proxy_of_the_environment_is_asked_as_the_daemon_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: str, sent: str | None
) -> None:
    """It refuses, so that nothing leaves this machine."""
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with listening(b"HTTP/1.1 403 Forbidden\r\n\r\n") as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", f"//{login}"))
        got = await asked(tmp_path, "https://api.twilio.com")
        ((head, body),) = proxy.asked

    assert got.meaning is Meaning.LATER
    assert head.startswith("CONNECT api.twilio.com:443 HTTP/1.")
    assert sent is None or sent in head
    assert b"s3cr3t" not in head.encode() + body


async def test_no_proxy_stands_before_a_loopback_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(b"") as proxy, listening(b"HTTP/1.1 201 Created\r\n\r\n") as twilio:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        got = await asked(tmp_path, twilio.url)

    assert (got.meaning, proxy.asked) == (Meaning.PLACED, [])


async def test_an_answer_that_never_comes_is_not_waited_for(tmp_path: Path) -> None:
    async with listening(b"", hangs=True) as twilio:
        got = await asked(tmp_path, twilio.url, timeout_s=0.2)

    assert got.meaning is Meaning.UNSURE


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="no word"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 201 Created\r\n" + b"x: y\r\n" * 500 + b"\r\n", id="many headers"),
    ],
)
async def test_an_answer_that_is_none_leaves_doubt(tmp_path: Path, raw: bytes) -> None:
    async with listening(raw) as twilio:
        got = await asked(tmp_path, twilio.url)

    assert got.meaning is Meaning.UNSURE
    assert "s3cr3t" not in got.text
