"""Running programs, not for ever: the operator's own, and those that are asked something."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

KEPT = 4096  # bytes of what a program says
READ = 256 * 1024  # bytes of an answer
LONGEST = 200  # characters of its first line
LEFT_S = 0.5  # after its end, until all that it said is read
OURS = ("WATCHCALL_", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_", "LISTEN_")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended.

    status: its exit status, negative for a signal; None: it was killed at its deadline
    said:   the first line that it wrote to its standard error
    """

    status: int | None
    said: str
    deadline: timedelta

    def __str__(self) -> str:
        if self.status is None:
            return f"was killed after {self.deadline.total_seconds():.0f} s"
        return f"exited with {self.status}{f': {self.said}' if self.said else ''}"


class _Kept(asyncio.Protocol):
    """Keeps the beginning of what a program writes, or its end; `most` bytes."""

    def __init__(self, most: int, *, end: bool) -> None:
        self.said = b""
        self._kept = slice(-most, None) if end else slice(most)
        self._over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.said = (self.said + data)[self._kept]

    def connection_lost(self, exc: Exception | None) -> None:
        self._over.set()

    async def end(self, within_s: float = LEFT_S) -> None:
        """Wait until all is read; somebody that the program has left may still write."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), within_s)

    @property
    def first_line(self) -> str:
        lines = self.said.decode(errors="replace").strip().splitlines()
        return lines[0][:LONGEST] if lines else ""


@contextlib.asynccontextmanager
async def _listening(most: int, *, end: bool = False) -> AsyncIterator[tuple[_Kept, int]]:
    """Give something to write to, and what keeps what is written.

    The descriptor is the caller's to close; the reading end is closed here, whoever still writes.
    """
    reading, writing = os.pipe()
    source = os.fdopen(reading, "rb", buffering=0)
    pipe, kept = await asyncio.get_running_loop().connect_read_pipe(
        lambda: _Kept(most, end=end), source
    )
    try:
        yield kept, writing
    finally:
        pipe.close()


async def run(argv: Sequence[str], stdin: bytes, deadline: timedelta) -> Ending:
    """Run a program without a shell, and give it something to read.

    It has a process group of its own, which is killed whole at the deadline and at its end, also
    when we are cancelled. Of our environment it is given all but what is ours alone.
    Raises OSError where it cannot be started.
    """
    async with _listening(KEPT) as (errors, to):
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=to,
                env=environment(),
                start_new_session=True,
            )
        finally:
            os.close(to)
        status = await _status(process, stdin, deadline)
        await errors.end()
        return Ending(status, errors.first_line, deadline)


async def _status(process: Process, stdin: bytes | None, deadline: timedelta) -> int | None:
    try:
        async with asyncio.timeout(deadline.total_seconds()):
            await process.communicate(stdin)
    except TimeoutError:
        return None
    finally:
        # whatever it left behind in its group ends with it, also when we are told to stop
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.returncode is None:
            await process.wait()
    return process.returncode


@dataclass(frozen=True, slots=True)
class Said:
    """What a program answered.

    status: as in Ending
    out:    the last READ bytes of its standard output
    err:    the first line of its standard error
    """

    status: int | None
    out: bytes
    err: str
    deadline: timedelta

    def __str__(self) -> str:
        return str(Ending(self.status, self.err, self.deadline))


async def ask(argv: Sequence[str], deadline: timedelta) -> Said:
    """Run a program for what it writes; it is given nothing to read. Otherwise as `run`.

    It speaks English, without colours and without a pager.
    Raises OSError where it cannot be started.
    """
    plain = {"LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "TERM": "dumb"}
    async with _listening(READ, end=True) as (answer, out), _listening(KEPT) as (errors, err):
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=DEVNULL,
                stdout=out,
                stderr=err,
                env={**environment(), **plain},
                start_new_session=True,
            )
        finally:
            os.close(out)
            os.close(err)
        status = await _status(process, None, deadline)
        await answer.end()
        await errors.end()
        return Said(status, answer.said, errors.first_line, deadline)


def environment() -> dict[str, str]:
    """Return our environment without our secrets, and without our line to systemd."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
