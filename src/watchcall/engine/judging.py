"""What each channel is ruled about an incident, and what else there is to consider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from watchcall.core.contact import Channel
from watchcall.core.incident import Change, Incident
from watchcall.core.ruling import Circumstances, Ruling, Verdict, quiet, rule
from watchcall.engine.deciding import Judged
from watchcall.engine.watch import Watch
from watchcall.ports import Store

NOT_BEFORE = timedelta(minutes=1)  # a channel that is busy telling is asked again


def judge(watch: Watch, incident: Incident, change: Change | None, around: Circumstances) -> Judged:
    """Return what each channel of a check is ruled.

    What rose and so lost its owner is told again where this level was told before, else nobody
    would ever hear of it any more.
    """
    judged = [(one, rule(change, incident, one, around)) for one in watch.channels]
    before = watch.incident
    if change is not Change.ROSE or before is None or not before.acknowledged:
        return judged
    return [
        (one, rule(Change.DISOWNED, incident, one, around))
        if verdict.ruling is Ruling.QUIET_ALREADY_TOLD
        else (one, verdict)
        for one, verdict in judged
    ]


def elsewhere(watch: Watch, channels: Sequence[Channel]) -> list[Channel]:
    """Return the channels that a check does not reach itself, but may by falling back on them."""
    if not any(channel.fallback for channel in watch.channels):
        return []
    mine = {channel.name for channel in watch.channels}
    return [one for one in channels if one.name not in mine]


async def not_while_telling(
    store: Store, incident: Incident, judged: Judged, around: Circumstances
) -> Judged:
    """Nobody is reminded on a channel that still looks for somebody to tell."""
    if not any(verdict.ruling is Ruling.TELL_REMINDER for _, verdict in judged):
        return judged
    telling = await store.telling(incident.id)
    later = Verdict(ruling=Ruling.QUIET_ALREADY_TOLD, until=around.now + NOT_BEFORE)
    return [
        (one, later)
        if verdict.ruling is Ruling.TELL_REMINDER and one.name in telling
        else (one, verdict)
        for one, verdict in judged
    ]


async def not_while_listening(
    store: Store, incident: Incident, judged: Judged, around: Circumstances
) -> Judged:
    """What began to be held back while somebody listened to it may have been told, after all:
    whether its recovery is to be told is known when the call is over."""
    hold = around.hold
    never = {one.name for one, verdict in judged if verdict.ruling is Ruling.QUIET_NEVER_TOLD}
    if hold is None or incident.open or not never & incident.owed:
        return judged
    listening = await store.telling(incident.id) & never & incident.owed
    return [
        (one, quiet(hold)) if one.name in listening else (one, verdict) for one, verdict in judged
    ]
