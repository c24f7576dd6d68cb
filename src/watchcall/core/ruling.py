"""Should anybody be told? A ruling is a reason, and the quiet reasons have names too.

Everything that kept a phone silent can be read in the log, in `status` and in the incident.
"""

from __future__ import annotations

import enum

from watchcall.core.contact import Channel, Event
from watchcall.core.health import Level
from watchcall.core.incident import Change, Incident


class Ruling(enum.Enum):
    TELL_FAILURE = "a failure is confirmed"
    TELL_RISE = "it became worse"
    TELL_UNKNOWN = "nobody could look for too long"
    TELL_RECOVERY = "it recovered"
    TELL_DISOWNED = "it still fails, and the acknowledgement has ended"
    TELL_SELF = "WatchCall has trouble of its own"
    QUIET_EASED = "it became milder, but goes on"
    QUIET_BELOW_LEVEL = "below the channel's level"
    QUIET_EVENT_NOT_SELECTED = "the channel does not want this event"
    QUIET_ALREADY_TOLD = "already told"
    QUIET_ACKNOWLEDGED = "somebody has acknowledged it"
    QUIET_BROKEN = "the channel cannot be used because of this very trouble"
    QUIET_RECOVERY_OFF = "recoveries are not told"
    QUIET_NEVER_TOLD = "the failure was never told here"

    @property
    def tells(self) -> bool:
        return self.name.startswith("TELL_")

    @property
    def event(self) -> Event:
        """The event that a telling ruling makes a notification of."""
        return {
            Ruling.TELL_RECOVERY: Event.RECOVERY,
            Ruling.TELL_UNKNOWN: Event.UNKNOWN,
            Ruling.TELL_SELF: Event.SELF,
        }.get(self, Event.FAILURE)


def rule(change: Change, incident: Incident, channel: Channel) -> Ruling:
    """Return whether a channel tells of this change, and why or why not."""
    told = incident.told.get(channel.name)
    if change is Change.CLOSED:
        return _rule_recovery(told, channel)
    if change is Change.EASED:
        return Ruling.QUIET_EASED
    if incident.acknowledged:
        return Ruling.QUIET_ACKNOWLEDGED
    if change is Change.DISOWNED:
        return Ruling.TELL_DISOWNED if told is not None else Ruling.QUIET_NEVER_TOLD
    if incident.level is Level.UNKNOWN:
        wanted = Event.UNKNOWN in channel.events
        return Ruling.TELL_UNKNOWN if wanted else Ruling.QUIET_EVENT_NOT_SELECTED
    if Event.FAILURE not in channel.events:
        return Ruling.QUIET_EVENT_NOT_SELECTED
    if incident.level.rank < channel.level.rank:
        return Ruling.QUIET_BELOW_LEVEL
    if told is not None and told.rank >= incident.level.rank:
        return Ruling.QUIET_ALREADY_TOLD
    return Ruling.TELL_FAILURE if told is None else Ruling.TELL_RISE


def _rule_recovery(told: Level | None, channel: Channel) -> Ruling:
    if told is None:
        return Ruling.QUIET_NEVER_TOLD
    if not channel.recovery:
        return Ruling.QUIET_RECOVERY_OFF
    if Event.RECOVERY not in channel.events:
        return Ruling.QUIET_EVENT_NOT_SELECTED
    return Ruling.TELL_RECOVERY


def rule_self(channel: Channel, *, works: bool) -> Ruling:
    """Return whether a channel tells of WatchCall's own trouble; `works`: it still can."""
    if Event.SELF not in channel.events:
        return Ruling.QUIET_EVENT_NOT_SELECTED
    return Ruling.TELL_SELF if works else Ruling.QUIET_BROKEN
