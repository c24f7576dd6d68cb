"""Why there is no connection, in plain words, from what really happens."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from pathlib import Path

import pytest
import requests

from tests.channels.outlets import listening
from tests.probes.certificates import Certificates
from watchcall.channels.broken import why


def failed(url: str, proxy: str | None = None) -> str:
    """Return why a request fails."""
    with requests.Session() as session:
        session.trust_env = False
        proxies = {"https": proxy, "http": proxy} if proxy else {}
        with pytest.raises(requests.RequestException) as raised:
            session.get(url, timeout=0.3, proxies=proxies)
    return why(raised.value)


async def said(url: str, proxy: str | None = None) -> str:
    found = await asyncio.to_thread(failed, url, proxy)
    assert not re.search(r"[a-z][A-Z]|Error\b", found), found  # no name of Python's
    return found


@pytest.fixture
def gone() -> str:
    """Where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


async def test_nobody_listens(gone: str) -> None:
    assert await said(gone) == "Connection refused"


async def test_no_such_name(nameless: None) -> None:
    looked_up = "its name cannot be looked up: Temporary failure in name resolution"

    assert await said("https://api.twilio.com") == looked_up
    assert await said("https://api.twilio.com", "http://proxy:3128") == f"the proxy: {looked_up}"


async def test_a_proxy_that_is_not_there(gone: str) -> None:
    assert await said("https://api.twilio.com", gone) == "the proxy: Connection refused"


async def test_a_proxy_that_wants_a_password() -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    async with listening(refusal) as proxy:
        found = await said("https://api.twilio.com", proxy.url)

    assert found == "the proxy: 407 Proxy Authentication Required"


async def test_an_answer_that_does_not_come() -> None:
    async with listening(b"", hangs=True) as silent:
        assert await said(silent.url) == "no answer in time"


async def test_no_http() -> None:
    async with listening(b"SSH-2.0-OpenSSH_9.2\r\n") as other:
        assert await said(other.url) == "what it answers is no HTTP"


async def test_hung_up() -> None:
    async with listening(b"") as rude:
        assert await said(rude.url) in (
            "it hung up without an answer",
            "Connection reset by peer",
        )


async def test_a_certificate_that_is_not_trusted_and_no_tls_at_all(tmp_path: Path) -> None:
    context = Certificates(tmp_path).server("self-signed")
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", ssl=context)
    port = server.sockets[0].getsockname()[1]
    assert await said(f"https://127.0.0.1:{port}") == "its certificate is not trusted"
    server.close()

    plain = await asyncio.start_server(lambda _, writer: writer.write(b"220 mail\r\n"), "127.0.0.1")
    port = plain.sockets[0].getsockname()[1]
    assert await said(f"https://127.0.0.1:{port}") == "no TLS with it: wrong version number"
    plain.close()


def test_what_nobody_foresaw_keeps_its_name() -> None:
    assert why(KeyError("https://secret")) == "an unforeseen error, KeyError"
    assert why(ssl.SSLError()) == "no TLS with it: no reason given"
