"""The configuration itself: who else could read it, or change whom it calls and what it runs."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from watchcall.config.exposed import Exposed
from watchcall.rights import name_of, service_group


def unguarded(path: Path) -> Iterator[Exposed]:
    """Yield what is wrong with who may do what to the configuration, and to its folder.

    What lies behind a folder that is closed to others is not open to them, whatever its mode.
    """
    try:
        here = path.resolve(strict=True)
        yield from _file(here)
        yield from _folder(here.parent, here)
    except OSError:  # it has been read, so it is here, and something else is wrong
        return


def _file(path: Path) -> Iterator[Exposed]:
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    if _theirs(found):
        yield _belonging(path, f"{path} belongs to {name_of(found.st_uid)}, who can change it")
    if _writable(found) and _reached(path, _by_some):
        detail = (
            f"{path} can be written by others (mode {mode:04o}), who are not to say who is called"
        )
        yield Exposed(path=path, detail=detail, remedy=_closing(path, found))
    elif found.st_mode & stat.S_IROTH and _reached(path, _by_all):
        detail = f"{path} can be read by everybody (mode {mode:04o}), and phone numbers are in it"
        yield Exposed(path=path, detail=detail, remedy=_closing(path, found))


def _folder(folder: Path, path: Path) -> Iterator[Exposed]:
    found = folder.stat()
    mode = stat.S_IMODE(found.st_mode)
    if _theirs(found):
        detail = (
            f"{folder} belongs to {name_of(found.st_uid)}, who can put another {path.name} there"
        )
        yield _belonging(folder, detail)
    kept = found.st_mode & stat.S_ISVTX  # where only its owner may exchange a file
    if _writable(found) and not kept and _reached(folder, _by_some):
        yield Exposed(
            path=folder,
            detail=f"others can write into {folder} (mode {mode:04o}), and put another "
            f"{path.name} there",
            remedy=f"chmod go-w {folder}",
        )


def _belonging(path: Path, detail: str) -> Exposed:
    return Exposed(path=path, detail=detail, remedy=f"chown {name_of(os.geteuid())} {path}")


def _theirs(found: os.stat_result) -> bool:
    """Whether it belongs neither to root nor to who reads it."""
    return found.st_uid not in (0, os.geteuid())


def _writable(found: os.stat_result) -> bool:
    """Whether somebody besides its owner may write; root's group is root."""
    group = stat.S_IWGRP if found.st_gid != 0 else 0
    return bool(found.st_mode & (stat.S_IWOTH | group))


def _reached(path: Path, enters: Callable[[os.stat_result], bool]) -> bool:
    """Whether others get there, by the modes of the folders on the way."""
    return all(enters(folder.stat()) for folder in path.parents)


def _by_all(folder: os.stat_result) -> bool:
    return bool(folder.st_mode & stat.S_IXOTH)


def _by_some(folder: os.stat_result) -> bool:
    """Members of its group may be meant to see what is in it, and not to write."""
    return _by_all(folder) or bool(folder.st_gid != 0 and folder.st_mode & stat.S_IXGRP)


def _closing(path: Path, found: os.stat_result) -> str:
    """Return how it is closed so that the daemon, whoever that is, can still read it."""
    if found.st_uid != 0:
        return f"chmod 600 {path}"
    if found.st_gid == 0 and (group := service_group()):
        return f"chgrp {group} {path} && chmod 640 {path}"
    return f"chmod {640 if found.st_gid else 600} {path}"
