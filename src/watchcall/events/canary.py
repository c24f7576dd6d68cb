"""A connection that is held open to a local web server: when it ends, the server may have.

One per address and port, opened after a successful look by a HEAD request, because only a server
that has answered and kept the connection holds it willingly: one that serves a single connection
at a time would be blocked by a connection that says nothing. That it is not is tried out once, with
a second request while the first connection is held. Where a look fails, the connection is let go
of first of all: it must never be what is in the way.

Servers end idle connections in their own time (nginx after 75 s, Apache after 5 s). Where that is
soon, again and again, the server is left in peace for an hour. TLS is not held: the connection
would cost more memory than the rest of the check, and process and unit events cover such servers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

log = logging.getLogger(__name__)

Endpoint = tuple[str, int]  # an IP address and a port

MOST = 100  # connections
PATIENCE_S = 1.0  # for the answer to a greeting; what needs longer is too busy to be bothered
SHORT_S = 30.0  # a connection that ends sooner, though the server is well, was not worth it
TRIES = 3  # such connections in a row, and the server is left in peace
PEACE_S = 3600.0
LONGEST_HEAD = 16 * 1024  # bytes


@dataclass(slots=True)
class _Server:
    """What is known of one server.

    proved: it answers others while a connection is held
    vain:   connections in a row that ended soon for no reason
    """

    line: _Line | None = None
    opening: asyncio.Task[None] | None = None
    since: float = -inf
    lasted: float | None = None  # the last connection, which ended and was not judged yet
    vain: int = 0
    proved: bool = False
    peace_until: float = -inf


@dataclass(slots=True)
class Canaries:
    """Holds the connections. Belongs to the loop on which it is first used.

    ended: called where a server has let go of a connection
    """

    ended: Callable[[Endpoint], None]
    _servers: dict[Endpoint, _Server] = field(default_factory=dict)

    def well(self, endpoint: Endpoint, greeting: Callable[[], bytes | None]) -> None:
        """A look has found the server well: hold a connection, if there is none.

        greeting: returns a HEAD request that the server answers and that leaves the connection
                  open, None where there is none; asked for only where it is needed
        """
        server = self._servers.get(endpoint)
        if server is None and len(self._servers) >= MOST:
            return
        if server is not None:
            _judge(server, now := _now())
            if server.line or server.opening or now < server.peace_until:
                return
        if (words := greeting()) is not None:
            server = self._servers.setdefault(endpoint, _Server())
            server.opening = asyncio.create_task(self._open(endpoint, server, words))

    def unwell(self, endpoint: Endpoint) -> None:
        """A look has failed: let go, and hold nothing against the server."""
        server = self._servers.get(endpoint)
        if server is not None:
            server.lasted = None
            _release(server)

    def keep(self, endpoints: set[Endpoint]) -> None:
        """Let go of all servers but these."""
        for endpoint in self._servers.keys() - endpoints:
            _release(self._servers.pop(endpoint))

    def held(self) -> int:
        """Return to how many servers a connection is held."""
        return sum(one.line is not None for one in self._servers.values())

    def close(self) -> None:
        self.keep(set())

    async def _open(self, endpoint: Endpoint, server: _Server, greeting: bytes) -> None:
        line = None
        try:
            line = await _greeted(endpoint, greeting)
            if line is None:
                server.vain += 1
                _rest(server, _now())
            elif not server.proved and not await _serves_others(endpoint, greeting):
                server.peace_until = _now() + PEACE_S
            else:
                self._hold(endpoint, server, line)
        finally:
            server.opening = None
            if line is not None and line is not server.line:
                line.hang_up()

    def _hold(self, endpoint: Endpoint, server: _Server, line: _Line) -> None:
        server.proved = True
        if line.over:
            server.lasted = 0.0
            return
        server.line, server.since = line, _now()
        line.on_end = lambda: self._over(endpoint, server)

    def _over(self, endpoint: Endpoint, server: _Server) -> None:
        server.line, server.lasted = None, _now() - server.since
        self.ended(endpoint)


class _Line(asyncio.Protocol):
    """One connection: a greeting, its answer, and silence until the end.

    kept: whether the server keeps it open; asked for once
    """

    def __init__(self, greeting: bytes) -> None:
        self.kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.on_end: Callable[[], None] | None = None
        self.over = False
        self._greeting, self._head = greeting, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            transport.write(self._greeting)

    def data_received(self, data: bytes) -> None:
        if self.kept.done():
            return  # a parting word, such as 408 of a server that ends an idle connection
        self._head += data
        if b"\r\n\r\n" in self._head or len(self._head) > LONGEST_HEAD:
            self.kept.set_result(keeps(self._head))

    def connection_lost(self, error: Exception | None) -> None:
        self.over = True
        if not self.kept.done():
            self.kept.set_result(False)
        if self.on_end is not None:
            self.on_end()

    def hang_up(self) -> None:
        self.on_end = None
        if self._transport is not None:
            self._transport.abort()


async def _greeted(endpoint: Endpoint, greeting: bytes) -> _Line | None:
    """Return a connection that the server keeps after its answer, None where it keeps none."""
    line = _Line(greeting)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.get_running_loop().create_connection(lambda: line, *endpoint)
            if await line.kept:
                return line
    except OSError:  # TimeoutError too
        pass
    except asyncio.CancelledError:
        line.hang_up()
        raise
    line.hang_up()
    return None


async def _serves_others(endpoint: Endpoint, greeting: bytes) -> bool:
    """Return whether a server answers while it holds a connection of ours."""
    other = await _greeted(endpoint, greeting)
    if other is not None:
        other.hang_up()
    return other is not None


def keeps(head: bytes) -> bool:
    """Return whether a server keeps its connection, by the head of its answer (RFC 9112, 9.3)."""
    first, *lines = head.partition(b"\r\n\r\n")[0].split(b"\r\n")
    if not first.startswith(b"HTTP/1.1 ") or b"\r\n\r\n" not in head:
        return False
    fields = (line.lower().partition(b":") for line in lines)
    return not any(name == b"connection" and b"close" in value for name, _, value in fields)


def _judge(server: _Server, now: float) -> None:
    """The server is well: the connection that has ended meanwhile ended for no reason."""
    if server.lasted is None:
        return
    server.vain = server.vain + 1 if server.lasted < SHORT_S else 0
    server.lasted = None
    _rest(server, now)


def _rest(server: _Server, now: float) -> None:
    if server.vain >= TRIES:
        server.vain, server.peace_until = 0, now + PEACE_S


def _release(server: _Server) -> None:
    if server.opening is not None:
        server.opening.cancel()
    if server.line is not None:
        server.line.hang_up()
        server.line = None


def _now() -> float:
    return asyncio.get_running_loop().time()
