"""What an answer means, and why it is none.

A refusal is a code with values: each language says it in its own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from watchcall.config import numbers, types
from watchcall.config.hints import nearest, shown
from watchcall.config.model import HEX
from watchcall.config.urls import http_url
from watchcall.core.words import words_of
from watchcall.init.answers import KEY, TOKEN, Answers, Offer, Person
from watchcall.init.steps import Step

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
YES = ("y", "yes", "j", "ja", "はい", "うん")
NO = ("n", "no", "nein", "いいえ", "いや")


class Refused(Exception):
    """An answer that cannot be used.

    code:   which text says why (`refused.CODE`); values fill it
    insist: whether the same answer, given again, is taken nevertheless
    """

    def __init__(self, code: str, *, insist: bool = False, **values: object) -> None:
        super().__init__(code)
        self.code, self.insist, self.values = code, insist, values


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the questions are asked amid.

    region:   the country (ISO 3166) whose numbers may be written as there; None where unclear
    language: in which the questions are asked (BCP 47)
    offers:   what was found on this machine
    units:    the units that systemd knows, None where it could not be asked
    before:   earlier answers, which are the defaults of what is asked again
    """

    region: str | None = None
    language: str = "en-US"
    offers: tuple[Offer, ...] = ()
    units: frozenset[str] | None = None
    before: Answers = field(default_factory=Answers)


def default(step: Step, answers: Answers, setting: Setting) -> str | None:
    """Return what an empty answer means, None where it means nothing. Secrets are not told."""
    before = setting.before
    nth = len(answers.people)
    known = before.people[nth] if nth < len(before.people) else None
    match step:
        case Step.SID:
            return before.account_sid
        case Step.MEANS:
            return "2" if before.means == KEY else "1"
        case Step.KEY_SID:
            return before.key_sid
        case Step.CALLER:
            return before.caller
        case Step.NAME:
            return known.name if known else None
        case Step.PHONE:
            return known.phone if known else None
        case Step.LANGUAGE:
            return known.language if known else _spoken_at(answers.phone, setting)
        case Step.MORE:
            return "y" if nth < len(before.people) else "n"
        case Step.RECOVERIES:
            return "y" if before.recoveries else "n"
    return None


def secret_before(step: Step, setting: Setting) -> bool:
    """Whether an empty answer keeps a secret that was given before."""
    before = setting.before
    return bool(before.token if step is Step.TOKEN else before.key_secret)


def _spoken_at(phone: str | None, setting: Setting) -> str:
    country = numbers.countries([phone] if phone else [])
    at = (tag for tag, places in SPOKEN.items() if set(country) & set(places.split()))
    return next(at, setting.language)


def read(
    step: Step, text: str, answers: Answers, setting: Setting, *, insisted: bool = False
) -> Answers:
    """Return the answers with one more. Raises Refused.

    insisted: the same was refused before with `insist`
    """
    text = text.strip()
    given = text or default(step, answers, setting) or ""
    if step is Step.PHONE:
        return replace(answers, phone=_phone(given, answers, setting, insisted))
    if step is Step.CALLER:
        return replace(answers, caller=_caller(given, answers, setting, insisted))
    return _READ[step](given, answers, setting)


# The account


def account_sid(text: str) -> str:
    """Read the SID of an account, as it is copied from the console."""
    if re.fullmatch(f"SK{HEX}", text):
        raise Refused("sid_key")
    if not re.fullmatch(f"AC{HEX}", text):
        raise Refused("sid", given=shown(text) or "–", length=len(text))
    return text


def key_sid(text: str) -> str:
    if not re.fullmatch(f"SK{HEX}", text):
        raise Refused("key_sid", given=shown(text) or "–", length=len(text))
    return text


def secret(text: str) -> str:
    """Read a token or a key's secret. It is never repeated."""
    try:
        return types.secret(SecretStr(text.strip())).get_secret_value()
    except ValueError:
        raise Refused("secret" if text.strip() else "secret_empty") from None


def _sid(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, account_sid=account_sid(text))


def _means(text: str, answers: Answers, setting: Setting) -> Answers:
    means = {"1": TOKEN, TOKEN: TOKEN, "2": KEY, KEY: KEY}.get(text.lower())
    if means is None:
        raise Refused("choice", most=2)
    return replace(answers, means=means)


def _token(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, token=secret(text or setting.before.token or ""))


def _key_sid(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, key_sid=key_sid(text))


def _key_secret(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, key_secret=secret(text or setting.before.key_secret or ""))


# People


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


def _caller(text: str, answers: Answers, setting: Setting, insisted: bool) -> str:
    e164 = number(text, setting.region, insisted=insisted)
    if any(one.phone == e164 for one in answers.people):
        raise Refused("number_caller", given=e164)
    return e164


def _phone(text: str, answers: Answers, setting: Setting, insisted: bool) -> str:
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


def _name(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, name=person_name(text, answers.people))


