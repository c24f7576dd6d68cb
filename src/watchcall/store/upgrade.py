"""An older database becomes one of today's: whole or not at all, with a copy of it kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from watchcall.errors import StartError
from watchcall.store import schema
from watchcall.store.migrations import STEPS
from watchcall.store.migrations.alteration import Alteration
from watchcall.store.spare import Spare

log = logging.getLogger(__name__)

Say = Callable[[str], None]


def upgrade(connection: sa.Connection, say: Say) -> None:
    """Bring an older schema to today's in one transaction, however many steps that takes.

    Whoever is killed in it leaves the old database; whoever comes second finds the new one.

    say: is told what is being done, a few words: it may take a while
    Raises StartError where it cannot be done; the database is then as it was.
    """
    began = time.monotonic()
    with _without_references(connection), connection.begin():
        found = version(connection)
        if found is None or found >= schema.VERSION:
            return
        log.warning("upgrading the database from schema %d to %d", found, schema.VERSION)
        spare = Spare(path_of(connection), found)
        say("copying it")
        spare.make()
        try:
            _alter(connection, found, say)
            say("checking it")
            _check(connection)
        except sa.exc.SQLAlchemyError as error:
            spare.drop()
            cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            raise _failed(found, str(cause)) from error
    kept = _kept(spare)
    took = time.monotonic() - began
    log.warning("the database is upgraded, in %.1f s; as it was, it is kept as %s", took, kept)


def path_of(connection: sa.Connection) -> Path:
    return Path(connection.engine.url.database or "")


def version(connection: sa.Connection) -> int | None:
    """Return which schema a database has, None where there is none yet.

    Raises StartError where somebody else's tables are in it.
    """
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        return None
    if schema.meta.name not in tables:
        raise StartError(
            f"the database {path_of(connection)} holds other tables than WatchCall's; "
            "name another file"
        )
    written = sa.select(schema.meta.c.value).where(schema.meta.c.key == "schema")
    value = connection.execute(written).scalar()
    if value is None or not value.isdecimal() or not int(value):
        raise StartError(
            f"the database {path_of(connection)} says that its schema is {value!r}, "
            "which no WatchCall wrote; move the file away, and WatchCall starts afresh"
        )
    return int(value)


def _alter(connection: sa.Connection, found: int, say: Say) -> None:
    for number in range(found + 1, schema.VERSION + 1):
        began = time.monotonic()
        STEPS[number](Alteration(connection, say))
        log.info("upgrading the database: schema %d, %.1f s", number, time.monotonic() - began)
    row = schema.meta.update().where(schema.meta.c.key == "schema")
    connection.execute(row.values(value=str(schema.VERSION)))


def _check(connection: sa.Connection) -> None:
    """What was altered is sound, or it does not count."""
    sound = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if sound != "ok":
        raise sa.exc.SQLAlchemyError(sound)
    if lost is not None:
        raise sa.exc.SQLAlchemyError(f"a row of {lost[0]} refers to nothing")


def _kept(spare: Spare) -> Path | str:
    try:
        return spare.keep()
    except OSError as error:
        return f"a copy without its name: {error}"


def _failed(found: int, why: str) -> StartError:
    return StartError(
        f"the database cannot be upgraded from schema {found} to {schema.VERSION}: {why}; it is as "
        "it was, and the WatchCall that wrote it still runs on it"
    )


@contextmanager
def _without_references(connection: sa.Connection) -> Iterator[None]:
    """A table that another takes the place of may be referred to. Only outside of a transaction
    can this be said, so it is checked at the end of one."""
    raw = connection.connection
    raw.execute("PRAGMA foreign_keys=OFF").close()
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON").close()
