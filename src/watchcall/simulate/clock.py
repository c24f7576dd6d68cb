"""The clock of a simulation: starts when it is told to, and passes as the loop's time does."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from watchcall.core.moment import Moment

UP_FOR = timedelta(days=30).total_seconds()  # of the machine, when the simulation begins


class SimulatedClock:
    """Implements ports.Clock on a SimulatedLoop.

    start: the instant at which the loop's time is zero
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._booted = -UP_FOR

    def now(self) -> Moment:
        seconds = asyncio.get_running_loop().time()
        return Moment(self._start + timedelta(seconds=seconds), seconds - self._booted)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def boot(self) -> None:
        """The machine boots now: what `elapsed` counts begins anew."""
        self._booted = asyncio.get_running_loop().time()
