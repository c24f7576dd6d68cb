"""What Twilio knows only later: what a call cost, and whether a text arrived after all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from watchcall.core import attempt as attempts
from watchcall.core.attempt import Attempt
from watchcall.errors import PhoneError
from watchcall.ports import Clock, Desk, Store

log = logging.getLogger(__name__)

# Seconds after the end at which to ask; then once an hour until a day is over.
TIMES = (5, 15, 60, 120, 180, 240, 300)
HOURLY = timedelta(hours=1)
GIVEN_UP = timedelta(hours=24)


class Late:
    """Asks for prices and receipts, less and less often.

    on_end:     a call that was left behind has come to its end
    on_trouble: Twilio did not answer what was asked
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        desk: Desk,
        on_end: Callable[[Attempt], None] = lambda attempt: None,
        on_trouble: Callable[[PhoneError], None] = lambda error: None,
    ) -> None:
        self._store, self._clock, self._desk = store, clock, desk
        self._on_end, self._on_trouble = on_end, on_trouble
        self._asked: dict[str, datetime] = {}

    async def turn(self) -> float | None:
        """Ask for everything that is due; return the seconds until something is again."""
        now = self._clock.now().utc
        waiting = [
            *await self._store.unpriced(now - GIVEN_UP),
            # Their channel was removed while they rang: nobody else asks for their end.
            *await self._store.left_behind(),
        ]
        self._asked = {one.id: self._asked[one.id] for one in waiting if one.id in self._asked}
        for attempt in waiting:
            if self._due(attempt) <= now:
                self._asked[attempt.id] = now
                await self._ask(attempt)
        due = min((self._due(one) for one in waiting), default=None)
        return None if due is None else max(1.0, (due - now).total_seconds())

    def _due(self, attempt: Attempt) -> datetime:
        ended = attempt.ended_at or attempt.placed_at or attempt.planned_at
        asked = self._asked.get(attempt.id)
        for seconds in TIMES:
            due = ended + timedelta(seconds=seconds)
            if asked is None or asked < due:
                return due
        return (asked or ended) + HOURLY

    async def _ask(self, attempt: Attempt) -> None:
        sid = attempt.sid or ""
        try:
            said = await (self._desk.text(sid) if attempt.type == "sms" else self._desk.call(sid))
        except PhoneError as error:
            log.debug("cannot ask what %s cost: %s", sid, error)
            self._on_trouble(error)
            return
        now = self._clock.now().utc
        after = attempts.late(attempt, said, now)
        if after != attempt:
            await self._store.save(after)
        if attempt.phase is not after.phase:
            self._on_end(after)
