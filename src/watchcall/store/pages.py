"""Pages, read with all that hangs on them, in a fixed number of statements however many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from watchcall.core import ladder
from watchcall.core.attempt import Attempt, Outcome
from watchcall.core.contact import Event
from watchcall.core.flapping import Flaps
from watchcall.core.incident import Incident
from watchcall.core.page import Page
from watchcall.store import rows
from watchcall.store.database import Database
from watchcall.store.heard import COMPANION, REACHED, tells
from watchcall.store.incidents import ToldOf
from watchcall.store.schema import attempt, health, incident, notification, notification_incident

# Of those without a SID: a lost one, a notice.
PERHAPS = (Outcome.UNCERTAIN.value, Outcome.DELIVERED.value)

Parts = defaultdict[str, dict[str, Any]]  # by page, fields of Page


@dataclass(frozen=True, slots=True)
class Which:
    """Which pages: conditions on `notification`, whose parameters are named.

    What is asked about them is built once for each `Which`, or building it would take longer than
    answering it.
    """

    conditions: tuple[sa.ColumnElement[bool], ...]

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The statements about some pages."""

    pages: sa.Select[Any]
    attempts: sa.Select[Any]
    incidents: sa.Select[Any]
    told: ToldOf
    before: sa.Select[Any]
    covered: sa.CompoundSelect[Any]
    stale: sa.Select[Any]
    flaps: sa.Select[Any]


def read(db: Database, which: Which, **values: object) -> list[Page]:
    """Return the pages in the order in which they are due.

    values: of the parameters of `which`
    """
    asked = _kept(which) if values else _asked(which)
    found = db.rows(asked.pages, values)
    if not found:
        return []
    tried = _attempts(db, asked, values)
    about, before = _incidents(db, asked, values), _before(db, asked, values)
    reached: set[str] = set(db.connection.scalars(asked.covered, values))
    events = {row["event"] for row in found}
    stale = _stale(db, asked, values) if Event.RECOVERY.value in events else {}
    calm = _calm(db, asked, values) if Event.FLAPPING.value in events else {}
    return [
        Page(
            id=row["id"],
            channel=row["channel"],
            event=Event(row["event"]),
            due_at=row["due_at"],
            created_at=row["created_at"],
            parent=row["parent"],
            engaged=row["engaged_at"] is not None,
            covered=row["id"] in reached,
            stale=frozenset(stale.get(row["id"], ())),
            calm=frozenset(calm.get(row["id"], ())),
            attempts=tuple(tried[row["id"]]),
            **about[row["id"]],
            **before[row["id"]],
        )
        for row in found
    ]


@cache
def _kept(which: Which) -> _Asked:
    return _asked(which)


def _asked(which: Which) -> _Asked:
    order = (notification.c.due_at, notification.c.created_at)
    ids = sa.select(notification.c.id).where(*which.conditions)
    of_pages, mine = notification_incident.c.notification.in_(ids), notification_incident.c
    return _Asked(
        pages=sa.select(notification).where(*which.conditions).order_by(*order),
        attempts=sa.select(attempt).where(attempt.c.notification.in_(ids)).order_by(attempt.c.nth),
        incidents=sa.select(incident, mine.notification, mine.joined_at, mine.held_at)
        .join(incident, incident.c.id == notification_incident.c.incident)
        .where(of_pages)
        .order_by(incident.c.number),
        told=ToldOf.these(sa.select(mine.incident).where(of_pages)),
        before=_others(ids),
        covered=_covered(ids),
        stale=_failed_again(ids),
        flaps=_flaps(ids),
    )


def _attempts(
    db: Database, asked: _Asked, values: Mapping[str, object]
) -> defaultdict[str, list[Attempt]]:
    made: defaultdict[str, list[Attempt]] = defaultdict(list)
    for row in db.rows(asked.attempts, values):
        made[row["notification"]].append(rows.attempt_of(row))
    return made


def _incidents(db: Database, asked: _Asked, values: Mapping[str, object]) -> Parts:
    """Return `incidents`, `joined` and `held` of each page."""
    found = db.rows(asked.incidents, values)
    told = asked.told.read(db, values)
    known: dict[str, Incident] = {}
    parts: Parts = defaultdict(lambda: {"incidents": (), "joined": {}, "held": {}})
    together: defaultdict[str, list[Incident]] = defaultdict(list)
    for row in found:
        if row["id"] not in known:
            known[row["id"]] = rows.incident_of(row, told.get(row["id"], rows.Told()))
        one = known[row["id"]]
        if row["held_at"] is not None:
            one = replace(one, held=True)
            parts[row["notification"]]["held"][row["id"]] = row["held_at"]
        together[row["notification"]].append(one)
        parts[row["notification"]]["joined"][row["id"]] = row["joined_at"]
    for page, ones in together.items():
        parts[page]["incidents"] = tuple(ones)
    return parts


def _others(ids: sa.Select[Any]) -> sa.Select[Any]:
    """What other pages of their channel did about the incidents of pages."""
    mine, theirs = notification_incident.alias("mine"), notification_incident.alias("theirs")
    page, other = notification.alias("page"), notification.alias("other")
    return (
        sa.select(mine.c.notification, mine.c.incident, attempt.c.contact, attempt.c.outcome)
        .join_from(mine, page, page.c.id == mine.c.notification)
        .join(theirs, theirs.c.incident == mine.c.incident)
        .join(other, other.c.id == theirs.c.notification)
        .join(attempt, attempt.c.notification == theirs.c.notification)
        .where(
            mine.c.notification.in_(ids),
            theirs.c.notification != mine.c.notification,
            other.c.channel == page.c.channel,
            other.c.event != Event.RECOVERY.value,
            tells(theirs),
            ~COMPANION,
            sa.or_(attempt.c.sid.is_not(None), attempt.c.outcome.in_(PERHAPS)),
        )
        .group_by(mine.c.notification, mine.c.incident, attempt.c.contact, attempt.c.outcome)
        .order_by(sa.func.min(attempt.c.number))
    )


