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
from functools import partial

import psutil

from watchcall.cgroups import unified
from watchcall.probes import hanging
from watchcall.probes.hanging import once

COMM_LENGTH = 15  # bytes; the kernel cuts names there (TASK_COMM_LEN - 1)
KTHREADD = 2
EXIT_CODE = 49  # of the fields behind the name
PIECE = 64 * 1024
STARTED = 19  # the field of /proc/PID/stat, counted behind the name: proc(5), "starttime"


class Seen:
    """One process in one scan.

    Every attribute may raise psutil.NoSuchProcess (gone since) or psutil.AccessDenied.
    """

    def __init__(self, process: psutil.Process) -> None:
        self.pid = process.pid
        self._listed = process

    @once
    def comm(self) -> str:
        return os.fsdecode(_raw(self.pid, "comm").rstrip(b"\n"))

    @once
    def argv(self) -> list[str]:
        """One string where the process wrote a title of its own; none of kernel threads and
        zombies."""
        try:
            raw = hanging.read(self.pid, partial(_raw, self.pid, "cmdline"))
        except hanging.Hangs as error:
            raise psutil.AccessDenied(self.pid) from error
        text = os.fsdecode(raw).rstrip("\0")
        return text.split("\0") if text else []

    @property
    def words(self) -> list[str]:
        """argv for whoever can do without: empty where it may not be read, or hangs."""
        try:
            return self.argv
        except psutil.AccessDenied:
            return []

    @once
    def cmdline(self) -> str:
        return " ".join(self.argv)

    @once
    def exe(self) -> str:
        """The program's path; empty for kernel threads and zombies, which have none."""
        try:
            path = os.readlink(_place(self.pid, "exe"))  # noqa: PTH115 - pathlib doubles a scan
        except FileNotFoundError:
            return ""
        except ProcessLookupError as error:
            raise psutil.NoSuchProcess(self.pid) from error
        except PermissionError as error:
            if self.is_kernel_thread or self.is_zombie:
                return ""
            raise psutil.AccessDenied(self.pid) from error
        # An upgraded daemon still runs the file that its package replaced.
        return path.removesuffix(" (deleted)")

    @once
    def started(self) -> str:
        """The file that argv[0] leads to; empty where there is no argv[0]."""
        try:
            return hanging.read(self.argv[0], lambda: os.path.realpath(self.argv[0]))
        except (psutil.AccessDenied, hanging.Hangs, IndexError):
            return ""

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
        return self._listed.uids().effective

    @once
    def user(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    @once
    def rss(self) -> int:
        return self._listed.memory_info().rss

    @once
    def cpu_seconds(self) -> float:
        times = self._listed.cpu_times()
        return times.user + times.system

    @once
    def born(self) -> float:
        # A fresh look-up: psutil's cache may hold the birth of the PID's previous owner.
        return psutil.Process(self.pid).create_time()


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
    try:
        fd = os.open(_place(pid, name), os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = piece = os.read(fd, PIECE)
            while len(piece) == PIECE:
                piece = os.read(fd, PIECE)
                text += piece
            return text
        finally:
            os.close(fd)
    except (FileNotFoundError, ProcessLookupError) as error:
        raise psutil.NoSuchProcess(pid) from error
    except PermissionError as error:
        raise psutil.AccessDenied(pid) from error


def _place(pid: int, name: str) -> str:
    return f"{psutil.PROCFS_PATH}/{pid}/{name}"


def base_name(path: str) -> str:
    return path.rpartition("/")[2]
