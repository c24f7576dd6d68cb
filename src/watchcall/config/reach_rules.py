"""The ways from a check to a phone: checks that reach nobody, channels for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from watchcall.config.checks import CommonCheck, can_be_critical
from watchcall.config.hints import quoted
from watchcall.config.model import Draft
from watchcall.config.people import Channel
from watchcall.config.rules import Findings, behind, channels_of, core_groups
from watchcall.config.sources import Sources
from watchcall.core import contact as core
from watchcall.core.health import Level

Routes = Mapping[int, Sequence[core.Channel]]  # by the check's position


def find(draft: Draft, sources: Sources, found: Findings) -> None:
    """Follow every check to its channels."""
    if not sources.at(("check",)):
        found.wrong(("check",), "nothing to watch; add a [[check]] with name and type")
        return
    checks = {at: check for at, check in enumerate(draft.check) if check and check.enabled}
    if not checks and None not in draft.check:
        found.odd(("check",), "all checks are disabled; nothing is watched")
    if None in draft.channel or None in draft.group:
        return  # who is reached cannot be said before these are right
    channels = [_core(channel) for _, channel in channels_of(draft)]
    groups = core_groups(draft)
    routes = {
        at: core.route(check.name, check.tags, groups, channels) for at, check in checks.items()
    }
    for at, check in checks.items():
        _told(at, check, routes[at], found)
    _never_reminded(draft, found)
    if checks:
        _for_nothing(draft, routes, found)
    _told_twice(draft, checks, routes, found)


def _core(channel: Channel) -> core.Channel:
    return core.Channel(
        name=channel.name,
        to=(),
        default=channel.default,
        level=Level(channel.level),
        events=frozenset(map(core.Event, channel.events)),
    )


def _told(at: int, check: CommonCheck, route: Sequence[core.Channel], found: Findings) -> None:
    if not route:
        text = "reaches no channel; put it in a group, or give a channel default = true"
        found.wrong(("check", at), text)
    elif why := _untold(check, route):
        found.odd(("check", at), f"nobody is told when it fails: {why}")


def _untold(check: CommonCheck, routes: Sequence[core.Channel]) -> str | None:
    """Return why none of a check's channels would tell its failure, None where one would."""
    told = [channel for channel in routes if core.Event.FAILURE in channel.events]
    if not told:
        return f'{_named(routes, "has", "have")} no "failure" among the events'
    worst = Level.CRITICAL if can_be_critical(check) else Level.WARNING
    if any(worst.rank >= channel.level.rank for channel in told):
        return None
    return f'it is only a "warning", and {_named(told, "wants", "want")} only what is "critical"'


def _named(channels: Sequence[core.Channel], one: str, several: str) -> str:
    names = [quoted(channel.name) for channel in channels]
    if len(names) == 1:
        return f"channel {names[0]} {one}"
    return f"channels {', '.join(names[:-1])} and {names[-1]} {several}"


def _never_reminded(draft: Draft, found: Findings) -> None:
    """Reminders are of what was told; WatchCall's own trouble is told without "failure"."""
    for where, channel in channels_of(draft):
        if {"failure", "self"} & set(channel.events):
            continue
        if "reminder" in channel.events:
            text = 'no "failure" is told here, so there is nothing to remind of; add "failure"'
            found.odd((*where, "events"), text)
        elif "flapping" in channel.events:
            text = 'no "failure" is told here, only that a check is unstable; add "failure"'
            found.odd((*where, "events"), text)


def _for_nothing(draft: Draft, routes: Routes, found: Findings) -> None:
    """A channel is used by checks, behind such a one, or for WatchCall's own trouble."""
    channels = {channel.name: channel for _, channel in channels_of(draft)}
    used = {channel.name for route in routes.values() for channel in route}
    used |= {channel.name for channel in channels.values() if "self" in channel.events}
    used |= {name for first in used for name in behind(channels[first], channels)}
    for where, channel in channels_of(draft):
        if channel.name not in used:
            found.odd(where, "no check reaches it")


def _told_twice(
    draft: Draft, checks: Mapping[int, CommonCheck], routes: Routes, found: Findings
) -> None:
    """Say it of the first check alone: the remedy is the same for all."""
    for where, channel in channels_of(draft):
        text = next(_twice(channel, draft, checks, routes), None)
        if text:
            found.odd((*where, "fallback"), text)


def _twice(
    channel: Channel, draft: Draft, checks: Mapping[int, CommonCheck], routes: Routes
) -> Iterator[str]:
    channels = {other.name: other for _, other in channels_of(draft)}
    after = [
        name
        for name in behind(channel, channels)
        if name != channel.name and set(channels[name].events) & set(channel.events)
    ]
    for at, route in routes.items():
        direct = {one.name for one in route}
        for name in after:
            if {channel.name, name} <= direct:
                yield (
                    f"check {quoted(checks[at].name)} reaches channel {quoted(name)} directly too, "
                    f"whose people would be told twice; {_remedy(name, checks[at], draft)}"
                )


def _remedy(name: str, check: CommonCheck, draft: Draft) -> str:
    for group in core_groups(draft):
        if name in group.channels and group.holds(check.name, check.tags):
            return f"take it out of group {quoted(group.name)}"
    return "give it default = false"