def _before(db: Database, asked: _Asked, values: Mapping[str, object]) -> Parts:
    """Return `rung` and `reached` of each page: what other pages of its channel did."""
    rung: defaultdict[str, set[str]] = defaultdict(set)
    reached: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for one, about, contact, outcome in db.connection.execute(asked.before, values):
        rung[one].add(about)
        if outcome in REACHED:
            reached[one][contact] = None
    parts: Parts = defaultdict(dict)
    for one, about in rung.items():
        parts[one] = {"rung": frozenset(about), "reached": tuple(reached[one])}
    return parts


def _failed_again(ids: sa.Select[Any]) -> sa.Select[Any]:
    """The incidents whose recovery pages tell and whose check has failed again, as the same channel
    tells or has told."""
    mine, theirs = notification_incident.alias("mine"), notification_incident.alias("theirs")
    page, other = notification.alias("page"), notification.alias("other")
    over, newer = incident.alias("over"), incident.alias("newer")
    rang = sa.exists().where(
        attempt.c.notification == other.c.id,
        sa.or_(attempt.c.sid.is_not(None), attempt.c.outcome.in_(PERHAPS)),
    )
    return (
        sa.select(mine.c.notification, mine.c.incident)
        .join_from(mine, page, page.c.id == mine.c.notification)
        .join(over, over.c.id == mine.c.incident)
        .join(
            newer,
            sa.and_(
                newer.c.host == over.c.host,
                newer.c.check_name == over.c.check_name,
                newer.c.number > over.c.number,
            ),
        )
        .join(theirs, theirs.c.incident == newer.c.id)
        .join(other, other.c.id == theirs.c.notification)
        .where(
            mine.c.notification.in_(ids),
            page.c.event == Event.RECOVERY.value,
            other.c.event != Event.RECOVERY.value,
            other.c.channel == page.c.channel,
            sa.or_(newer.c.closed_at.is_(None), rang),
        )
    )


def _stale(db: Database, asked: _Asked, values: Mapping[str, object]) -> dict[str, set[str]]:
    """Return by page what `_failed_again` finds."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one, about in db.connection.execute(asked.stale, values):
        found[one].add(about)
    return found


def _flaps(ids: sa.Select[Any]) -> sa.Select[Any]:
    """The incidents, all over, of which pages say that their check is unstable; and whether it is,
    as far as its health is known."""
    mine = notification_incident.c
    of_check = sa.and_(
        health.c.host == incident.c.host, health.c.check_name == incident.c.check_name
    )
    return (
        sa.select(mine.notification, mine.incident, health.c.flaps)
        .join_from(notification_incident, notification, notification.c.id == mine.notification)
        .join(incident, incident.c.id == mine.incident)
        .join(health, of_check)
        .where(
            mine.notification.in_(ids),
            notification.c.event == Event.FLAPPING.value,
            incident.c.closed_at.is_not(None),
        )
    )


def _calm(db: Database, asked: _Asked, values: Mapping[str, object]) -> dict[str, set[str]]:
    """Return by page the incidents of `_flaps` whose check no longer is unstable."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one, about, flaps in db.connection.execute(asked.flaps, values):
        if not Flaps.from_json(flaps).flapping:
            found[one].add(about)
    return found


def covered(db: Database, ids: Sequence[str]) -> set[str]:
    """Return those of the pages for which another channel reached somebody; see `_covered`."""
    found: Iterable[str] = db.connection.scalars(_covered(ids))
    return set(found)


def _covered(ids: sa.Select[Any] | Sequence[str]) -> sa.CompoundSelect[Any]:
    """The pages for which another channel reached somebody, as it understands it: their fallback,
    or what stands in for that in turn, or the page that they stand in for."""
    reached = (ladder.REACHED.why, ladder.COVERED.why)
    behind = _behind(ids)
    front = notification.alias("front")
    before = sa.select(notification.c.id).join(front, front.c.id == notification.c.parent)
    return sa.union(
        sa.select(behind.c.page).where(behind.c.why.in_(reached)),
        before.where(notification.c.id.in_(ids), front.c.why.in_(reached)),
    )


def stood_in_for(db: Database, ids: Sequence[str]) -> set[str]:
    """Return those of the pages in whose stead another still looks for somebody."""
    behind = _behind(ids)
    found = db.connection.scalars(sa.select(behind.c.page).where(behind.c.settled_at.is_(None)))
    return set(found)


def _behind(ids: sa.Select[Any] | Sequence[str]) -> sa.CTE:
    """What stands in for pages (`page`), and what stands in for that in turn."""
    of = (notification.c.id, notification.c.why, notification.c.settled_at)
    behind = (
        sa.select(notification.c.parent.label("page"), *of)
        .where(notification.c.parent.in_(ids))
        .cte("behind", recursive=True)
    )
    further = sa.select(behind.c.page, *of)
    return behind.union_all(further.join(behind, notification.c.parent == behind.c.id))
