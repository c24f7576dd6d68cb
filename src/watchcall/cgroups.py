"""Control groups: which systemd unit a process belongs to, and what happened to its memory."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")  # of the unified hierarchy (cgroups(7))
OURS_ALONE = ("session-", "init.scope")  # scopes that say nothing of a program


def unit_of(path: str) -> str | None:
    """Return the systemd unit that a cgroup's path names, None where none is the program's own.

    Below the manager of a user stand units that the system's manager does not know.
    """
    for part in path.split("/"):
        if part.startswith("user@"):
            return None
        if part.endswith((".service", ".scope")) and not part.startswith(OURS_ALONE):
            return part
    return None


def unified(paths: Iterable[str]) -> str | None:
    """Return the most telling of a process's paths: the longest, below no other program."""
    return max((path for path in paths if path.strip("/")), key=len, default=None)


def oom_kills(paths: Iterable[str], root: Path = ROOT) -> int | None:
    """Return how many processes of these cgroups the out-of-memory killer has killed so far.

    None where no cgroup tells: it is gone, or its memory is not accounted for.
    """
    counts = [count for path in paths if (count := _kills(root / path.lstrip("/"))) is not None]
    return sum(counts) if counts else None


def above(paths: Iterable[str]) -> list[str]:
    """Return the groups that these are in, which outlive them and count what befell them."""
    return sorted({path.rstrip("/").rpartition("/")[0] for path in paths} - {""})


def _kills(folder: Path) -> int | None:
    try:
        lines = (folder / "memory.events").read_text().splitlines()
    except (OSError, ValueError):  # ValueError: a NUL in the path, or no UTF-8
        return None
    found = dict(line.split(maxsplit=1) for line in lines if " " in line)
    count = found.get("oom_kill", "")
    return int(count) if count.isdecimal() else None
