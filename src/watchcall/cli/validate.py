"""`watchcall validate`: all that is wrong with the configuration; who is called, and when not."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watchcall.cli import asdaemon
from watchcall.cli.exits import FINE
from watchcall.cli.show import Column, as_json, line, table
from watchcall.config import locate
from watchcall.config.load import load
from watchcall.config.plan import Plan
from watchcall.config.translate import plan
from watchcall.config.unit_rules import units_of, unknown_units
from watchcall.core.calendar import Maintenance, QuietHours, Window
from watchcall.core.contact import Channel, Contact, masked
from watchcall.errors import ConfigError
from watchcall.windows import planned

EXAMPLE = "watchcall validate --config ./config.toml"


COLUMNS = [Column("CHECK", fold=True), Column("CHANNEL", fold=True), Column("TOLD")]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Print the errors and return 78 (by ConfigError), else what the configuration amounts to."""
    path = locate.find(Path(args.config) if args.config else None)
    service = asdaemon.service_of(path)
    if note := asdaemon.set_by_unit(service, os.environ):
        print(f"watchcall: {note}", file=sys.stderr)
    environ = asdaemon.with_settings(service, os.environ)
    loaded = load(path, environ=environ, strict=True)
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    for unread in asdaemon.unreadable(loaded.path, asdaemon.runs_as(service)):
        print(f"warning: {unread.detail}: {unread.remedy}", file=sys.stderr)
    made = plan(loaded, environ)
    refuse_unknown_units(made)
    pauses = list(_pauses(made, datetime.now(UTC)))
    if args.json:
        as_json(_answer(made, loaded.path, loaded.warnings, pauses))
    else:
        _show(made, loaded.path, pauses)
    return FINE


def _answer(
    made: Plan, path: Path, warnings: Sequence[str], pauses: Sequence[str]
) -> dict[str, Any]:
    checks = [
        {
            "name": check.name,
            "type": check.type,
            "channels": [
                {"name": one.name, "type": one.type, "told": _told(one)}
                for one in made.routes[check.name]
            ],
        }
        for check in made.checks
    ]
    return {
        "path": str(path),
        "warnings": [str(warning) for warning in warnings],
        "checks": checks,
        "left_alone": [*pauses],
    }


def _show(made: Plan, path: Path, pauses: Sequence[str]) -> None:
    line(f"{path}: fine: {_counted(made)}")
    if made.checks:
        table(COLUMNS, _rows(made))
    if pauses:
        line("left alone:")
    for pause in pauses:
        line(f"  {pause}")


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


def _rows(made: Plan) -> list[list[str]]:
    """Return check, channel, and who is told, in which order."""
    return [
        [check.name, channel.name, _told(channel)]
        for check in made.checks
        for channel in made.routes[check.name]
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


def _pauses(made: Plan, now: datetime) -> Iterator[str]:
    """Yield who is not told, and of which checks, at which times."""
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
