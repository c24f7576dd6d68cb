"""What processes have used: CPU time and memory, from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

MIB = 1024 * 1024
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it now."""
    found, new = [], [pid]
    while new:
        found += new
        new = [child for one in new for child in _children(one)]
    return found


def cpu_s(pids: Iterable[int]) -> float:
    """Return the seconds of CPU, in user and kernel, of processes and the children they buried."""
    return sum(map(_cpu_s, pids))


def rss(pids: Iterable[int]) -> float:
    """Return resident MiB; pages that are shared count for each."""
    return sum(_status(pid, "VmRSS") for pid in pids) / 1024


def pss(pids: Iterable[int]) -> float:
    """Return resident MiB; pages that are shared count once among those who share them."""
    return sum(_pss(pid) for pid in pids) / 1024


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) * TICK_S  # utime, stime, cutime, cstime: proc(5)


def _children(pid: int) -> list[int]:
    try:
        tasks = [*Path(f"/proc/{pid}/task").iterdir()]
        return [int(child) for one in tasks for child in (one / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _status(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(one.split()[1]) for one in lines if one.startswith(f"{name}:")), 0)


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next((int(one.split()[1]) for one in lines if one.startswith("Pss:")), 0)
