"""Pages, read with all that hangs on them, in a fixed number of statements however many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from watchcall.core import ladder
from watchcall.core.attempt import Attempt, Outcome
from watchcall.core.contact import Event
from watchcall.core.incident import Incident
from watchcall.core.page import Page
from watchcall.store import incidents, rows
from watchcall.store.database import Database
from watchcall.store.heard import COMPANION, REACHED, tells
from watchcall.store.schema import attempt, incident, notification, notification_incident

# Of those without a SID: a lost one, a notice.
PERHAPS = (Outcome.UNCERTAIN.value, Outcome.DELIVERED.value)

Parts = defaultdict[str, dict[str, Any]]  # by page, fields of Page


def read(db: Database, *which: sa.ColumnElement[bool]) -> list[Page]:
    """Return the pages in the order in which they are due.

    which: conditions on `notification`
    """
    order = (notification.c.due_at, notification.c.created_at)
    found = db.rows(sa.select(notification).where(*which).order_by(*order))
    if not found:
        return []
    ids = sa.select(notification.c.id).where(*which)
    tried = _attempts(db, ids)
    about, before, reached = _incidents(db, ids), _before(db, ids), covered(db, ids)
    recovery = any(row["event"] == Event.RECOVERY.value for row in found)
    stale = _stale(db, ids) if recovery else {}
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
            attempts=tuple(tried[row["id"]]),
            **about[row["id"]],
            **before[row["id"]],
        )
        for row in found
    ]


def _attempts(db: Database, ids: sa.Select[Any]) -> defaultdict[str, list[Attempt]]:
    statement = sa.select(attempt).where(attempt.c.notification.in_(ids)).order_by(attempt.c.nth)
    made: defaultdict[str, list[Attempt]] = defaultdict(list)
    for row in db.rows(statement):
        made[row["notification"]].append(rows.attempt_of(row))
    return made


def _incidents(db: Database, ids: sa.Select[Any]) -> Parts:
    """Return `incidents`, `joined` and `held` of each page."""
    of_pages = notification_incident.c.notification.in_(ids)
    mine = notification_incident.c
    statement = (
        sa.select(incident, mine.notification, mine.joined_at, mine.held_at)
        .join(incident, incident.c.id == notification_incident.c.incident)
        .where(of_pages)
        .order_by(incident.c.number)
    )
    found = db.rows(statement)
    told = incidents.told(db, sa.select(notification_incident.c.incident).where(of_pages))
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


def _before(db: Database, ids: sa.Select[Any]) -> Parts:
    """Return `rung` and `reached` of each page: what other pages of its channel did."""
    mine, theirs = notification_incident.alias("mine"), notification_incident.alias("theirs")
    page, other = notification.alias("page"), notification.alias("other")
    statement = (
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
    rung: defaultdict[str, set[str]] = defaultdict(set)
    reached: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for one, about, contact, outcome in db.connection.execute(statement):
        rung[one].add(about)
        if outcome in REACHED:
            reached[one][contact] = None
    parts: Parts = defaultdict(dict)
    for one, about in rung.items():
        parts[one] = {"rung": frozenset(about), "reached": tuple(reached[one])}
    return parts


def _stale(db: Database, ids: sa.Select[Any]) -> dict[str, set[str]]:
    """Return, by page, the incidents whose recovery it tells and whose check has failed again, as
    the same channel tells or has told."""
    mine, theirs = notification_incident.alias("mine"), notification_incident.alias("theirs")
    page, other = notification.alias("page"), notification.alias("other")
    over, newer = incident.alias("over"), incident.alias("newer")
    rang = sa.exists().where(
        attempt.c.notification == other.c.id,
        sa.or_(attempt.c.sid.is_not(None), attempt.c.outcome.in_(PERHAPS)),
    )
    statement = (
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
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one, about in db.connection.execute(statement):
        found[one].add(about)
    return found


def covered(db: Database, ids: sa.Select[Any] | Sequence[str]) -> set[str]:
    """Return those of the pages for which another channel reached somebody, as it understands it:
    their fallback, or what stands in for that in turn, or the page that they stand in for."""
    reached = (ladder.REACHED.why, ladder.COVERED.why)
    behind = _behind(ids)
    front = notification.alias("front")
    before = sa.select(notification.c.id).join(front, front.c.id == notification.c.parent)
    statement = sa.union(
        sa.select(behind.c.page).where(behind.c.why.in_(reached)),
        before.where(notification.c.id.in_(ids), front.c.why.in_(reached)),
    )
    found: Iterable[str] = db.connection.scalars(statement)
    return set(found)


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
