"""When a call is dialed: Twilio dials so many a second, the others stay queued, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from watchcall.simulator.clock import Clock


class Dialer:
    """Gives turns: `cps` of them in a second of a phone's life, 0 is without a limit.

    Twilio: "1 CPS per account by default; excess is queued, not rejected"
    (https://www.twilio.com/docs/voice/api/call-resource).
    """

    def __init__(self, clock: Clock, cps: Callable[[], float]) -> None:
        self._clock, self._cps = clock, cps
        self._turn = asyncio.Lock()  # fair: first come, first dialed
        self._waiting = 0
        self._free_at = 0.0

    def estimate(self, hold: float) -> float:
        """Return the seconds a call that comes now, and is held so long, waits in the queue."""
        if not self._cps():
            return hold
        until_free = max(0.0, self._free_at - time.monotonic()) * self._clock.speed
        return max(hold, until_free + self._waiting / self._cps())

    async def turn(self, hold: float) -> None:
        """Wait until a call may be dialed; one that is canceled meanwhile takes no turn."""
        self._waiting += 1
        try:
            await self._clock.wait(hold)
            async with self._turn:
                await asyncio.sleep(self._free_at - time.monotonic())
                if cps := self._cps():
                    self._free_at = time.monotonic() + self._clock.real(1 / cps)
        finally:
            self._waiting -= 1
