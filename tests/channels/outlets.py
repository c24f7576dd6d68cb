"""A notice to deliver, and a web server that remembers what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import NOON
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.ports import NoticeData

INCIDENT: dict[str, Any] = {"id": 7, "check": "httpd", "level": "critical", "reason": "止まった"}
NOTICE = NoticeData(
    event=Event.FAILURE,
    host="web1",
    level=Level.CRITICAL,
    channel="chat",
    text="web1: httpd ist tot, 止まった",
    incidents=[INCIDENT],
    notification="5b0c7a3e-0000-4000-8000-000000000001",
    attempt="5b0c7a3e-0000-4000-8000-000000000002",
    at=NOON,
)
DOCUMENT = {
    "event": "failure",
    "host": "web1",
    "level": "critical",
    "channel": "chat",
    "text": "web1: httpd ist tot, 止まった",
    "incidents": [INCIDENT],
    "notification": "5b0c7a3e-0000-4000-8000-000000000001",
    "attempt": "5b0c7a3e-0000-4000-8000-000000000002",
    "at": "2026-11-20T12:00:00+00:00",
}


@dataclass
class Listener:
    """A web server on loopback. `asked`: the requests, each its head and its body."""

    url: str = ""
    asked: list[tuple[str, bytes]] = field(default_factory=list)


@asynccontextmanager
async def listening(reply: bytes, *, hangs: bool = False) -> AsyncIterator[Listener]:
    """Say the same bytes to everybody, and hang up afterwards or not at all."""
    listener, over = Listener(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lengths = (
                int(line.split(":")[1])
                for line in head.lower().splitlines()
                if line.startswith("content-length:")
            )
            length = next(lengths, 0)
            listener.asked.append((head, await reader.readexactly(length)))
            writer.write(reply)
            await writer.drain()
            if hangs:
                await over.wait()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has seen enough
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    listener.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield listener
    finally:
        over.set()
        server.close()


def saying(status: str, headers: str = "", body: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode() + body
