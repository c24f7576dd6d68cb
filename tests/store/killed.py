"""Upgrades that are killed, each at another line of it: `python -m tests.store.killed NAME FOLDER`.

Prints how many left the old database, how many the new one, and the most copies that any left.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from tests.store.older import contents, laid_out, shape, version_of
from watchcall.errors import StartError
from watchcall.store import schema
from watchcall.store.open import open_database

OURS = ("store/upgrade.py", "store/spare.py", "migrations/")
EVERY = int(os.environ.get("EVERY", "23"))  # lines: all of them take minutes


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


def main(name: str, folder: Path) -> None:
    original = laid_out(name, folder)
    old, old_shape = contents(original), shape(original)
    new_shape = None
    left = {"old": 0, "new": 0}
    most = 0
    for nth in count(1, EVERY):
        room = folder / str(nth)
        room.mkdir()
        file = Path(shutil.copy(original, room))
        again = nth % 2  # killed once more on the way
        if not killed_at(nth, room):
            break
        if again:
            killed_at(nth, room)
        is_new = version_of(file) == str(schema.VERSION)
        left["new" if is_new else "old"] += 1
        if is_new:
            new_shape = new_shape or shape(file)
            assert shape(file) == new_shape, nth
        else:
            assert (contents(file), shape(file)) == (old, old_shape), nth
        try:
            open_database(f"sqlite:///{file}", lambda _: None)[0].close()
        except StartError as error:
            raise AssertionError(nth) from error
        copies = [one for one in room.iterdir() if ".schema" in one.name]
        most = max(most, len(copies))
        assert all(contents(one) == old for one in copies), nth
        shutil.rmtree(room)
    print(left["old"], left["new"], most)  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
