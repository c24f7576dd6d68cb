"""PID files: a missing one is a failure, one that says nothing is unknown."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from watchcall.core.reason import Reason
from watchcall.probes import hanging
from watchcall.probes.verdict import CannotLook, clean
from watchcall.rights import explained

LONGEST = 256  # bytes; PostgreSQL's has the number in the first of several lines


@dataclass(frozen=True, slots=True)
class PidFile:
    """A number, and what tells the file from one that was written anew."""

    number: int
    version: tuple[int, int]


class Owners:
    """Which process a PID file first named: its number may be another's by now.

    Told by when a process started, in ticks since boot, and not by the file's date: that is of a
    clock that may have been set since, and nobody is called about a clock.
    """

    def __init__(self) -> None:
        self._first: dict[Path, tuple[PidFile, int]] = {}

    def has_changed(self, path: Path, file: PidFile, started: int) -> bool:
        """Whether the same file named another process, when it was read before."""
        known, first = self._first.get(path, (None, started))
        if known != file:
            first = started
            self._first[path] = file, started
        return first != started


def read_pid(path: Path) -> PidFile | None:
    """Return what is in a PID file, None where there is no file; raise CannotLook."""
    with hanging.reading(path) as may:
        if not may:
            raise _unreadable(path, "reading it hangs")
        read = _read(path)
    if read is None:
        return None
    text, version = read
    number = re.match(rb"\s*([1-9][0-9]{0,9})[ \t\r\0]*(?:\n|\Z)", text)
    if number is None:
        raise CannotLook(Reason.of("process.pidfile_no_number", path=clean(str(path))))
    return PidFile(int(number[1]), version)


def _read(path: Path) -> tuple[bytes, tuple[int, int]] | None:
    try:
        # A named pipe would hold the scan of all process checks without O_NONBLOCK.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(fd)
            return os.read(fd, LONGEST), (status.st_ino, status.st_mtime_ns)
        finally:
            os.close(fd)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, explained(error, path)) from error


def _unreadable(path: Path, why: str) -> CannotLook:
    return CannotLook(
        Reason.of("process.pidfile_unreadable", path=clean(str(path)), error=clean(why))
    )
