"""The state directory: one WatchCall's alone, for as long as it runs."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import IO

from watchcall import rights
from watchcall.errors import ConfigError, StartError

MAY_PASS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class StateDir:
    """A directory that is locked until it is closed, or the process ends."""

    def __init__(self, path: Path) -> None:
        """Make it where it is not there, and lock it.

        Raises ConfigError where it cannot be ours, StartError where that may pass or another
        WatchCall has it.
        """
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _opened(path / "lock")
        except OSError as error:
            raise _refusal(path, error) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise _held(path, error) from None

    @property
    def moved(self) -> str | None:
        """What is wrong where it is no longer the directory that was locked."""
        try:
            same = (self.path / "lock").stat().st_ino == os.fstat(self._lock.fileno()).st_ino
        except OSError:
            same = False
        if same:
            return None
        return f"the state directory {self.path} was removed or replaced; restart WatchCall"

    def close(self) -> None:
        """Leave it to others."""
        self._lock.close()


def _opened(lock: Path) -> IO[str]:
    """A disk that became read-only is no reason not to watch, and a lock needs no writing."""
    try:
        return lock.open("a")
    except OSError as error:
        if error.errno != errno.EROFS or not lock.exists():
            raise
    return lock.open("r")


def _held(path: Path, error: OSError) -> ConfigError | StartError:
    if isinstance(error, BlockingIOError):
        return StartError(f"another WatchCall runs on {path}; stop it first")
    lock = path / "lock"
    wrong = rights.explained(error, lock, os.W_OK)
    return ConfigError([f"daemon: state_dir: cannot lock {lock}: {wrong}"])


def _refusal(path: Path, error: OSError) -> ConfigError | StartError:
    lock = path / "lock"
    wrong = rights.denied(path) or rights.denied(lock) or rights.explained(error, lock, os.W_OK)
    why = f"daemon: state_dir: cannot write to {path}: {wrong}"
    if error.errno in MAY_PASS:
        return StartError(f"{why}; make room, and start WatchCall again")
    return ConfigError([why])
