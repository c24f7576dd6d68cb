"""Should anybody be told? A ruling is a reason, and the quiet reasons have names too.

Everything that kept a phone silent can be read in the log, in `status` and in the incident.
An incident is judged whenever something happens to it, and again when time has passed: what is
held back now is told when nothing holds it back any more, if there is still something to tell.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchcall.core.contact import Channel, Event
from watchcall.core.flapping import CALM, LASTING
from watchcall.core.health import Level
from watchcall.core.incident import Change, Incident


class Ruling(enum.Enum):
    TELL_FAILURE = "a failure is confirmed"
    TELL_RISE = "it became worse"
    TELL_UNKNOWN = "nobody could look for too long"
    TELL_RECOVERY = "it recovered"
    TELL_DISOWNED = "it still fails, and the acknowledgement has ended"
    TELL_REMINDER = "it still fails, and nobody has acknowledged it"
    TELL_FLAPPING = "it fails and recovers again and again"
    TELL_SELF = "WatchCall has trouble of its own"
    QUIET_EASED = "it became milder, but goes on"
    QUIET_BELOW_LEVEL = "below the channel's level"
    QUIET_EVENT_NOT_SELECTED = "the channel does not want this event"
    QUIET_ALREADY_TOLD = "already told"
    QUIET_REMINDED = "reminded often enough"
    QUIET_LATER = "the channel was added later"
    QUIET_ACKNOWLEDGED = "somebody has acknowledged it"
    QUIET_BOOT_GRACE = "the machine has just booted"
    QUIET_SILENCED = "silenced"
    QUIET_MAINTENANCE = "maintenance"
    QUIET_DEPENDENCY = "what it depends on is failing, or not decided yet"
    QUIET_FLAPPING = "flapping"
    QUIET_BROKEN = "the channel cannot be used because of this very trouble"
    QUIET_RECOVERY_OFF = "recoveries are not told"
    QUIET_NEVER_TOLD = "the failure was never told here"
    QUIET_FAILED_AGAIN = "it has failed again since"
    QUIET_CALM = "it is no longer unstable"

    @property
    def tells(self) -> bool:
        return self.name.startswith("TELL_")

    @property
    def holds(self) -> bool:
        """Whether it ends by itself, so that what it kept quiet is told then."""
        return self in HOLDS

    @property
    def event(self) -> Event:
        """The event that a telling ruling makes a notification of."""
        return {
            Ruling.TELL_RECOVERY: Event.RECOVERY,
            Ruling.TELL_REMINDER: Event.REMINDER,
            Ruling.TELL_FLAPPING: Event.FLAPPING,
            Ruling.TELL_UNKNOWN: Event.UNKNOWN,
            Ruling.TELL_SELF: Event.SELF,
        }.get(self, Event.FAILURE)


HOLDS = frozenset(
    {
        Ruling.QUIET_BOOT_GRACE,
        Ruling.QUIET_SILENCED,
        Ruling.QUIET_MAINTENANCE,
        Ruling.QUIET_DEPENDENCY,
        Ruling.QUIET_FLAPPING,
    }
)


CALMS = f"until it has been all right for {CALM.total_seconds() / 60:.0f} minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What keeps quiet about a check for now, whatever the channel.

    why:       the same for people, with its particulars
    until:     when it ends; None: not by the clock
    waits_for: the check that is to be looked at first
    """

    ruling: Ruling
    why: str
    until: datetime | None = None
    waits_for: str | None = None

    @property
    def said(self) -> str:
        return f"{self.ruling.value}: {self.why}" if self.why else self.ruling.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A ruling, and what else there is to say about it.

    detail: what holds it back, in words; empty where the ruling says all
    until:  when to judge again at the latest; None: not by the clock
    owes:   there is something to tell, later or besides
    """

    ruling: Ruling
    detail: str = ""
    until: datetime | None = None
    owes: bool = False

    @property
    def why(self) -> str:
        return f"{self.ruling.value}: {self.detail}" if self.detail else self.ruling.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a ruling depends on besides the incident and the channel.

    hold:     what keeps quiet about the check for now
    flapping: whether the check is
    warned:   channels that were told of the flapping
    early:    a reminder may come so much before its time, to be told together with another
    """

    now: datetime
    hold: Hold | None = None
    flapping: bool = False
    warned: frozenset[str] = frozenset()
    remind_every: timedelta = timedelta(0)
    max_reminders: int = 0
    early: timedelta = timedelta(0)


def rule(
    change: Change | None, incident: Incident, channel: Channel, around: Circumstances
) -> Verdict:
    """Return whether a channel tells of an incident, and why or why not.

    change: what happened to it just now; None: only time has passed
    """
    if not incident.open:
        return _rule_recovery(incident, channel, around)
    told = incident.told.get(channel.name)
    if change is Change.EASED and told is not None:
        return Verdict(ruling=Ruling.QUIET_EASED)
    if incident.acknowledged:
        return Verdict(ruling=Ruling.QUIET_ACKNOWLEDGED)
    unwanted = _unwanted(incident, channel)
    if unwanted is not None:
        return Verdict(ruling=unwanted)
    return _held(_due(change, incident, channel, around), incident, channel, around)


