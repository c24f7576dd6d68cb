"""The process table of one scan, and which of its processes are WatchCall's own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

import psutil

from watchcall.probes.candidates import Candidates
from watchcall.probes.hanging import once
from watchcall.probes.procfs import Seen, is_daemon, is_watchcall


class Table:
    """All processes at one moment, and which of them are WatchCall's own."""

    def __init__(self, processes: Iterable[Seen]) -> None:
        self._by_pid = {seen.pid: seen for seen in processes}

    @classmethod
    def now(cls) -> Table:
        return cls(Seen(process) for process in psutil.process_iter())

    def __iter__(self) -> Iterator[Seen]:
        return iter(self._by_pid.values())

    @once
    def candidates(self) -> Candidates:
        return Candidates(self)

    def get(self, pid: int) -> Seen | None:
        return self._by_pid.get(pid)

    def is_own(self, seen: Seen) -> bool:
        """WatchCall itself, any other process of WatchCall, and what the daemon or we started:
        plugins name what they look at, also while `watchcall probe` looks."""
        lineage = [seen.pid, *self._ancestors(seen)]
        return (
            os.getpid() in lineage
            or is_watchcall(seen.words)
            or any(pid in self._daemons for pid in lineage)
        )

    @once
    def _daemons(self) -> set[int]:
        """The processes that are `watchcall run`; they are looked for once in a scan."""
        found = set()
        for seen in self:
            with suppress(psutil.Error):
                if seen.comm.startswith(("watchcall", "python")) and is_daemon(seen.words):
                    found.add(seen.pid)
        return found

    @once
    def wrappers(self) -> set[int]:
        """The shell, sudo or timeout around `watchcall probe httpd`: their command lines name
        the check because ours does. What started the whole session is none of them."""
        me = self.get(os.getpid())
        above = self._ancestors(me) if me else []
        return {pid for pid in above if pid and self._wraps(pid)}  # 0: the kernel, or "me"

    def _wraps(self, pid: int) -> bool:
        seen = self.get(pid)
        try:
            if seen is not None and "watchcall" in seen.cmdline:
                return True
            return os.getsid(pid) == os.getsid(0)
        except (ProcessLookupError, psutil.Error):
            return False

    def _ancestors(self, seen: Seen) -> list[int]:
        above: list[int] = []
        step: Seen | None = seen
        while step is not None and len(above) < len(self._by_pid):
            try:
                above.append(step.ppid)
            except psutil.Error:
                break
            step = self.get(step.ppid)
        return above
