"""Why did it fail? Asked beside the flow, once per incident, and never waited for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from watchcall.core.check import Check
from watchcall.core.evidence import Traces, document, phrase_of
from watchcall.core.health import Level, Observation
from watchcall.core.incident import Incident
from watchcall.core.reason import Reason
from watchcall.engine import said
from watchcall.errors import StoreError, WitnessError
from watchcall.ports import Clock, Store, Witness

log = logging.getLogger("watchcall.engine")

SOON = timedelta(seconds=3)  # what is known by then is kept, and the rest when it comes
# A machine that is short of memory answers slowly, just when people need the reason.
LATEST = timedelta(seconds=60)
FIRST_S = 0.05  # the call goes first: what is due at once is on its way by then
FAREWELL_S = 1.0  # for what is known to be written down when we are told to stop


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


@dataclass(slots=True)
class Case:
    """What is known of a failure so far.

    told:    what the witness has said
    unasked: why it has said nothing, or not all
    kept:    both, as they were last written down
    phrase:  what is said of that
    """

    failure: Failure
    told: Mapping[str, Any] = field(default_factory=dict)
    unasked: str | None = None
    kept: tuple[Mapping[str, Any], str | None] | None = None
    phrase: Reason | None = None

    @property
    def news(self) -> bool:
        """Whether there is anything that is not written down."""
        seen, before = self.failure.seen.evidence, self.failure.before
        known = self.told or self.unasked or seen or before
        return bool(known) and self.kept != (self.told, self.unasked)

    def evidence(self, at: datetime) -> tuple[dict[str, Any], Reason | None]:
        """Return what is known, as it is kept, and what is said of it."""
        seen, before = self.failure.seen, self.failure.before
        found = document(at, seen.evidence, before, self.told, self.unasked)
        return found, phrase_of(found, seen.reason)

    def gives_up(self, after: timedelta) -> None:
        """Note that there is no answer, or not all of it, after so long."""
        what = "not all was answered" if self.told else "no answer"
        self.unasked = f"{what} within {after.total_seconds():g} s"


class Inquiry:
    """Keeps with an incident what explains it: what was seen, and what the witness knows.

    enabled: whether anything is asked and kept at all (notify.evidence)
    soon, latest: when what is known is written down at the latest, and when nobody asks any more
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        witness: Witness,
        soon: timedelta = SOON,
        latest: timedelta = LATEST,
        first_s: float = FIRST_S,
    ) -> None:
        self.enabled = True
        self._store, self._clock, self._witness = store, clock, witness
        self._soon, self._latest, self._first_s = soon, latest, first_s
        self._asking: dict[str, asyncio.Task[None]] = {}  # by check
        self._tasks: set[asyncio.Task[None]] = set()
        self._writing = asyncio.Lock()  # hundreds at once would be in the way of the calls

    def begin(self, failure: Failure) -> None:
        """Ask about a failure; of the check's last one nothing more can be learned now."""
        if not self.enabled:
            return
        name = failure.check.name
        if name in self._asking:
            self._asking[name].cancel()
        task = asyncio.create_task(self._ask(Case(failure)), name=f"evidence of {name}")
        self._asking[name] = task
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._done(name, done))

    async def answered(self) -> None:
        """Return once nothing is being asked."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))
            await asyncio.sleep(0)  # until they are taken off the list

    async def stop(self) -> None:
        """Ask nothing more, and keep what is known; no program that was asked is waited for."""
        self.enabled = False
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=FAREWELL_S)

    def _done(self, name: str, done: asyncio.Task[None]) -> None:
        self._tasks.discard(done)
        if self._asking.get(name) is done:
            del self._asking[name]
        error = None if done.cancelled() else done.exception()
        if error is not None:
            log.error("keeping evidence crashed", exc_info=error)

    async def _ask(self, case: Case) -> None:
        hearing = asyncio.create_task(self._hear(case))
        try:
            await asyncio.wait([hearing], timeout=self._first_s + self._soon.total_seconds())
            if not hearing.done():
                case.gives_up(self._soon)
                await self._keep(case)
                await asyncio.wait([hearing])
        finally:  # also where we are told to stop
            hearing.cancel()
            await self._keep(case)
            await asyncio.gather(hearing, return_exceptions=True)

    async def _hear(self, case: Case) -> None:
        """Take in what the witness says, or why it says nothing."""
        await asyncio.sleep(self._first_s)
        if case.failure.seen.level is Level.UNKNOWN:  # nobody looked: there is nothing to explain
            return
        try:
            async with asyncio.timeout(self._latest.total_seconds()):
                await self._listen(case)
        except TimeoutError:
            case.gives_up(self._latest)
        except WitnessError as error:
            case.unasked = str(error)
        except Exception as error:  # a bug, and what was seen is kept all the same
            log.exception("incident %s: gathering evidence crashed", case.failure.incident.number)
            case.unasked = f"asking went wrong: {type(error).__name__}"

    async def _listen(self, case: Case) -> None:
        failure = case.failure
        async with aclosing(self._witness.evidence(failure.check, failure.before)) as telling:
            async for told in telling:
                case.told, case.unasked = told, None
                _, phrase = case.evidence(self._clock.now().utc)
                if phrase != case.phrase:  # the next call is to say it
                    await self._keep(case)

    async def _keep(self, case: Case) -> None:
        async with self._writing:
            if not case.news:
                return
            incident, known = case.failure.incident, (case.told, case.unasked)
            found, phrase = case.evidence(self._clock.now().utc)
            try:
                await self._store.add_evidence(incident.id, found, phrase)
            except StoreError as error:
                log.debug("incident %s: evidence not kept: %s", incident.number, error)
                return
            if phrase is not None and phrase != case.phrase:
                log.info("incident %s: %s", incident.number, said.say(phrase))
            case.kept, case.phrase = known, phrase
