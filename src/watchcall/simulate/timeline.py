"""A timeline: one line after the other, each perhaps with its time. Pure: text in, events out.

# comments and empty lines are nothing
alice is busy                 without a time: from the beginning
03:00 httpd fails             a time of day; one before that of the line above is the next day's
+5m   recovers                so long after the line above
2026-11-29 07:00 web-* fails  with a date
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from watchcall.config.hints import quoted
from watchcall.config.types import duration
from watchcall.core.calendar import DAY, instant
from watchcall.errors import TimelineError
from watchcall.simulate.events import Cast, Event
from watchcall.simulate.statements import Reader, Said
from watchcall.simulate.verbs import SAYS, Word, words_of

BEGINNING = time(3, 0)  # where no line names a time of day
LONGEST = timedelta(days=31)
MOST_LINES = 10_000
YEARS = range(2000, 2100)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_TIME = re.compile(r"\d{1,2}(?::\d{1,2}){1,2}")


@dataclass(slots=True)
class Times:
    """Turns what lines say of their time into instants, in the order of the lines.

    day:  the first, unless a line names another
    last: of the line above
    """

    day: date
    zone: tzinfo
    last: datetime | None = None

    @property
    def beginning(self) -> datetime:
        return instant(datetime.combine(self.day, BEGINNING), self.zone)

    def take(self, words: Sequence[Word]) -> tuple[datetime | None, Sequence[Word]]:
        """Return the instant that a line begins with, None where it has none, and the rest."""
        first = words[0].text
        if words[0].quoted:
            return None, words
        if first.startswith("+") and not first[1:].isdigit():
            self.last = (self.last or self.beginning) + duration(first[1:])
            return self.last, words[1:]
        day = None
        if _DATE.fullmatch(first):
            day, words = day_of(first), words[1:]
            if not words or not _TIME.fullmatch(words[0].text):
                raise ValueError("a date is followed by a time: 2026-11-29 07:00")
        elif not _TIME.fullmatch(first):
            return None, words
        self.last = self.at(words[0].text, day)
        return self.last, words[1:]

    def at(self, clock: str, day: date | None) -> datetime:
        """Return a time of day on this day; without one, the first that is not before `last`."""
        local = datetime.combine(
            day or (self.last.astimezone(self.zone).date() if self.last else self.day),
            _time(clock),
        )
        at = instant(local, self.zone)
        if self.last is None or at >= self.last:
            return at
        if day is not None:
            raise ValueError("it lies before the line above; lines are in the order of time")
        return instant(local + DAY, self.zone)


def day_of(text: str) -> date:
    """Read a day; raise ValueError."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{quoted(text)} is no day; write 2026-11-29") from None
    if day.year not in YEARS:
        raise ValueError(f"{quoted(text)} is not of this century")
    return day


def parse(text: str, cast: Cast, times: Times, source: str) -> list[Event]:
    """Return the events of a timeline, line by line.

    source: how the text is called in errors
    Raises TimelineError with every line that is wrong.
    """
    reader, problems = Reader(cast), list[str]()
    events: list[Event] = []
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        raise TimelineError([f"{source}: more than {MOST_LINES} lines"])
    for number, line in enumerate(lines, 1):
        try:
            events += read(line, reader, times, number)
        except (ValueError, OverflowError) as error:
            problems.append(f"{source}: line {number}: {error}")
    if problems:
        raise TimelineError(problems)
    return events


def read(line: str, reader: Reader, times: Times, number: int | None = None) -> list[Event]:
    """Return the events of one line; raise ValueError, or OverflowError beyond all calendars."""
    words = words_of(line)
    if not words:
        return []
    at, rest = times.take(words)
    return _events(_said(reader, rest, line), at, number)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return events in the order of time, those without one first; raise TimelineError where they
    are too far apart."""
    ordered = sorted(events, key=lambda one: one.at or datetime.min.replace(tzinfo=UTC))
    times = [one.at for one in ordered if one.at is not None]
    if times and times[-1] - times[0] > LONGEST:
        last = ordered[-1]
        where = f"line {last.line}: " if last.line else ""
        raise TimelineError([f"{where}{last.text}: more than {LONGEST.days} days after the first"])
    return ordered


def _said(reader: Reader, words: Sequence[Word], line: str) -> list[Said]:
    if not words:
        raise ValueError(f"what happens then? {SAYS}")
    return reader.read(words, line)


def _events(said: Iterable[Said], at: datetime | None, line: int | None) -> list[Event]:
    events = []
    for one in said:
        if at is None and one.waits:
            raise ValueError(f"when? Put a time in front: 03:00 {one.text}")
        when = None if at is None else at + one.after
        events.append(Event(acts=one.acts, text=one.text, at=when, line=line))
    return events


def _time(clock: str) -> time:
    hour, minute, second = ([int(part) for part in clock.split(":")] + [0])[:3]
    try:
        return time(hour, minute, second)
    except ValueError:
        raise ValueError(f"{quoted(clock)} is no time of day; write 00:00 to 23:59:59") from None
