"""An incident: from the moment a failure is confirmed until it is confirmed to be over.

One open incident per check. It closes on a confirmed OK whether or not anybody is told.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watchcall.core.health import Health, Level, State
from watchcall.core.reason import Reason

OWN = "WatchCall"  # the check that nobody configures: can WatchCall itself do its work


class Change(enum.Enum):
    """What an observation did to an incident."""

    OPENED = "opened"
    ROSE = "rose"  # to a worse level
    EASED = "eased"  # to a milder level, still failing
    CLOSED = "closed"
    DISOWNED = "no longer acknowledged"  # the acknowledgement timed out, and it still fails


class How(enum.Enum):
    """By which means somebody acknowledged."""

    CLI = "cli"
    KEY = "key"
    SMS = "sms"
    CALLBACK = "callback"
    WEB = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A named person owns an incident until `until` (None: until it recovers), or `ended_at`."""

    by: str
    how: How
    at: datetime
    until: datetime | None = None
    ended_at: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        """Whether it still holds at an instant."""
        return self.ended_at is None and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One outage of one check.

    id:        UUID, unique among all hosts
    number:    short, counted per host, for people; None until the store has given it
    rose_at:   when it last became worse; None while it is as bad as it began
    told:      by channel, the worst level for which a notification was written
    told_at:   by channel, when the last one was
    reminders: by channel, how many of them were reminders
    unstable:  channels that were told that the check is flapping
    owed:      channels that are told once what keeps them quiet has ended
    held:      as part of a page: that page tells nothing more of it, for its check is to be quiet
    phrase:    what else is said of it: the one thing of its evidence that explains it
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
    rose_at: datetime | None = None
    told: Mapping[str, Level] = field(default_factory=dict)
    told_at: Mapping[str, datetime] = field(default_factory=dict)
    reminders: Mapping[str, int] = field(default_factory=dict)
    unstable: frozenset[str] = frozenset()
    owed: frozenset[str] = frozenset()
    held: bool = False
    acknowledgement: Acknowledgement | None = None  # the last one
    phrase: Reason | None = None

    @property
    def open(self) -> bool:
        return self.closed_at is None

    @property
    def acknowledged(self) -> bool:
        """Whether somebody owns it; the engine ends an acknowledgement that has timed out."""
        return self.acknowledgement is not None and self.acknowledgement.ended_at is None

    @property
    def calls_for_help(self) -> bool:
        """Whether anybody is still to be told."""
        return self.open and not self.acknowledged and not self.held

    @property
    def code(self) -> str:
        """Four characters that name this incident in an SMS reply, and are hard to guess."""
        return code_of(self.id)


# Without what is easily taken for something else: 0 O, 1 I L, 5 S, 8 B, 2 Z.
CODE_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
CODE_DIGITS = "34679"


def code_of(incident: str) -> str:
    """Return the code of an incident's UUID: letter, digit, letter, digit, such as K7Q4.

    Two letters and two digits: it cannot be a word that somebody writes by chance.
    """
    number = int.from_bytes(hashlib.sha256(incident.encode()).digest()[:8])
    signs = []
    for alphabet in (CODE_LETTERS, CODE_DIGITS, CODE_LETTERS, CODE_DIGITS):
        number, sign = divmod(number, len(alphabet))
        signs.append(alphabet[sign])
    return "".join(signs)


def acknowledge(
    incident: Incident, by: str, how: How, now: datetime, timeout: timedelta
) -> Incident:
    """Return the incident as owned by a person; `timeout` zero holds until it recovers."""
    until = now + timeout if timeout else None
    return replace(incident, acknowledgement=Acknowledgement(by=by, how=how, at=now, until=until))


def not_ahead(incident: Incident, now: datetime) -> Incident:
    """Return the incident as of a clock that was set back: nothing that was noted lies ahead of
    `now`, so that neither the next reminder nor the end of an acknowledgement is put off by it."""
    told_at = {channel: min(at, now) for channel, at in incident.told_at.items()}
    owned = incident.acknowledgement
    if owned is not None and owned.at > now and owned.until is not None:
        owned = replace(owned, at=now, until=now + (owned.until - owned.at))
    return replace(incident, told_at=told_at, acknowledgement=owned)


def disown(incident: Incident, now: datetime) -> Incident:
    """Return the incident without an owner; who it was stays on record."""
    owned = incident.acknowledgement
    if owned is None or owned.ended_at is not None:
        return incident
    return replace(incident, acknowledgement=replace(owned, ended_at=now))


def follow(
    incident: Incident | None, check: tuple[str, str], health: Health, now: datetime, new_id: str
) -> tuple[Incident | None, Change | None]:
    """Return the incident that follows from a check's health, and what changed, if anything.

    incident: the open one, if any
    check:    its name, and how that is said
    new_id:   the UUID for an incident that opens now
    """
    if incident is None:
        if not health.broken:
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
    if not health.broken or health.level is incident.level:
        return incident, None
    changed = replace(incident, level=health.level, reason=health.reason)
    if health.level.rank > incident.level.rank:
        # what was acknowledged was milder
        return disown(replace(changed, rose_at=now), now), Change.ROSE
    return changed, Change.EASED
