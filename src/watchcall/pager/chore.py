"""Something that is looked after again and again: when it is due, and when it is woken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from watchcall.errors import WatchCallError

log = logging.getLogger(__name__)

AGAIN_S = 5.0  # before it is taken up again after trouble

Turn = Callable[[], Awaitable[float | None]]


class Chore:
    """A task that takes turns for ever.

    turn: does the next thing; returns the seconds until there is another: 0 to go on at once,
          None until woken. What it raises delays it and never ends it.
    least: seconds between two turns, however often it is woken
    after: seconds from being woken to the turn: who is in a hurry goes first
    """

    def __init__(self, name: str, turn: Turn, least: float = 0, after: float = 0) -> None:
        self._name, self._turn, self._least, self._after = name, turn, least, after
        self._woken = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=name)

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    async def stop(self) -> None:
        """End it, in the middle of a turn if need be."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                wait = await self._turn()
            except WatchCallError as error:  # who raised it has said so, or it will pass
                log.debug("%s: %s", self._name, error)
                wait = AGAIN_S
            except Exception:  # a bug of ours must not end it for good
                log.exception("%s stumbled; it goes on", self._name)
                wait = AGAIN_S
            if wait != 0:
                await asyncio.sleep(self._least)
                await self._wait(None if wait is None else max(0, wait - self._least))

    async def _wait(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
            if self._after:
                await asyncio.sleep(self._after)
        except TimeoutError:
            pass
