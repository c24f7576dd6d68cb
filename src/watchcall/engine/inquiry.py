"""Why did it fail? Asked beside the flow, once per incident, and never waited for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from watchcall.core.check import Check
from watchcall.core.evidence import Traces, document, phrase_of
from watchcall.core.health import Level, Observation
from watchcall.core.incident import Incident
from watchcall.engine import said
from watchcall.errors import StoreError, WitnessError
from watchcall.ports import Clock, Store, Witness

log = logging.getLogger("watchcall.engine")

DEADLINE = timedelta(seconds=3)
FIRST_S = 0.05  # the call goes first: what is due at once is on its way by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An incident that opened or rose just now; it is committed.

    seen:   the look that confirmed it
    before: what the check's processes left behind when they were last seen
    """

    incident: Incident
    check: Check
    seen: Observation
    before: Traces | None


class Inquiry:
    """Keeps with an incident what explains it: what was seen, and what the witness knows.

    enabled: whether anything is asked and kept at all (notify.evidence)
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        witness: Witness,
        deadline: timedelta = DEADLINE,
        first_s: float = FIRST_S,
    ) -> None:
        self.enabled = True
        self._store, self._clock, self._witness = store, clock, witness
        self._deadline, self._first_s = deadline, first_s
        self._asking: dict[str, asyncio.Task[None]] = {}

    def begin(self, failure: Failure) -> None:
        """Ask about a failure; what was asked about the incident before is of no interest now."""
        if not self.enabled:
            return
        id_ = failure.incident.id
        if id_ in self._asking:
            self._asking[id_].cancel()
        task = asyncio.create_task(self._ask(failure), name=f"evidence of {failure.check.name}")
        self._asking[id_] = task
        task.add_done_callback(lambda done: self._done(id_, done))

    async def answered(self) -> None:
        """Return once nothing is being asked."""
        while self._asking:
            await asyncio.wait(list(self._asking.values()))
            await asyncio.sleep(0)  # until they are taken off the list

    async def stop(self) -> None:
        """Ask nothing more."""
        self.enabled = False
        for task in self._asking.values():
            task.cancel()
        await self.answered()

    def _done(self, id_: str, done: asyncio.Task[None]) -> None:
        if self._asking.get(id_) is done:
            del self._asking[id_]
        error = None if done.cancelled() else done.exception()
        if error is not None:
            log.error("keeping evidence crashed", exc_info=error)

    async def _ask(self, failure: Failure) -> None:
        await asyncio.sleep(self._first_s)
        told, unasked = await self._told(failure)
        seen, before = failure.seen.evidence, failure.before
        if not (told or unasked or seen or before):
            return
        found = document(self._clock.now().utc, seen, before, told, unasked)
        phrase = phrase_of(found, failure.seen.reason)
        try:
            await self._store.add_evidence(failure.incident.id, found, phrase)
        except StoreError as error:
            log.debug("incident %s: evidence not kept: %s", failure.incident.number, error)
            return
        if phrase is not None:
            log.info("incident %s: %s", failure.incident.number, said.say(phrase))

    async def _told(self, failure: Failure) -> tuple[Mapping[str, Any], str | None]:
        """Return what the witness says, or why it says nothing."""
        if failure.seen.level is Level.UNKNOWN:  # nobody looked: there is nothing to explain
            return {}, None
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                return await self._witness.evidence(failure.check, failure.before), None
        except TimeoutError:
            return {}, f"no answer within {self._deadline.total_seconds():g} s"
        except WitnessError as error:
            return {}, str(error)
        except Exception as error:  # a bug, and what was seen is kept all the same
            log.exception("incident %s: gathering evidence crashed", failure.incident.number)
            return {}, f"asking went wrong: {type(error).__name__}"
