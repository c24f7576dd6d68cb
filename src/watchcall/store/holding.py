"""Pages that were to tell what is to be told later, or together with another page."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from watchcall.core.health import Level
from watchcall.core.page import Page
from watchcall.store import pages, rows
from watchcall.store.database import Database
from watchcall.store.heard import heard_of
from watchcall.store.incidents import NOT_RECOVERY
from watchcall.store.outbox import UNSETTLED, after_last_post
from watchcall.store.schema import notification, notification_incident, quiet

ROW = notification_incident.c


def hold(
    db: Database, incidents: Sequence[str], why: str, at: datetime
) -> Mapping[str, frozenset[str]]:
    found = _waiting(db, incidents)
    covered = pages.covered(db, [row["notification"] for row in found])
    owed: defaultdict[str, set[str]] = defaultdict(set)
    for row in found:
        held_at = after_last_post(db, row["notification"], at)
        db.connection.execute(_this(row).values(held_at=held_at))
        if row["heard"] or row["parent"] or row["notification"] in covered:
            continue
        owed[row["incident"]].add(row["channel"])
        values = {"incident": row["incident"], "at": at, "channel": row["channel"], "why": why}
        db.connection.execute(quiet.insert().values(id=str(uuid.uuid4()), **values))
    return {one: frozenset(channels) for one, channels in owed.items()}


def merge(db: Database, into: Page, others: Sequence[Page], why: str, at: datetime) -> set[str]:
    """Nothing is moved where another page still looks for somebody in the stead of one of them:
    that it reached somebody would then count for all."""
    ids = [one.id for one in (into, *others)]
    looking = pages.stood_in_for(db, ids)
    if into.id in looking:
        return set()
    merged: set[str] = set()
    for other in others:
        this = (notification.c.id == other.id, UNSETTLED)
        done = notification.update().where(*this).values(settled_at=at, why=why)
        if other.id not in looking and db.connection.execute(done).rowcount:
            _take_in(db, into.id, other.id, at)
            merged.add(other.id)
    return merged


def _waiting(db: Database, incidents: Sequence[str]) -> list[rows.Row]:
    """Return what unsettled pages are to tell of incidents, and whether somebody has heard it."""
    statement = (
        sa.select(
            *(ROW.notification, ROW.incident, notification.c.channel, notification.c.parent),
            heard_of(notification_incident).label("heard"),
        )
        .join(notification, notification.c.id == ROW.notification)
        .where(
            ROW.incident.in_(incidents),
            notification.c.host == db.host,
            UNSETTLED,
            NOT_RECOVERY,
            ROW.held_at.is_(None),
        )
    )
    return db.rows(statement)


def _this(row: rows.Row) -> sa.Update:
    return notification_incident.update().where(
        ROW.notification == row["notification"], ROW.incident == row["incident"]
    )


def _take_in(db: Database, into: str, other: str, at: datetime) -> None:
    """Tell on one page what another was to tell; what that one told stays on its record."""
    known = {row["incident"]: row for row in _told_by(db, into)}
    at = after_last_post(db, into, at)
    for row in _told_by(db, other):
        mine = known.get(row["incident"])
        tells = {"level": row["level"], "joined_at": at}
        if row["held_at"] is not None:
            continue
        if mine is None:
            key = {"notification": into, "incident": row["incident"], "added_at": at}
            db.connection.execute(notification_incident.insert().values(**key, **tells))
        elif mine["held_at"] is not None:  # it was held there, and is told anew by the other
            db.connection.execute(_this(mine).values(**tells, added_at=at, held_at=None))
        elif Level(row["level"]).rank > Level(mine["level"]).rank:
            db.connection.execute(_this(mine).values(tells))


def _told_by(db: Database, page: str) -> list[dict[str, Any]]:
    statement = sa.select(notification_incident).where(ROW.notification == page)
    return [dict(row) for row in db.rows(statement)]
