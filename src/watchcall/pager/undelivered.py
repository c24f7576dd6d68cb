"""When nobody could be reached: the operator's own command, with the incident on stdin."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from datetime import timedelta

from watchcall.ports import Clock, Store, Undelivered

log = logging.getLogger(__name__)

DEADLINE = timedelta(seconds=60)
NOT_SET = "no command is configured (notify.on_undelivered)"


class LastResort:
    """Runs the command for every incident that is undelivered; at least once each.

    command: argv, run without a shell, as the daemon's user, in a process group of its own
    host:    how this server is called (notify.host)
    """

    def __init__(
        self, store: Store, clock: Clock, command: Sequence[str] | None, host: str
    ) -> None:
        self._store, self._clock, self._command, self._host = store, clock, command, host

    async def turn(self) -> float | None:
        for one in await self._store.undelivered():
            result = await self._run(one) if self._command else NOT_SET
            log.error("nobody was told of incident %s; %s", one.data["id"], result)
            await self._store.ran(one.id, result, self._clock.now().utc)
        return None

    async def _run(self, one: Undelivered) -> str:
        command = list(self._command or ())
        stdin = json.dumps({**one.data, "host": self._host}, ensure_ascii=False).encode()
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=PIPE,
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            return f"{command[0]} cannot be run: {error.strerror}"
        return f"{command[0]} {await _outcome(process, stdin)}"


async def _outcome(process: Process, stdin: bytes) -> str:
    """Return how a process ended; one that does not end is killed with all that it started."""
    try:
        async with asyncio.timeout(DEADLINE.total_seconds()):
            _, errors = await process.communicate(stdin)
    except TimeoutError:
        return f"was killed after {DEADLINE.total_seconds():.0f} s"
    finally:
        # whatever it left behind in its group ends with it, also when we are told to stop
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.returncode is None:
            await process.wait()
    said = errors.decode(errors="replace").strip().splitlines()[:1]
    return f"exited with {process.returncode}{f': {said[0][:200]}' if said else ''}"


def _environment() -> dict[str, str]:
    """The daemon's, without what only the daemon may know."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WATCHCALL_")}
