"""Somebody texted or called our number: does that acknowledge anything?

An SMS needs the code of an open incident, and the number of somebody who may be told. A call
needs no words: whoever calls back from a number that we called owns what we called about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchcall.core.attempt import Attempt
from watchcall.core.incident import How, Incident
from watchcall.core.text import codes_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An incident that calls for help, and the attempts that told of it."""

    incident: Incident
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What comes of it: who owns which incidents (by UUID) now, and why, or why none."""

    why: str
    incidents: tuple[str, ...] = ()
    by: str | None = None
    how: How | None = None


def text(
    body: str, sender: str, at: datetime, told: Sequence[Open], people: Mapping[str, str]
) -> Verdict:
    """Return what a text does. people: names by the numbers of those who may acknowledge."""
    if sender not in people:
        return Verdict(why="a text from a stranger is ignored")
    codes = codes_in(body)
    named = [one.incident for one in told if one.incident.code in codes]
    if not named:
        return Verdict(why="a text without the code of an open incident is ignored")
    fresh = _fresh(named, at)
    if not fresh:
        return Verdict(why="a text that acknowledged before is ignored")
    return Verdict(why="acknowledged by text", incidents=fresh, by=people[sender], how=How.SMS)


def call(sender: str, at: datetime, told: Sequence[Open]) -> Verdict:
    """Return what a call does."""
    asked = {
        one.incident.id: attempt.contact
        for one in told
        for attempt in one.attempts
        if attempt.to == sender and attempt.sid and attempt.posted_at and attempt.posted_at <= at
    }
    if not asked:
        return Verdict(why="a call from a number that was not called is ignored")
    fresh = _fresh([one.incident for one in told if one.incident.id in asked], at)
    if not fresh:
        return Verdict(why="a call that acknowledged before is ignored")
    by = asked[fresh[0]]
    return Verdict(why="acknowledged by calling back", incidents=fresh, by=by, how=How.CALLBACK)


def _fresh(incidents: Sequence[Incident], at: datetime) -> tuple[str, ...]:
    """What acknowledged once does not do so again after the acknowledgement has ended."""
    return tuple(
        one.id for one in incidents if one.acknowledgement is None or one.acknowledgement.at < at
    )
