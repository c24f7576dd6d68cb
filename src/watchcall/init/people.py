"""People and numbers: how they are read, and whom nobody could call."""

from __future__ import annotations

from collections.abc import Iterable

from watchcall.config import numbers, types
from watchcall.config.hints import shown
from watchcall.core.words import words_of
from watchcall.init.answers import Answers, Person
from watchcall.init.refused import Refused
from watchcall.init.setting import Setting

# What is spoken in a country, as far as there are built-in words (core.words); the rest hears
# the language in which the questions are asked.
SPOKEN = {
    "ja-JP": "JP",
    "en-US": "US CA",
    "en-GB": "GB IE AU NZ",
    "de-DE": "DE AT LI",
    "fr-FR": "FR MC",
    "es-ES": "ES",
    "es-MX": "MX AR CL CO PE UY",
    "cmn-CN": "CN TW",
    "ko-KR": "KR",
}
LANGUAGES = tuple(SPOKEN)  # as they are offered, by number


def spoken_at(number: str | None, setting: Setting) -> str:
    """Return the language in which the owner of an E.164 number is probably spoken to."""
    country = numbers.countries([number] if number else [])
    at = (tag for tag, places in SPOKEN.items() if set(country) & set(places.split()))
    return next(at, setting.language)


def number(text: str, region: str | None, *, insisted: bool = False) -> str:
    """Read a phone number; return it as E.164.

    One that its country is not known to have is taken only from who insists: plans get new ranges.
    """
    try:
        e164 = numbers.dialled(text, region)
    except numbers.NumberError as error:
        raise Refused(error.code, given=text or "–", hint=error.hint) from None
    if not insisted and not numbers.known_number(e164):
        raise Refused("number_unknown", insist=True, given=e164)
    return e164


def caller(text: str, answers: Answers, setting: Setting, insisted: bool) -> str:
    e164 = number(text, setting.region, insisted=insisted)
    if any(one.phone == e164 for one in answers.people):
        raise Refused("number_caller", given=e164)
    return e164


def phone(text: str, answers: Answers, setting: Setting, insisted: bool) -> str:
    e164 = number(text, _region(text, answers, setting), insisted=insisted)
    if e164 == answers.caller:
        raise Refused("number_caller", given=e164)
    if numbers.is_premium(e164):
        raise Refused("number_premium", given=e164)
    if not insisted and numbers.is_shared_cost(e164):
        raise Refused("number_shared", insist=True, given=e164)
    if taken := next((one.name for one in answers.people if one.phone == e164), None):
        raise Refused("number_taken", given=e164, name=taken)
    return e164


def _region(text: str, answers: Answers, setting: Setting) -> str | None:
    """Return in which country a number is probably written.

    Where all people so far have numbers of one country, the next one is likely there too.
    """
    so_far = numbers.countries(one.phone for one in answers.people)
    likely = [*filter(None, [setting.region]), *so_far[: len(so_far) == 1]]
    return next((one for one in likely if _known_in(one, text)), next(iter(likely), None))


def _known_in(region: str, text: str) -> bool:
    try:
        return numbers.known_number(numbers.dialled(text, region))
    except numbers.NumberError:
        return False


def person_name(text: str, people: Iterable[Person]) -> str:
    if text.strip() in ("", "?", "<"):
        raise Refused("name_empty")
    if text.strip().startswith("+"):
        raise Refused("name_number")
    try:
        name = types.name(text.strip())
    except ValueError:
        raise Refused("name_odd") from None
    if any(one.name == name for one in people):
        raise Refused("name_taken", name=name)
    return name


def language(text: str) -> str:
    """Read a number of the list, or a BCP 47 tag for which there are built-in words."""
    if text.isdecimal() and 1 <= int(text) <= len(LANGUAGES):
        return LANGUAGES[int(text) - 1]
    try:
        tag = types.language(text)
    except ValueError:
        raise Refused("language", given=shown(text), known=", ".join(LANGUAGES)) from None
    if words_of(tag) is None:
        raise Refused("language", given=shown(text), known=", ".join(LANGUAGES))
    return tag
