"""PID files: a missing one is a failure, one that says nothing is unknown."""

from __future__ import annotations

import os
import re
from pathlib import Path

from watchcall.core.reason import Reason
from watchcall.probes import hanging
from watchcall.probes.verdict import CannotLook, clean

LONGEST = 256  # bytes; PostgreSQL's has the number in the first of several lines


def read_pid(path: Path) -> int | None:
    """Return the number in a PID file, None where there is no file; raise CannotLook."""
    with hanging.reading(path) as may:
        if not may:
            raise _unreadable(path, "reading it hangs")
        text = _read(path)
    if text is None:
        return None
    number = re.match(rb"\s*([1-9][0-9]{0,9})[ \t\r\0]*(?:\n|\Z)", text)
    if number is None:
        raise CannotLook(Reason.of("process.pidfile_no_number", path=clean(str(path))))
    return int(number[1])


def _read(path: Path) -> bytes | None:
    try:
        # A named pipe would hold the scan of all process checks without O_NONBLOCK.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return os.read(fd, LONGEST)
        finally:
            os.close(fd)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error.strerror or repr(error)) from error


def _unreadable(path: Path, why: str) -> CannotLook:
    return CannotLook(
        Reason.of("process.pidfile_unreadable", path=clean(str(path)), error=clean(why))
    )
