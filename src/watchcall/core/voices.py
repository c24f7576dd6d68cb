"""The languages for which Twilio's `<Say>` has a voice.

From Twilio's own list of `language` values, as its helper libraries are generated from it
(https://github.com/twilio/twilio-csharp, src/Twilio/TwiML/Voice/Say.cs at 02cffba), and three that
only have Google's voices there (eu, gl, lt). With their voices:
https://www.twilio.com/docs/voice/twiml/say/text-speech
"""

from __future__ import annotations

LISTED = "https://www.twilio.com/docs/voice/twiml/say/text-speech"
# Primary subtags: a region that is not listed is read by a neighbour's voice.
LANGUAGES = frozenset(
    "af am ar arb bg bn ca cmn cs cy da de el en es eu fi fil fr gl gu he hi hu id is it ja kn ko "
    "lt lv ml mr ms nb nl pa pl pt ro ru sk sr sv ta te th tr uk vi yue zh".split()
)


def has_voice(language: str) -> bool:
    """Whether some voice of Twilio's speaks a language (BCP 47)."""
    return language.split("-")[0].lower() in LANGUAGES
