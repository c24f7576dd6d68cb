"""The death of processes, told by the kernel within a tenth of a millisecond: pidfd_open(2).

Works without privileges and on anybody's processes. A process is its PID and its start time: what
got the PID of a dead one is another.
"""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

Identity = tuple[int, int]  # PID, and starttime of proc(5) in clock ticks

SHARE = 2  # one part in so many of the file descriptors that this process may have
STARTED = 19  # starttime in /proc/PID/stat, counted behind the name: proc(5)


@dataclass(slots=True)
class _Held:
    """A process that is watched for these checks."""

    fd: int
    checks: set[str] = field(default_factory=set)


class Deaths:
    """Holds the processes of each check. Belongs to the loop on which it is first used.

    died:    called with a check's name for each of its processes that has ended
    most:    processes that are held at the same time
    polling: by check, why its processes are not held
    """

    def __init__(self, died: Callable[[str], None], most: int | None = None) -> None:
        self.polling: dict[str, str] = {}
        self._died = died
        self._most = _affordable() if most is None else most
        self._held: dict[Identity, _Held] = {}
        self._of: dict[str, set[Identity]] = {}

    def hold(self, check: str, processes: Iterable[Identity]) -> None:
        """Hold these for a check from now on, and no others."""
        wanted = set(processes)
        for gone in self._of.get(check, set()) - wanted:
            self._let_go(check, gone)
        new = [one for one in wanted if check not in self._checks(one)]
        free = self._most - len(self._held)
        if sum(one not in self._held for one in new) > free:
            self.drop(check)
            few = f"{free} of at most {self._most} could be held"
            self.polling[check] = f"{len(wanted)} processes, and {few}"
            return
        self.polling.pop(check, None)
        for one in new:
            self._take(check, one)

    def drop(self, check: str) -> None:
        """Hold nothing for a check any more."""
        for one in tuple(self._of.get(check, ())):
            self._let_go(check, one)
        self._of.pop(check, None)
        self.polling.pop(check, None)

    def alive(self, check: str) -> int:
        """Return how many of a check's processes are held; they live, as far as was told."""
        return len(self._of.get(check, ()))

    def close(self) -> None:
        for check in tuple(self._of):
            self.drop(check)

    def _checks(self, one: Identity) -> set[str]:
        return self._held[one].checks if one in self._held else set()

    def _take(self, check: str, one: Identity) -> None:
        held = self._held.get(one)
        if held is None:
            try:
                held = self._open(one)
            except OSError as error:
                self.polling[check] = f"pidfd_open: {error.strerror or error}"
                return
            if held is None:  # it ended since the look
                self._died(check)
                return
        held.checks.add(check)
        self._of.setdefault(check, set()).add(one)

    def _open(self, one: Identity) -> _Held | None:
        """Return the process, None where it has ended; raise OSError where none can be held."""
        try:
            fd = os.pidfd_open(one[0])
        except ProcessLookupError:
            return None
        if _started(one[0]) != one[1]:  # only now: the PID is nobody else's while it is open
            os.close(fd)
            return None
        self._held[one] = held = _Held(fd)
        asyncio.get_running_loop().add_reader(fd, self._ended, one)
        return held

    def _ended(self, one: Identity) -> None:
        checks = tuple(self._checks(one))
        for check in checks:
            self._let_go(check, one)
        for check in checks:
            self._died(check)

    def _let_go(self, check: str, one: Identity) -> None:
        self._of[check].discard(one)
        held = self._held[one]
        held.checks.discard(check)
        if not held.checks:
            del self._held[one]
            asyncio.get_running_loop().remove_reader(held.fd)
            os.close(held.fd)


def _started(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[STARTED])


def _affordable() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] // SHARE
