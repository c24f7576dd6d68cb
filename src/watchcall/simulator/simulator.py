"""The whole simulator, started and stopped: as its command runs it, and as tests do.

async with Simulator(script={"phones": {"+819012345678": ["busy", "answer"]}}) as sim:
    ...  # point a Twilio client at sim.url
    await sim.until(lambda: sim.calls and sim.calls[0].status.final)
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from watchcall.errors import ConfigError, StartError
from watchcall.simulator.api import Account, Api
from watchcall.simulator.call import Call, Status
from watchcall.simulator.clock import Clock
from watchcall.simulator.exchange import Exchange
from watchcall.simulator.http import Connection
from watchcall.simulator.ledger import Entry, Ledger
from watchcall.simulator.outward import loopback
from watchcall.simulator.script import Script, load, read
from watchcall.simulator.tasks import Tasks
from watchcall.simulator.text import Text
from watchcall.simulator.texts import Texts

Seen = TypeVar("Seen")


class Simulator:
    """A Twilio on a loopback address.

    script: a Script, what a script file says as a mapping, or the path of one
    speed:  overrides the script's
    ledger: the file to append to; what happens is in `.ledger` either way
    """

    def __init__(
        self,
        script: Script | Mapping[str, Any] | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        account: Account | None = None,
        ledger: Path | None = None,
        speed: float | None = None,
    ) -> None:
        if not loopback(host):
            raise StartError(f"{host} is not a loopback address; the simulator serves no other")
        self.account = account or Account()
        self.script = _script(script)
        if speed is not None:
            self.script = replace(self.script, speed=speed)
        self._speed = speed
        self.clock = Clock(self.script.speed, self.script.clock_skew)
        self.book = Ledger(ledger, self.clock.true)
        self._exchange = Exchange(self.script, self.clock, self.book, self.account.token)
        self._texts = Texts(self.script, self.clock, self.book, self.account.token)
        now = self.clock.now()
        self._api = Api(self.account, self._exchange, self._texts, self.book, now)
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._connections = Tasks()

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def calls(self) -> list[Call]:
        """Every call, in the order in which they were placed; also those from outside."""
        return list(self._exchange.calls.values())

    @property
    def texts(self) -> list[Text]:
        """Every text, in the order in which they came to be; also those from outside."""
        return list(self._texts.texts.values())

    def text(self, from_: str, to: str, body: str) -> Text:
        """Let somebody text one of our numbers."""
        return self._texts.receive(self.account.sid, from_, to, body)

    def ring(self, from_: str, to: str, end: Status = Status.COMPLETED) -> Call:
        """Let somebody ring one of our numbers, and the call end as it is told to."""
        return self._exchange.ring(self.account.sid, from_, to, end)

    @property
    def ledger(self) -> list[Entry]:
        """Everything that happened since the start."""
        return self.book.entries

    def entries(self, kind: str) -> list[Entry]:
        return [entry for entry in self.ledger if entry["kind"] == kind]

    def rescript(self, script: Script | Mapping[str, Any] | Path) -> None:
        """Go on with another script: for what is asked from now on, and phones go on counting.

        ConfigError where it is wrong; then the script stays what it was. The ledger has either.
        """
        try:
            new = _script(script)
        except ConfigError as error:
            self.book.write("script", problems=list(error.problems))
            raise
        self.script = new if self._speed is None else replace(new, speed=self._speed)
        self.clock.speed, self.clock.skew = self.script.speed, self.script.clock_skew
        self._exchange.script = self._texts.script = self.script
        self.book.write("script", problems=[])

    async def start(self) -> None:
        """Listen; with port 0, `url` tells which port it became."""
        try:
            self._server = await asyncio.start_server(self._serve, self._host, self._port)
        except OSError as error:
            self.book.close()
            why = os.strerror(error.errno) if error.errno else error
            raise StartError(f"cannot listen on {self._host}:{self._port}: {why}") from error
        self._port = self._server.sockets[0].getsockname()[1]
        self.book.write("start", url=self.url, pid=os.getpid())

    async def stop(self) -> None:
        """Hang up everything and stop listening; calls that were going on stay unfinished."""
        if self._server is None:
            return
        self._server.close()
        await self._connections.stop()
        await self._exchange.stop()
        await self._texts.stop()
        await self._server.wait_closed()
        self._server = None
        self.book.write("stop")
        self.book.close()

    async def until(self, predicate: Callable[[], Seen], within: float = 5.0) -> Seen:
        """Wait until something is true, looking whenever anything happens; return it."""
        happened = asyncio.Event()

        def notice(_: Entry) -> None:
            happened.set()

        self.book.listeners.append(notice)
        try:
            async with asyncio.timeout(within):
                while not (seen := predicate()):
                    await happened.wait()
                    happened.clear()
        except TimeoutError:
            last = "\n".join(str(entry) for entry in self.ledger[-10:])
            raise TimeoutError(f"not true within {within:g} s; last happened:\n{last}") from None
        finally:
            self.book.listeners.remove(notice)
        return seen

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.spawn(Connection(reader, writer, self._api, self.clock).serve())


def _script(given: Script | Mapping[str, Any] | Path | None) -> Script:
    if isinstance(given, Script):
        return given
    if isinstance(given, Path):
        return load(given)
    return read(given or {})
