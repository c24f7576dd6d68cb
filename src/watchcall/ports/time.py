"""Time: what it is, and what is planned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from watchcall.core.calendar import Window
from watchcall.core.moment import Moment


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Moment: ...

    async def sleep(self, seconds: float) -> None: ...


class Calendar(Protocol):
    """Knows when maintenance is planned."""

    def holding(self, check: str, tags: Iterable[str], at: datetime) -> Window | None:
        """Return the window of a check that an instant lies in and that ends last."""
        ...
