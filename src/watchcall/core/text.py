"""The words of a text message (SMS), how many segments they take, and codes in what is answered.

Characters: 3GPP TS 23.038 §6.2.1 (GSM 7 bit default alphabet and its extension table), else
UCS-2. Twilio takes 1,600 characters, and each segment is paid for
(https://www.twilio.com/docs/glossary/what-sms-character-limit).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from watchcall.core.contact import Event
from watchcall.core.incident import CODE_DIGITS, CODE_LETTERS, Incident
from watchcall.core.speech import (
    Subject,
    can_be_taken,
    clipped,
    fields,
    first_of_several,
    first_sentence,
    is_own,
    now_of,
    own_fields,
    phrase_of,
    quiet_until,
    template_values,
    worst_first,
)
from watchcall.core.words import words_of
from watchcall.core.words.en import ENGLISH
from watchcall.core.words.language import Language

SEGMENTS = 3  # that a text may take, unless told otherwise
CHARACTERS = 1600  # that Twilio takes, in UTF-16 units
LINE = 80  # characters for one of several incidents

Encoding = Literal["gsm7", "ucs2"]

BASIC = frozenset(  # one septet each
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # an escape and one more septet

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2039\u203a`\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2009\u202f", " "),  # spaces that do not break, or are thin
        "\u2026": "...",
    }
)
_NEWLINE = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
# Control characters, lone surrogates, marks that turn text round, and what nobody sees.
_UNWANTED = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u00ad\u200b\u2060\ufeff]"
)
# Scripts that are written with spaces between words. Japanese is not: a code may touch it.
_IN_WORD = "0-9A-Za-zÀ-ÖØ-öø-ɏͰ-ԯ"
_LETTER = f"[{CODE_LETTERS}{CODE_LETTERS.lower()}]"
_DIGIT = f"[{CODE_DIGITS}]"
_CODE = re.compile(f"(?<![{_IN_WORD}])(?:{_LETTER}{_DIGIT}){{2}}(?![{_IN_WORD}])")


@dataclass(frozen=True, slots=True)
class Text:
    """The body of a text message, and what it takes to send it."""

    body: str
    segments: int
    encoding: Encoding


def compose_text(
    subject: Subject,
    language: str,
    template: str | None = None,
    *,
    replies: bool = True,
    most: int = SEGMENTS,
) -> Text:
    """Return the text about a subject: the template filled in, or the built-in text.

    replies: what can be acknowledged ends with what to answer for that; no cut takes that away,
             nor the code of the worst incident
    most:    segments, at least 1
    """
    words = words_of(language) or ENGLISH
    body = to_gsm7(_fitted(_draft(subject, words, template, replies), most))
    return Text(body, segments(body), encoding(body))


def codes_in(body: str) -> set[str]:
    """Return the codes of incidents that somebody's answer holds, whether or not they exist.

    In any case and width (Japanese keyboards send full-width forms), not as part of a word.
    """
    plain = _tidy(unicodedata.normalize("NFKC", body))
    return {found.upper() for found in _CODE.findall(plain)}


def encoding(text: str) -> Encoding:
    """Return how a text is sent: "ucs2" as soon as one character is not in GSM 7 bit."""
    return "gsm7" if all(mark in BASIC or mark in EXTENSION for mark in text) else "ucs2"


def segments(text: str) -> int:
    """Return how many segments a text takes; even an empty one takes one.

    160 septets or 70 UTF-16 units fit into one; of several, each holds 153 or 67. Neither an
    escape sequence nor a surrogate pair is split between two.
    """
    if encoding(text) == "gsm7":
        return _packed([2 if mark in EXTENSION else 1 for mark in text], 160, 153)
    return _packed([units(mark) for mark in text], 70, 67)


def to_gsm7(text: str) -> str:
    """Return a text with typographic marks made plain, if GSM 7 bit then holds all of it.

    Else it is returned as it is: nothing would be gained, and letters are never replaced.
    """
    plain = text.translate(_PLAIN)
    return plain if encoding(plain) == "gsm7" else text


def _packed(costs: Sequence[int], alone: int, joined: int) -> int:
    if sum(costs) <= alone:
        return 1
    count, room = 1, joined
    for cost in costs:
        if cost > room:
            count, room = count + 1, joined
        room -= cost
    return count


def units(text: str) -> int:
    """Return how many characters Twilio counts: UTF-16 units."""
    return sum(2 if ord(mark) > 0xFFFF else 1 for mark in text)


# What is said


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A text before it is made to fit.

    aside: said after the opening where there is room for all of it
    lines: one for each of several incidents, the worst first
    more:  {count}, in place of the lines that do not fit
    """

    opening: str
    aside: str = ""
    lines: Sequence[str]
    more: str
    closing: str

    def laid(self, count: int) -> str:
        """Return the text with so many of its lines."""
        left = len(self.lines) - count
        more = self.more.format(count=left) if left else ""
        return "\n".join(
            filter(None, [self.opening + self.aside, *self.lines[:count], more, self.closing])
        )


