"""Acknowledging without an open port: we ask Twilio who has texted or called our number.

Asked only while an incident calls for help that somebody was told of.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from watchcall.core import answer
from watchcall.core.answer import Open, Verdict
from watchcall.core.contact import masked
from watchcall.engine import Engine
from watchcall.errors import PhoneError
from watchcall.ports import Clock, Desk, Heard, Store

log = logging.getLogger(__name__)

Ask = Callable[[datetime], Awaitable[Sequence[Heard]]]

OFTEN_S, SELDOM_S = 5.0, 30.0  # between two questions: soon after a call, and later
SOON = timedelta(minutes=15)
OVERLAP = timedelta(minutes=5)  # what came in may show up in Twilio's lists a little late


class Inbound:
    """Takes in what people answer.

    people:     names by the numbers of those who may acknowledge by text
    on_trouble: Twilio did not answer what was asked
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        desk: Desk,
        engine: Engine,
        people: Mapping[str, str],
        on_trouble: Callable[[PhoneError], None] = lambda error: None,
    ) -> None:
        self._store, self._clock, self._desk, self._engine = store, clock, desk, engine
        self._people, self._on_trouble = people, on_trouble
        self._asked_at: dict[str, datetime] = {}
        self._deaf: dict[str, str] = {}  # what Twilio did not show last time, and why

    async def turn(self) -> float | None:
        """Ask once, if there is something to ask for; return the seconds until the next time."""
        told = await self._waiting()
        times = [one.posted_at for each in told for one in each.attempts if one.posted_at]
        if not times:
            return None
        now = self._clock.now().utc
        for did, ask in (("texted", self._desk.texts_in), ("called", self._desk.calls_in)):
            since = max(min(times), self._asked_at.get(did, min(times)) - OVERLAP)
            heard = await self._listed(did, ask, since)
            for one in sorted(heard or (), key=lambda one: one.at):
                await self._deal_with(one, told)
            if heard is not None:
                self._asked_at[did] = now  # not before all of it was dealt with
        return OFTEN_S if now - max(times) < SOON else SELDOM_S

    async def _listed(self, did: str, ask: Ask, since: datetime) -> Sequence[Heard] | None:
        """Return what came in one way, None where Twilio does not show it; that is said once,
        and leaves the other way."""
        try:
            found = await ask(since)
        except PhoneError as error:
            if self._deaf.get(did) != str(error):
                log.warning("cannot ask Twilio who has %s: %s", did, error)
            self._deaf[did] = str(error)
            self._on_trouble(error)
            return None
        if self._deaf.pop(did, None):
            log.info("Twilio says again who has %s", did)
        return found

    async def _waiting(self) -> list[Open]:
        return [
            Open(incident=one.incident, attempts=one.attempts)
            for one in await self._store.open_incidents()
            if one.incident.calls_for_help and any(attempt.sid for attempt in one.attempts)
        ]

    async def _deal_with(self, heard: Heard, told: list[Open]) -> None:
        verdict = self._judge(heard, told)
        if verdict.how is not None and verdict.by is not None:
            await self._engine.acknowledge(verdict.incidents, verdict.by, verdict.how)
        if await self._store.heard(heard.sid, _now(self._clock), verdict.why):
            kind = "call" if heard.body is None else "text"
            log.info("%s from %s: %s", kind, masked(heard.sender), verdict.why)

    def _judge(self, heard: Heard, told: list[Open]) -> Verdict:
        if heard.body is None:
            return answer.call(heard.sender, heard.at, told)
        return answer.text(heard.body, heard.sender, heard.at, told, self._people)


def _now(clock: Clock) -> datetime:
    return clock.now().utc
