"""HTTP/1.1 over asyncio streams with h11: every byte of a reply is ours to send, or not."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

import h11

from watchcall.simulator.call import Form
from watchcall.simulator.clock import Clock

IDLE = 60.0  # seconds a client may be silent within, or between, requests
MAX_BODY = 256 * 1024
CHUNK = 65536


class Delivery(enum.StrEnum):
    """How much of a reply reaches the client."""

    WHOLE = "whole"
    CUT = "cut"  # half of the body, then the connection is closed
    LOST = "lost"  # nothing at all
    GONE = "gone"  # the client closed the connection before


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    query: Form
    form: Form
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is sent back, how much of it, and when.

    after: seconds until it is sent
    note:  what the ledger is to say of it
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    delivery: Delivery = Delivery.WHOLE
    note: Mapping[str, Any] = field(default_factory=dict)


class Service(Protocol):
    """What answers requests."""

    async def answer(self, request: Request) -> Reply:
        """Return the reply; the request has arrived in full."""
        ...

    def replying(self, request: Request, reply: Reply) -> None:
        """The reply is about to be sent, as far as it is."""
        ...


class Hangup(Exception):
    """The connection is over: the client left, was silent for too long, or spoke no HTTP."""


class Connection:
    """One client, and the requests it makes one after the other."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        service: Service,
        clock: Clock,
    ) -> None:
        self._reader, self._writer, self._service = reader, writer, service
        self._clock = clock
        self._h11 = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """Answer requests until the connection is over."""
        try:
            while await self._serve_one():
                self._h11.start_next_cycle()
        except (Hangup, h11.ProtocolError, OSError):
            pass  # the client's affair: it sees a closed connection
        except asyncio.CancelledError:
            self._writer.transport.abort()  # a client that reads nothing would hold up the end
            raise
        finally:
            self._writer.close()

    async def _serve_one(self) -> bool:
        """Return whether the connection may go on."""
        request = await self._request()
        reply = await self._service.answer(request)
        await asyncio.sleep(reply.after)
        if self._reader.at_eof():
            reply = replace(reply, delivery=Delivery.GONE)
        self._service.replying(request, reply)
        await self._send(reply)
        return self._h11.our_state is self._h11.their_state is h11.DONE

    async def _request(self) -> Request:
        head = await self._event()
        if not isinstance(head, h11.Request):
            raise Hangup
        body = bytearray()
        while isinstance(part := await self._event(), h11.Data):
            body += part.data
            if len(body) > MAX_BODY:
                raise Hangup
        return _request(head, bytes(body))

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while (event := self._h11.next_event()) is h11.NEED_DATA:
            if self._h11.they_are_waiting_for_100_continue:
                await self._write(h11.InformationalResponse(status_code=100, headers=[]))
            try:
                async with asyncio.timeout(IDLE):
                    self._h11.receive_data(await self._reader.read(CHUNK))
            except TimeoutError:
                raise Hangup from None
        if isinstance(event, h11.ConnectionClosed):
            raise Hangup
        return event  # type: ignore[return-value]  # h11 names no type for what is left

    async def _send(self, reply: Reply) -> None:
        if reply.delivery in (Delivery.LOST, Delivery.GONE):
            return
        headers = {
            "Date": format_datetime(self._clock.now().utc, usegmt=True),
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(reply.body)),
            **reply.headers,
        }
        await self._write(h11.Response(status_code=reply.status, headers=list(headers.items())))
        if reply.delivery is Delivery.CUT:
            await self._write(h11.Data(data=reply.body[: len(reply.body) // 2]))
            return
        await self._write(h11.Data(data=reply.body))
        await self._write(h11.EndOfMessage())

    async def _write(self, event: h11.Event) -> None:
        if data := self._h11.send(event):
            self._writer.write(data)
            await self._writer.drain()


def _request(head: h11.Request, body: bytes) -> Request:
    path, _, query = head.target.decode("ascii").partition("?")
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers}
    return Request(
        method=head.method.decode("ascii"),
        path=path,
        query=as_form(query),
        form=as_form(body.decode("utf-8", "replace")),
        headers=headers,
    )


def as_form(text: str) -> Form:
    """Return what a query or a form says: every name with all its values, blanks included."""
    form: Form = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        form.setdefault(name, []).append(value)
    return form