def _draft(subject: Subject, words: Language, template: str | None, replies: bool) -> _Draft:
    told = worst_first(subject.incidents)
    asks = replies and can_be_taken(subject)
    custom = _filled(subject, words, template) if template else ""
    lines = _lines(subject, told, words, bare=bool(custom) or is_own(subject), codes=asks)
    closing = words.written.reply if len(told) == 1 else words.written.reply_any
    explains = not (custom or len(told) > 1 or subject.event in (Event.RECOVERY, Event.FLAPPING))
    aside = phrase_of(told[0], words.reason, words) if explains else ()
    return _Draft(
        opening=custom or _opening(subject, told, words),
        aside="".join(f"{words.between}{one}" for one in aside),
        lines=lines,
        more=words.written.more,
        closing=closing.format(code=told[0].code) if asks else "",
    )


def _filled(subject: Subject, words: Language, template: str) -> str:
    return _tidy(
        template.format(**_one_line(template_values(subject, words, written=True)))
    ).strip()


def _opening(subject: Subject, told: Sequence[Incident], words: Language) -> str:
    said, event = words.written, subject.event
    if is_own(subject):
        own = said.own_recovered if event is Event.RECOVERY else said.own_trouble
        return own.format(**_one_line(own_fields(subject, words, written=True)))
    values = _one_line(fields(subject, told[0], words, written=True))
    if len(told) > 1:
        several = first_of_several(event, told[0].level, said)
        return several.format(**{**values, "count": len(told)})
    first = first_sentence(event, told[0], said).format(**values)
    if event is Event.RECOVERY:
        return first
    if event is Event.FLAPPING:
        now = now_of(told[0], values["reason"], words, said)
        return words.between.join([first, now, quiet_until(words, said)])
    return words.between.join([first, words.sentence(values["reason"])])


def _lines(
    subject: Subject, told: Sequence[Incident], words: Language, *, bare: bool, codes: bool
) -> list[str]:
    """Return a line for each of several incidents; `bare`: the opening has said the rest."""
    if len(told) == 1 or (bare and not codes):
        return []
    said = words.written
    each = said.each_recovered if subject.event is Event.RECOVERY else said.each
    lines = []
    for one in told:
        line = ("{check}" if bare else each).format(
            **_one_line(fields(subject, one, words, written=True))
        )
        lines.append(clipped(f"{one.code} {line}" if codes else line, LINE))
    return lines


def _one_line(values: dict[str, str]) -> dict[str, str]:
    """Return values that cannot begin a line of their own: a reason may quote anything."""
    return {name: re.sub("[\n ]+", " ", _tidy(value)) for name, value in values.items()}


def _tidy(text: str) -> str:
    lines = _NEWLINE.sub("\n", text).replace("\t", " ")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", lines))


# How it is made to fit


def _fitted(draft: _Draft, most: int) -> str:
    """Return the text with as many lines as fit; if not one does, the opening is cut."""

    def fits(body: str) -> bool:
        if units(body[: CHARACTERS + 1]) > CHARACTERS:
            return False
        plain = to_gsm7(body)
        return len(plain) <= CHARACTERS and segments(plain) <= most

    whole = draft.laid(len(draft.lines))
    if fits(whole):
        return whole
    if draft.aside:
        return _fitted(replace(draft, aside=""), most)
    best = None
    for count in range(1, len(draft.lines)):
        body = draft.laid(count)
        if not fits(body):
            break
        best = body
    return best or _cut(draft, fits)


def _cut(draft: _Draft, fits: Callable[[str], bool]) -> str:
    first, *others = draft.lines or [""]

    def laid(opening: str, line: str) -> str:
        lines = [line, *others] if draft.lines else []
        cut = _Draft(opening=opening, lines=lines, more=draft.more, closing=draft.closing)
        return cut.laid(min(1, len(lines)))

    body = _longest(draft.opening, lambda opening: fits(laid(opening, first)))
    if body is not None:
        return laid(body, first)
    return laid("", _longest(first, lambda line: fits(laid("", line))) or "")


def _longest(text: str, fits: Callable[[str], bool]) -> str | None:
    """Return the longest beginning that fits, an ellipsis behind it; None where none does."""
    low, high, found = 1, min(len(text), CHARACTERS), None
    while low <= high:
        middle = (low + high) // 2
        cut = f"{text[:middle].rstrip()}…"
        if fits(cut):
            low, found = middle + 1, cut
        else:
            high = middle - 1
    return found
