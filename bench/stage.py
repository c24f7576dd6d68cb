"""A server to measure on: the one that the tests use, in a folder of its own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.daemon.server import Server, server


@asynccontextmanager
async def stage() -> AsyncIterator[Server]:
    with tempfile.TemporaryDirectory(prefix="watchcall-bench-") as folder:
        async with server(Path(folder)) as built:
            yield built
