"""A moment: one instant, read from two clocks at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as people name it, and the same instant as durations are measured.

    utc:     aware, in UTC; for records and speech; may jump when the clock is set
    elapsed: seconds of a clock that only goes forward; for durations; means nothing
             outside this run of the daemon
    """

    utc: datetime
    elapsed: float

    def since(self, earlier: Moment) -> timedelta:
        """Return how long ago `earlier` was, whatever happened to the wall clock meanwhile."""
        return timedelta(seconds=self.elapsed - earlier.elapsed)

    def before(self, by: timedelta) -> Moment:
        """Return the moment that long before."""
        return Moment(self.utc - by, self.elapsed - by.total_seconds())
