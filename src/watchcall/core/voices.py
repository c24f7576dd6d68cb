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


# Amazon's voices in the languages that have built-in words; Google's carry their language.
_POLLY = {
    "de": "Hans Marlene Vicki Daniel Hannah",
    "en": (
        "Amy Aditi Arthur Ayanda Aria Brian Danielle Emma Geraint Gregory Ivy Jenny Joanna Joey "
        "Justin Kajal Kendra Kevin Kimberly Matthew Niamh Nicole Olivia Raveena Russell Ruth Salli "
        "Stephen"
    ),
    "es": (
        "Andres Conchita Enrique Lucia Lupe Mia Miguel Pedro Penelope Raul Sergio Andrés Penélope "
        "Lucía Raúl"
    ),
    "fr": "Celine Chantal Gabrielle Isabelle Lea Liam Mathieu Remi Céline Léa Rémi",
    "ja": "Kazuha Mizuki Takumi Tomoko",
    "ko": "Jihye Seoyeon",
    "zh": "Zhiyu",
}
_BY_NAME = {name: tag for tag, names in _POLLY.items() for name in names.split()}


def spoken_by(voice: str) -> str | None:
    """Return the language (primary subtag) that a voice speaks, None where it is not known."""
    maker, _, name = voice.partition(".")
    if maker == "Polly":
        return _BY_NAME.get(name.split("-")[0])
    tag = name.split("-")[0].lower()
    return {"cmn": "zh"}.get(tag, tag) if maker == "Google" and tag in LANGUAGES else None
