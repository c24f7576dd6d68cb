"""Local rules about time: a person's quiet hours, planned maintenance.

Rules are given in local time, what is asked about is an instant. Each rule holds once a local
day, also when the clocks change: a time of day that is skipped is taken for the end of the gap,
one that comes twice for its first coming.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time with a name: from `start` on, no more at `end`."""

    name: str
    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """When a person is left alone: every day from `start` on until `end`, perhaps the next day.

    critical: whether what is critical may ring nevertheless
    """

    start: time
    end: time
    zone: ZoneInfo
    critical: bool = False

    def until(self, at: datetime) -> datetime | None:
        """Return the end of the quiet hours that an instant lies in, None where it lies in none."""
        today = at.astimezone(self.zone).date()
        # tomorrow's may have begun: St. John's put its clocks back from 00:01 to 23:01
        for day in (today - DAY, today, today + DAY):
            window = self._window(day)
            if window.holds(at):
                return window.end
        return None

    def _window(self, day: date) -> Window:
        """Return the quiet hours that begin on a local day."""
        last = day if self.start < self.end else day + DAY
        return Window(
            name="quiet hours",
            start=instant(datetime.combine(day, self.start), self.zone),
            end=instant(datetime.combine(last, self.end), self.zone),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """When some checks may fail without anybody being told.

    checks:   names, globs, or `tag:NAME`
    schedule: cron with five fields, in `zone`; each time it opens for `duration`
    start, end: instead of the schedule, one stretch of time
    """

    name: str
    checks: tuple[str, ...]
    zone: tzinfo
    schedule: str | None = None
    duration: timedelta = timedelta(0)
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What somebody has asked to be quiet about, by hand.

    id:     short, counted per host; None until the store has given it
    checks: names, globs, or `tag:NAME`
    ended_at: when it was taken back
    """

    checks: tuple[str, ...]
    reason: str
    by: str
    start: datetime
    end: datetime
    id: int | None = None
    ended_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.ended_at is None and self.start <= at < self.end


def instant(local: datetime, zone: tzinfo) -> datetime:
    """Return the instant of a local time (naive), in UTC.

    What the clocks skip is the end of the gap; of what comes twice it is the first.
    """
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return early
    return _end_of_gap(late, early, zone)


def _end_of_gap(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the first instant of the new offset, which lies between the two."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def latest_end(windows: Sequence[Window], at: datetime) -> datetime | None:
    """Return when the last of the windows ends that hold an instant, None where none does."""
    return max((one.end for one in windows if one.holds(at)), default=None)
