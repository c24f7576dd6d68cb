"""Opening the database: a corrupt one is set aside with its bytes kept, never deleted."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from watchcall.errors import StartError, StoreError
from watchcall.store import schema
from watchcall.store.spare import keep_left
from watchcall.store.upgrade import Say, path_of, upgrade, version

PATIENCE_S = 5  # with another program that writes
_CORRUPT = ("malformed", "not a database", "corrupt", "disk image")


def open_database(url: str, say: Say) -> tuple[sa.Connection, str | None]:
    """Return a connection with the schema in place, and what was set aside, if anything.

    say: is told what takes a while
    Raises the driver's error where the file cannot be opened or written, StartError where its
    schema is newer than this version knows or cannot be upgraded.
    """
    try:
        return connect(url, say), None
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
        if not _is_corrupt(error):
            raise
    kept = _set_aside(Path(sa.engine.make_url(url).database or ""))
    return connect(
        url, say
    ), f"the database was corrupt and is set aside as {kept}; starting afresh"


def connect(url: str, say: Say) -> sa.Connection:
    """Return a connection to a database that is sound and has today's schema."""
    connection = bare(url)
    try:
        _verify(connection)
        lay_down(connection, say)
    except BaseException:
        connection.close()
        connection.engine.dispose()
        raise
    return connection


def bare(url: str) -> sa.Connection:
    """Return a connection to whatever is there."""
    engine = sa.create_engine(
        url,
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": PATIENCE_S},
    )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin_immediate)
    try:
        return engine.connect()
    except BaseException:
        engine.dispose()
        raise


def _prepare(connection: Any, _record: object) -> None:
    """FULL makes each commit reach the disk; facts on WAL: sqlite.org/wal.html."""
    connection.isolation_level = None  # transactions are begun by `_begin_immediate` alone
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()
    except sqlite3.Error:
        connection.close()
        raise


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _verify(connection: sa.Connection) -> None:
    with connection.begin():
        verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")


def lay_down(connection: sa.Connection, say: Say) -> None:
    """See to it that the schema is today's; a newer one is left untouched."""
    with connection.begin():
        found = version(connection)
        if found is None:
            schema.metadata.create_all(connection)
            row = {"key": "schema", "value": str(schema.VERSION)}
            connection.execute(schema.meta.insert().values(row))
    if found is not None and found < schema.VERSION:
        upgrade(connection, say)
    if found == schema.VERSION:
        keep_left(path_of(connection))
    if found is not None and found > schema.VERSION:
        raise StartError(
            f"the database has schema {found}, this version knows up to {schema.VERSION}: it was "
            "written by a newer WatchCall; install that version again, or put back the copy that "
            f"it kept, {path_of(connection).name}.schema*.bak"
        )


def _is_corrupt(error: Exception) -> bool:
    return any(sign in str(error) for sign in _CORRUPT)


def _set_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    kept = path.with_name(f"{path.name}.corrupt-{stamp}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept


def translated(error: Exception) -> StoreError:
    """Return a driver's error in our words, without the statement and its values."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return StoreError(f"cannot write to the database: {cause}")
