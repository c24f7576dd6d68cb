"""Shaking hands with Twilio: certificates are read once, and a call finds a connection."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.channels.asking import REQUEST
from tests.channels.server import account
from tests.probes.certificates import Certificates
from watchcall.channels.twilio import TwilioPhone
from watchcall.channels.twilio.http import trusted
from watchcall.errors import NotPlaced

PLACED = b'{"sid": "CA00000000000000000000000000000000", "status": "queued"}'


@dataclass
class Kept:
    """A TLS server that keeps connections, and what it was asked on which."""

    url: str = ""
    asked: list[list[str]] = field(default_factory=list)  # by connection

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine: list[str] = []
        self.asked.append(mine)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method = head.split(b" ", 1)[0].decode()
                mine.append(method)
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        await reader.readexactly(int(line.split(b":")[1]))
                length, body = (len(PLACED), PLACED) if method == "POST" else (0, b"")
                writer.write(b"HTTP/1.1 201 X\r\nContent-Length: %d\r\n\r\n%s" % (length, body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def kept(context: ssl.SSLContext) -> AsyncIterator[Kept]:
    serving = Kept()
    server = await asyncio.start_server(serving.serve, "127.0.0.1", 0, ssl=context)
    serving.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield serving
    finally:
        server.close()
        while getattr(server, "_active_count", 0):  # noqa: ASYNC110 - of a failed handshake, too
            await asyncio.sleep(0.01)


def trusting(url: str, ca: Path) -> TwilioPhone:
    phone = TwilioPhone(account(url), "test")
    phone._client._transport._session.verify = str(ca)
    return phone


async def test_a_call_finds_the_connection_that_was_made_for_it(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    async with kept(certificates.server()) as twilio:
        phone = trusting(twilio.url, certificates.ca)
        await phone.connect(within=5)
        await phone.connect(within=5)
        assert (await phone.place(REQUEST)).sid
        phone.close()

    assert twilio.asked == [["HEAD", "HEAD", "POST"]]


async def test_where_no_connection_comes_in_time_the_call_finds_out_why() -> None:
    held = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.close()

    deaf = await asyncio.start_server(silent, "127.0.0.1", 0)
    phone = TwilioPhone(account(f"https://127.0.0.1:{deaf.sockets[0].getsockname()[1]}"), "test")
    await phone.connect(within=0.05)
    held.set()
    deaf.close()
    await deaf.wait_closed()

    with pytest.raises(NotPlaced):
        await phone.place(REQUEST)
    phone.close()


@pytest.mark.parametrize("name", ["self-signed", "expired", "elsewhere"])
async def test_a_shared_context_trusts_no_more_than_its_own(tmp_path: Path, name: str) -> None:
    certificates = Certificates(tmp_path)
    async with kept(certificates.server(name)) as twilio:
        phone = trusting(twilio.url, certificates.ca)
        with pytest.raises(NotPlaced, match="not trusted"):
            await phone.place(REQUEST)
        phone.close()


def test_certificates_are_read_once_until_they_change(tmp_path: Path) -> None:
    ca = Certificates(tmp_path).ca
    first, again = trusted(str(ca)), trusted(str(ca))
    os.utime(ca, ns=(1, 1))

    assert first is again
    assert trusted(str(ca)) is not first
    assert first.verify_mode is ssl.CERT_REQUIRED
    assert first.check_hostname


async def test_where_nothing_is_trusted_nothing_was_placed(tmp_path: Path) -> None:
    phone = trusting("https://127.0.0.1:9", tmp_path / "nothing.pem")
    with pytest.raises(NotPlaced):
        await phone.place(REQUEST)
    phone.close()
