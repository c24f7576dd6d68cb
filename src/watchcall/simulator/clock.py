"""The simulator's clock: real time, but waiting can be made shorter."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from watchcall.core.moment import Moment


class Clock:
    """Phones live `speed` times faster than the clock on the wall."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed

    def now(self) -> Moment:
        return Moment(datetime.now(UTC), time.monotonic())

    def real(self, seconds: float) -> float:
        """Return how long `seconds` of a phone's life take."""
        return seconds / self.speed

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(self.real(seconds))
