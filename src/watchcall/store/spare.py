"""The copy of a database that is kept when it is upgraded."""

from __future__ import annotations

import contextlib
import glob
import itertools
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from watchcall.errors import StartError

MADE = ".new"
ROOM = 1024 * 1024  # bytes besides what is counted


class Spare:
    """A copy beside the database: made first, and given its name once the upgrade counts.

    Until then it is written over by the next that is made, so that an upgrade which is cut short
    again and again leaves one copy, not many.

    schema: which the database has
    """

    def __init__(self, database: Path, schema: int) -> None:
        self._database, self._schema = database, schema
        self._made = database.with_name(f"{database.name}.schema{schema}{MADE}")

    def make(self) -> None:
        """Copy what is committed. Raises StartError where there is no room, or no right, for it."""
        try:
            self._refuse_small_room()
            self._made.unlink(missing_ok=True)
            os.close(os.open(self._made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with _opened(self._database, "ro") as source, _opened(self._made, "rw") as copy:
                source.backup(copy)
        except (OSError, sqlite3.Error) as error:
            self._made.unlink(missing_ok=True)
            why = getattr(error, "strerror", None) or error
            raise StartError(
                f"the database has schema {self._schema} and is to be upgraded, but it cannot be "
                f"copied to {self._database.parent} before: {why}"
            ) from None

    def keep(self) -> Path:
        """Give it a name that nothing had; return that."""
        kept = next(one for one in self._names() if not one.exists())
        self._made.rename(kept)
        _sync(kept.parent)
        return kept

    def drop(self) -> None:
        self._made.unlink(missing_ok=True)

    def _names(self) -> Iterator[Path]:
        first = f"{self._database.name}.schema{self._schema}"
        yield self._database.with_name(f"{first}.bak")
        yield from (self._database.with_name(f"{first}.{nth}.bak") for nth in itertools.count(2))

    def _refuse_small_room(self) -> None:
        """The copy, and all of it once more in the log of the transaction."""
        parts = [self._database.with_name(self._database.name + end) for end in ("", "-wal")]
        needed = 2 * sum(one.stat().st_size for one in parts if one.exists()) + ROOM
        free = shutil.disk_usage(self._database.parent).free
        if free < needed:
            raise StartError(
                f"the database has schema {self._schema} and is to be upgraded, which needs "
                f"{_mib(needed)} in {self._database.parent}, and {_mib(free)} are free; make room, "
                "and start WatchCall again"
            )


def keep_left(database: Path) -> None:
    """Keep a copy whose upgrade counted, and which was left without its name by a kill just then.

    It is whole: a database of today's schema was upgraded after it had been copied.
    """
    for made in database.parent.glob(f"{glob.escape(database.name)}.schema*{MADE}"):
        number = made.name.removesuffix(MADE).rpartition("schema")[2]
        if number.isdecimal():
            with contextlib.suppress(OSError):  # it is a matter of a name
                Spare(database, int(number)).keep()


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"


@contextlib.contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)
    try:
        yield connection
    finally:
        connection.close()


def _sync(folder: Path) -> None:
    """Let the new name reach the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
