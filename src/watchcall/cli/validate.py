"""`watchcall validate`: everything that is wrong with the configuration, and who is called."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from watchcall.cli.exits import FINE
from watchcall.config.load import load
from watchcall.config.plan import Plan
from watchcall.config.translate import plan
from watchcall.core.contact import Channel, Contact, masked

EXAMPLE = "watchcall validate --config ./config.toml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """`--config` is all it takes."""


def run(args: argparse.Namespace) -> int:
    """Print the errors and return 78 (by ConfigError), else what the configuration amounts to."""
    loaded = load(Path(args.config) if args.config else None)
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    made = plan(loaded)
    print(f"{loaded.path}: fine: {_counted(made)}")
    for line in _table(made):
        print(line)
    return FINE


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
