"""How often news may be passed on: a burst at once, a stream ten times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

BURST = 40  # a restart is eight changes
EVERY_S = 0.1  # of a stream


class Bursts:
    """Passes on that something changed. What comes too fast is told once, a little later.

    A unit that systemd restarts ten times a second would otherwise be looked at sixty times.
    """

    def __init__(
        self, tell: Callable[[], None], burst: int = BURST, every: float = EVERY_S
    ) -> None:
        self._tell = tell
        self._burst, self._every = burst, every
        self._left = float(burst)
        self._counted_at = float("-inf")
        self._later: asyncio.TimerHandle | None = None

    def happened(self) -> None:
        """Something changed; needs a running loop."""
        if self._later is not None:
            return
        loop = asyncio.get_running_loop()
        self._refill(loop.time())
        if self._left >= 1:
            self._pass_on()
        else:
            self._later = loop.call_later((1 - self._left) * self._every, self._overdue)

    def stop(self) -> None:
        """Tell nothing any more of what was held back."""
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _overdue(self) -> None:
        self._later = None
        self._refill(asyncio.get_running_loop().time())
        self._pass_on()

    def _refill(self, now: float) -> None:
        earned = (now - self._counted_at) / self._every
        self._left = min(float(self._burst), self._left + earned)
        self._counted_at = now

    def _pass_on(self) -> None:
        self._left -= 1
        self._tell()
