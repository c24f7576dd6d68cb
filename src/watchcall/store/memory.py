"""Copies of a database in memory, and what became of them back to its file."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from watchcall.store import schema
from watchcall.store.open import bare

log = logging.getLogger(__name__)

LARGEST = 256 * 2**20  # bytes


def copied(source: sqlite3.Connection) -> sa.Connection | None:
    """Return a copy of what is committed, None where it would be too large."""
    pages = source.execute("PRAGMA page_count").fetchone()[0]
    if pages * source.execute("PRAGMA page_size").fetchone()[0] > LARGEST:
        return None
    copy = bare("sqlite://")
    source.backup(raw(copy))
    return copy


def of_file(path: Path) -> sa.Connection | None:
    """Return a copy of a file that may be read and not written, None where that is not possible.

    A read-only one shows its log only to those who need write nothing beside it; without a log it
    may be taken for one that never changes (sqlite.org/wal.html, "Read-Only Databases").
    """
    changes = path.with_name(f"{path.name}-wal")
    settled = not changes.exists() or not changes.stat().st_size
    for way in ("mode=ro", "mode=rw", *(["mode=ro&immutable=1"] if settled else [])):
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True)) as source:
                if way == "mode=rw":  # alone it needs no file for what others must know
                    source.execute("PRAGMA locking_mode=EXCLUSIVE").close()
                return copied(source)
        except sqlite3.Error as error:
            log.debug("cannot read the database with %s: %s", way, error)
    return None


def carry_over(memory: sa.Connection, path: Path) -> int:
    """Make a file the same as what is in memory, in one transaction; return the rows it took.

    Nobody else has written to the file meanwhile: the state directory is locked.
    """
    driver = raw(memory)
    driver.execute("ATTACH ? AS file", (str(path),)).close()
    try:
        driver.execute("PRAGMA file.synchronous=FULL").close()
        before = driver.total_changes
        with memory.begin():
            memory.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            for table in schema.metadata.sorted_tables:
                _make_same(memory, table)
        return driver.total_changes - before
    finally:
        driver.execute("DETACH file").close()


def _make_same(memory: sa.Connection, here: sa.Table) -> None:
    there = sa.table(here.name, *(sa.column(one.name) for one in here.c), schema="file")
    key = [column.name for column in here.primary_key]
    kept = sa.select(*(here.c[name] for name in key))
    memory.execute(sa.delete(there).where(sa.tuple_(*(there.c[name] for name in key)).not_in(kept)))
    changed = sa.except_(sa.select(*here.c), sa.select(*there.c))
    names = [column.name for column in here.c]
    memory.execute(sa.insert(there).prefix_with("OR REPLACE").from_select(names, changed))


def raw(connection: sa.Connection) -> sqlite3.Connection:
    """Return SQLite's own connection."""
    driver = connection.connection.dbapi_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(f"{driver} is not SQLite's")
    return driver
