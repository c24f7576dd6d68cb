"""A held connection to a local server: its end is told, and it is in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from watchcall.events import canary
from watchcall.events.canary import Canaries, Endpoint, keeps

WITHIN = 10.0  # seconds, for what takes a millisecond
GREETING = b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\n"
KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Site:
    """A web server that answers each request and keeps its connections until `hang_up`."""

    def __init__(self, answer: bytes = KEPT, at_once: int = 1000, lasting: float = WITHIN) -> None:
        self.requests = 0
        self.open: set[asyncio.StreamWriter] = set()
        self.endpoint: Endpoint = ("", 0)
        self._answer, self._turns, self._lasting = answer, asyncio.Semaphore(at_once), lasting

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            async with self._turns, asyncio.timeout(self._lasting):
                while await reader.readuntil(b"\r\n\r\n"):
                    self.requests += 1
                    writer.write(self._answer)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        for writer in tuple(self.open):
            writer.transport.abort()


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[Site]:
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    site.endpoint = server.sockets[0].getsockname()[:2]
    try:
        yield site
    finally:
        server.close()
        site.hang_up()
        await server.wait_closed()


class Told:
    def __init__(self) -> None:
        self.ends: list[Endpoint] = []
        self.canaries = Canaries(self._ended)
        self._end = asyncio.Event()

    def _ended(self, endpoint: Endpoint) -> None:
        self.ends.append(endpoint)
        self._end.set()

    async def opened(self, site: Site) -> None:
        """Let a look be fine, and wait until what follows from it is done."""
        self.canaries.well(site.endpoint, lambda: GREETING)
        await self.settled(site)

    async def settled(self, site: Site) -> None:
        async with asyncio.timeout(WITHIN):
            opening = self.canaries._servers[site.endpoint].opening
            if opening is not None:
                await opening

    async def ended(self) -> None:
        async with asyncio.timeout(WITHIN):
            await self._end.wait()
        self._end.clear()


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    made = Told()
    yield made
    made.canaries.close()


async def test_the_end_of_a_connection_is_told(told: Told) -> None:
    async with running(Site()) as site:
        await told.opened(site)
        assert told.canaries.held() == 1

        site.hang_up()
        await told.ended()

        assert told.ends == [site.endpoint]
        assert told.canaries.held() == 0


async def test_one_connection_however_many_checks_and_looks(told: Told) -> None:
    async with running(Site()) as site:
        for _ in range(5):
            told.canaries.well(site.endpoint, lambda: GREETING)
        await told.opened(site)
        await told.opened(site)

        assert told.canaries.held() == 1
        assert site.requests == 2  # the second, only once: whether others are served meanwhile


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n", id="HTTP/1.0"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", id="it says so"),
        pytest.param(b"220 mail ESMTP\r\n\r\n", id="another protocol"),
    ],
)
async def test_a_server_that_keeps_no_connection_is_not_held(told: Told, answer: bytes) -> None:
    async with running(Site(answer)) as site:
        await told.opened(site)

        assert (told.canaries.held(), told.ends) == (0, [])


async def test_a_server_of_one_connection_at_a_time_is_not_blocked(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canary, "PATIENCE_S", 0.2)
    async with running(Site(at_once=1)) as site:
        await told.opened(site)
        assert told.canaries.held() == 0

        async with asyncio.timeout(WITHIN):  # somebody else is served
            reader, writer = await asyncio.open_connection(*site.endpoint)
            writer.write(GREETING)
            assert await reader.readuntil(b"\r\n\r\n") == KEPT
            writer.close()

        before = site.requests
        await told.opened(site)
        assert site.requests == before  # tried once


async def test_a_server_that_ends_idle_connections_soon_is_left_in_peace(told: Told) -> None:
    async with running(Site()) as site:
        for _ in range(canary.TRIES):
            await told.opened(site)
            site.hang_up()
            await told.ended()
        before = site.requests

        await told.opened(site)

        assert (told.canaries.held(), site.requests) == (0, before)


async def test_a_server_that_broke_down_is_held_again(told: Told) -> None:
    """What ended because the server did says nothing about how long it keeps connections."""
    async with running(Site()) as site:
        for _ in range(2 * canary.TRIES):
            await told.opened(site)
            site.hang_up()
            await told.ended()
            told.canaries.unwell(site.endpoint)

        await told.opened(site)

        assert told.canaries.held() == 1


async def test_where_a_look_fails_nothing_is_held(told: Told) -> None:
    async with running(Site()) as site:
        await told.opened(site)

        told.canaries.unwell(site.endpoint)

        assert (told.canaries.held(), told.ends) == (0, [])


async def test_who_is_no_longer_looked_at_is_let_go_of(told: Told) -> None:
    async with running(Site()) as site, running(Site()) as other:
        await told.opened(site)
        await told.opened(other)

        told.canaries.keep({other.endpoint})

        assert told.canaries.held() == 1


async def test_nobody_is_there(told: Told) -> None:
    async with running(Site()) as site:
        gone = Site()
        gone.endpoint = site.endpoint
    await told.opened(gone)

    assert (told.canaries.held(), told.ends) == (0, [])


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        pytest.param(KEPT, True, id="HTTP/1.1 keeps"),
        pytest.param(b"HTTP/1.1 404 No\r\nConnection: keep-alive\r\n\r\n", True, id="and says so"),
        pytest.param(b"HTTP/1.1 200 OK\r\nCONNECTION: Close\r\n\r\n", False, id="in any case"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: x, close\r\n\r\n", False, id="in a list"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: close\r\n\r\n", True, id="another field"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20000, False, id="no end in sight"),
        pytest.param(b"\0\xff", False, id="anything"),
    ],
)
def test_what_a_server_says_of_its_connection(head: bytes, kept: bool) -> None:
    assert keeps(head) is kept
