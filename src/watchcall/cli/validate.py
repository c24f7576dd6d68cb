"""`watchcall validate`: all that is wrong with the configuration; who is called, and when not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from watchcall.cli.exits import FINE
from watchcall.config.load import load
from watchcall.config.plan import Plan
from watchcall.config.translate import plan
from watchcall.config.unit_rules import units_of, unknown_units
from watchcall.core.calendar import Maintenance, QuietHours, Window
from watchcall.core.contact import Channel, Contact, masked
from watchcall.errors import ConfigError
from watchcall.windows import planned

EXAMPLE = "watchcall validate --config ./config.toml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """`--config` is all it takes."""


def run(args: argparse.Namespace) -> int:
    """Print the errors and return 78 (by ConfigError), else what the configuration amounts to."""
    loaded = load(Path(args.config) if args.config else None)
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    made = plan(loaded)
    refuse_unknown_units(made)
    print(f"{loaded.path}: fine: {_counted(made)}")
    for line in (*_table(made), *_left_alone(made, datetime.now(UTC))):
        print(line)
    return FINE


def refuse_unknown_units(made: Plan) -> None:
    """Raise ConfigError for names that systemd does not know, where there is one to be asked."""
    if not units_of(made):
        return
    import asyncio

    from watchcall.events.units import SystemdUnits

    async def ask() -> list[str]:
        units = SystemdUnits()
        try:
            return await unknown_units(made, units)
        finally:
            await units.close()

    if unknown := asyncio.run(ask()):
        raise ConfigError(unknown)


def _counted(made: Plan) -> str:
    amounts = {"check": made.checks, "channel": made.channels, "contact": made.contacts}
    return ", ".join(
        f"{len(things)} {word}{'' if len(things) == 1 else 's'}" for word, things in amounts.items()
    )


def _table(made: Plan) -> list[str]:
    """Return aligned lines: check, channel, and who is told, in which order."""
    rows = [
        (check.name, channel.name, _told(channel))
        for check in made.checks
        for channel in made.routes[check.name]
    ]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        f"  {name:{widths[0]}} -> {channel:{widths[1]}} -> {people}"
        for name, channel, people in rows
    ]


def _told(channel: Channel) -> str:
    """Calls go to one after the other, texts to all at once, notices to no person."""
    people = [_named(person) for person in channel.to]
    if channel.address is not None:
        told = f"{channel.type} {channel.address.shown}"
    else:
        told = f"text to {', '.join(people)}" if channel.type == "sms" else ", then ".join(people)
    return f"{told}; else channel {channel.fallback}" if channel.fallback else told


def _named(person: Contact) -> str:
    number = masked(person.phone)
    return number if person.name == number else f"{person.name} ({number})"


def _left_alone(made: Plan, now: datetime) -> list[str]:
    """Return who is not told, and of which checks, at which times."""
    lines = list(_pauses(made, now))
    return ["left alone:", *(f"  {line}" for line in lines)] if lines else []


def _pauses(made: Plan, now: datetime) -> Iterator[str]:
    for person in made.contacts:
        if person.quiet_hours:
            yield f"{person.name}: {_hours(person.quiet_hours)}"
    for check in made.checks:
        if check.depends_on:
            yield f"{check.name}: while {' or '.join(check.depends_on)} fails"
    for one in made.maintenance:
        yield f"{', '.join(one.checks)}: maintenance {one.name}, {_planned(one, now)}"


def _hours(quiet: QuietHours) -> str:
    times = f"from {quiet.start:%H:%M} to {quiet.end:%H:%M}, {quiet.zone.key}"
    return f"{times}, but for what is critical" if quiet.critical else times


def _planned(maintenance: Maintenance, now: datetime) -> str:
    windows = planned(maintenance)
    if window := windows.window_at(now):
        return f"now, {_stretch(window, maintenance)}"
    if window := windows.next(now):
        return f"next {_stretch(window, maintenance)}"
    return "over"


def _stretch(window: Window, maintenance: Maintenance) -> str:
    start, end = (at.astimezone(maintenance.zone) for at in (window.start, window.end))
    return f"from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} ({end:%Z})"
