"""An incident: from the moment a failure is confirmed until it is confirmed to be over.

One open incident per check. It closes on a confirmed OK whether or not anybody is told.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from watchcall.core.health import Health, Level, State
from watchcall.core.reason import Reason


class Change(enum.Enum):
    """What an observation did to an incident."""

    OPENED = "opened"
    ROSE = "rose"  # to a worse level
    EASED = "eased"  # to a milder level, still failing
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One outage of one check.

    id:     UUID, unique among all hosts
    number: short, counted per host, for people; None until the store has given it
    told:   by channel, the worst level for which a notification was written
    """

    id: str
    check: str
    spoken: str  # how the check's name is said
    level: Level
    reason: Reason
    opened_at: datetime
    number: int | None = None
    closed_at: datetime | None = None
    closing: Reason | None = None  # why it closed, where it is not simply over
    told: Mapping[str, Level] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.closed_at is None


def follow(
    incident: Incident | None, check: tuple[str, str], health: Health, now: datetime, new_id: str
) -> tuple[Incident | None, Change | None]:
    """Return the incident that follows from a check's health, and what changed, if anything.

    incident: the open one, if any
    check:    its name, and how that is said
    new_id:   the UUID for an incident that opens now
    """
    broken = health.state in (State.FAILING, State.UNKNOWN)
    if incident is None:
        if not broken:
            return None, None
        name, spoken = check
        opened = Incident(
            id=new_id,
            check=name,
            spoken=spoken,
            level=health.level,
            reason=health.reason,
            opened_at=now,
        )
        return opened, Change.OPENED
    if health.state is State.OK:
        return replace(incident, closed_at=now), Change.CLOSED
    if not broken or health.level is incident.level:
        return incident, None
    change = Change.ROSE if health.level.rank > incident.level.rank else Change.EASED
    return replace(incident, level=health.level, reason=health.reason), change
