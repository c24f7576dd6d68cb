"""Verdicts to what is written down: notices, quiet reasons, and what is still owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from watchcall.core.check import Check
from watchcall.core.contact import Channel
from watchcall.core.flapping import Flaps
from watchcall.core.health import Health
from watchcall.core.incident import Change, Incident
from watchcall.core.moment import Moment
from watchcall.core.ruling import Ruling, Verdict
from watchcall.engine.watch import Watch
from watchcall.ports import Decision, Notice, Quiet

Judged = list[tuple[Channel, Verdict]]

TOGETHER = timedelta(seconds=1)  # nobody hurries to be reminded: reminders wait for each other


def is_news(watch: Watch, channel: Channel, verdict: Verdict, change: Change | None) -> bool:
    """Whether a verdict is to be written down: it tells, or it is quiet for a new reason."""
    if change is not None or verdict.ruling.tells:
        return True
    lasting = verdict.ruling.holds or verdict.ruling is Ruling.QUIET_REMINDED
    return lasting and watch.noted.get(channel.name) != verdict.why


def soonest(watch: Watch, judged: Judged, flaps: Flaps, now: Moment) -> datetime | None:
    """Return when to judge again at the latest, None where only a look can change anything."""
    ends = [verdict.until for _, verdict in judged if verdict.until]
    owned = watch.incident.acknowledgement if watch.incident else None
    if owned is not None and owned.ended_at is None and owned.until is not None:
        ends.append(owned.until)
    calm = flaps.calm_in(now)
    if calm is not None:
        ends.append(now.utc + calm)
    if watch.debt is not None or any(verdict.ruling.tells for _, verdict in judged):
        ends.append(now.utc)
    return min(ends, default=None)


def decide(
    looked: tuple[Check, Health, Flaps] | None,
    incident: Incident | None,
    judged: Sequence[tuple[Channel, Verdict]],
    now: datetime,
    group_wait: timedelta,
) -> Decision:
    """Return all that follows, to be committed at once."""
    check, health, flaps = looked or (None, None, None)
    notices, quiets = [], []
    for channel, verdict in judged:
        if verdict.ruling.tells:
            notices.append(_notice(channel, verdict.ruling, now, group_wait))
        else:
            quiets.append(Quiet(channel=channel.name, verdict=verdict))
        if flaps is not None and verdict.ruling is Ruling.TELL_FLAPPING:
            flaps = replace(flaps, warned=flaps.warned | {channel.name})
        if incident is not None:
            incident = _noted(incident, channel.name, verdict, now)
    return Decision(
        check=check,
        health=health,
        flaps=flaps,
        at=now,
        incident=incident,
        notices=tuple(notices),
        quiets=tuple(quiets),
    )


def _notice(channel: Channel, ruling: Ruling, now: datetime, group_wait: timedelta) -> Notice:
    wait = max(group_wait, TOGETHER) if ruling is Ruling.TELL_REMINDER else group_wait
    joins = channel.type == "voice"  # texts are sent at once, nobody can join them
    return Notice(channel=channel.name, event=ruling.event, due_at=now + wait, joins=joins)


def _noted(incident: Incident, channel: str, verdict: Verdict, now: datetime) -> Incident:
    """Return the incident with what a channel was told, or is owed."""
    ruling = verdict.ruling
    owed = incident.owed - {channel}
    if verdict.owes or (ruling is Ruling.QUIET_ACKNOWLEDGED and channel in incident.owed):
        owed |= {channel}
    incident = replace(incident, owed=owed)
    if not ruling.tells or not incident.open:
        return incident
    incident = replace(incident, told_at={**incident.told_at, channel: now})
    if ruling is Ruling.TELL_FLAPPING:
        return replace(incident, unstable=incident.unstable | {channel})
    if ruling is Ruling.TELL_REMINDER:
        count = incident.reminders.get(channel, 0) + 1
        return replace(incident, reminders={**incident.reminders, channel: count})
    return replace(incident, told={**incident.told, channel: incident.level})
