"""Running the operator's own programs, with something to read and not for ever."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

KEPT = 4096  # bytes of what a program says
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


class _Errors(asyncio.Protocol):
    """Keeps the beginning of what a program writes to its standard error."""

    def __init__(self) -> None:
        self._said = b""
        self._over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self._said = (self._said + data)[:KEPT]

    def connection_lost(self, exc: Exception | None) -> None:
        self._over.set()

    async def first_line(self) -> str:
        """Return it, once all is read; somebody that the program has left may still write."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), LEFT_S)
        lines = self._said.decode(errors="replace").strip().splitlines()
        return lines[0][:LONGEST] if lines else ""


async def run(argv: Sequence[str], stdin: bytes, deadline: timedelta) -> Ending:
    """Run a program without a shell, and give it something to read.

    It has a process group of its own, which is killed whole at the deadline and at its end, also
    when we are cancelled. Of our environment it is given all but what is ours alone.
    Raises OSError where it cannot be started.
    """
    reading, writing = os.pipe()
    source = os.fdopen(reading, "rb", buffering=0)
    pipe, errors = await asyncio.get_running_loop().connect_read_pipe(_Errors, source)
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=writing,
                env=environment(),
                start_new_session=True,
            )
        finally:
            os.close(writing)
        status = await _status(process, stdin, deadline)
        return Ending(status, await errors.first_line(), deadline)
    finally:
        pipe.close()


async def _status(process: Process, stdin: bytes, deadline: timedelta) -> int | None:
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


def environment() -> dict[str, str]:
    """Return our environment without our secrets, and without our line to systemd."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
