"""Maintenance as stretches of time: which one is now, when it is over, when the next begins.

cronsim reads the schedules as Debian's cron does: what falls into a gap of the clocks comes at
its end, what falls into a repeated hour comes once. A stretch lasts as long as a watch says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from cronsim import CronSim, CronSimError

from watchcall.core.calendar import DAY, MINUTE, Maintenance, Window, instant
from watchcall.core.contact import selects

SECOND = timedelta(seconds=1)
# So many windows are joined at once, in a few milliseconds: what goes on for longer is gone on
# with when that is over.
MOST = 500
FAR = datetime.max.replace(tzinfo=UTC)

FIELDS = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day of the month": "1 to 31",
    "month": "1 to 12 or JAN to DEC",
    "day of the week": "0 to 7 or SUN to SAT",
}
EXAMPLE = 'such as "0 3 * * 0" for Sundays at 03:00'
SOME_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)  # what a schedule means must not change with time
YEARS = 5 * 366 * DAY


class Windows:
    """All maintenance of one configuration."""

    def __init__(self, maintenances: Sequence[Maintenance]) -> None:
        self._all = [(one.checks, planned(one)) for one in maintenances]

    def holding(self, check: str, tags: Iterable[str], at: datetime) -> Window | None:
        """Return the window a check is in, the one that ends last; None where it is in none."""
        tags = tuple(tags)
        holding = [
            window
            for checks, one in self._all
            if (window := one.window_at(at)) and any(selects(name, check, tags) for name in checks)
        ]
        return max(holding, key=lambda window: window.end, default=None)


class Planned(Protocol):
    """The windows of one maintenance."""

    def window_at(self, at: datetime) -> Window | None:
        """Return the window that holds an instant, until it is really over."""
        ...

    def next(self, after: datetime) -> Window | None:
        """Return the first window that begins after an instant and after the one that holds it."""
        ...


def planned(maintenance: Maintenance) -> Planned:
    """Return the windows of a maintenance."""
    return Once(maintenance) if maintenance.schedule is None else Recurring(maintenance)


class Once:
    """From here to there."""

    def __init__(self, maintenance: Maintenance) -> None:
        if maintenance.start is None or maintenance.end is None:
            raise ValueError(f"maintenance {maintenance.name!r} has neither a schedule nor an end")
        self._window = Window(name=maintenance.name, start=maintenance.start, end=maintenance.end)

    def window_at(self, at: datetime) -> Window | None:
        return self._window if self._window.holds(at) else None

    def next(self, after: datetime) -> Window | None:
        return self._window if self._window.start > after else None


class Recurring:
    """Each time that cron says, for a while; what overlaps or touches is one window.

    It is asked every second, so it remembers its answer and how long that holds.
    """

    def __init__(self, maintenance: Maintenance) -> None:
        self._name = maintenance.name
        self._schedule = maintenance.schedule or ""
        self._duration = maintenance.duration
        self._zone = maintenance.zone
        self._since = self._until = FAR
        self._answer: Window | None = None

    def window_at(self, at: datetime) -> Window | None:
        if not self._since <= at < self._until:
            self._answer = self._look(at)
        return self._answer

    def next(self, after: datetime) -> Window | None:
        now = self._holding(after)
        start = next(self._firings(now.end if now else after), None)
        return self._window(start, start) if start else None

    def _look(self, at: datetime) -> Window | None:
        if window := self._holding(at):
            self._since, self._until = window.start, window.end
        else:
            self._since, self._until = at, next(self._firings(at), FAR)
        return window

    def _holding(self, at: datetime) -> Window | None:
        start = next(self._firings(at - self._duration), None)
        if start is None or start > at:
            return None
        return self._window(self._first(start), start)

    def _first(self, start: datetime) -> datetime:
        """Return the start of the first of the windows that lead without a gap to this one."""
        for _ in range(MOST):
            earlier = next(self._firings(start - self._duration - SECOND), start)
            if earlier >= start:
                break
            start = earlier
        return start

    def _window(self, start: datetime, firing: datetime) -> Window:
        end = firing + self._duration
        for _ in range(MOST):
            last = self._last(firing, end)
            if last == firing:
                break
            firing, end = last, last + self._duration
        return Window(name=self._name, start=start, end=end)

    def _last(self, firing: datetime, end: datetime) -> datetime:
        """Return the last firing from this one on up to `end`, by halves: there may be many."""
        none_after = end
        while none_after - firing >= MINUTE:
            middle = firing + (none_after - firing) / 2
            found = next(self._firings(middle), FAR)
            if found <= end:
                firing = found
            else:
                none_after = middle
        return firing

    def _firings(self, after: datetime) -> Iterator[datetime]:
        return firings(self._schedule, self._zone, after)


def firings(schedule: str, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """Yield when a schedule comes after an instant, rising, in UTC."""
    for firing in _comings(schedule, zone, after):
        if firing > after:  # all that lies in a gap comes together
            yield firing
            after = firing


def _comings(schedule: str, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """Yield the instants of what cronsim finds on the clock on the wall.

    As in Debian's cron, a time of day comes once, and what goes by a star in the minute or the
    hour also in the repetition of an hour; what is in every hour is not made up for after a gap.
    """
    minute, hour = schedule.split()[:2]
    again: list[datetime] = []
    for wall in CronSim(schedule, _wall(after, zone)):
        first, last = instant(wall, zone), wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        if last > first:
            again += [last] if "*" in (minute[0], hour[0]) else []
        else:
            yield from again
            again.clear()
        if last >= first or hour != "*":
            yield first


def _wall(after: datetime, zone: tzinfo) -> datetime:
    """Return what the clock shows; where that will come again, something before the repetition."""
    wall = after.astimezone(zone).replace(tzinfo=None, fold=0)
    return wall - (wall.replace(tzinfo=zone, fold=1).astimezone(UTC) - after)


def schedule_error(schedule: str) -> str | None:
    """Return what is wrong with a schedule, None where it comes again and again."""
    fields = schedule.split()
    if len(fields) != len(FIELDS):
        return f"must have five fields: {', '.join(FIELDS)}; {EXAMPLE}"
    for nth, (name, right) in enumerate(FIELDS.items()):
        if not _reads([*"*" * nth, fields[nth], *"*" * (4 - nth)], nth):
            return (
                f'the {name} "{fields[nth][:40]}" is not right: {right}, * for any, a list "1,2", '
                'a rising range "1-5" or a step "*/2"'
            )
    return None if _comes(schedule) else "never comes: these months have no such day"


def _reads(fields: list[str], nth: int) -> bool:
    """Whether cronsim understands a field; days such as 31 are judged with all months."""
    if not re.fullmatch("[0-9A-Za-z*,/#-]{1,100}", fields[nth]):
        return False
    try:
        CronSim(" ".join(fields), SOME_MONDAY)
    except CronSimError:
        return False
    return True


def _comes(schedule: str) -> bool:
    try:
        return next(CronSim(schedule, SOME_MONDAY), None) is not None
    except CronSimError:
        return False


def always(schedule: str, duration: timedelta) -> bool:
    """Return whether a window that is opened by a schedule is open all the time.

    Of days this is said without the clocks' changes: a gap of an hour a year is nobody's wish.
    """
    if duration >= DAY:
        return _unbroken(schedule, duration, YEARS)
    days = " ".join(["0", "0", *schedule.split()[2:]])
    return _unbroken(schedule, duration, 2 * DAY) and _unbroken(days, DAY, YEARS)


def _unbroken(schedule: str, duration: timedelta, stretch: timedelta) -> bool:
    """Whether from a first firing on each is followed by another before its window ends."""
    firing = next(CronSim(schedule, SOME_MONDAY))
    until = firing + stretch
    while firing < until:
        last = next(CronSim(schedule, firing + duration + SECOND, reverse=True))
        if last <= firing:
            return False
        firing = last
    return True
