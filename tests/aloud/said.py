"""Every sentence that a voice may have to say, with values as they come in a night."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.core.subjects import incident, subject
from tests.core.test_occasions import storm
from tests.fakes import NOON
from watchcall.core import speech
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.reason import Reason, Value
from watchcall.core.speech import Hint, KeyWord, compose
from watchcall.core.words import BUILT_IN
from watchcall.core.words.language import Language

# What a field of a reason holds, as a number or as what a probe would quote.
VALUES: dict[str, Value] = {
    "ago": 3,
    "balance": "3.20",
    "bytes": 2048,
    "count": 3,
    "country": "JP",
    "currency": "USD",
    "days": 6,
    "error": "Permission denied",
    "host": "db1.example.com",
    "hours": 11,
    "limit": 500,
    "max": 5,
    "min": 4,
    "ms": 120,
    "name": "httpd",
    "path": "/var/run/httpd.pid",
    "pattern": "ready",
    "percent": 93,
    "pid": 812,
    "port": 5432,
    "saw": "degraded",
    "seconds": 10,
    "signal": "SIGKILL",
    "status": 503,
    "text": "database connection failed",
    "unit": "httpd.service",
    "url": "https://example.com:8443/health",
    "used": 612,
    "user": "www-data",
    "version": 6,
    "wanted": "ok",
}
LATENCY: dict[str, Value] = {"seconds": 2.5, "limit": 1}
SECONDS = [
    *(*range(1, 60), 60, 65, 600, 840, 1800, 3600, 5400),
    *(4 * 3600, 7 * 3600, 9 * 3600 + 60, 86400, 100 * 3600, 20 * 86400),
]


def sentences(tag: str) -> list[str]:
    """Return each thing that is said in a language once, in a fixed order."""
    words = BUILT_IN[tag]
    return list(dict.fromkeys([*_occasions(tag), *_answers(tag), *_reasons(words), *_times(words)]))


def _occasions(tag: str) -> Iterator[str]:
    for event in Event:
        over = event is Event.RECOVERY
        for level in (Level.CRITICAL, Level.WARNING, Level.UNKNOWN):
            yield compose(subject(incident(level=level, over=over), event=event), tag).text
        if event is not Event.SELF:
            yield compose(subject(*storm(over=over), event=event, repeated=True), tag).text
    rose = incident(rose_at=NOON - timedelta(minutes=2))
    yield compose(subject(rose), tag).text
    for hint in (Hint.KEYS, Hint.CALL_BACK):
        yield compose(subject(hint=hint), tag).text


def _answers(tag: str) -> Iterator[str]:
    for key in KeyWord:
        for count in (1, 2):
            yield speech.key_words(key, [incident()] * count, tag).text
    yield speech.test_speech("web1", tag, None).text
    yield speech.stopped_speech("web1", tag, None, misconfigured=True).text
    yield BUILT_IN[tag].again


def _reasons(words: Language) -> Iterator[str]:
    for code, template in words.reasons.items():
        names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        values = VALUES | (LATENCY if code.endswith(".latency") else {})
        reason = Reason.of(code, **{name: values[name] for name in sorted(names)})
        yield words.sentence(words.spoken_reason(reason))


def _times(words: Language) -> Iterator[str]:
    """Each hour, each minute, each day of a month, and durations."""
    for minute in range(60):
        at = datetime(2026, 11, 28, (minute + 12) % 24, minute, tzinfo=NOON.tzinfo)
        yield words.clock(at, at)
    for day in range(1, 32):
        month = 1 + day % 12
        at = datetime(2026, month, min(day, 28) if month == 2 else day, 7, 4, tzinfo=NOON.tzinfo)
        yield words.clock(at, NOON)
    for seconds in SECONDS:
        yield words.lasted(timedelta(seconds=seconds))
