"""When nobody could be reached: the operator's own command, with the incident on stdin."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import timedelta

from watchcall.ports import Clock, Store, Undelivered
from watchcall.program import run
from watchcall.rights import explained

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
            ending = await run(command, stdin, DEADLINE)
        except OSError as error:
            return f"{command[0]} cannot be run: {explained(error)}"
        return f"{command[0]} {ending}"
