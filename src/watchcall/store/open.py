"""Opening the database: a corrupt one is set aside with its bytes kept, never deleted."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from watchcall.errors import ConfigError, StartError, StoreError
from watchcall.store import schema
from watchcall.store.spare import keep_left
from watchcall.store.upgrade import Say, path_of, upgrade, version

_CORRUPT = ("malformed", "not a database", "corrupt", "disk image")


def open_database(url: str, say: Say) -> tuple[sa.Connection, str | None]:
    """Return a connection with the schema in place, and what was set aside, if anything.

    say: is told what takes a while
    Raises ConfigError where the file cannot be opened or written, StartError where its schema
    is newer than this version knows or cannot be upgraded.
    """
    try:
        return _connect(url, say), None
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
        if not _is_corrupt(error):
            raise ConfigError([_unusable(url, error)]) from None
    kept = _set_aside(Path(sa.engine.make_url(url).database or ""))
    return _connect(
        url, say
    ), f"the database was corrupt and is set aside as {kept}; starting afresh"


def _connect(url: str, say: Say) -> sa.Connection:
    engine = sa.create_engine(
        url, poolclass=StaticPool, connect_args={"check_same_thread": False, "timeout": 5}
    )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin_immediate)
    connection = None
    try:
        connection = engine.connect()
        _verify(connection)
        _lay_down(connection, say)
    except BaseException:
        if connection is not None:
            connection.close()
        engine.dispose()
        raise
    return connection


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


def _lay_down(connection: sa.Connection, say: Say) -> None:
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


def _unusable(url: str, error: Exception) -> str:
    path = sa.engine.make_url(url).database
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return f"daemon: database: cannot open {path}: {cause}; it needs a folder that can be written"


def translated(error: Exception) -> StoreError:
    """Return a driver's error in our words, without the statement and its values."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return StoreError(f"cannot write to the database: {cause}")
