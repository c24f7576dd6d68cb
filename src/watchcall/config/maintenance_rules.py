"""Planned maintenance: when it is, which checks it means, and that it ends."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from watchcall.config.maintenance import Maintenance
from watchcall.config.model import Draft
from watchcall.config.rules import Findings, members
from watchcall.config.sources import Sources, Where
from watchcall.config.times import local_zone, resolved
from watchcall.windows import always

WHEN = "give schedule with duration, or from with to"


def find(draft: Draft, sources: Sources, found: Findings) -> None:
    """Look at every maintenance."""
    for at, entry in enumerate(draft.maintenance):
        if entry is None:
            continue
        where = ("maintenance", at)
        for nth, pattern in enumerate(entry.checks):
            members((*where, "checks", nth), pattern, draft, sources, found)
        _one_way(where, entry, found)
        if _in_a_zone(where, entry, found):
            _ends(where, entry, found)


def _one_way(where: Where, entry: Maintenance, found: Findings) -> None:
    """Say what is missing or too much: it is either a schedule or a stretch of time."""
    recurs = {"schedule": entry.schedule, "duration": entry.duration}
    once = {"from": entry.start, "to": entry.end}
    given = [key for key, value in (recurs | once).items() if value is not None]
    if not given:
        found.wrong(where, f"says nothing about when; {WHEN}", *recurs, *once)
    elif set(given) & set(recurs) and set(given) & set(once):
        text = f"excludes {' and '.join(key for key in given if key in once)}; {WHEN}"
        found.wrong((*where, next(key for key in given if key in recurs)), text, *recurs, *once)
    else:
        pair = recurs if given[0] in recurs else once
        for key in pair.keys() - set(given):
            found.wrong((*where, key), f"missing; {given[0]} needs it", *recurs, *once)


def _in_a_zone(where: Where, entry: Maintenance, found: Findings) -> bool:
    """Without a zone of its own it is in the machine's."""
    if entry.timezone is None:
        try:
            local_zone()
        except ValueError as error:
            found.wrong((*where, "timezone"), str(error), "timezone")
            return False
    return True


def _ends(where: Where, entry: Maintenance, found: Findings) -> None:
    if entry.schedule and entry.duration and always(entry.schedule, entry.duration):
        text = "covers every pause of the schedule, so that it never ends; make it shorter"
        found.wrong((*where, "duration"), text)
    if entry.start and entry.end:
        _over(where, entry.start, entry.end, entry.timezone, found)


def _over(
    where: Where, start: datetime, end: datetime, zone: ZoneInfo | None, found: Findings
) -> None:
    """A file does not become wrong by lying there: what is over is only worth a word."""
    start, end = resolved(start, zone), resolved(end, zone)
    if start >= end:
        found.wrong((*where, "to"), "must be later than from", "timezone")
    elif end <= datetime.now(UTC):
        found.odd((*where, "to"), "is over; take this maintenance out when it is not needed")
