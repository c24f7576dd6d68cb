"""An event loop whose time passes without waiting.

Where a loop would wait for its next timer, this one sets its clock forward to it. Nothing but
timers is waited for: whatever runs on it may use no thread, no socket and no child.
"""

from __future__ import annotations

import asyncio
import selectors

from watchcall.errors import SimulationError

MOST_TURNS = 20_000_000  # of the loop: minutes, on any machine
MOST_AT_ONCE = 1_000_000  # in one instant: nothing that is meant needs as many


class _Leap(selectors.DefaultSelector):
    """A selector that leaps over the time it is asked to wait. `elapsed`: seconds leapt over."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0
        self._turns = self._at_once = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)  # a signal, such as Ctrl-C, comes through a socket
        self._turns += 1
        self._at_once += 1
        if not ready:
            self._leap(timeout)
        return ready

    def _leap(self, timeout: float | None) -> None:
        if timeout is None:
            raise SimulationError("the simulation waits for something that never comes")
        if timeout > 0:
            self.elapsed += timeout
            self._at_once = 0
        if self._at_once > MOST_AT_ONCE:
            raise SimulationError("the simulation does not get past one instant")
        if self._turns > MOST_TURNS:
            raise SimulationError("the simulation takes too long; let it end sooner, with --until")


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Seconds from zero on, as fast as the work in them is done; the same at every run."""

    def __init__(self) -> None:
        self._leap = _Leap()
        super().__init__(self._leap)

    def time(self) -> float:
        return self._leap.elapsed
