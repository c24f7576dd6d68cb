"""What the first outage would wait for, done beforehand.

SQLAlchemy compiles a statement when it meets it for the first time: some 40 ms for all that lies
between a failure and its call. So a failure is made up at the start, written down, and taken back.

A commit that makes a file longer waits for the journal of the file system besides: up to 5 ms
instead of 0.4. So SQLite's log gets its full length at the start, and is only written over then.
"""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa

from watchcall.core.attempt import Attempt
from watchcall.core.check import Check, ProcessTarget
from watchcall.core.contact import Event
from watchcall.core.health import Health, Level, State
from watchcall.core.incident import Incident
from watchcall.core.reason import NOTHING_SEEN
from watchcall.ports import Decision, Notice
from watchcall.store import decisions, ledger, outbox
from watchcall.store.database import Database
from watchcall.store.schema import meta

NOBODY = "rehearsal"
ROOM = 16  # times the log's length
LOG = 4 * 1024 * 1024  # bytes: SQLite begins its log anew at 1000 pages of 4 KiB


def rehearse(db: Database) -> None:
    """Fail, and go as far as a call that was posted; the caller rolls it back."""
    now, channel = datetime.now(UTC), str(uuid.uuid4())
    failed = _failure(now, channel)
    decisions.commit(db, failed)
    found = outbox.unsettled(db, channel)[0]
    call = ledger.save(db, _call(now, found.id, channel))
    ledger.save(db, call)
    outbox.page(db, call.notification)
    if db.connection.dialect.name == "sqlite" and _has_room(db.connection.engine.url.database):
        _lengthen_log(db)


def _has_room(path: str | None) -> bool:
    """Whether the log's full length is nothing to the disk: it is not ours to fill."""
    if not path:  # in memory
        return False
    try:
        place = os.statvfs(path)
    except OSError:  # it went away, which is said elsewhere
        return False
    return place.f_bavail * place.f_frsize > ROOM * LOG


def _lengthen_log(db: Database) -> None:
    """Write a row that the cache cannot hold; taken back, what stays of it is the log's length."""
    pragma = db.connection.exec_driver_sql
    pages = pragma("PRAGMA cache_size").scalar_one()
    pragma("PRAGMA cache_size = 10")
    try:
        db.connection.execute(meta.insert().values(key=NOBODY, value=sa.func.zeroblob(LOG)))
    finally:
        pragma(f"PRAGMA cache_size = {pages}")


def _failure(now: datetime, channel: str) -> Decision:
    check = Check(name=str(uuid.uuid4()), target=ProcessTarget(process=NOBODY))
    incident = Incident(
        id=str(uuid.uuid4()),
        check=check.name,
        spoken=NOBODY,
        level=Level.CRITICAL,
        reason=NOTHING_SEEN,
        opened_at=now,
    )
    return Decision(
        at=now,
        check=check,
        health=Health(state=State.FAILING, level=Level.CRITICAL, since=now),
        incident=incident,
        notices=(Notice(channel=channel, event=Event.FAILURE, due_at=now),),
    )


def _call(now: datetime, page: str, channel: str) -> Attempt:
    return Attempt(
        id=str(uuid.uuid4()),
        notification=page,
        channel=channel,
        contact=NOBODY,
        to="",
        nth=1,
        round=1,
        type="voice",
        planned_at=now,
        due_at=now,
    )
