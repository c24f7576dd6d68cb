"""What a process is doing at the instant it is killed, in memory that its parent sees too."""

from __future__ import annotations

import enum
import mmap
from collections.abc import Sequence

from watchcall.core.attempt import Attempt, Phase
from watchcall.core.incident import Incident
from watchcall.ports import Decision
from watchcall.store import SqlStore


class Mark(enum.IntEnum):
    """Each counts how many there are of something; in the order in which a kill is told."""

    READY = 0  # the pager serves; 0 while the database is opened and read
    REPLY = 1  # an attempt whose POST came to its end, which is not committed yet
    POSTING = 2  # an attempt whose POST is under way, its intent is committed
    INTENT = 3  # an attempt whose intent is being committed
    DECIDING = 4  # a decision that is being committed
    SEARCHING = 5  # a call that an earlier process lost, or whose reply was, is looked for
    PLACED = 6  # a call that is under way


PHASES = {
    Phase.POSTING: Mark.POSTING,
    Phase.UNCERTAIN: Mark.SEARCHING,
    Phase.PLACED: Mark.PLACED,
}


class Marks:
    """Counters in memory that is shared with forked children."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("q")

    def __getitem__(self, mark: Mark) -> int:
        return self._counts[mark]

    def __setitem__(self, mark: Mark, count: int) -> None:
        self._counts[mark] = count

    def clear(self) -> None:
        for mark in Mark:
            self[mark] = 0

    @property
    def phase(self) -> str:
        """In one word what a process that was killed did, the most delicate of it."""
        if not self[Mark.READY]:
            return "STARTING"
        return next((mark.name for mark in list(Mark)[1:] if self[mark]), "IDLE")

    @property
    def interrupted(self) -> int:
        """How many attempts were between their POST and its commit."""
        return self[Mark.REPLY] + self[Mark.POSTING]


class MarkedStore(SqlStore):
    """The store as it is, which says what it is about to commit, and what it has committed."""

    def __init__(self, url: str, host: str, marks: Marks) -> None:
        super().__init__(url, host)
        self._marks = marks
        self._known: dict[str, Mark] = {}  # attempts that are live, by their UUID

    async def live(self) -> Sequence[Attempt]:
        found = await super().live()
        # What an earlier process was posting is lost to this one, which looks for it.
        self._known = {
            one.id: Mark.PLACED if one.phase is Phase.PLACED else Mark.SEARCHING for one in found
        }
        self._show()
        return found

    async def commit(self, decision: Decision) -> Incident | None:
        self._marks[Mark.DECIDING] += 1
        try:
            return await super().commit(decision)
        finally:
            self._marks[Mark.DECIDING] -= 1

    async def save(self, made: Attempt) -> Attempt:
        if made.phase is Phase.POSTING:
            self._known[made.id] = Mark.INTENT
        elif self._known.get(made.id) is Mark.POSTING:
            self._known[made.id] = Mark.REPLY
        self._show()
        saved = await super().save(made)
        if made.phase in PHASES:
            self._known[made.id] = PHASES[made.phase]
        else:
            self._known.pop(made.id, None)
        self._show()
        return saved

    def _show(self) -> None:
        for mark in (Mark.REPLY, Mark.POSTING, Mark.INTENT, Mark.SEARCHING, Mark.PLACED):
            self._marks[mark] = sum(one is mark for one in self._known.values())
