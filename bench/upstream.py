"""A web server that is cheap, in a process of its own, and notes when it was asked for what.

`python -m bench.upstream` prints its port, answers every request with 200, and at the end of its
standard input prints what it noted as JSON: by path, the seconds of the monotonic clock at which
requests arrived.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
BACKLOG = 4096

Arrivals = dict[str, list[float]]


class Upstream:
    """One that runs; `arrivals` ends it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._process = process
        self.port = int(process.stdout.readline())

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def arrivals(self) -> Arrivals:
        """End it, and return what it noted."""
        noted, _ = self._process.communicate("")
        found: Arrivals = json.loads(noted)
        return found


@contextmanager
def upstream() -> Iterator[Upstream]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.upstream"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Upstream(process)
    finally:
        process.kill()
        process.communicate()


class _Answer(asyncio.Protocol):
    """One request on one connection; it fits into one packet."""

    def __init__(self, noted: defaultdict[str, list[float]]) -> None:
        self._noted = noted

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        path = data.split(b" ", 2)[1].decode()
        self._noted[path].append(time.monotonic())
        self._transport.write(REPLY)
        self._transport.close()


async def _serve() -> None:
    noted: defaultdict[str, list[float]] = defaultdict(list)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Answer(noted), "127.0.0.1", 0, backlog=BACKLOG, reuse_address=True
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    json.dump(noted, sys.stdout)


if __name__ == "__main__":
    asyncio.run(_serve())
