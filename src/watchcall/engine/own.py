"""WatchCall's own trouble, as an incident like any other (ADR 12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from watchcall.core.contact import Channel
from watchcall.core.health import Level
from watchcall.core.incident import OWN, Change, Incident, disown
from watchcall.core.reason import Reason
from watchcall.core.ruling import Circumstances, Hold, Ruling, Verdict, rule, rule_self


def follow(
    own: Incident | None, level: Level | None, reason: Reason, now: datetime, new_id: str
) -> tuple[Incident | None, Change | None]:
    """Return the incident that follows from how WatchCall is, and what changed, if anything."""
    if level is None:
        return (replace(own, closed_at=now), Change.CLOSED) if own else (None, None)
    if own is None:
        opened = Incident(
            id=new_id, check=OWN, spoken=OWN, level=level, reason=reason, opened_at=now
        )
        return opened, Change.OPENED
    if (level, reason) == (own.level, own.reason):
        return (disown(own, now), Change.DISOWNED) if lapsed(own, now) else (own, None)
    change = Change.ROSE if level.rank > own.level.rank else Change.EASED
    changed = replace(own, level=level, reason=reason)
    return (disown(changed, now) if change is Change.ROSE else changed), change


def judge(
    change: Change | None,
    incident: Incident,
    channel: Channel,
    booting: Hold | None,
    *,
    works: bool,
) -> Verdict:
    """Return whether a channel tells of it; `works`: it still can."""
    if change is Change.EASED:
        return Verdict(ruling=Ruling.QUIET_EASED)
    if change is Change.CLOSED:
        return rule(change, incident, channel, Circumstances(now=incident.opened_at))
    return rule_self(channel, booting, works=works)


def lapsed(incident: Incident, now: datetime) -> bool:
    """Whether an acknowledgement has run out that nobody has ended yet."""
    owned = incident.acknowledgement
    return incident.acknowledged and owned is not None and not owned.lasts(now)
