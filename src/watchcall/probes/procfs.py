"""The processes of this machine as one scan saw them.

An attribute is read when the first matcher asks for it and never twice. psutil's view is used
where it is the truth; the rest is read raw from /proc:

- `comm`: psutil completes a name of 15 characters from argv[0]
- `exe`: psutil guesses it from argv[0] where the link may not be read, and keeps it over exec()
- `cgroup`: psutil has no name for it
- command line, state and parent: psutil first makes sure of the process, which costs more than
  the answer, for each of the hundred kernel threads
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Iterator
from contextlib import suppress

import psutil

from watchcall.cgroups import unified
from watchcall.probes import hanging, held
from watchcall.probes.candidates import Candidates, base_name
from watchcall.probes.once import once

COMM_LENGTH = 15  # bytes; the kernel cuts names there (TASK_COMM_LEN - 1)
KTHREADD = 2
EXIT_CODE = 49  # of the fields behind the name
STARTED = 19  # the field of /proc/PID/stat, counted behind the name: proc(5), "starttime"


class Seen:
    """One process in one scan.

    Every attribute may raise psutil.NoSuchProcess (gone since) or psutil.AccessDenied.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid

    @once
    def comm(self) -> str:
        return os.fsdecode(_raw(self.pid, "comm").rstrip(b"\n"))

    @once
    def argv(self) -> list[str]:
        """One string where the process wrote a title of its own; none of kernel threads and
        zombies, which need not be asked once it is known that they run no program."""
        if self.__dict__.get("link") == "":
            return []
        text = os.fsdecode(_raw(self.pid, "cmdline")).rstrip("\0")
        return text.split("\0") if text else []

    @property
    def known_argv(self) -> list[str]:
        """The same, and none where reading it hangs."""
        try:
            return self.argv
        except psutil.AccessDenied:
            return []

    @once
    def cmdline(self) -> str:
        return " ".join(self.argv)

    @once
    def link(self) -> str | None:
        """The program's path; empty for kernel threads and zombies, which have none, None where
        it is not ours to know."""
        try:
            path = _target(self.pid)
        except FileNotFoundError:
            return ""
        except ProcessLookupError as error:
            raise psutil.NoSuchProcess(self.pid) from error
        except PermissionError:
            return None
        # An upgraded daemon still runs the file that its package replaced.
        return path.removesuffix(" (deleted)")

    @once
    def exe(self) -> str:
        """The program's path; empty for kernel threads and zombies."""
        if self.link is not None:
            return self.link
        if not self.known_argv and (self.is_kernel_thread or self.is_zombie):
            return ""
        raise psutil.AccessDenied(self.pid)

    @once
    def started(self) -> str:
        """The file that argv[0] leads to; empty where there is no argv[0]."""
        argv = self.known_argv
        return os.path.realpath(argv[0]) if argv else ""

    @once
    def cgroups(self) -> list[str]:
        """The paths in the unified hierarchy and in systemd's own."""
        lines = os.fsdecode(_raw(self.pid, "cgroup")).splitlines()
        split = (line.split(":", 2) for line in lines)
        return [path for _, kind, path in split if kind in ("", "name=systemd")]

    @property
    def cgroup(self) -> str | None:
        return unified(self.cgroups)

    @property
    def ended(self) -> dict[str, int | bool] | None:
        """How a zombie ended; None where that is not ours to know: the kernel then says 0.

        proc(5): `exit_code`, field 52, as waitpid(2) has it.
        """
        fields = _raw(self.pid, "stat").decode(errors="replace").rpartition(")")[2].split()
        code = int(fields[EXIT_CODE]) if len(fields) > EXIT_CODE else 0
        if not code:
            return None
        if os.WIFSIGNALED(code):
            return {"signal": os.WTERMSIG(code), "core_dumped": os.WCOREDUMP(code)}
        return {"status": os.WEXITSTATUS(code)}

    @property
    def is_kernel_thread(self) -> bool:
        return self.pid == KTHREADD or self.ppid == KTHREADD

    @property
    def is_zombie(self) -> bool:
        return self._stat[0] in ("Z", "X")

    @property
    def ppid(self) -> int:
        return int(self._stat[1])

    @property
    def began(self) -> int:
        """In clock ticks since boot: with the PID, the identity of a process (proc(5))."""
        return int(self._stat[STARTED])

    @once
    def _stat(self) -> list[str]:
        """State, parent and so on: what follows the name, which may itself hold parentheses."""
        text = _raw(self.pid, "stat").decode(errors="replace")
        return text.rpartition(")")[2].split(maxsplit=STARTED + 1)

    @once
    def uid(self) -> int:
        """The effective one."""
        return self._process.uids().effective

    @once
    def user(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    @once
    def _process(self) -> psutil.Process:
        return psutil.Process(self.pid)

    @once
    def rss(self) -> int:
        return self._process.memory_info().rss

    @once
    def cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    @once
    def born(self) -> float:
        return self._process.create_time()


class Table:
    """All processes at one moment, and which of them are WatchCall's own."""

    def __init__(self, processes: Iterable[Seen]) -> None:
        self._by_pid = {seen.pid: seen for seen in processes}

    @classmethod
    def now(cls) -> Table:
        pids = psutil.pids()
        held.keep(pids)
        return cls(map(Seen, pids))

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
            or is_watchcall(seen.known_argv)
            or any(pid in self._daemons for pid in lineage)
        )

    @once
    def _daemons(self) -> set[int]:
        """The processes that are `watchcall run`; they are looked for once in a scan."""
        found = set()
        for seen in self:
            with suppress(psutil.Error):
                if seen.comm.startswith(("watchcall", "python")) and is_daemon(seen.known_argv):
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


def is_restricted() -> bool:
    """Whether /proc hides other users' processes (hidepid, ProtectProc=): PID 1 tells."""
    try:
        _raw(1, "comm")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return True
    return False


def is_watchcall(argv: list[str]) -> bool:
    """`watchcall …`, `python …/bin/watchcall …`, `python -m watchcall …`."""
    if not argv:
        return False
    if base_name(argv[0]) == "watchcall":
        return True
    if len(argv) < 2 or not base_name(argv[0]).startswith("python"):
        return False
    return argv[1:3] == ["-m", "watchcall"] or base_name(argv[1]) == "watchcall"


def is_daemon(argv: list[str]) -> bool:
    return is_watchcall(argv) and "run" in argv


def _raw(pid: int, name: str) -> bytes:
    """Read a file of /proc/PID whole; a command line may be long."""
    if not hanging.enter((pid, name)):
        raise psutil.AccessDenied(pid)
    try:
        return held.read(pid, name, _place(pid, name))
    except (FileNotFoundError, ProcessLookupError) as error:
        raise psutil.NoSuchProcess(pid) from error
    except PermissionError as error:
        raise psutil.AccessDenied(pid) from error
    finally:
        hanging.leave()


def _target(pid: int) -> str:
    if not hanging.enter((pid, "exe")):
        raise psutil.AccessDenied(pid)
    try:
        return os.readlink(_place(pid, "exe"))  # noqa: PTH115 - pathlib doubles a scan
    finally:
        hanging.leave()


def _place(pid: int, name: str) -> str:
    return f"{psutil.PROCFS_PATH}/{pid}/{name}"
