"""TwiML: what Twilio is told to say.

Limits: `Twiml` takes 4,000 characters (Calls resource), `<Say>` 3,000 with the better voices
(error 13521).
"""

from __future__ import annotations

import re
import unicodedata

from twilio.twiml.voice_response import VoiceResponse

from watchcall.core.speech import Speech

SAY_LIMIT = 3000
TWIML_LIMIT = 4000
ESCAPED = 5  # characters of the longest escape, `&amp;`
# What XML 1.0 cannot carry (https://www.w3.org/TR/xml/#charsets), and marks that turn text round.
_UNSPEAKABLE = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)


def twiml(speech: Speech) -> str:
    """Return the document that says a text twice, in a voice that speaks its language.

    Where two copies would not fit, one copy is said twice; where one would not fit, it is cut.
    """
    text = speakable(speech.text)[:SAY_LIMIT]
    twice = _document([text, f"{speakable(speech.again)} {text}"], speech, loop=1)
    if len(twice) <= TWIML_LIMIT:
        return twice
    looped = _document([text], speech, loop=2)
    while (excess := len(looped) - TWIML_LIMIT) > 0:
        text = text[: -max(1, excess // ESCAPED)]
        looped = _document([text], speech, loop=2)
    return looped


def speakable(text: str) -> str:
    """Return a text without what a voice cannot say or XML cannot carry, on one line."""
    plain = _UNSPEAKABLE.sub(" ", unicodedata.normalize("NFC", text))
    return " ".join(plain.split())


def _document(texts: list[str], speech: Speech, loop: int) -> str:
    response = VoiceResponse()
    options = {"language": speech.language}
    if speech.voice:
        options["voice"] = speech.voice
    if loop != 1:
        options["loop"] = str(loop)
    for position, text in enumerate(texts):
        if position:
            response.pause(length=1)
        response.say(text, **options)
    return str(response)
