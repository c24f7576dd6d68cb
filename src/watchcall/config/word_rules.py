"""What a channel says: in a language that has words and a voice, and short enough to be told."""

from __future__ import annotations

import string
from collections.abc import Iterator

from watchcall.config.hints import one_of, quoted
from watchcall.config.model import Draft
from watchcall.config.people import Channel
from watchcall.config.rules import Findings
from watchcall.config.sources import Where
from watchcall.core.contact import PHONES
from watchcall.core.lint import unspeakable_template
from watchcall.core.speech import REASON_MOST, SAY_LIMIT, SPOKEN_MOST, TWIML_LIMIT
from watchcall.core.text import CHARACTERS, SEGMENTS, segments, to_gsm7, units
from watchcall.core.voices import LISTED, has_voice, spoken_by
from watchcall.core.words import BUILT_IN, subtag, words_of

MESSAGES = ("message", "recovery_message")
# Characters that the fields of a message may take, generously.
FIELD = {"reason": REASON_MOST, "checks": 160}
OTHER_FIELD = 40
CARRIED = TWIML_LIMIT - 400  # without the elements around it, and the URL for keys
ESCAPES = {"&": 5, "<": 4, ">": 4}  # characters that one takes in XML


def find(where: Where, channel: Channel, draft: Draft, found: Findings) -> None:
    """Look at what one channel says."""
    _languages(where, channel, draft, found)
    if channel.type == "voice" and not channel.twiml_url:
        _voices(where, channel, draft, found)
    for key in MESSAGES:
        template: str | None = getattr(channel, key)
        if template is None:
            continue
        if channel.type == "voice":
            _spoken(template, (*where, key), draft, found)
        if channel.type == "sms":
            _written(template, (*where, key), found)


def _languages(where: Where, channel: Channel, draft: Draft, found: Findings) -> None:
    """Every language that is used has a voice, and built-in words or the channel's own."""
    needed = "message" if channel.message is None else "recovery_message"
    if channel.twiml_url:
        return
    for place, tag, voice in _used(where, channel, draft):
        if channel.type == "voice" and not voice and not has_voice(tag):
            text = f"Twilio has no voice that speaks {quoted(tag)}; those that it has: {LISTED}"
            found.wrong(place, text, "type")
        elif words_of(tag) is None and _needs_words(channel, draft):
            text = (
                f"there are no built-in words for {quoted(tag)}, only for {one_of(BUILT_IN)}; "
                f"give channel {quoted(channel.name)} a {needed}"
            )
            found.wrong(place, text)


def _needs_words(channel: Channel, draft: Draft) -> bool:
    told = channel.recovery if channel.recovery is not None else draft.notify.call_on_recovery
    return channel.message is None or (told and channel.recovery_message is None)


def _used(where: Where, channel: Channel, draft: Draft) -> Iterator[tuple[Where, str, str | None]]:
    """Yield each language that a channel speaks: where it is written, itself, and its voice."""
    if channel.language:
        yield (*where, "language"), channel.language, channel.voice
        return
    if channel.type not in PHONES:
        return
    for at, contact in enumerate(draft.contact):
        if contact is None or not contact.language:
            continue
        if channel.to is None or contact.name in channel.to:
            voice = channel.voice or contact.voice
            yield ("contact", at, "language"), contact.language, voice


def _voices(where: Where, channel: Channel, draft: Draft, found: Findings) -> None:
    """A voice reads the words of its own language; it garbles those of another, or says nothing
    (Twilio, error 13520)."""
    for at, contact in enumerate(draft.contact):
        if contact is None or not (channel.to is None or contact.name in channel.to):
            continue
        place = (*where, "voice") if channel.voice else ("contact", at, "voice")
        voice = channel.voice or contact.voice
        tag = channel.language or contact.language or "en-US"
        speaks = spoken_by(voice) if voice else None
        if speaks and speaks != subtag(tag):
            text = (
                f"{quoted(voice)} speaks {quoted(speaks)}, but what it would read is in "
                f"{quoted(tag)}; a language that begins with {quoted(speaks)} would be right"
            )
            found.odd(place, text)
        if channel.voice:
            return


def _spoken(template: str, where: Where, draft: Draft, found: Findings) -> None:
    """Twilio says no more than so much; a document also carries the escapes of XML."""
    if wrong := unspeakable_template(template):
        found.wrong(where, wrong, "type")
        return
    said = _generously(template)
    written = len(said) + sum(said.count(mark) * (n - 1) for mark, n in ESCAPES.items())
    longest = "characters with the longest names and reasons"
    if len(said) > SAY_LIMIT:
        text = f"takes {len(said)} {longest}; a call can say {SAY_LIMIT}: shorten it"
        found.wrong(where, text, "type")
    elif written > CARRIED:
        marks = " and ".join(mark for mark in ESCAPES if mark in said)
        text = (
            f"takes {written} {longest}, once TwiML has spelled out {marks}; it carries {CARRIED}: "
            "shorten it"
        )
        found.wrong(where, text, "type")
    elif draft.web.public_url and len(said) > SPOKEN_MOST:
        text = (
            f"takes {len(said)} {longest}; what comes after {SPOKEN_MOST} is cut off to leave "
            "room for the keys that can be pressed"
        )
        found.odd(where, text)


def _generously(template: str) -> str:
    fields = {name for _, name, *_ in string.Formatter().parse(template) if name}
    return template.format(**{name: "x" * FIELD.get(name, OTHER_FIELD) for name in fields})


def _written(template: str, where: Where, found: Findings) -> None:
    fields = {name for _, name, *_ in string.Formatter().parse(template) if name}
    fixed = to_gsm7(template.format(**dict.fromkeys(fields, "")))
    if (characters := units(fixed)) > CHARACTERS:
        text = (
            f"takes {characters} characters without its fields; a text message takes "
            f"{CHARACTERS}: shorten it"
        )
        found.wrong(where, text, "type")
    elif (count := segments(fixed)) > SEGMENTS:
        text = f"takes {count} segments without its fields; what comes after {SEGMENTS} is cut off"
        found.odd(where, text)
