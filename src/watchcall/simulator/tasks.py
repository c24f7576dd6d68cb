"""Tasks that belong to somebody, and end with them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """What runs in the background; nothing of it outlives `stop`."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def stop(self) -> None:
        for task in tuple(self._running):
            await cancel(task)


async def cancel(task: asyncio.Task[Any]) -> None:
    """End a task and wait until it has put its things away."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
