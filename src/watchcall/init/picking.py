"""The list of checks: what is ticked, and what an operator adds by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from watchcall.config import types
from watchcall.config.hints import nearest, shown
from watchcall.config.urls import http_url
from watchcall.init.answers import Answers, Offer
from watchcall.init.refused import Refused
from watchcall.init.setting import Setting


def usual(offers: Iterable[Offer]) -> frozenset[str]:
    return frozenset(offer.name for offer in offers if offer.usual)


def offered(answers: Answers, setting: Setting) -> tuple[Offer, ...]:
    """Return what the list of checks shows, in its order."""
    return (*setting.offers, *answers.added)


def marked(answers: Answers, setting: Setting) -> frozenset[str]:
    """Return the names of what is ticked."""
    return usual(setting.offers) if answers.marked is None else answers.marked


def pick(text: str, answers: Answers, setting: Setting) -> Answers:
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
