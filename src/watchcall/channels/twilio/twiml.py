"""TwiML: what Twilio is told to say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from twilio.twiml import TwiML
from twilio.twiml.voice_response import VoiceResponse

from watchcall.core.speech import SAY_LIMIT, TWIML_LIMIT, Speech

PLAIN_LIMIT = 1000  # characters: well within the limits of every voice
ESCAPED = 5  # characters of the longest escape, `&amp;`
LISTENS = 8  # seconds for a key after the words
# What XML 1.0 cannot carry (https://www.w3.org/TR/xml/#charsets), and marks that turn text round.
_UNSPEAKABLE = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_PLAIN_MARKS = frozenset(".,:;!?%()'-/。、：！？ー")


def twiml(speech: Speech) -> str:
    """Return the document that says a text twice, in a voice that speaks its language.

    Where two copies would not fit, one copy is said twice; where one would not fit, it is cut.
    """
    return _twice(speech, None)


def document(speech: Speech, keys_url: str) -> str:
    """Return the same document, in which a key can be pressed from the first word on.

    keys_url: where Twilio POSTs the key as `Digits`; every one of 0-9, * and # is told
    """
    return _twice(speech, keys_url)


def answer(text: str, speech: Speech) -> str:
    """Return the document that says a text in the speech's voice and hangs up."""

    def written(text: str) -> str:
        response = VoiceResponse()
        response.say(text, **_voice(speech))
        response.hangup()
        return str(response)

    return _fitting(speakable(text)[:SAY_LIMIT], written)


def plain(speech: Speech) -> str:
    """Return the smallest document: one text, once, of which any voice of the language is capable.

    For a call whose document Twilio could not read, or whose voice it has no more.
    """
    response = VoiceResponse()
    text = _reduced(speech.text, speech.language) or _reduced(speech.again, speech.language)
    response.say(text or "WatchCall", language=speech.language)
    return str(response)


def speakable(text: str) -> str:
    """Return a text without what a voice cannot say or XML cannot carry, on one line."""
    return " ".join(printable(unicodedata.normalize("NFC", text), " ").split())


def printable(text: str, instead: str = "") -> str:
    """Return a text without control characters (line ends stay) and halves of characters."""
    return _UNSPEAKABLE.sub(instead, text)


def _reduced(text: str, language: str) -> str:
    """ASCII is enough for English; any other language needs its letters, but no signs."""
    text = speakable(text)
    if language.lower().startswith("en"):
        decomposed = unicodedata.normalize("NFKD", text)
        text = decomposed.encode("ascii", "ignore").decode("ascii")
    read = (mark if mark in _PLAIN_MARKS or _is_letter(mark) else " " for mark in text)
    return " ".join("".join(read).split())[:PLAIN_LIMIT].strip()


def _is_letter(mark: str) -> bool:
    """Letters, the marks that belong to them, and digits."""
    return unicodedata.category(mark)[0] in "LMN"


def _twice(speech: Speech, keys_url: str | None) -> str:
    text = speakable(speech.text)[:SAY_LIMIT]
    twice = _document([text, f"{speakable(speech.again)} {text}"], speech, 1, keys_url)
    if len(twice) <= TWIML_LIMIT:
        return twice
    return _fitting(text, lambda text: _document([text], speech, 2, keys_url))


def _fitting(text: str, written: Callable[[str], str]) -> str:
    """Return the document of a text, or of as much of its beginning as fits."""
    document = written(text)
    while text and (excess := len(document) - TWIML_LIMIT) > 0:
        text = text[: -max(1, excess // ESCAPED)]
        document = written(text)
    return document


def _document(texts: list[str], speech: Speech, loop: int, keys_url: str | None) -> str:
    response = VoiceResponse()
    inside = response if keys_url is None else _gather(response, keys_url)
    options = _voice(speech) | ({"loop": str(loop)} if loop != 1 else {})
    for position, text in enumerate(texts):
        if position:
            inside.pause(length=1)
        inside.say(text, **options)
    return str(response)


def _gather(response: VoiceResponse, keys_url: str) -> TwiML:
    """Every word stands inside, so that a key works throughout; no key ends the gathering early."""
    return response.gather(
        num_digits=1, timeout=LISTENS, finish_on_key="", action=keys_url, method="POST"
    )


def _voice(speech: Speech) -> dict[str, str]:
    voice = {"voice": speech.voice} if speech.voice else {}
    return {"language": speech.language, **voice}
