"""The simulator's clock: real time, but waiting can be made shorter."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from watchcall.core.moment import Moment


class Clock:
    """Phones live `speed` times faster than the clock on the wall.

    skew: seconds by which the time that Twilio tells is wrong
    """

    def __init__(self, speed: float = 1.0, skew: float = 0.0) -> None:
        self.speed, self.skew = speed, skew

    def now(self) -> Moment:
        """Return the time as Twilio tells it."""
        return Moment(self.true().utc + timedelta(seconds=self.skew), time.monotonic())

    def true(self) -> Moment:
        return Moment(datetime.now(UTC), time.monotonic())

    def real(self, seconds: float) -> float:
        """Return how long `seconds` of a phone's life take."""
        return seconds / self.speed

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(self.real(seconds))
