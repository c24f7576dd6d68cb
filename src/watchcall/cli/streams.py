"""Standard output and error, whatever they are: closed, full, gone, or without our letters."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import sys
from pathlib import Path
from typing import TextIO

# What a write says of the place it goes to: full (disk, quota, limit), or a terminal that is gone.
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def prepare() -> None:
    """Let every later print work: into the void where a stream is closed, escaped where it is
    of an encoding that lacks a letter.
    """
    sys.stdout = _usable(sys.stdout)
    sys.stderr = _usable(sys.stderr)


def unwritable(error: OSError) -> bool:
    """Return whether an error is about where the output goes."""
    return error.errno in _UNWRITABLE


def discard(stream: TextIO) -> None:
    """Send what is left of a stream, and all that follows, nowhere."""
    with contextlib.suppress(OSError):  # a stand-in of a test has no descriptor
        descriptor = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, descriptor)
        os.close(null)


def finish(stream: TextIO) -> None:
    """Write what is left of a stream, so that Python need not complain at its end."""
    try:
        stream.flush()
    except OSError:
        discard(stream)


def speaks_unicode(stream: TextIO) -> bool:
    return codecs.lookup(stream.encoding or "ascii").name == "utf-8"


def _usable(stream: TextIO | None) -> TextIO:
    if stream is None:  # closed by whoever started us (`>&-`)
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream
