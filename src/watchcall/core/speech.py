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
from watchcall.core.flapping import CALM, LASTING
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.reason import Reason
from watchcall.core.words import subtag, words_of
from watchcall.core.words.en import ENGLISH
from watchcall.core.words.language import Language, Written

FIELDS = frozenset(
    "host check spoken level reason since duration count checks incident event".split()
)

REASON_MOST = 240  # characters of a reason: nobody can follow more, and a probe may quote anything
SPOKEN_MOST = 1000  # characters before a hint, so that no cut to Twilio's limits takes the hint
SAY_LIMIT = 3000  # characters that Twilio's better voices say (error 13521)
TWIML_LIMIT = 4000  # characters of a document (Calls resource, `Twiml`)
NAMED = 3  # names of many; the rest is a number
ALL_NAMED = 4  # up to so many are all named
DETAILED = 2  # incidents of several whose reasons are said

# Characters that a voice says in a second, by language: syllabic and logographic scripts say
# more in each. espeak-ng at its 175 words a minute says 14 (de) to 17 (fr), 7 (ja, in kana), 5.7
# (zh) and 8 (ko) of what is said here. An estimate: voices differ by a third.
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
    hint:      what the listener can do; said where there is something to acknowledge
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


def stopped_speech(host: str, language: str, voice: str | None, *, misconfigured: bool) -> Speech:
    """Return what is said when WatchCall itself has stopped for good."""
    words = words_of(language) or ENGLISH
    why = [words.misconfigured] if misconfigured else []
    text = words.between.join([words.stopped.format(host=host), *why])
    return Speech(text, words.again, language, voice)


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
    if not event.asks:
        return Hint.NONE
    return Hint.KEYS if keys else Hint.CALL_BACK


def can_be_taken(subject: Subject) -> bool:
    """Whether there is anything to acknowledge: what flaps may be all right at the moment."""
    if subject.event is Event.FLAPPING:
        return any(one.open for one in subject.incidents)
    return subject.event is not Event.RECOVERY


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


def named(incidents: Sequence[Incident], words: Language) -> str:
    """Return the names of incidents in their order: of many, the first and how many others."""
    names = [incident.spoken for incident in incidents]
    if len(names) > ALL_NAMED:
        names = [*names[:NAMED], words.others.format(count=len(names) - NAMED)]
    return words.listed(names)


def first_sentence(event: Event, incident: Incident, said: Language | Written) -> str:
    """Return the template of what is said first about one incident, which is not our own."""
    if event is Event.RECOVERY:
        return said.recovered
    if event is Event.FLAPPING:
        return said.unstable
    if event is Event.REMINDER:
        return said.still[incident.level]
    # only a level below it can have come before; an incident that eased has had its say
    if incident.rose_at and incident.level is Level.CRITICAL:
        return said.worsened
    return said.failing[incident.level]


def first_of_several(event: Event, worst: Level, said: Language | Written) -> str:
    """Return the template of what is said first about several incidents."""
    if event is Event.RECOVERY:
        return said.all_recovered
    if event is Event.FLAPPING:
        return said.unstable_several
    if event is Event.REMINDER:
        return said.still_several
    return said.several[worst]


def now_of(incident: Incident, reason: str, words: Language, said: Language | Written) -> str:
    """Return how something unstable is now: a reason from before its recovery would be wrong."""
    return words.sentence(reason) if incident.open else said.at_rest


def phrase_of(
    incident: Incident, said: Callable[[Reason], str], words: Language
) -> tuple[str, ...]:
    """Return what else is known of an incident, as a sentence; nothing where nothing is.

    said: a reason in words, to be heard or to be read
    """
    if incident.phrase is None:
        return ()
    return (words.sentence(clipped(said(incident.phrase), REASON_MOST)),)


def quiet_until(words: Language, said: Language | Written) -> str:
    """Return when something unstable is told of again."""
    return said.quiet_until.format(stable=words.lasted(CALM), lasting=words.lasted(LASTING))


