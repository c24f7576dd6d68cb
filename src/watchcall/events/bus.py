"""A connection to the system bus. Every request has a deadline; nothing is asked twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jeepney import HeaderFields, Message, MessageType, Parser
from jeepney.auth import BEGIN, AuthenticationError, Authenticator
from jeepney.bus import get_bus
from jeepney.bus_messages import message_bus

from watchcall.errors import CannotAsk
from watchcall.rights import explained

DEADLINE_S = 5.0  # of connecting, and of each request
CHUNK = 64 * 1024  # bytes

Heard = Callable[[Message], None]


class Bus:
    """One connection, from `open` until `closed` is set; a new one takes its place then.

    heard: called with each signal
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Heard
    ) -> None:
        self.closed = asyncio.Event()
        self._reader, self._writer = reader, writer
        self._heard = heard
        self._parser = Parser()
        self._serial = 0
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, heard: Heard) -> Bus:
        """Connect to $DBUS_SYSTEM_BUS_ADDRESS, else to the system bus. Raises CannotAsk."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                reader, writer = await asyncio.open_unix_connection(get_bus("SYSTEM"))
        except TimeoutError:
            raise CannotAsk(f"the system bus did not answer within {DEADLINE_S:g} s") from None
        except PermissionError as error:
            address = get_bus("SYSTEM")
            path = None if address.startswith("\0") else Path(address)  # an abstract one is no file
            why = explained(error, path, os.R_OK | os.W_OK)
            shown = address.replace("\0", "@")
            raise CannotAsk(f"the system bus {shown} may not be used: {why}") from None
        except OSError as error:
            raise CannotAsk(f"there is no system bus: {error.strerror or error}") from None
        except (RuntimeError, ValueError, KeyError):
            raise CannotAsk("DBUS_SYSTEM_BUS_ADDRESS names no Unix socket") from None
        bus = cls(reader, writer, heard)
        try:
            async with asyncio.timeout(DEADLINE_S):
                await bus._greet()
        except BaseException as error:
            await bus.close()
            if isinstance(error, AuthenticationError | OSError | EOFError):  # TimeoutError too
                why = str(error) or f"no answer within {DEADLINE_S:g} s"
                raise CannotAsk(f"the system bus does not let us in: {why}") from None
            raise
        return bus

    async def _greet(self) -> None:
        auth = Authenticator()
        for request in auth:
            self._writer.write(request)
            reply = await self._reader.read(1024)
            if not reply:
                raise EOFError("it hung up")
            auth.feed(reply)
        self._writer.write(BEGIN)
        self._listening = asyncio.create_task(self._listen(), name="system bus")
        await self.ask(message_bus.Hello())

    async def ask(self, request: Message) -> tuple[Any, ...]:
        """Return what a method answers. Raises CannotAsk, also with the error that it answers."""
        if self.closed.is_set():
            raise CannotAsk("the connection to the system bus is closed")
        self._serial += 1
        serial = self._serial
        answer = self._waiting[serial] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(request.serialise(serial))
            async with asyncio.timeout(DEADLINE_S):
                reply = await answer
        except TimeoutError:
            raise CannotAsk(f"no answer within {DEADLINE_S:g} s") from None
        finally:
            del self._waiting[serial]
        if reply.header.message_type is MessageType.error:
            raise CannotAsk(_error(reply))
        return tuple(reply.body)

    async def close(self) -> None:
        """Hang up; who waits for an answer is told."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        self.closed.set()

    async def _listen(self) -> None:
        try:
            with contextlib.suppress(OSError):  # a bus that ends resets the connection
                while data := await self._reader.read(CHUNK):
                    self._parser.add_data(data)
                    while message := self._parser.get_next_message():
                        self._take(message)
        finally:
            self.closed.set()
            self._writer.close()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(CannotAsk("the connection to the system bus broke"))

    def _take(self, message: Message) -> None:
        if message.header.message_type is MessageType.signal:
            self._heard(message)
            return
        answer = self._waiting.get(message.header.fields.get(HeaderFields.reply_serial, 0))
        if answer is not None and not answer.done():
            answer.set_result(message)


def _error(reply: Message) -> str:
    name = str(reply.header.fields.get(HeaderFields.error_name, "an error without a name"))
    text = next((part for part in reply.body if isinstance(part, str)), "")
    return f"{text or name} ({name.rpartition('.')[2]})"
