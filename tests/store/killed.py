"""Upgrades that are killed, each at another line of it: `python -m tests.store.killed NAME FOLDER`.

Prints how many left the old database, and how many the new one; either way the next start found it
whole, and one copy of it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections import Counter
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from tests.store.older import contents, laid_out, shape, version_of
from watchcall.store import schema
from watchcall.store.open import open_database

OURS = ("store/upgrade.py", "store/spare.py", "migrations/to_")
EVERY = int(os.environ.get("EVERY", "7"))  # lines: all of them take minutes


class Killer:
    """Kills its own process at the nth line of an upgrade."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        if not any(part in frame.f_code.co_filename for part in OURS):
            return None
        if event == "line":
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def killed_at(nth: int, folder: Path) -> bool:
    """Upgrade in a child that is killed at its nth line; return whether it came so far."""
    child = os.fork()
    if not child:
        sys.settrace(Killer(nth))
        connection, _ = open_database(f"sqlite:///{folder}/watchcall.db", lambda _: None)
        connection.close()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def as_left(nth: int, file: Path) -> str | None:
    """Upgrade a file, killed at the nth line; return the schema that it was left with, None where
    it was done before."""
    if not killed_at(nth, file.parent):
        return None
    if nth % 2:  # and once more on the way
        killed_at(nth, file.parent)
    return version_of(file)


def kept_after(file: Path) -> list[Path]:
    """Open it as the next start does; return the copies that are there."""
    open_database(f"sqlite:///{file}", lambda _: None)[0].close()
    return [one for one in file.parent.iterdir() if ".schema" in one.name]


def main(name: str, folder: Path) -> None:
    original = laid_out(name, folder)
    old = contents(original), shape(original)
    left: Counter[str] = Counter()
    for nth in count(1, EVERY):
        room = folder / str(nth)
        room.mkdir()
        file = Path(shutil.copy(original, room))
        found = as_left(nth, file)
        if found is None:
            break
        left[found] += 1
        whole = shape(file) if found == str(schema.VERSION) else (contents(file), shape(file))
        (copy,) = kept_after(file)
        assert whole in (old, shape(file)), nth  # the old as it was, or the new as it is
        assert copy.suffix == ".bak", nth
        assert (contents(copy), shape(copy)) == old, nth
        shutil.rmtree(room)
    print(left[version_of(original)], left[str(schema.VERSION)])  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
