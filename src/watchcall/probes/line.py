"""A TCP connection on the loop, to whichever of a host's addresses takes it first.

asyncio's streams would do, but for their end: a TLS transport lingers on its own clock, and a look
lets go of its socket when it is over, however it ended.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain, zip_longest
from typing import TypeVar

from watchcall.probes.ours import OUR_ERRNOS

T = TypeVar("T")

STEP_S = 0.25  # until the next address is tried too: RFC 8305, "Connection Attempt Delay"
PIECE = 8192


class Line:
    """One connection. Every wait ends when the caller is cancelled."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def encrypt(self, context: ssl.SSLContext, host: str) -> str | None:
        """Shake hands; return the version of TLS. Raises ssl.SSLError and OSError."""
        tls = context.wrap_socket(self._sock, server_hostname=host, do_handshake_on_connect=False)
        self._sock = tls
        await _patiently(tls, tls.do_handshake, sends=False)
        return tls.version()

    async def send(self, data: bytes) -> None:
        while data:
            sent = await _patiently(self._sock, partial(self._sock.send, data), sends=True)
            data = data[sent:]

    async def receive(self) -> bytes:
        """Return some bytes, none at the end."""
        return await _patiently(self._sock, partial(self._sock.recv, PIECE), sends=False)

    @property
    def remote(self) -> str:
        address, port, *_ = self._sock.getpeername()
        return f"{address} port {port}"

    def close(self) -> None:
        self._sock.close()


async def dial(addresses: Iterable[str], port: int) -> Line:
    """Return a connection to the address that takes it first ("Happy Eyeballs", RFC 8305).

    The next address is tried when one fails, and also when one hangs.
    Raises the OSError that tells most where none takes it.
    """
    waiting, errors = deque(alternating(addresses)), list[OSError]()
    trying: set[asyncio.Task[socket.socket]] = set()
    try:
        while waiting or trying:
            if waiting:
                trying.add(asyncio.create_task(_connected(waiting.popleft(), port)))
            step = STEP_S if waiting else None
            await asyncio.wait(trying, timeout=step, return_when=asyncio.FIRST_COMPLETED)
            for done in [task for task in trying if task.done()]:
                trying.remove(done)
                error = done.exception()
                if error is None:
                    return Line(done.result())
                if not isinstance(error, OSError):
                    raise error
                errors.append(error)
        raise most_telling(errors)
    finally:
        for task in trying:
            task.cancel()
            task.add_done_callback(_drop)


def alternating(addresses: Iterable[str]) -> list[str]:
    """Return addresses with their families in turn, the first one's family first."""
    addresses = list(addresses)
    is_first = [(":" in one) == (":" in addresses[0]) for one in addresses]
    first = [one for one, same in zip(addresses, is_first, strict=True) if same]
    other = [one for one, same in zip(addresses, is_first, strict=True) if not same]
    return [one for one in chain.from_iterable(zip_longest(first, other)) if one is not None]


def most_telling(errors: Iterable[OSError]) -> OSError:
    """Return the error to report: out of descriptors, refused, what else the target may have
    caused, and last what only this machine did (it has no IPv6, say)."""

    def rank(error: OSError) -> int:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return 0
        if error.errno == errno.ECONNREFUSED:
            return 1
        return 3 if error.errno in OUR_ERRNOS else 2

    return min(errors, key=rank)


async def _connected(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _drop(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _patiently(sock: socket.socket, act: Callable[[], T], *, sends: bool) -> T:
    """Do something with a socket that does not block, as soon as it can be done."""
    while True:
        try:
            return act()
        except ssl.SSLWantReadError:
            await _ready(sock, sends=False)
        except ssl.SSLWantWriteError:
            await _ready(sock, sends=True)
        except BlockingIOError:
            await _ready(sock, sends=sends)


async def _ready(sock: socket.socket, *, sends: bool) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    add, remove = (
        (loop.add_writer, loop.remove_writer) if sends else (loop.add_reader, loop.remove_reader)
    )
    add(sock, _settle, ready)
    try:
        await ready
    finally:
        remove(sock)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
