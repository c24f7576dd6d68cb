"""Servers that answer as no Twilio should, and adapters that ask them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from watchcall.channels.twilio import Account
from watchcall.simulator.simulator import Simulator

SID = "AC" + "0" * 32
CALLER = "+15005550006"
ME = "+819012345678"


def account(url: str, **other: Any) -> Account:
    values = {"sid": SID, "user": SID, "secret": "simulator", "timeout": timedelta(seconds=5)}
    return Account(**{**values, "caller": CALLER, "api_url": url, **other})


def form(simulator: Simulator, nth: int = -1) -> dict[str, Any]:
    """Return what a request to the simulator said."""
    params: dict[str, Any] = simulator.entries("request")[nth]["params"]
    return params


@asynccontextmanager
async def answering(
    status: int, body: str | bytes, headers: str = "", *, cut: int = 0
) -> AsyncIterator[str]:
    """A server that answers everything alike; `cut` bytes of the body are missing."""
    content = body.encode() if isinstance(body, str) else body
    lines = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\nConnection: close\r\n"
    async with saying(f"{lines}{headers}\r\n".encode() + content[: len(content) - cut]) as url:
        yield url


@asynccontextmanager
async def saying(raw: bytes) -> AsyncIterator[str]:
    """A server that says the same bytes to everybody and hangs up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has seen enough
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
