"""A page: one notification to one channel, about one or several incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watchcall.core.attempt import Attempt
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A row of the outbox with what hangs on it.

    due_at:   failures that come before this instant join the page
    attempts: in the order in which they were planned
    joined:   since when the page tells an incident, by the incident's UUID; a call that was
              placed before tells nothing of it
    held:     since when it does not tell one any more
    rung:     UUIDs of those of its incidents that an earlier page of this channel rang for
    reached:  names of those whom such a page reached
    parent:   the page that this one stands in for, as its channel's fallback
    engaged:  whether the fallback, or the command for the undelivered, was already started
    covered:  whether the fallback, or the page that this one stands in for, reached somebody
    stale:    UUIDs of incidents whose recovery it was to tell, and whose check has failed again
    calm:     UUIDs of incidents whose check it was to call unstable, and which no longer is
    """

    id: str
    channel: str
    event: Event
    due_at: datetime
    created_at: datetime
    incidents: tuple[Incident, ...]
    attempts: tuple[Attempt, ...] = ()
    joined: Mapping[str, datetime] = field(default_factory=dict)
    held: Mapping[str, datetime] = field(default_factory=dict)
    rung: frozenset[str] = frozenset()
    reached: tuple[str, ...] = ()
    parent: str | None = None
    engaged: bool = False
    covered: bool = False
    stale: frozenset[str] = frozenset()
    calm: frozenset[str] = frozenset()

    @property
    def rang(self) -> bool:
        """Whether an earlier page of this channel may have told of one of these incidents."""
        return bool(self.rung)

    @property
    def risen(self) -> frozenset[str]:
        """Those of its incidents of which it tells that they became worse."""
        if self.event is not Event.FAILURE:
            return frozenset()
        since = {one.id: self.joined.get(one.id, self.created_at) for one in self.incidents}
        return frozenset(
            one.id for one in self.incidents if one.rose_at and since[one.id] >= one.rose_at
        )

    @property
    def calling(self) -> tuple[Incident, ...]:
        """Those of its incidents of which somebody is still to be told; of a recovery none is.

        That a check is unstable is told even while it works, until somebody has acknowledged it or
        it has calmed down.
        """
        if self.event is Event.FLAPPING:
            unstable = (one for one in self.incidents if one.id not in self.calm)
            return tuple(one for one in unstable if not (one.acknowledged or one.held))
        return tuple(one for one in self.incidents if one.calls_for_help)

    @property
    def telling(self) -> tuple[Incident, ...]:
        """Those of its incidents that it tells now."""
        holding = tuple(one for one in self.incidents if one.id not in self.stale)
        return self.calling or holding or self.incidents

    @property
    def level(self) -> Level:
        """The worst level that it tells."""
        told = self.calling or self.incidents
        return max((one.level for one in told), key=lambda one: one.rank, default=Level.WARNING)

    def tells(self, attempt: Attempt) -> tuple[Incident, ...]:
        """Return the incidents that were part of the page when an attempt was posted."""
        posted = attempt.posted_at
        if posted is None:
            return ()
        return tuple(
            one
            for one in self.incidents
            if self.joined.get(one.id, self.created_at) <= posted
            and (one.id not in self.held or posted < self.held[one.id])
        )