def _language(text: str, answers: Answers, setting: Setting) -> Answers:
    whole = Person(name=answers.name or "", phone=answers.phone or "", language=language(text))
    people = (*answers.people, whole)
    return replace(answers, people=people, name=None, phone=None, more=None)


def _more(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, more=yes(text))


def _recoveries(text: str, answers: Answers, setting: Setting) -> Answers:
    return replace(answers, recoveries=yes(text))


def yes(text: str) -> bool:
    word = unicodedata.normalize("NFKC", text).lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Refused("yes_no")


# Checks


def usual(offers: Iterable[Offer]) -> frozenset[str]:
    return frozenset(offer.name for offer in offers if offer.usual)


def offered(answers: Answers, setting: Setting) -> tuple[Offer, ...]:
    """Return what the list of checks shows, in its order."""
    return (*setting.offers, *answers.added)


def marked(answers: Answers, setting: Setting) -> frozenset[str]:
    """Return the names of what is ticked."""
    return usual(setting.offers) if answers.marked is None else answers.marked


def _checks(text: str, answers: Answers, setting: Setting) -> Answers:
    """An empty answer takes what is ticked; numbers tick, or take the tick away."""
    offers, ticked = offered(answers, setting), marked(answers, setting)
    words = unicodedata.normalize("NFKC", text).lower().replace(",", " ").replace("、", " ")
    if not words:
        picked = tuple(offer for offer in offers if offer.name in ticked)
        if not picked:
            raise Refused("checks_none")
        return replace(answers, checks=picked, marked=ticked)
    if words in ("all", "none"):
        names = frozenset(offer.name for offer in offers) if words == "all" else frozenset()
        return replace(answers, marked=names)
    if not re.fullmatch(r"[0-9\s-]+", words):
        new = named(text, offers, setting.units)
        added = answers.added if new in offers else (*answers.added, new)
        return replace(answers, added=added, marked=ticked | {new.name})
    chosen = {offers[at].name for at in _positions(words, len(offers))}
    return replace(answers, marked=ticked ^ chosen)


def _positions(words: str, most: int) -> set[int]:
    """Return the positions that numbers and ranges such as `2-4` name, from 0."""
    found: set[int] = set()
    for word in re.sub(r"\s*-\s*", "-", words).split():
        first, _, last = word.partition("-")
        low, high = int(first or 0), int(last or first or 0)
        if not 1 <= low <= high <= most:
            raise Refused("checks_number", given=word, most=most)
        found |= set(range(low - 1, high))
    return found


def named(text: str, offers: Iterable[Offer], units: frozenset[str] | None) -> Offer:
    """Return what an operator means: something that is offered, a URL, a unit, `process:NAME`."""
    offers = tuple(offers)
    if known := next((one for one in offers if text in (one.name, one.target)), None):
        return known
    taken = {offer.name for offer in offers}
    if "://" in text:
        return Offer(name=_free(_host(text), taken), kind="http", target=_url(text), looked=False)
    if text.startswith("process:"):
        process = _process(text.removeprefix("process:"))
        return Offer(name=_free(process, taken), kind="process", target=process, looked=False)
    if text.endswith(types.UNIT_KINDS):
        unit = _unit(text, units)
        return Offer(
            name=_free(unit.rpartition(".")[0], taken), kind="unit", target=unit, looked=False
        )
    near = nearest(text, taken)
    raise Refused("check_unknown", given=shown(text), hint=near or ", ".join(sorted(taken)))


def _free(name: str, taken: Iterable[str]) -> str:
    """Return the name, or with a number where somebody else has it."""
    taken, nth, free = set(taken), 2, name
    while free in taken:
        free, nth = f"{name}-{nth}", nth + 1
    return free


def _url(text: str) -> str:
    try:
        return http_url(text)
    except ValueError:
        raise Refused("url") from None


def _host(url: str) -> str:
    return re.sub(r"[^\w.-]+", "-", url.partition("://")[2]).strip("-.")[:60] or "web"


def _process(text: str) -> str:
    try:
        return types.line(text)
    except ValueError:
        raise Refused("process") from None


def _unit(text: str, units: frozenset[str] | None) -> str:
    try:
        unit = types.unit(text)
    except ValueError:
        raise Refused("unit", given=shown(text)) from None
    if units is not None and unit not in units and not _instance(unit, units):
        raise Refused("unit_unknown", given=unit, hint=nearest(unit, units) or "–")
    return unit


def _instance(unit: str, units: frozenset[str]) -> bool:
    """Whether a unit is an instance of a template that there is."""
    name, _, rest = unit.partition("@")
    return bool(rest) and f"{name}@.{unit.rpartition('.')[2]}" in units


_READ: dict[Step, Callable[[str, Answers, Setting], Answers]] = {
    Step.SID: _sid,
    Step.MEANS: _means,
    Step.TOKEN: _token,
    Step.KEY_SID: _key_sid,
    Step.KEY_SECRET: _key_secret,
    Step.NAME: _name,
    Step.LANGUAGE: _language,
    Step.MORE: _more,
    Step.RECOVERIES: _recoveries,
    Step.CHECKS: _checks,
}
