"""Files of /proc that stay open from one scan to the next: opening them is most of reading them.

An open file belongs to its process and not to its number: once that has ended it says so, whoever
has the number since. It says what is so now: after exec() what the new program is called.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable

NAMES = frozenset({"comm", "cmdline"})  # what is read of every process in every scan
MOST = 1000  # files; each pins some 2 KiB of the kernel's memory
SHARE = 8  # one part in so many of the file descriptors that this process may have
PIECE = 64 * 1024


class _File:
    """Closed when nobody uses it any more: a scan that was left behind may still read from it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def __del__(self) -> None:
        if hasattr(self, "_fd"):
            os.close(self._fd)

    def read(self) -> bytes:
        """Return all that there is, for the first time."""
        text = piece = os.read(self._fd, PIECE)
        while len(piece) == PIECE:
            piece = os.read(self._fd, PIECE)
            text += piece
        return text

    def read_again(self) -> bytes:
        """Raises ProcessLookupError where the process has ended."""
        text = piece = os.pread(self._fd, PIECE, 0)
        while len(piece) == PIECE:
            piece = os.pread(self._fd, PIECE, len(text))
            text += piece
        return text


_files: dict[tuple[int, str], _File] = {}


def read(pid: int, name: str, path: str) -> bytes:
    """Return the content of a process's file. Raises OSError."""
    known = _files.get((pid, name))
    if known is not None and known.path == path:
        try:
            return known.read_again()
        except OSError:  # it has ended; its number may be another's by now
            _files.pop((pid, name), None)
    file = _File(path)
    text = file.read()
    if name in NAMES and len(_files) < _affordable():
        _files[pid, name] = file
    return text


def keep(pids: Iterable[int]) -> None:
    """Let go of the files of all other processes."""
    there = set(pids)
    for one in [one for one in _files if one[0] not in there]:
        _files.pop(one, None)


def _affordable() -> int:
    return min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // SHARE)
