"""Decisions: what is confirmed, the incident that follows, and which page tells it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from watchcall.core.flapping import Flaps
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.ports import Decision, Notice, Quiet, Remembered
from watchcall.store import incidents, outbox, rows
from watchcall.store.database import Database
from watchcall.store.schema import attempt, health, notification, notification_incident, quiet

JOINED = sa.select(notification_incident.c.level, notification_incident.c.joined_at).where(
    notification_incident.c.notification == sa.bindparam("notification"),
    notification_incident.c.incident == sa.bindparam("incident"),
)


def remembered(db: Database) -> dict[str, Remembered]:
    open_now = {one.check: one for one in incidents.still_open(db).values()}
    debts = {one.check: one for one in incidents.owed_though_closed(db)}
    known = db.rows(sa.select(health).where(health.c.host == db.host))
    return {
        row["check_name"]: Remembered(
            fingerprint=row["fingerprint"],
            health=rows.health_of(row),
            incident=open_now.get(row["check_name"]),
            flaps=Flaps.from_json(row["flaps"]),
            debt=debts.get(row["check_name"]),
        )
        for row in known
    }


def commit(db: Database, decision: Decision) -> Incident | None:
    if decision.check is not None and decision.health is not None:
        key = {"host": db.host, "check_name": decision.check.name}
        fingerprint, flaps = decision.check.fingerprint, decision.flaps or Flaps()
        values = rows.health_row(decision.health, flaps, fingerprint, decision.at)
        db.upsert(health, key, values)
    if decision.incident is None:
        return None
    numbered = incidents.save(db, decision.incident)
    for notice in decision.notices:
        _enqueue(db, notice, numbered, decision.at)
    for silence in decision.quiets:
        _note(db, silence, numbered, decision.at)
    return numbered


def note(db: Database, decided: Sequence[Decision]) -> None:
    for one in decided:
        commit(db, one)


def forget(db: Database, ended: Mapping[str, Incident | None]) -> None:
    for check, closed in ended.items():
        if closed is not None:
            incidents.save(db, closed)
        incidents.forgive(db, check)
        key = (health.c.host == db.host, health.c.check_name == check)
        db.connection.execute(health.delete().where(*key))


def _note(db: Database, silence: Quiet, about: Incident, at: datetime) -> None:
    """A reason that still holds, after a restart, is not written down again."""
    if _last_noted(db, silence.channel, about) == silence.verdict.why:
        return
    values = {"incident": about.id, "channel": silence.channel, "why": silence.verdict.why}
    db.insert(quiet, {**values, "id": str(uuid.uuid4()), "at": at})


def _last_noted(db: Database, channel: str, about: Incident) -> str | None:
    statement = (
        sa.select(quiet.c.why)
        .where(quiet.c.incident == about.id, quiet.c.channel == channel)
        .order_by(quiet.c.at.desc())
        .limit(1)
    )
    why: str | None = db.connection.execute(statement).scalar()
    return why


def _enqueue(db: Database, notice: Notice, told: Incident, now: datetime) -> None:
    """It joins a page that waits or still looks for somebody; else it gets one of its own."""
    page = _open_page(db, notice, told, now)
    if page is None:
        page = outbox.new_page(db, notice.channel, notice.event, now, due_at=notice.due_at)
    _join(db, page, told, now)


def _open_page(db: Database, notice: Notice, told: Incident, now: datetime) -> str | None:
    """Return the page that a notice joins: one that tells the incident already before others.

    A page that is engaged takes in nothing more: its fallback was started without it. One where
    the incident was held never tells it.
    """
    later, asks = notice.due_at > now, notice.joins and notice.event.asks
    if not later and not asks:
        return None
    values = {"host": db.host, "channel": notice.channel, "event": notice.event.value}
    found = db.connection.execute(_joinable(later, asks), {**values, "now": now, "told": told.id})
    return found.scalar()


@cache
def _joinable(later: bool, asks: bool) -> sa.Select[Any]:
    """Selects the page that a notice joins; built once for each of its kinds.

    later: the notice is not due yet; asks: a page that looks for somebody may take it in
    """
    tells_it = sa.exists().where(
        notification_incident.c.notification == notification.c.id,
        notification_incident.c.incident == sa.bindparam("told"),
    )
    held = tells_it.where(notification_incident.c.held_at.is_not(None))
    ways = [notification.c.due_at > sa.bindparam("now")] if later else []
    if asks:
        ways += [sa.exists().where(attempt.c.notification == notification.c.id), tells_it]
    return (
        sa.select(notification.c.id)
        .where(
            notification.c.host == sa.bindparam("host"),
            notification.c.channel == sa.bindparam("channel"),
            notification.c.event == sa.bindparam("event"),
            notification.c.settled_at.is_(None),
            notification.c.engaged_at.is_(None),
            notification.c.parent.is_(None),
            ~held,
            sa.or_(*ways),
        )
        .order_by(tells_it.desc(), notification.c.due_at.desc())
        .limit(1)
    )


def _join(db: Database, page: str, told: Incident, now: datetime) -> None:
    """A page that tells the incident already begins anew where there is something new to tell."""
    key = {"notification": page, "incident": told.id}
    known = db.connection.execute(JOINED, key).one_or_none()
    at = outbox.after_last_post(db, page, now)
    joins = {"level": told.level.value, "joined_at": at}
    if known is None:
        db.insert(notification_incident, {**key, **joins, "added_at": at})
    elif told.level.rank > Level(known.level).rank:
        db.upsert(notification_incident, key, joins)
    elif _disowned_since(told, known.joined_at):
        db.upsert(notification_incident, key, {"joined_at": at})


def _disowned_since(told: Incident, joined_at: datetime) -> bool:
    owned = told.acknowledgement
    return owned is not None and owned.ended_at is not None and owned.ended_at > joined_at
