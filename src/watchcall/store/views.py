"""What people and scripts read: the contract's JSON (contract, "JSON"), newest first."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from watchcall.core.incident import code_of
from watchcall.core.reason import Reason
from watchcall.ports import Undelivered
from watchcall.store import rows
from watchcall.store.database import Database
from watchcall.store.heard import HEARD, tells
from watchcall.store.schema import (
    attempt,
    evidence,
    incident,
    notification,
    notification_incident,
    quiet,
    undelivered,
)

NUMBER = re.compile("[1-9][0-9]{0,8}")  # as it is written
Json = dict[str, Any]
ByIncident = defaultdict[str, list[Json]]


# What is only planned, and what was planned and dropped, is no call.
POSTED = attempt.c.posted_at.is_not(None)


def calls(db: Database, limit: int) -> list[Json]:
    latest = (
        sa.select(attempt.c.id)
        .where(attempt.c.host == db.host, POSTED)
        .order_by(attempt.c.number.desc())
        .limit(limit)
    )
    return [call for _, call in _calls(db, attempt.c.id.in_(latest))]


def incidents(db: Database, limit: int) -> list[Json]:
    latest = (
        sa.select(incident.c.id)
        .where(incident.c.host == db.host)
        .order_by(incident.c.number.desc())
        .limit(limit)
    )
    return _incidents(db, latest)


def incidents_of(db: Database, check: str, limit: int) -> list[Json]:
    latest = (
        sa.select(incident.c.id)
        .where(incident.c.host == db.host, incident.c.check_name == check)
        .order_by(incident.c.number.desc())
        .limit(limit)
    )
    return _incidents(db, latest)


def incident_named(db: Database, named: str) -> Json | None:
    """Return the incident of a number or a code; of two with the same code the newer."""
    mine = sa.select(incident.c.id).where(incident.c.host == db.host)
    if NUMBER.fullmatch(named):
        ids = db.connection.scalars(mine.where(incident.c.number == int(named))).all()
    else:
        newest_first = db.connection.scalars(mine.order_by(incident.c.number.desc()))
        ids = [one for one in newest_first if code_of(one) == named]
    found = _incidents(db, sa.select(incident.c.id).where(incident.c.id.in_(ids[:1])))
    return found[0] if found else None


def described(db: Database, ids: Sequence[str]) -> list[Json]:
    """Return incidents by their UUIDs, in that order."""
    found = _incidents(db, sa.select(incident.c.id).where(incident.c.id.in_(ids)))
    return sorted(found, key=lambda one: ids.index(one["uuid"]))


def to_deliver(db: Database) -> list[Undelivered]:
    """Return what the command for the undelivered is still to be given, oldest first."""
    statement = (
        sa.select(undelivered.c.id, undelivered.c.incident, incident.c.host)
        .join(incident, incident.c.id == undelivered.c.incident)
        .where(incident.c.host == db.host, undelivered.c.ran_at.is_(None))
        .order_by(undelivered.c.at, incident.c.number)
    )
    waiting = db.rows(statement)
    if not waiting:
        return []
    ids = statement.order_by(None).with_only_columns(undelivered.c.incident)
    about = {one["uuid"]: one for one in _incidents(db, ids)}
    made = _calls_of(db, ids)
    return [
        Undelivered(
            id=row["id"],
            data={
                **about[row["incident"]],
                "host": row["host"],
                "calls": made[row["incident"]],
            },
        )
        for row in waiting
    ]


def ran(db: Database, id_: str, result: str, at: datetime) -> None:
    this = undelivered.update().where(undelivered.c.id == id_)
    db.connection.execute(this.values(ran_at=at, result=result))


# Calls


def _calls(db: Database, which: sa.ColumnElement[bool]) -> list[tuple[str, Json]]:
    """Return each call with the UUID of its page."""
    statement = (
        sa.select(attempt, notification.c.event)
        .join(notification, notification.c.id == attempt.c.notification)
        .where(which)
        .order_by(attempt.c.number.desc())
    )
    numbers = _numbers(db, which)
    return [(row["notification"], _call(row, numbers[row["id"]])) for row in db.rows(statement)]


def _numbers(db: Database, which: sa.ColumnElement[bool]) -> defaultdict[str, list[int]]:
    """Return the numbers of the incidents that each attempt told: those that were part of its
    page when it was posted."""
    statement = (
        sa.select(attempt.c.id, incident.c.number)
        .join(notification_incident, notification_incident.c.notification == attempt.c.notification)
        .join(incident, incident.c.id == notification_incident.c.incident)
        .where(which, tells(notification_incident))
        .order_by(incident.c.number)
    )
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for made, number in db.connection.execute(statement):
        numbers[made].append(number)
    return numbers


def _calls_of(db: Database, ids: sa.Select[Any]) -> ByIncident:
    pages = sa.select(notification_incident.c.notification, notification_incident.c.incident).where(
        notification_incident.c.incident.in_(ids)
    )
    on_pages = attempt.c.notification.in_(
        pages.with_only_columns(notification_incident.c.notification)
    )
    by_page: ByIncident = defaultdict(list)
    for page, call in _calls(db, sa.and_(on_pages, POSTED)):
        by_page[page].append(call)
    of: ByIncident = defaultdict(list)
    for page, about in db.connection.execute(pages):
        of[about] += by_page[page]
    for made in of.values():
        made.sort(key=lambda call: -call["id"])
    return of


def _call(row: rows.Row, numbers: list[int]) -> Json:
    """One entry of `calls --json`; `uuid`, `incidents`, `key` and `segments` are additions."""
    return {
        "id": row["number"],
        "uuid": row["id"],
        "incident": numbers[0] if numbers else None,
        "incidents": numbers,
        "event": row["event"],
        "channel": row["channel"],
        "contact": row["contact"],
        "to": row["to"],
        "type": row["type"],
        "sid": row["sid"],
        "attempt": row["nth"],
        "round": row["round"],
        "outcome": row["outcome"],
        "key": row["key"],
        "error_code": row["error_code"],
        "error": row["error"],
        **{name: rows.instant(row[name]) for name in ("placed_at", "answered_at", "ended_at")},
        "duration_s": row["duration_s"],
        "segments": row["segments"],
        "price": rows.money(row["price"]),
        "price_unit": row["price_unit"],
    }


# Incidents


def _incidents(db: Database, ids: sa.Select[Any]) -> list[Json]:
    statement = sa.select(incident).where(incident.c.id.in_(ids)).order_by(incident.c.number.desc())
    found = db.rows(statement)
    told, kept_quiet, explained = _told(db, ids), _quiet(db, ids), _evidence(db, ids)
    return [
        {
            **_incident(row),
            "evidence": explained.get(row["id"]),
            "told": told[row["id"]],
            "quiet": kept_quiet[row["id"]],
        }
        for row in found
    ]


def _incident(row: rows.Row) -> Json:
    """One entry of `incidents --json`; what the contract does not name is an addition.

    Who acknowledged stays on record when that has ended, at `disowned_at`.
    """
    instants = ("opened_at", "acknowledged_at", "acknowledged_until", "disowned_at", "closed_at")
    return {
        "id": row["number"],
        "uuid": row["id"],
        "code": code_of(row["id"]),
        "check": row["check_name"],
        "level": row["level"],
        "acknowledged_by": row["acknowledged_by"],
        "acknowledged_how": row["acknowledged_how"],
        **{name: rows.instant(row[name]) for name in instants},
        "reason": rows.in_english(Reason.from_json(row["reason"])),
    }


def _evidence(db: Database, ids: sa.Select[Any]) -> dict[str, Json]:
    """Return what explains incidents, with what is said of it, `phrase`."""
    statement = (
        sa.select(evidence.c.incident, evidence.c.found, incident.c.phrase)
        .join(incident, incident.c.id == evidence.c.incident)
        .where(evidence.c.incident.in_(ids))
    )
    return {row["incident"]: _explained(row) for row in db.rows(statement)}


def _explained(row: rows.Row) -> Json:
    phrase = rows.in_english(Reason.from_json(row["phrase"])) if row["phrase"] else None
    return {**row["found"], "phrase": phrase}


def _told(db: Database, ids: sa.Select[Any]) -> ByIncident:
    """A call that was placed before the incident joined its page told nothing of it.

    `event` and `reached` (whether somebody heard it, and did not pass it on) are additions.
    """
    made = attempt.c
    at = sa.func.coalesce(made.placed_at, made.posted_at).label("at")
    event = notification.c.event
    statement = (
        sa.select(
            *(notification_incident.c.incident, made.channel, made.contact, made.outcome),
            *(event, at, HEARD.label("reached")),
        )
        .join(notification, notification.c.id == notification_incident.c.notification)
        .join(attempt, made.notification == notification.c.id)
        .where(notification_incident.c.incident.in_(ids), tells(notification_incident))
        .order_by(made.number)
    )
    return _by_incident(db.rows(statement))


def _quiet(db: Database, ids: sa.Select[Any]) -> ByIncident:
    statement = (
        sa.select(quiet.c.incident, quiet.c.at, quiet.c.channel, quiet.c.why)
        .where(quiet.c.incident.in_(ids))
        .order_by(quiet.c.at, quiet.c.channel)
    )
    return _by_incident(db.rows(statement))


def _by_incident(found: list[rows.Row]) -> ByIncident:
    of: ByIncident = defaultdict(list)
    for row in found:
        entry = {name: value for name, value in row.items() if name != "incident"}
        if "reached" in entry:
            entry["reached"] = bool(entry["reached"])
        of[row["incident"]].append({**entry, "at": rows.instant(row["at"])})
    return of