def rule_self(channel: Channel, hold: Hold | None = None, *, works: bool) -> Verdict:
    """Return whether a channel tells of WatchCall's own trouble; `works`: it still can."""
    if Event.SELF not in channel.events:
        return Verdict(ruling=Ruling.QUIET_EVENT_NOT_SELECTED)
    if not works:
        return Verdict(ruling=Ruling.QUIET_BROKEN)
    return quiet(hold) if hold else Verdict(ruling=Ruling.TELL_SELF)


def _unwanted(incident: Incident, channel: Channel) -> Ruling | None:
    unknown = incident.level is Level.UNKNOWN
    if (Event.UNKNOWN if unknown else Event.FAILURE) not in channel.events:
        return Ruling.QUIET_EVENT_NOT_SELECTED
    if not unknown and incident.level.rank < channel.level.rank:
        return Ruling.QUIET_BELOW_LEVEL
    return None


def _due(
    change: Change | None, incident: Incident, channel: Channel, around: Circumstances
) -> Verdict:
    """Return what is to be told if nothing holds it back."""
    told, owed = incident.told.get(channel.name), channel.name in incident.owed
    if told is None:
        if change is None and not owed:
            return Verdict(ruling=Ruling.QUIET_LATER)
        if change is Change.DISOWNED and not owed:
            return Verdict(ruling=Ruling.QUIET_NEVER_TOLD)
        unknown = incident.level is Level.UNKNOWN
        return Verdict(ruling=Ruling.TELL_UNKNOWN if unknown else Ruling.TELL_FAILURE)
    if incident.level.rank > told.rank:
        return Verdict(ruling=Ruling.TELL_RISE)
    if change is Change.DISOWNED or owed:
        return Verdict(ruling=Ruling.TELL_DISOWNED)
    if change in (Change.OPENED, Change.ROSE):
        return Verdict(ruling=Ruling.QUIET_ALREADY_TOLD)
    return _reminder(incident, channel, around)


def _reminder(incident: Incident, channel: Channel, around: Circumstances) -> Verdict:
    """Only what is critical is told again, and only so often."""
    critical = incident.level is Level.CRITICAL and Event.REMINDER in channel.events
    if not critical or not around.remind_every or not around.max_reminders:
        return Verdict(ruling=Ruling.QUIET_ALREADY_TOLD)
    if incident.reminders.get(channel.name, 0) >= around.max_reminders:
        return Verdict(ruling=Ruling.QUIET_REMINDED)
    due = incident.told_at.get(channel.name, incident.opened_at) + around.remind_every
    if around.now < due - around.early:
        return Verdict(ruling=Ruling.QUIET_ALREADY_TOLD, until=due)
    return Verdict(ruling=Ruling.TELL_REMINDER)


def _held(due: Verdict, incident: Incident, channel: Channel, around: Circumstances) -> Verdict:
    """Return what is to be told, or what holds it back."""
    if not due.ruling.tells:
        return due
    if around.hold is not None:
        return quiet(around.hold, owes=due.ruling is not Ruling.TELL_REMINDER)
    if not around.flapping or due.ruling is Ruling.TELL_UNKNOWN:
        return due
    lasting = (incident.rose_at or incident.opened_at) + LASTING
    if incident.level is Level.CRITICAL and around.now >= lasting:
        return due
    until = lasting if incident.level is Level.CRITICAL else None
    if Event.FLAPPING in channel.events and channel.name not in around.warned:
        return Verdict(ruling=Ruling.TELL_FLAPPING, until=until, owes=True)
    return Verdict(ruling=Ruling.QUIET_FLAPPING, detail=CALMS, until=until, owes=True)


def _rule_recovery(incident: Incident, channel: Channel, around: Circumstances) -> Verdict:
    if incident.told.get(channel.name) is None and channel.name not in incident.unstable:
        return Verdict(ruling=Ruling.QUIET_NEVER_TOLD)
    if not channel.recovery:
        return Verdict(ruling=Ruling.QUIET_RECOVERY_OFF)
    if Event.RECOVERY not in channel.events:
        return Verdict(ruling=Ruling.QUIET_EVENT_NOT_SELECTED)
    if around.hold is not None and around.hold.ruling is not Ruling.QUIET_DEPENDENCY:
        return quiet(around.hold)
    if around.flapping:
        return Verdict(ruling=Ruling.QUIET_FLAPPING, detail=CALMS, owes=True)
    return Verdict(ruling=Ruling.TELL_RECOVERY)


def quiet(hold: Hold, *, owes: bool = True) -> Verdict:
    """Return that something is held back for now; `owes`: it is to be told afterwards."""
    return Verdict(ruling=hold.ruling, detail=hold.why, until=hold.until, owes=owes)
