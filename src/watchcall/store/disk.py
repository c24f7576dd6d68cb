"""What is written to: the file, and while its disk takes nothing a copy of it in memory.

People are called all the same (design, "The promise"). What happens meanwhile is carried over as
soon as the disk can be written again; only a restart before that forgets it, and may repeat a call.
"""

from __future__ import annotations

import glob
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from watchcall import confinement, rights
from watchcall.errors import ConfigError, StartError
from watchcall.store import memory, schema
from watchcall.store.open import connect, lay_down, open_database
from watchcall.store.upgrade import Say, version

log = logging.getLogger(__name__)

# sqlite.org/rescode.html; of extended codes the lowest byte
TAKES_NOTHING = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
NOT_OPENED = {*TAKES_NOTHING, sqlite3.SQLITE_CANTOPEN}
REFUSED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
AGAIN_S = 5.0  # until the disk is tried again


class Disk:
    """The connection that is used: `connection` is another one after `leave` and `come_back`.

    set_aside: what was wrong with the database at start, None where nothing was
    adrift:    why the file is not written, None where it is
    """

    def __init__(self, url: str, say: Say, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._url, self._say, self._elapsed = url, say, elapsed
        self._path = Path(sa.engine.make_url(url).database or "")
        self._tried = 0.0
        self._stays: str | None = None
        self.set_aside: str | None = None
        self.adrift: str | None = None
        self._refuse_wrong_rights()
        try:
            self.connection, self.set_aside = open_database(url, say)
        except (sa.exc.DatabaseError, sqlite3.Error) as error:
            self.connection = self._begun_adrift(error)

    @property
    def files(self) -> tuple[Path, ...]:
        """The database, and the copies that were kept when it was upgraded or set aside."""
        kept = self._path.parent.glob(f"{glob.escape(self._path.name)}.*")
        return (self._path, *sorted(kept))

    def leave(self, error: Exception) -> bool:
        """Go on in memory after an error, if that is of use; return whether it is."""
        if self.adrift is not None or code_of(error) not in TAKES_NOTHING:
            return False
        try:
            copy = memory.copied(memory.raw(self.connection))
        except sqlite3.Error as unreadable:
            return self._stay(f"nor can the database be read: {unreadable}")
        if copy is None:
            return self._stay("the database is too large to go on with in memory")
        self._go_on_with(copy)
        self._set_adrift(error)
        return True

    def _stay(self, why: str) -> bool:
        """Say once why memory is of no use."""
        if why != self._stays:
            log.error("%s", why)
        self._stays = why
        return False

    def come_back(self) -> None:
        """Carry over to the disk what happened in memory, if the disk takes it again."""
        if self.adrift is None or self._elapsed() - self._tried < AGAIN_S:
            return
        self._tried = self._elapsed()
        try:
            rows = self._carried_over()
        except (sa.exc.DatabaseError, sqlite3.Error, StartError) as error:
            log.debug("the disk still takes nothing: %s", _cause(error))
            return
        self.adrift = None
        log.warning("the database can be written again; %d rows were made up for", rows)

    def close(self) -> None:
        """Let go of it; what is in memory only is carried over, if that can be done at last."""
        self._tried = -AGAIN_S
        self.come_back()
        if self.adrift is not None:
            log.error("what happened since the database could not be written is forgotten")
        _close(self.connection)

    def _carried_over(self) -> int:
        """Open the file anew: what was opened when it was read-only stays so."""
        file = connect(self._url, self._say)
        try:
            rows = memory.carry_over(self.connection, self._path)
        except BaseException:
            _close(file)
            raise
        self._go_on_with(file)
        return rows

    def _go_on_with(self, other: sa.Connection) -> None:
        _close(self.connection)
        self.connection = other

    def _refuse_wrong_rights(self) -> None:
        """SQLite would open for reading what it may not write, and fail when it matters."""
        if not self._path.name:  # in memory
            return
        wrong = rights.denied(self._path.parent) or rights.denied(self._path)
        if wrong is not None:
            raise ConfigError([f"daemon: database: cannot open {self._path}: {wrong}"])

    def _refuse_locks_denied(self) -> None:
        """A lock that a security module denies is to SQLite one that another program holds."""
        refused = rights.lock_refused(self._path)
        if refused is not None:
            why = rights.explained(refused, self._path, os.R_OK | os.W_OK)
            raise ConfigError([f"daemon: database: cannot lock {self._path}: {why}"])

    def _begun_adrift(self, error: Exception) -> sa.Connection:
        """Start in memory, with what the file says, where there is one that can be read."""
        if code_of(error) == sqlite3.SQLITE_BUSY:
            self._refuse_locks_denied()
            raise StartError(
                f"another program holds the database {self._path}: {_cause(error)}; end it first"
            ) from None
        known = code_of(error) in NOT_OPENED and rights.there(self._path)
        copy = memory.of_file(self._path) if known else None
        if copy is None:
            raise ConfigError(
                [
                    f"daemon: database: cannot open {self._path}: {_cause(error)}; it needs a "
                    f"folder that can be written{self._suspected(error)}"
                ]
            ) from None
        with copy.begin():
            found = version(copy)
        if found not in (None, schema.VERSION):
            raise StartError(
                f"the database has schema {found} and cannot be upgraded: {_cause(error)}"
            ) from None
        lay_down(copy, self._say)
        self._set_adrift(error)
        return copy

    def _suspected(self, error: Exception) -> str:
        """SQLite does not say that it was refused, only that it cannot open or write the file."""
        suspect = confinement.suspect()
        if suspect is None or code_of(error) not in REFUSED or not rights.there(self._path):
            return ""
        disk = os.statvfs(self._path).f_flag & os.ST_RDONLY
        allowed = not disk and rights.granted(self._path, os.R_OK | os.W_OK)
        return f", though owner and mode allow it; {suspect}" if allowed else ""

    def _set_adrift(self, error: Exception) -> None:
        self._tried = self._elapsed()
        self.adrift = (
            f"cannot write to the database: {_cause(error)}{self._suspected(error)}; "
            "WatchCall goes on in memory, and would not know after a restart what it has told"
        )
        log.critical("%s", self.adrift)


def _close(connection: sa.Connection) -> None:
    connection.close()
    connection.engine.dispose()


def code_of(error: Exception) -> int | None:
    """Return SQLite's primary result code."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _cause(error: Exception) -> str:
    return str(error.orig if isinstance(error, sa.exc.DBAPIError) else error)
