"""Somebody outside is told regularly that WatchCall works, and notices when nobody tells it.

So nothing is sent while it does not: a heartbeat that goes on while nothing is watched, or while
nobody could be called, is worse than none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from watchcall.channels.ping import DEADLINE, Ping
from watchcall.config.plan import Heartbeat as Settings
from watchcall.pager.chore import Chore
from watchcall.ports import Clock

log = logging.getLogger(__name__)

FIRST = timedelta(seconds=60)  # after the start: whoever dies sooner, again and again, is not well
AGAIN = timedelta(seconds=10)  # after one that was not taken, or not sent

Ailing = Callable[[], Awaitable[str | None]]


class Heartbeat:
    """Beats as the plan says.

    ailing: returns why WatchCall does not work, None where it does
    """

    def __init__(self, ailing: Ailing, clock: Clock) -> None:
        self._ailing, self._clock = ailing, clock
        self._since = clock.now().elapsed
        self._settings: Settings | None = None
        self._chore: Chore | None = None
        self._state, self._reason = "pending", "none was due yet"
        self._taken_at: str | None = None

    async def adopt(self, settings: Settings | None) -> None:
        """Beat like this from now on; None: not at all."""
        if settings == self._settings:
            return
        await self.stop()
        self._settings, self._taken_at = settings, None
        self._state, self._reason = "pending", "none was due yet"
        if settings is not None:
            ping = Ping(settings.url, settings.shown, min(DEADLINE, settings.interval))
            self._chore = Chore("heartbeat", lambda: self._turn(ping, settings.interval))

    async def stop(self) -> None:
        if self._chore is not None:
            await self._chore.stop()
            self._chore = None

    def state(self) -> dict[str, str | None] | None:
        """Return how it is, for `status`; None where there is none."""
        if self._settings is None:
            return None
        return {
            "state": self._state,
            "reason": self._reason,
            "to": self._settings.shown,
            "taken_at": self._taken_at,
        }

    async def _turn(self, ping: Ping, interval: timedelta) -> float:
        """Send one, if it is time and true; return the seconds until the next."""
        began = self._clock.now().elapsed
        early = min(FIRST, interval).total_seconds() - (began - self._since)
        if early > 0:
            return early
        every = min(interval, await self._beat(ping, interval))
        took = self._clock.now().elapsed - began
        return max(0.1, every.total_seconds() - took)

    async def _beat(self, ping: Ping, interval: timedelta) -> timedelta:
        if why := await self._ailing():
            self._note("held", why)
            return AGAIN
        if wrong := await ping.send():
            self._note("failing", wrong)
            return AGAIN
        self._note("ok", "taken")
        self._taken_at = self._clock.now().utc.isoformat()
        return interval

    def _note(self, state: str, reason: str) -> None:
        """Say it once when it becomes another."""
        before, self._state, self._reason = self._state, state, reason
        if state == before:
            return
        if state == "ok":
            log.info("heartbeats are taken")
        elif state == "held":
            log.warning("no heartbeat is sent: %s", reason)
        else:
            log.warning("a heartbeat was not taken, and others are tried: %s", reason)


async def within(question: Awaitable[object], deadline: timedelta = DEADLINE) -> bool:
    """Whether something came to its end in time."""
    try:
        async with asyncio.timeout(deadline.total_seconds()):
            await question
    except TimeoutError:
        return False
    return True
