"""The real store, in memory, which also notes what is written down: that is what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from watchcall.core.attempt import Attempt, Phase
from watchcall.core.health import Level
from watchcall.core.incident import Change, Incident
from watchcall.core.ladder import REACHED
from watchcall.core.page import Page
from watchcall.core.words.en import ENGLISH
from watchcall.ports import Clock, Decision
from watchcall.store import SqlStore
from watchcall.worker import Inline

ACKNOWLEDGED = "acknowledged"
CALLS = {"voice": "call", "sms": "text"}  # kinds, by the channel's type
NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened; what does not apply is None.

    kind:      timeline: a line of it came to pass; incident: something happened to one;
               call, text, notice: an attempt; unplaced: one that is tried again; quiet: a
               channel tells nothing, or waits;
               page: one is done without having reached anybody; fallback: a channel is spent,
               and another stands in; undelivered: nobody was told; pager: its state is another
    what:      the line, the change, the state
    incidents: their numbers
    until:     when it ends that a channel is quiet; None: not by the clock
    attempt:   its UUID
    """

    at: datetime
    kind: str
    what: str = ""
    why: str | None = None
    incidents: tuple[int, ...] = ()
    check: str | None = None
    level: Level | None = None
    channel: str | None = None
    contact: str | None = None
    until: datetime | None = None
    attempt: str | None = None
    line: int | None = None


@dataclass(slots=True)
class Record:
    """All that happened, in its order; and by UUID the attempts that were sent, as they are now."""

    happenings: list[Happening] = field(default_factory=list)
    attempts: dict[str, Attempt] = field(default_factory=dict)

    def note(self, one: Happening) -> None:
        self.happenings.append(one)

    def follow(self, attempt: Attempt, now: datetime) -> None:
        """An attempt was written down: it happened when it was first sent."""
        if attempt.posted_at is None:
            self.attempts.pop(attempt.id, None)  # over before it was sent
            return
        before = self.attempts.get(attempt.id)
        if before is None:
            kind = CALLS.get(attempt.type, NOTICE)
            self.note(Happening(at=now, kind=kind, attempt=attempt.id))
        elif attempt.phase is Phase.PLANNED and attempt.tries == 1 and attempt.error:
            self.note(
                Happening(
                    at=now,
                    kind="unplaced",
                    why=attempt.error,
                    channel=attempt.channel,
                    contact=attempt.contact,
                )
            )
        self.attempts[attempt.id] = attempt


class RecordingStore(SqlStore):
    """Implements ports.Store. Nothing of it is left when it is closed."""

    def __init__(self, host: str, clock: Clock, record: Record) -> None:
        super().__init__("sqlite://", host, Inline())
        self._clock, self._record = clock, record
        self._known: dict[str, Incident] = {}
        self._hushed: set[tuple[str, str]] = set()  # pages, and why

    async def commit(self, decision: Decision) -> Incident | None:
        numbered = await super().commit(decision)
        if numbered is None:
            return None
        now = self._clock.now().utc
        for one in _changes(self._known.get(numbered.id), numbered, now):
            self._record.note(one)
        self._known[numbered.id] = numbered
        for quiet in decision.quiets:
            self._quiet(quiet.verdict.why, [numbered], quiet.channel, quiet.verdict.until)
        return numbered

    async def hush(
        self,
        page: Page,
        about: Sequence[Incident],
        why: str,
        at: datetime,
        *,
        once: bool = False,
    ) -> None:
        await super().hush(page, about, why, at, once=once)
        silent = (page.id, why)
        if about and not (once and silent in self._hushed):
            self._quiet(why, about, page.channel)
        self._hushed.add(silent)

    async def save(self, made: Attempt) -> Attempt:
        saved = await super().save(made)
        self._record.follow(saved, self._clock.now().utc)
        return saved

    async def settle(self, page: Page, why: str, at: datetime, *, rest: bool = False) -> None:
        await super().settle(page, why, at, rest=rest)
        if why != REACHED.why:  # that somebody was reached has been said
            self._of_page("page", page, why)

    async def engage(self, page: Page, fallback: str | None, at: datetime) -> None:
        await super().engage(page, fallback, at)
        if fallback is not None:
            self._of_page("fallback", page, f"channel {fallback} stands in")

    def _quiet(
        self, why: str, about: Sequence[Incident], channel: str, until: datetime | None = None
    ) -> None:
        self._record.note(
            Happening(
                at=self._clock.now().utc,
                kind="quiet",
                why=why,
                incidents=_numbers(about),
                channel=channel,
                until=until,
            )
        )

    def _of_page(self, kind: str, page: Page, why: str) -> None:
        now, numbers = self._clock.now().utc, _numbers(page.incidents)
        self._record.note(
            Happening(at=now, kind=kind, why=why, incidents=numbers, channel=page.channel)
        )


def _numbers(about: Sequence[Incident]) -> tuple[int, ...]:
    return tuple(one.number for one in about if one.number is not None)


def _changes(before: Incident | None, now: Incident, at: datetime) -> Iterator[Happening]:
    for what, contact in _named(before, now):
        yield Happening(
            at=at,
            kind="incident",
            what=what,
            why=ENGLISH.reason(now.reason),
            incidents=_numbers([now]),
            check=now.check,
            level=now.level,
            contact=contact,
        )


def _named(before: Incident | None, now: Incident) -> Iterator[tuple[str, str | None]]:
    """Yield what is new of an incident, and by whom."""
    if before is None:
        yield Change.OPENED.value, None
    elif now.level is not before.level:
        rose = now.level.rank > before.level.rank
        yield (Change.ROSE if rose else Change.EASED).value, None
    was = before.acknowledgement if before and before.acknowledged else None
    owned = now.acknowledgement if now.acknowledged else None
    if owned and owned != was:
        yield ACKNOWLEDGED, owned.by
    if was and not owned and now.open:
        yield Change.DISOWNED.value, was.by
    if not now.open and (before is None or before.open):  # once; it may be told only later
        yield Change.CLOSED.value, None
