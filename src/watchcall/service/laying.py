"""Lays files down, and takes them away, without losing what somebody else wrote."""

from __future__ import annotations

import enum
import itertools
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from watchcall.service.material import CONFIGURATION, Laid, unchanged

SAVED = ".saved"  # systemd reads no file of that ending


class State(enum.Enum):
    """What is there already; the words are what is said of it."""

    MISSING = "new"
    SAME = "is as it should be"
    OLDER = "is of another version, or of another program"
    FOREIGN = "is not as `watchcall install-service` has written it"
    ODD = "is no regular file"  # a link to /dev/null masks a unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file, and what is in its place."""

    laid: Laid
    path: Path
    state: State

    @property
    def foreign(self) -> bool:
        return self.state in (State.FOREIGN, State.ODD)


def look(root: Path, service: Sequence[Laid]) -> tuple[Found, ...]:
    """Return what is in the places of all files; raises OSError where one cannot be read."""
    return tuple(
        Found(laid=laid, path=root / laid.place, state=_state(root / laid.place, laid.text))
        for laid in service
    )


def _state(path: Path, text: str) -> State:
    if not os.path.lexists(path):
        return State.MISSING
    if path.is_symlink() or not path.is_file():
        return State.ODD
    there = path.read_text("utf-8", "replace")
    if there == text:
        return State.SAME
    return State.OLDER if unchanged(there) else State.FOREIGN


def lay(found: Sequence[Found]) -> None:
    """Write what is not there yet; what is not ours stays beside it under another name."""
    for one in found:
        if one.foreign:
            one.path.rename(saved(one.path))
        if one.state is not State.SAME:
            _write(one.path, one.laid.text)


def saved(path: Path) -> Path:
    """Return where a file is kept that was in the way: a name that nothing has yet."""
    names = (f"{path.name}{SAVED}{number or ''}" for number in itertools.count())
    return next(free for name in names if not os.path.lexists(free := path.with_name(name)))


def take_away(root: Path, found: Sequence[Found], *, packaged: bool = False) -> None:
    """Remove what is ours, and the folder of the configuration where nothing else is in it.

    packaged: whether a package is there, whose that folder is
    """
    for one in found:
        if not one.foreign:
            one.path.unlink(missing_ok=True)
    folder = root / CONFIGURATION
    if not packaged and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def hand_over(folder: Path, group: str) -> list[Path]:
    """Let a group read a configuration that is root's alone, as it is where it was written before
    there was that group; return what was changed. Any other owner or mode is somebody's choice."""
    changed = []
    for path, mode in ((folder, 0o750), (folder / "config.toml", 0o640)):
        if not path.exists() or path.is_symlink():
            continue
        status = path.stat()
        if (status.st_uid, status.st_gid) == (0, 0) and not status.st_mode & 0o077:
            shutil.chown(path, group=group)
            path.chmod(mode)
            changed.append(path)
    return changed


def _write(path: Path, text: str) -> None:
    """Whole or not at all: systemd may read it at any moment."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(number, "w", encoding="utf-8") as new:
        os.fchmod(number, 0o644)
        new.write(text)
    Path(name).replace(path)