def fields(
    subject: Subject, incident: Incident, words: Language, *, written: bool = False
) -> dict[str, str]:
    """Return the values of the sentences about one incident, to be heard or to be read."""
    clock = words.written.clock if written else words.clock
    reason = words.reason if written else words.spoken_reason
    now = subject.now.astimezone(subject.zone)
    until = (incident.closed_at or subject.now).astimezone(subject.zone)
    rose_at = incident.rose_at or incident.opened_at
    return {
        "host": subject.host,
        "check": incident.spoken,
        "since": clock(incident.opened_at.astimezone(subject.zone), now),
        "rose": clock(rose_at.astimezone(subject.zone), now),
        "until": clock(until, now),
        "duration": words.lasted(until - incident.opened_at),
        "reason": clipped(reason(incident.reason), REASON_MOST),
    }


def own_fields(subject: Subject, words: Language, *, written: bool = False) -> dict[str, str]:
    """Return the values of the sentences about WatchCall's own trouble: every reason of it.

    It began with the oldest of them.
    """
    told = worst_first(subject.incidents)
    values = [fields(subject, one, words, written=written) for one in told]
    first = min(told, key=lambda one: one.opened_at)
    return {
        **values[0],
        "since": values[told.index(first)]["since"],
        "reason": words.listed([one["reason"] for one in values]),
    }


def template_values(subject: Subject, words: Language, *, written: bool = False) -> dict[str, str]:
    """Return the values of a custom template, those of FIELDS; `written`: it will be read.

    Times are said in full either way: a template says what it wants around them.
    """
    told = worst_first(subject.incidents)
    values = fields(subject, told[0], words)
    if written:
        values["reason"] = clipped(words.reason(told[0].reason), REASON_MOST)
    return {
        **values,
        "spoken": told[0].spoken,
        "check": told[0].check,
        "level": words.levels[told[0].level],
        "count": str(len(told)),
        "checks": named(told, words),
        "incident": str(told[0].number),
        "event": subject.event.value,
    }


def _hint(subject: Subject, words: Language) -> str:
    if not can_be_taken(subject):
        return ""
    return {
        Hint.NONE: "",
        Hint.KEYS: words.press_keys,
        Hint.CALL_BACK: words.call_back,
    }[subject.hint]


def _filled(subject: Subject, words: Language, template: str) -> str:
    return template.format(**template_values(subject, words))


def _built_in(subject: Subject, words: Language) -> str:
    if is_own(subject):
        over = subject.event is Event.RECOVERY
        said = words.own_recovered if over else words.own_trouble
        return said.format(**own_fields(subject, words))
    told = worst_first(subject.incidents)
    parts = _several(subject, told, words) if len(told) > 1 else _one(subject, told[0], words)
    return words.between.join(parts)


def _one(subject: Subject, incident: Incident, words: Language) -> list[str]:
    values = fields(subject, incident, words)
    first = first_sentence(subject.event, incident, words).format(**values)
    if subject.event is Event.RECOVERY:
        return [first]
    if subject.event is Event.FLAPPING:
        now = now_of(incident, values["reason"], words, words)
        return [first, now, quiet_until(words, words)]
    return [
        first,
        words.sentence(values["reason"]),
        *phrase_of(incident, words.spoken_reason, words),
    ]


def _several(subject: Subject, told: Sequence[Incident], words: Language) -> list[str]:
    whole = {"host": subject.host, "count": len(told), "checks": named(told, words)}
    first = first_of_several(subject.event, told[0].level, words).format(**whole)
    if subject.event is Event.RECOVERY:
        return [first]
    if subject.event is Event.FLAPPING:
        return [first, quiet_until(words, words)]
    details = told[:DETAILED]
    said = []
    for one in details:
        said.append(words.each.format(**fields(subject, one, words)))
        said += phrase_of(one, words.spoken_reason, words)
    return [first, *said]
