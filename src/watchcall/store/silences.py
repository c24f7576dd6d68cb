"""Silences: written, and those that are not over."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from watchcall.core.calendar import Silence
from watchcall.store import rows
from watchcall.store.database import Database
from watchcall.store.schema import silence


def save(db: Database, changed: Silence) -> Silence:
    """Insert or update a silence; return it with its number."""
    number = changed.id if changed.id is not None else db.next_number(silence)
    key = {"host": db.host, "number": number}
    values: dict[str, Any] = {
        "checks": list(changed.checks),
        "reason": changed.reason,
        "by": changed.by,
        "start": changed.start,
        "end": changed.end,
        "ended_at": changed.ended_at,
    }
    if changed.id is None:
        values["id"] = str(uuid.uuid4())
    db.upsert(silence, key, values)
    return _of({**values, "number": number})


def after(db: Database, at: datetime) -> list[Silence]:
    """Return the silences that are not over at an instant, oldest first."""
    statement = (
        sa.select(silence)
        .where(silence.c.host == db.host, silence.c.end > at, silence.c.ended_at.is_(None))
        .order_by(silence.c.number)
    )
    return [_of(row) for row in db.rows(statement)]


def numbered(db: Database, number: int) -> Silence | None:
    """Return a silence by its number, over or not; None where there is none."""
    this = sa.select(silence).where(silence.c.host == db.host, silence.c.number == number)
    return next(map(_of, db.rows(this)), None)


def _of(row: rows.Row) -> Silence:
    return Silence(
        id=row["number"],
        checks=tuple(row["checks"]),
        reason=row["reason"],
        by=row["by"],
        start=row["start"],
        end=row["end"],
        ended_at=row["ended_at"],
    )
