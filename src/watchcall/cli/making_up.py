"""What never happened: incidents of a check, made up so that their words can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchcall.core.check import Check
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import OWN, Incident
from watchcall.core.reason import Reason
from watchcall.simulate.looks import plausible

ESCALATION = "escalation"  # a failure that was milder when it began
SEVERAL = "several"  # failures that come at once
OCCASIONS = (*(event.value for event in Event), ESCALATION, SEVERAL)
LASTED = timedelta(minutes=5)  # since it began
WORSE = timedelta(minutes=2)  # since it became critical
REMINDED = timedelta(minutes=30)  # since it began, when a reminder is due
FEWEST = 3  # of several; where fewer checks are configured, some are made up too


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One thing to tell; `name` as it is asked for, one of OCCASIONS."""

    name: str
    event: Event
    incidents: Sequence[Incident]  # the one that is asked about comes first
    now: datetime


def made_up(check: Check, name: str, others: Sequence[Check]) -> Occasion:
    """Return an occasion on which a check is told of; `others`: those that may fail with it."""
    now = datetime.now().astimezone()
    event = Event.FAILURE if name in (ESCALATION, SEVERAL) else Event(name)
    one = _incident(check, event, now)
    if name == ESCALATION:
        one = replace(one, level=Level.CRITICAL, rose_at=now - WORSE)
    incidents = [one, *_with(one, others, now)] if name == SEVERAL else [one]
    return Occasion(name=name, event=event, incidents=incidents, now=now)


def _with(one: Incident, others: Sequence[Check], now: datetime) -> list[Incident]:
    found = [_incident(other, Event.FAILURE, now) for other in others]
    for number in range(len(found) + 2, FEWEST + 1):
        found.append(replace(one, check=f"{one.check} {number}", spoken=f"{one.spoken} {number}"))
    return [replace(other, id=f"preview {n}", number=n) for n, other in enumerate(found, start=2)]


def _incident(check: Check, event: Event, now: datetime) -> Incident:
    own = event is Event.SELF
    level = Level.UNKNOWN if event is Event.UNKNOWN else check.level
    return Incident(
        id="preview",
        number=1,
        check=OWN if own else check.name,
        spoken=OWN if own else check.spoken,
        level=Level.CRITICAL if own else level,
        reason=Reason.of("self.unreachable") if own else _reason(check, event),
        opened_at=now - (REMINDED if event is Event.REMINDER else LASTED),
        closed_at=now if event is Event.RECOVERY else None,
    )


def _reason(check: Check, event: Event) -> Reason:
    """Return what such a check might see."""
    if event is Event.UNKNOWN:
        return Reason.of("look.timeout", seconds=round(check.timeout.total_seconds()))
    return plausible(check, Level.CRITICAL)
