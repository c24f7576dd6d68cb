"""What concerns several keys or tables at once: names, people, ways from a check to a phone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from watchcall.config.checks import CommonCheck, can_be_critical
from watchcall.config.hints import meant, one_of, quoted
from watchcall.config.model import Channel, Contact, Draft
from watchcall.config.sources import Problem, Sources, Where
from watchcall.config.types import known_number, phone
from watchcall.core import contact as core
from watchcall.core.health import Level
from watchcall.core.words import BUILT_IN, words_of

NAMED = ("contact", "channel", "group", "check")


@dataclass(slots=True)
class Findings:
    """What the rules have found."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def wrong(self, where: Where, text: str, *needs: str) -> None:
        self.problems.append(Problem(where, text, needs))

    def odd(self, where: Where, text: str) -> None:
        self.warnings.append(Problem(where, text))


def find(draft: Draft, sources: Sources, found: Findings) -> None:
    """Look at everything that concerns more than one table."""
    for table in NAMED:
        _unique(table, sources, found)
    _numbers(draft, found)
    for where, channel in channels_of(draft):
        _people(where, channel, draft, sources, found)
        _languages(where, channel, draft, found)
    _groups(draft, sources, found)
    _reach(draft, sources, found)


def channels_of(draft: Draft) -> list[tuple[Where, Channel]]:
    """Return the channels with their places; where the file has none, the one called phone."""
    if not draft.channel:
        return [(("channel", "phone"), Channel(name="phone"))]
    return [(("channel", at), one) for at, one in enumerate(draft.channel) if one is not None]


def _unique(table: str, sources: Sources, found: Findings) -> None:
    first: dict[str, int] = {}
    for at, name in sources.names(table).items():
        if name in first:
            text = f"{table} #{first[name] + 1} has this name too; names must differ"
            found.wrong((table, at, "name"), text, "name")
        first.setdefault(name, at)


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
    else:
        _odd_number(where, number, found)


def _odd_number(where: Where, number: str, found: Findings) -> None:
    if not known_number(number):
        text = f"{quoted(number)} is possible, but no number that its country is known to have"
        found.odd(where, text)


def _people(
    where: Where, channel: Channel, draft: Draft, sources: Sources, found: Findings
) -> None:
    names = list(sources.names("contact").values())
    if channel.to is None:
        if sources.at(("contact",)) is None:
            text = "there is nobody to call; add a [[contact]] with name and phone"
            found.wrong(("contact",) if where == ("channel", "phone") else where, text)
        _only_first(where, names, found)
        return
    for at, person in enumerate(channel.to):
        if person not in names:
            _bare_number((*where, "to", at), person, draft, names, found)
    _only_first(where, [core.masked(person) for person in channel.to], found)


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


def _only_first(where: Where, people: list[str], found: Findings) -> None:
    if len(people) > 1:
        found.odd(where, f"only the first, {people[0]}, is called in this version")


def _languages(where: Where, channel: Channel, draft: Draft, found: Findings) -> None:
    """Every language that is spoken has built-in words, or the channel brings its own."""
    needed = "message" if channel.message is None else "recovery_message"
    if channel.twiml_url or not _needs_words(channel, draft):
        return
    for place, tag in _spoken(where, channel, draft):
        if words_of(tag) is None:
            text = (
                f"there are no built-in words for {quoted(tag)}, only for {one_of(BUILT_IN)}; "
                f"give channel {quoted(channel.name)} a {needed}"
            )
            found.wrong(place, text)


def _needs_words(channel: Channel, draft: Draft) -> bool:
    told = channel.recovery if channel.recovery is not None else draft.notify.call_on_recovery
    return channel.message is None or (told and channel.recovery_message is None)


def _spoken(where: Where, channel: Channel, draft: Draft) -> Iterator[tuple[Where, str]]:
    if channel.language:
        yield (*where, "language"), channel.language
        return
    for place, contact in _contacts(draft):
        if contact.language and (channel.to is None or contact.name in channel.to):
            yield (*place, "language"), contact.language


def _groups(draft: Draft, sources: Sources, found: Findings) -> None:
    channels = list(sources.names("channel").values()) or ["phone"]
    for at, group in enumerate(draft.group):
        if group is None:
            continue
        for nth, name in enumerate(group.channels):
            if name not in channels:
                hint = meant(name, channels, "the channels are")
                text = f"unknown channel {quoted(name)}, {hint}"
                found.wrong(("group", at, "channels", nth), text)
        for nth, pattern in enumerate(group.checks):
            _members(("group", at, "checks", nth), pattern, draft, sources, found)


def _members(where: Where, pattern: str, draft: Draft, sources: Sources, found: Findings) -> None:
    names = list(sources.names("check").values())
    tags = {tag for check in draft.check if check for tag in check.tags}
    if any(core.selects(pattern, name, tags) for name in names):
        return
    if pattern.startswith("tag:") or set(pattern) & set("*?["):
        found.odd(where, f"{quoted(pattern)} matches no check")
    else:
        hint = meant(pattern, names, "the checks are")
        found.wrong(where, f"unknown check {quoted(pattern)}, {hint}")


def _reach(draft: Draft, sources: Sources, found: Findings) -> None:
    if not sources.at(("check",)):
        found.wrong(("check",), "nothing to watch; add a [[check]] with name and type")
        return
    checks = {at: check for at, check in enumerate(draft.check) if check and check.enabled}
    if not checks and None not in draft.check:
        found.odd(("check",), "all checks are disabled; nothing is watched")
    if None in draft.channel or None in draft.group:
        return  # who is reached cannot be said before these are right
    channels = [
        core.Channel(
            name=channel.name,
            to=(),
            default=channel.default,
            level=Level(channel.level),
            events=frozenset(map(core.Event, channel.events)),
        )
        for _, channel in channels_of(draft)
    ]
    groups = core_groups(draft)
    reached = set()
    for at, check in checks.items():
        routes = core.route(check.name, check.tags, groups, channels)
        reached |= {channel.name for channel in routes}
        if not routes:
            text = "reaches no channel; put it in a group, or give a channel default = true"
            found.wrong(("check", at), text)
        elif why := _untold(check, routes):
            found.odd(("check", at), f"nobody is told when it fails: {why}")
    for where, channel in channels_of(draft):
        if checks and channel.name not in reached:
            found.odd(where, "no check reaches it")


def _untold(check: CommonCheck, routes: Sequence[core.Channel]) -> str | None:
    """Return why none of a check's channels would tell its failure, None where one would."""
    told = [channel for channel in routes if core.Event.FAILURE in channel.events]
    if not told:
        return f'{_named(routes, "has", "have")} no "failure" among the events'
    worst = Level.CRITICAL if can_be_critical(check) else Level(check.level)
    if any(worst.rank >= channel.level.rank for channel in told):
        return None
    return f'it is only a "warning", and {_named(told, "wants", "want")} only what is "critical"'


def _named(channels: Sequence[core.Channel], one: str, several: str) -> str:
    names = [quoted(channel.name) for channel in channels]
    if len(names) == 1:
        return f"channel {names[0]} {one}"
    return f"channels {', '.join(names[:-1])} and {names[-1]} {several}"


def core_groups(draft: Draft) -> tuple[core.Group, ...]:
    """Return the groups as core knows them."""
    return tuple(
        core.Group(name=group.name, checks=group.checks, channels=group.channels)
        for group in draft.group
        if group
    )
