"""The words of a notification: what the person who answers hears.

The first sentence is complete in itself: who calls, which server, what, since when.
"""

from __future__ import annotations

import enum
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from watchcall.core.contact import Event
from watchcall.core.incident import Incident
from watchcall.core.words import subtag, words_of
from watchcall.core.words.en import ENGLISH
from watchcall.core.words.language import Language

FIELDS = frozenset(
    "host check spoken level reason since duration count checks incident event".split()
)

REASON_MOST = 240  # characters of a reason: nobody can follow more, and a probe may quote anything
SPOKEN_MOST = 1000  # characters before a hint, so that no cut to Twilio's limits takes the hint

# Characters that a voice says in a second, by language: syllabic and logographic scripts say
# more in each. An estimate: voices differ by a third.
PER_SECOND = {"ja": 7, "zh": 5, "ko": 7}
OTHERS_PER_SECOND = 15


class Hint(enum.Enum):
    """What the listener is told to do."""

    NONE = "none"
    KEYS = "keys"  # 1 acknowledges, 2 passes to the next person, star repeats
    CALL_BACK = "call back"  # a call to our number acknowledges


class KeyWord(enum.Enum):
    """What is said after a key was pressed."""

    ACKNOWLEDGED = "acknowledged"
    PASSED = "passed"
    NOT_UNDERSTOOD = "not understood"
    TOO_LATE = "too late"  # everything is over already


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is to be said.

    incidents: at least one; the worst comes first in what is said
    now, zone: when the text is spoken, and the zone in which its times are
    repeated:  a crash may have made this a second call about the same
    hint:      what the listener can do; said of failures only
    """

    event: Event
    host: str
    incidents: Sequence[Incident]
    now: datetime
    zone: tzinfo
    repeated: bool = False
    hint: Hint = Hint.NONE


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
    after = [words.repeated] if subject.repeated else []
    hint = _hint(subject, words)
    if hint:
        text, after = clipped(text, SPOKEN_MOST), [*after, hint]
    return Speech(words.between.join([text, *after]), words.again, language, voice)


def test_speech(host: str, language: str, voice: str | None) -> Speech:
    """Return what a test call says."""
    words = words_of(language) or ENGLISH
    return Speech(words.test.format(host=host), words.again, language, voice)


def key_words(
    word: KeyWord, incidents: Sequence[Incident], language: str, voice: str | None = None
) -> Speech:
    """Return the answer to a pressed key; `incidents` are those the call told, at least one."""
    words = words_of(language) or ENGLISH
    one = {
        KeyWord.ACKNOWLEDGED: words.acknowledged,
        KeyWord.PASSED: words.passed,
        KeyWord.NOT_UNDERSTOOD: words.not_understood,
        KeyWord.TOO_LATE: words.too_late,
    }[word]
    several = word is KeyWord.ACKNOWLEDGED and len(incidents) > 1
    said = words.all_acknowledged if several else one
    text = said.format(check=incidents[0].spoken, count=len(incidents))
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


def seconds_to_say(text: str, language: str) -> float:
    """Return about how long a voice of a language (BCP 47) takes to say a text once."""
    return len(text) / PER_SECOND.get(subtag(language), OTHERS_PER_SECOND)


def hint_for(event: Event, *, keys: bool) -> Hint:
    """Return what a call about an event asks for; `keys`: Twilio can tell us of a pressed key."""
    if event not in (Event.FAILURE, Event.UNKNOWN):
        return Hint.NONE
    return Hint.KEYS if keys else Hint.CALL_BACK


def clipped(text: str, most: int) -> str:
    """Return a text of at most so many characters; what was cut off is marked by an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def worst_first(incidents: Sequence[Incident]) -> list[Incident]:
    """Return incidents in the order in which they are told."""
    return sorted(incidents, key=lambda one: (-one.level.rank, one.opened_at, one.check))


def is_own(subject: Subject) -> bool:
    """Whether this is WatchCall's own trouble, or that it is over: there is no target to name."""
    own = all(one.reason.code.startswith("self.") for one in subject.incidents)
    return own or subject.event is Event.SELF


def fields(
    subject: Subject,
    incident: Incident,
    words: Language,
    clock: Callable[[datetime, datetime], str] | None = None,
) -> dict[str, str]:
    """Return the values of the sentences about one incident, times as `clock` says them."""
    clock = clock or words.clock
    now = subject.now.astimezone(subject.zone)
    until = (incident.closed_at or subject.now).astimezone(subject.zone)
    return {
        "host": subject.host,
        "check": incident.spoken,
        "since": clock(incident.opened_at.astimezone(subject.zone), now),
        "until": clock(until, now),
        "duration": words.lasted(until - incident.opened_at),
        "reason": clipped(words.reason(incident.reason), REASON_MOST),
    }


def own_fields(
    subject: Subject,
    words: Language,
    clock: Callable[[datetime, datetime], str] | None = None,
) -> dict[str, str]:
    """Return the values of the sentences about WatchCall's own trouble: every reason of it."""
    told = [fields(subject, one, words, clock) for one in worst_first(subject.incidents)]
    return {**told[0], "reason": words.listed([one["reason"] for one in told])}


def template_values(subject: Subject, words: Language) -> dict[str, str]:
    """Return the values of a custom template, those of FIELDS."""
    told = worst_first(subject.incidents)
    number = told[0].number
    return {
        **fields(subject, told[0], words),
        "spoken": told[0].spoken,
        "check": told[0].check,
        "level": words.levels[told[0].level],
        "count": str(len(told)),
        "checks": words.listed([one.spoken for one in told]),
        "incident": str(number),
        "event": subject.event.value,
    }


def _hint(subject: Subject, words: Language) -> str:
    if subject.event is Event.RECOVERY:
        return ""  # there is nothing left to acknowledge
    return {
        Hint.NONE: "",
        Hint.KEYS: words.press_keys,
        Hint.CALL_BACK: words.call_back,
    }[subject.hint]


def _filled(subject: Subject, words: Language, template: str) -> str:
    return template.format(**template_values(subject, words))


def _built_in(subject: Subject, words: Language) -> str:
    recovery = subject.event is Event.RECOVERY
    if is_own(subject):
        said = words.own_recovered if recovery else words.own_trouble
        return said.format(**own_fields(subject, words))
    told = worst_first(subject.incidents)
    if len(told) > 1:
        return _several(subject, told, words)
    values = fields(subject, told[0], words)
    if recovery:
        return words.recovered.format(**values)
    first = words.failing[told[0].level].format(**values)
    return words.between.join([first, words.sentence(values["reason"])])


def _several(subject: Subject, told: Sequence[Incident], words: Language) -> str:
    names = [incident.spoken for incident in told]
    whole = {"host": subject.host, "count": len(told), "checks": words.listed(names)}
    if subject.event is Event.RECOVERY:
        return words.all_recovered.format(**whole)
    details = [words.each.format(**fields(subject, one, words)) for one in told[:2]]
    return words.between.join([words.several.format(**whole), *details])
