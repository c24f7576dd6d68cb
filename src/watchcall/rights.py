"""Who may write and read where: what is wrong with owners and modes, and what would be right."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


def denied(path: Path) -> str | None:
    """Return why we may not write to a file, or into a folder, that is there; None where we may.

    A disk that is read-only denies it to everybody: that is no matter of rights.
    """
    if not there(path) or os.statvfs(path).f_flag & os.ST_RDONLY:
        return None
    folder = path.is_dir()
    if os.access(path, os.R_OK | os.W_OK | (os.X_OK if folder else 0)):
        return None
    found = path.stat()
    us, right = _name(os.geteuid()), "0700" if folder else "0600"
    return (
        f"{path} belongs to {_name(found.st_uid)} with mode {stat.S_IMODE(found.st_mode):04o}, and "
        f"WatchCall runs as {us}: it must belong to {us} with mode {right}"
    )


def too_open(folder: Path, *files: Path) -> list[str]:
    """Return a sentence for each thing that others may do here and must not."""
    found = []
    mode = _mode(folder)
    if mode & OTHERS_WRITE:
        found.append(f"others can write into {folder} (mode {mode:04o}): chmod 700 {folder}")
    for file in files:
        mode = _mode(file)
        if mode & (OTHERS_READ | OTHERS_WRITE):
            found.append(f"others can read {file} (mode {mode:04o}): chmod 600 {file}")
    return found


def there(path: Path) -> bool:
    """Whether something is there, as far as we may see."""
    try:
        return path.exists()
    except PermissionError:
        return False


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) if there(path) else 0


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
