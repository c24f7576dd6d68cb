"""Webhooks: what is sent, and what is made of every answer."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.outlets import DOCUMENT, NOTICE, listening, saying
from tests.probes.certificates import Certificates
from watchcall.channels.outlets import outlet_of
from watchcall.channels.webhook import WebhookOutlet
from watchcall.core.contact import Address
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure

SECRET = "/hook/T0K3N?key=s3cr3t"


def address(url: str, *headers: tuple[str, str]) -> Address:
    return Address(shown=url, url=f"{url}{SECRET}", headers=headers)


async def refusal(url: str, deadline: timedelta = timedelta(seconds=5)) -> PhoneError:
    with pytest.raises(PhoneError) as caught:
        await WebhookOutlet(address(url), deadline).deliver(NOTICE)
    assert "T0K3N" not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    return caught.value


async def test_it_is_a_post_of_the_document_with_the_operators_headers() -> None:
    async with listening(saying("204 No Content")) as hook:
        own = (("Authorization", "Bearer x"), ("content-type", "application/vnd.own+json"))
        await outlet_of("webhook", address(hook.url, *own)).deliver(NOTICE)
        ((head, body),) = hook.asked

    lines = head.splitlines()
    assert lines[0] == f"POST {SECRET} HTTP/1.1"
    assert "Authorization: Bearer x" in lines
    assert [line for line in lines if line.lower().startswith("content-type")] == [
        "content-type: application/vnd.own+json"
    ]
    assert any(line.startswith("User-Agent: WatchCall/") for line in lines)
    assert json.loads(body) == DOCUMENT
    assert "止まった".encode() in body


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content"])
async def test_any_2xx_is_delivered(status: str) -> None:
    async with listening(saying(status, body=b"thanks")) as hook:
        await WebhookOutlet(address(hook.url)).deliver(NOTICE)


async def test_a_long_answer_is_not_waited_for() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 100_000
    async with listening(endless, hangs=True) as hook:
        await WebhookOutlet(address(hook.url), timedelta(seconds=5)).deliver(NOTICE)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
async def test_what_is_refused_is_not_sent_again(status: int) -> None:
    async with listening(saying(f"{status} No")) as hook:
        error = await refusal(hook.url)

    assert isinstance(error, Rejected)
    assert (error.code, str(error)) == (status, f"{hook.url} answers {status}")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_be_taken_later_is_sent_again(status: int) -> None:
    async with listening(saying(f"{status} Later", "Retry-After: 17\r\n")) as hook:
        error = await refusal(hook.url)

    assert isinstance(error, NotPlaced)
    assert (error.code, error.after) == (status, timedelta(seconds=17))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(status: int) -> None:
    async with (
        listening(saying("200 OK")) as other,
        listening(saying(f"{status} There", f"Location: {other.url}\r\n")) as hook,
    ):
        error = await refusal(hook.url)

    assert isinstance(error, Rejected)
    assert "no redirect is followed" in str(error)
    assert other.asked == []


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(saying("200 OK")) as proxy, listening(saying("200 OK")) as hook:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        await WebhookOutlet(address(hook.url)).deliver(NOTICE)

    assert (len(proxy.asked), len(hook.asked)) == (0, 1)


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with listening(b"") as gone:
        url = gone.url

    assert isinstance(await refusal(url), NotPlaced)


async def test_a_name_that_does_not_exist_may_come_to_be() -> None:
    assert isinstance(await refusal("http://nobody.invalid"), NotPlaced)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"", id="hangs up"),
        pytest.param(b"HTTP/1.1 ", id="breaks off"),
        pytest.param(b"\x00\xff\r\n\r\n", id="speaks no HTTP"),
    ],
)
async def test_of_what_was_sent_and_not_answered_nobody_knows(reply: bytes) -> None:
    async with listening(reply) as hook:
        error = await refusal(hook.url)

    assert isinstance(error, Unsure)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"", id="nothing comes"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: ", id="a head without an end"),
    ],
)
async def test_one_that_hangs_is_left_at_the_deadline(reply: bytes) -> None:
    async with listening(reply, hangs=True) as hook:
        began = time.monotonic()
        error = await refusal(hook.url, timedelta(seconds=0.3))

    assert time.monotonic() - began < 3
    assert isinstance(error, Unsure)


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    context = Certificates(tmp_path).server("self-signed")
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", ssl=context)
    error = await refusal(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()

    assert isinstance(error, NotPlaced)
    assert "no trusted TLS" in str(error)
