"""A server on loopback that answers byte for byte as a test wants, good manners or not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Drip:
    """Sends a byte now and then, for ever."""

    byte: bytes = b"x"
    every: float = 0.01


class Hang:
    """Says nothing more and keeps the connection."""


class Reset:
    """Ends the connection with RST instead of FIN."""


Act = bytes | Drip | Hang | Reset
Script = Sequence[Act]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """What listens, and the requests that it has read."""

    port: int = 0
    scheme: str = "http"
    requests: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)  # a client hung up

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


def answer(body: bytes | str, *headers: str, status: str = "200 OK") -> bytes:
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    return answer(b"", f"Location: {to}", status=status)


@asynccontextmanager
async def serving(
    script: Script | Callable[[bytes], Script],
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    greets: bool = False,
) -> AsyncIterator[Server]:
    """Serve a script, or what a function of the request's head returns, to each connection.

    greets: the server speaks first, as those of mail do
    """
    server = Server(scheme="https" if tls else "http")
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = b"" if greets else await reader.readuntil(b"\r\n\r\n")
            server.requests.append(head)
            server.asked.set()
            for act in script(head) if callable(script) else script:
                await _do(act, reader, writer, server)
        writer.close()
        talks.discard(task)

    listener = await asyncio.start_server(talk, host, port, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks)


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Let `talk` have every connection; nothing of it is left afterwards. Yields the port."""
    talks: set[asyncio.Task[None]] = set()

    async def talked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await talk(reader, writer)
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    listener = await asyncio.start_server(talked, "127.0.0.1", 0, ssl=tls)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def _do(
    act: Act, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Server
) -> None:
    match act:
        case bytes():
            writer.write(act)
            await writer.drain()
        case Drip():
            while True:
                writer.write(act.byte)
                await writer.drain()
                await asyncio.sleep(act.every)
        case Hang():
            await reader.read()
            server.left.set()
        case Reset():
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
