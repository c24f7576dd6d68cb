"""The ledger of attempts: written, and asked by those who follow, price and limit calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from watchcall.core import ladder
from watchcall.core.attempt import Attempt, Outcome, Phase
from watchcall.core.guard import Placed
from watchcall.ports import Told
from watchcall.store import incidents, rows
from watchcall.store.database import Database
from watchcall.store.heard import COMPANION, tells
from watchcall.store.incidents import NOT_RECOVERY
from watchcall.store.schema import attempt, heard, incident, notification, notification_incident

_LIVE = [phase.value for phase in (Phase.POSTING, Phase.PLACED, Phase.UNCERTAIN)]
_PICKED_UP = [
    outcome.value
    for outcome in (
        *(Outcome.ACKNOWLEDGED, Outcome.HUMAN, Outcome.MACHINE),
        *(Outcome.ANSWERED, Outcome.STUCK),
    )
]
# Twilio charges for it, and has not said how much: calls that nobody answered are free.
UNPRICED = sa.and_(
    attempt.c.phase == Phase.ENDED.value,
    attempt.c.sid.is_not(None),
    attempt.c.price.is_(None),
    sa.or_(attempt.c.type == "sms", attempt.c.outcome.in_(_PICKED_UP)),
)
_NOT_KNOWN_TO_ARRIVE = sa.and_(
    attempt.c.phase == Phase.ENDED.value,
    attempt.c.sid.is_not(None),
    attempt.c.type == "sms",
    attempt.c.outcome == Outcome.SENT.value,
)


def save(db: Database, made: Attempt) -> Attempt:
    """Insert or update an attempt; return it with its number."""
    numbered = made
    if made.number is None:
        numbered = replace(made, number=db.next_number(attempt))
    values = {**rows.attempt_row(numbered), "host": db.host}
    db.upsert(attempt, {"id": values.pop("id")}, values)
    return numbered


def by_id(db: Database, id_: str) -> Attempt | None:
    return next(iter(_attempts(db, attempt.c.id == id_)), None)


# Of an attempt: whether its page is done with.
_SETTLED = sa.exists().where(
    notification.c.id == attempt.c.notification, notification.c.settled_at.is_not(None)
)


def live(db: Database) -> list[Attempt]:
    return _live(db, ~_SETTLED)


def left_behind(db: Database) -> list[Attempt]:
    return _live(db, _SETTLED, attempt.c.sid.is_not(None))


def companions(db: Database, channel: str) -> list[Attempt]:
    unsent = (attempt.c.ended_at.is_(None), attempt.c.type == "sms", _SETTLED)
    return _attempts(db, _mine(db), *unsent, attempt.c.channel == channel)


def _live(db: Database, *which: sa.ColumnElement[bool]) -> list[Attempt]:
    under_way = (attempt.c.ended_at.is_(None), attempt.c.phase.in_(_LIVE))
    return _attempts(db, _mine(db), *under_way, *which)


def placed_since(db: Database, since: datetime) -> list[Placed]:
    statement = sa.select(attempt.c.placed_at, attempt.c.to).where(
        _mine(db),
        attempt.c.placed_at >= since,
        attempt.c.type == "voice",
        attempt.c.sid.is_not(None),
    )
    return [Placed(at, to) for at, to in db.connection.execute(statement)]


def unpriced(db: Database, since: datetime) -> list[Attempt]:
    recent = attempt.c.placed_at >= since
    return _attempts(db, _mine(db), recent, sa.or_(UNPRICED, _NOT_KNOWN_TO_ARRIVE))


def barred(db: Database) -> list[Attempt]:
    """Only what was posted shows anything; what was dropped before that does not. Who can have no
    list after a call lacks nothing."""
    last = (
        sa.select(sa.func.max(attempt.c.number))
        .where(_mine(db), attempt.c.ended_at.is_not(None), attempt.c.posted_at.is_not(None))
        .where(~COMPANION)
        .group_by(attempt.c.contact, attempt.c.type)
    )
    found = _attempts(db, _mine(db), attempt.c.number.in_(last))
    return [one for one in found if ladder.barred([one])]


def known_sids(db: Database, sids: Sequence[str]) -> set[str]:
    statement = sa.select(attempt.c.sid).where(attempt.c.sid.in_(sids))
    return {sid for sid in db.connection.scalars(statement) if sid is not None}


def note_heard(db: Database, sid: str, at: datetime, verdict: str) -> bool:
    known = sa.select(heard.c.sid).where(heard.c.host == db.host, heard.c.sid == sid)
    if db.connection.execute(known).scalar() is not None:
        return False
    values = {"sid": sid, "host": db.host, "at": at, "verdict": verdict}
    db.connection.execute(heard.insert().values(values))
    return True


def open_incidents(db: Database) -> list[Told]:
    """Return the open incidents with the attempts that told them, as they stand now."""
    still_open = incidents.still_open(db)
    if not still_open:
        return []
    pairs = (
        sa.select(notification_incident.c.incident, attempt.c.id)
        .join(incident, incident.c.id == notification_incident.c.incident)
        .join(notification, notification.c.id == notification_incident.c.notification)
        .join(attempt, attempt.c.notification == notification.c.id)
        .where(
            incident.c.host == db.host,
            incident.c.closed_at.is_(None),
            NOT_RECOVERY,
            tells(notification_incident, "joined_at"),
        )
    )
    ids = pairs.with_only_columns(attempt.c.id, maintain_column_froms=True)
    made = {one.id: one for one in _attempts(db, attempt.c.id.in_(ids))}
    told: defaultdict[str, set[str]] = defaultdict(set)
    for about, one in db.connection.execute(pairs):
        told[about].add(one)
    return [
        Told(
            incident=one,
            attempts=tuple(made[id_] for id_ in made if id_ in told[one.id]),
        )
        for one in still_open.values()
    ]


def _mine(db: Database) -> sa.ColumnElement[bool]:
    return attempt.c.host == db.host


def _attempts(db: Database, *which: sa.ColumnElement[bool]) -> list[Attempt]:
    """Return attempts in the order in which they were planned.

    Sorted here: SQLite would rather walk all of them in that order than sort the few.
    """
    statement: sa.Select[Any] = sa.select(attempt).where(*which)
    found = (rows.attempt_of(row) for row in db.rows(statement))
    return sorted(found, key=lambda one: one.number or 0)
