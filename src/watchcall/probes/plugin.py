"""One run of a plugin: started, listened to, and ended with all that it started."""

from __future__ import annotations

import os
import pwd
import re
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from watchcall.probes.verdict import clean

MOST = 64 * 1024  # bytes kept of what it writes, each way; the rest is read and dropped
LINES = 20  # that are shown
PIECE = 16 * 1024
TERM_S = 1.0  # from SIGTERM to SIGKILL
OOM_SCORE = 500  # of -1000, never taken, to 1000, taken first
NOTICED_S = 0.2  # until it is noticed that nobody waits any more
SHOWN = 1000  # characters of performance data
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|.)?")

# With vfork() all of Python stands still until exec() is through, for as long as the disk hangs
# that the program is on. ("Disabling use of vfork()" in the documentation of subprocess.)
vars(subprocess)["_USE_VFORK"] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended.

    status: its exit status, negative for a signal; None: it still ran at its deadline
    """

    status: int | None
    output: bytes = b""
    errors: bytes = b""
    is_truncated: bool = False


@dataclass(slots=True)
class Ear:
    """What is kept of one of the pipes."""

    fd: int
    kept: bytearray = field(default_factory=bytearray)
    is_truncated: bool = False

    def read(self) -> bool:
        """Take in what is there; return whether there may be more, now or later."""
        try:
            piece = os.read(self.fd, PIECE)
        except BlockingIOError:
            return True
        room = MOST - len(self.kept)
        self.kept += piece[:room]
        self.is_truncated |= len(piece) > room
        return bool(piece)

    def drain(self) -> None:
        """Take in what is left; somebody may hold the pipe open, and write for ever."""
        before = -1
        while before != len(self.kept):
            before = len(self.kept)
            self.read()


class Run:
    """A program in a session of its own, with nothing of ours but three descriptors.

    limit_s: seconds until it is reported as hung, and killed
    """

    def __init__(self, command: Sequence[str], limit_s: float) -> None:
        self._command, self._limit_s = command, limit_s
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()  # between a kill and the end that frees the number
        self._is_given_up = False
        self._is_doomed = False  # it was to be killed before it was there

    def work(self, hangs: Callable[[Ended], object]) -> Ended:
        """Run it; return how it ended, when nothing is left of it. Blocks.

        hangs: called at the deadline, before it is killed, which may take long
        Raises OSError where it cannot be run.
        """
        deadline = time.monotonic() + self._limit_s
        process = _started(self._command)  # blocks where the program is on a disk that hangs
        with self._lock:
            self._process = process
        if self._is_doomed:
            self.kill()
        _give_up_first(process.pid)
        try:
            died = os.pidfd_open(process.pid)
            try:
                ended = self._listen(process, died, deadline)
                if ended.status is None:
                    hangs(ended)
                    self.kill(signal.SIGTERM)
                    _ready([died], TERM_S)
            finally:
                os.close(died)
        finally:
            self.kill()
            self._end(process)
        return ended

    @property
    def is_started(self) -> bool:
        return self._process is not None

    def give_up(self) -> None:
        """Nobody waits for it any more: let it be ended soon."""
        self._is_given_up = True

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to all of its process group; its number is not used again before its
        end was taken note of."""
        with self._lock:
            process = self._process
            self._is_doomed |= process is None
            if process is not None and process.returncode is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, number)

    def _listen(self, process: subprocess.Popen[bytes], died: int, deadline: float) -> Ended:
        """Take in what it writes until it ends; pipes may be held open by others after that."""
        assert process.stdout  # noqa: S101 - asked for below
        assert process.stderr  # noqa: S101
        output, errors = Ear(process.stdout.fileno()), Ear(process.stderr.fileno())
        open_ears = {ear.fd: ear for ear in (output, errors)}
        for fd in open_ears:
            os.set_blocking(fd, False)
        while not self._is_given_up and (left := deadline - time.monotonic()) > 0:
            ready = _ready([died, *open_ears], min(left, NOTICED_S))
            for fd in ready & open_ears.keys():
                if not open_ears[fd].read():
                    del open_ears[fd]
            if died in ready:
                for ear in open_ears.values():
                    ear.drain()
                return Ended(
                    status=_status(died),
                    output=bytes(output.kept),
                    errors=bytes(errors.kept),
                    is_truncated=output.is_truncated or errors.is_truncated,
                )
        return Ended(status=None, output=bytes(output.kept), errors=bytes(errors.kept))

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Take note of its end, which frees its number. One that hangs in the kernel is waited
        for, however long that takes: its check starts no other meanwhile."""
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - the operator's own program, without a shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=environment(),
        cwd="/",
        umask=0o077,
        start_new_session=True,
    )


def _give_up_first(pid: int) -> None:
    """Where memory is short the kernel is to take a plugin, and not spare it as it spares us."""
    with suppress(OSError):  # it may have ended already
        Path(f"/proc/{pid}/oom_score_adj").write_text(str(OOM_SCORE))


def environment() -> dict[str, str]:
    """Return the little that a plugin needs; what we were started with may hold secrets."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.environ.get("HOME") or _home(),
        "LANG": "C.UTF-8",
    }


def _home() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return "/"


def _status(died: int) -> int:
    """Return how the process behind a pidfd ended, and leave it to be taken note of."""
    ended = os.waitid(os.P_PIDFD, died, os.WEXITED | os.WNOWAIT)
    assert ended  # noqa: S101 - it has ended, so there is something to tell
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def _ready(fds: Sequence[int], seconds: float) -> set[int]:
    """Wait until something can be read; select() would not take numbers above 1023."""
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return {fd for fd, _ in poll.poll(max(0, seconds) * 1000)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a plugin wrote, fit to be shown."""

    lines: tuple[str, ...]
    perfdata: str

    @property
    def first(self) -> str:
        """The first line, without what leads over to performance data."""
        return self.lines[0].rstrip(" ;,") if self.lines else ""


def report(output: bytes) -> Report:
    """Take a plugin's output apart: text before `|`, performance data behind it.

    The first line may have some of its own; from a second `|` on, all that follows is.
    """
    text = ESCAPES.sub("", output.decode(errors="replace"))
    first, _, rest = text.strip().partition("\n")
    first, _, data = first.partition("|")
    rest, _, more = rest.partition("|")
    lines = [clean(line) for line in (first, *rest.splitlines()[: LINES - 1])]
    perfdata = clean(f"{data} {more}", SHOWN)
    return Report(lines=tuple(line for line in lines if line), perfdata=perfdata)
