"""The words of a notification: what the person who answers hears.

The first sentence is complete in itself: who calls, which server, what, since when.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.words import words_of
from watchcall.core.words.en import ENGLISH
from watchcall.core.words.language import Language

FIELDS = frozenset(
    "host check spoken level reason since duration count checks incident event".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is to be said.

    incidents: at least one; the worst comes first in what is said
    now, zone: when the text is spoken, and the zone in which its times are
    repeated:  a crash may have made this a second call about the same
    """

    event: Event
    host: str
    incidents: Sequence[Incident]
    now: datetime
    zone: tzinfo
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Speech:
    """A text, said twice with `again` in between, in a language (BCP 47) and perhaps a voice."""

    text: str
    again: str
    language: str
    voice: str | None = None


def compose(
    subject: Subject, language: str, template: str | None = None, voice: str | None = None
) -> Speech:
    """Return what is said: the template filled in, or the built-in text of the language."""
    words = words_of(language) or ENGLISH
    text = _filled(subject, words, template) if template else _built_in(subject, words)
    if subject.repeated:
        text = words.between.join([text, words.repeated])
    return Speech(text, words.again, language, voice)


def template_error(template: str) -> str | None:
    """Return what is wrong with a message template, None where nothing is."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        return f"{error}; write {{{{ and }}}} for braces that are meant as such"
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if name not in FIELDS:
            known = " ".join(f"{{{field}}}" for field in sorted(FIELDS))
            return f"unknown field {{{name}}}; known are {known}"
        if spec or conversion:
            return f"write {{{name}}} without anything after the name"
    return None


def _built_in(subject: Subject, words: Language) -> str:
    told = _worst_first(subject.incidents)
    names = [incident.spoken for incident in told]
    if len(told) > 1:
        whole = {"host": subject.host, "count": len(told), "checks": words.listed(names)}
        if subject.event is Event.RECOVERY:
            return words.all_recovered.format(**whole)
        details = [words.each.format(**_fields(subject, one, words)) for one in told[:2]]
        return words.between.join([words.several.format(**whole), *details])
    fields = _fields(subject, told[0], words)
    if subject.event is Event.RECOVERY:
        return words.recovered.format(**fields)
    first = words.failing[told[0].level].format(**fields)
    return words.between.join([first, words.sentence(words.reason(told[0].reason))])


def _filled(subject: Subject, words: Language, template: str) -> str:
    told = _worst_first(subject.incidents)
    return template.format(
        **{
            **_fields(subject, told[0], words),
            "spoken": told[0].spoken,
            "check": told[0].check,
            "level": words.levels[told[0].level],
            "count": len(told),
            "checks": words.listed([one.spoken for one in told]),
            "incident": told[0].number,
            "event": subject.event.value,
        }
    )


def _fields(subject: Subject, incident: Incident, words: Language) -> dict[str, object]:
    now = subject.now.astimezone(subject.zone)
    until = (incident.closed_at or subject.now).astimezone(subject.zone)
    return {
        "host": subject.host,
        "check": incident.spoken,
        "since": words.clock(incident.opened_at.astimezone(subject.zone), now),
        "until": words.clock(until, now),
        "duration": words.lasted(until - incident.opened_at),
        "reason": words.reason(incident.reason),
    }


def _worst_first(incidents: Sequence[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda one: (-_rank(one.level), one.opened_at, one.check))


def _rank(level: Level) -> int:
    return level.rank
