"""Somebody who is told of changes, and waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from watchcall.events.units import SystemdUnits

WITHIN = 20.0  # seconds for anything that is to happen


class Follower:
    """Follows units; `told` are the names it was told, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.units = SystemdUnits(self._hear)
        self._heard = asyncio.Event()

    def _hear(self, unit: str) -> None:
        self.told.append(unit)
        self._heard.set()

    async def follow(self, *units: str) -> None:
        """Follow units, and forget what was told until that is so."""
        self.units.follow(units)
        await self.until(lambda: set(units) <= set(self.told))
        self.told.clear()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN):
            while not true():
                self._heard.clear()
                await self._heard.wait()
