"""Whom a channel reaches, by which means, and what comes after it."""

from __future__ import annotations

from collections.abc import Iterator

from watchcall.config import outlet_rules, word_rules
from watchcall.config.hints import meant, one_of, quoted, shown
from watchcall.config.model import Draft
from watchcall.config.numbers import NOBODYS, is_premium, is_shared_cost, known_number, phone
from watchcall.config.people import KEYS_OF_TYPES, Channel, Contact
from watchcall.config.rules import Findings, behind, channels_of
from watchcall.config.sources import Sources, Where
from watchcall.core.contact import PHONES


def find(draft: Draft, sources: Sources, found: Findings) -> None:
    """Look at every person and every channel."""
    _numbers(draft, found)
    for where, channel in channels_of(draft):
        _people(where, channel, draft, sources, found)
        word_rules.find(where, channel, draft, found)
        _foreign_keys(where, channel, found)
        outlet_rules.find(where, channel, sources, found)
    _fallbacks(draft, sources, found)


def _contacts(draft: Draft) -> Iterator[tuple[Where, Contact]]:
    for at, contact in enumerate(draft.contact):
        if contact is not None:
            yield ("contact", at), contact


def _numbers(draft: Draft, found: Findings) -> None:
    caller = draft.twilio.caller if draft.twilio else None
    if caller:
        _odd_number(("twilio", "from"), caller, found)
    for where, contact in _contacts(draft):
        _callable((*where, "phone"), contact.phone, caller, found)
        if contact.name.startswith("+"):
            text = "must be a name, not a number: names are written to the log"
            found.wrong((*where, "name"), text)


def _callable(where: Where, number: str, caller: str | None, found: Findings) -> None:
    if number == caller:
        found.wrong(where, "is twilio.from too; a number cannot call itself")
    elif is_premium(number):
        found.wrong(where, f"{quoted(number)} is a premium-rate number; {NOBODYS}")
    elif is_shared_cost(number):
        found.odd(where, f"{quoted(number)} is a shared-cost number, which may not ring anybody")
    else:
        _odd_number(where, number, found)


def _odd_number(where: Where, number: str, found: Findings) -> None:
    if not known_number(number):
        text = f"{quoted(number)} is possible, but no number that its country is known to have"
        found.odd(where, text)


def _people(
    where: Where, channel: Channel, draft: Draft, sources: Sources, found: Findings
) -> None:
    if channel.type not in PHONES:
        return
    names = list(sources.names("contact").values())
    if channel.to is None:
        if sources.at(("contact",)) is None:
            text = "there is nobody to call; add a [[contact]] with name and phone"
            found.wrong(("contact",) if where == ("channel", "phone") else where, text, "type")
        return
    for at, person in enumerate(channel.to):
        if person not in names:
            _bare_number((*where, "to", at), person, draft, names, found)


def _bare_number(
    where: Where, person: str, draft: Draft, names: list[str], found: Findings
) -> None:
    if not person.startswith("+"):
        hint = meant(person, names, "the contacts are")
        found.wrong(where, f"unknown contact {quoted(person)}, {hint}")
        return
    try:
        number = phone(person)
    except ValueError as error:
        found.wrong(where, str(error))
        return
    _callable(where, number, draft.twilio.caller if draft.twilio else None, found)


def _foreign_keys(where: Where, channel: Channel, found: Findings) -> None:
    """What a type has not is refused where it is given, also as a default."""
    for types, keys in KEYS_OF_TYPES.items():
        for key in keys:
            if channel.type not in types and key in channel.model_fields_set:
                text = (
                    f"belongs to channels of type {one_of(types)}; leave it out of type "
                    f"{quoted(channel.type)}"
                )
                found.wrong((*where, key), text, "type")


def _fallbacks(draft: Draft, sources: Sources, found: Findings) -> None:
    names = list(sources.names("channel").values())
    channels = {channel.name: channel for _, channel in channels_of(draft)}
    told: set[str] = set()
    for where, channel in channels_of(draft):
        place, to = (*where, "fallback"), channel.fallback
        if to is None or channel.name in told:
            continue
        if to not in names:
            hint = meant(to, names, "the channels are")
            found.wrong(place, f"unknown channel {quoted(to)}, {hint}")
        elif to == channel.name:
            found.wrong(place, "is this channel itself; name another one, or leave it out")
        elif channel.name in (chain := behind(channel, channels)):
            told |= set(chain)  # once for all of them
            way = " -> ".join(shown(name) for name in (channel.name, *chain))
            found.wrong(place, f"leads back to this channel ({way}); leave one of them out")
