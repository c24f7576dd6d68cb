"""How soon an event may make a look early: at once, but not again and again.

Workers that come and go all day, or a process that crashes in a loop, must not become a storm of
looks: events close to each other share a look, and looks that find nothing changed come further
and further apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

LEAST_S = 0.1  # between two early looks at one check
CALM = 8  # so many gaps without an early look, and the next is at once again


@dataclass(slots=True)
class Pace:
    """The early looks at one check. Instants and durations in seconds, of any steady clock.

    longest: between two early looks, however little they find
    """

    longest: float
    _gap: float = LEAST_S
    _last: float = -inf  # when the last early look was taken
    _due: float | None = None  # when one is to be taken that events have asked for
    _unjudged: bool = False  # an early look was taken and has not ended

    def ask(self, now: float) -> float | None:
        """Something happened: return in how many seconds to look, None where that is planned."""
        if self._due is not None:
            return None
        if now - self._last >= CALM * self._gap:
            self._gap = LEAST_S
        self._due = max(now, self._last + self._gap)
        return self._due - now

    def take(self, now: float) -> None:
        """The look that was asked for is taken now."""
        self._due, self._last, self._unjudged = None, now, True

    def looked(self, changed: bool) -> None:
        """A look has ended; changed: it saw another level than the one before."""
        if changed:
            self._gap = LEAST_S
        elif self._unjudged:
            self._gap = max(LEAST_S, min(2 * self._gap, self.longest))
        self._unjudged = False
