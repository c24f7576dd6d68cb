"""Writes the manual page watchcall(1), from what the commands say of themselves.

usage: manual.py SECONDS, which is when this version was made, since 1970
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from watchcall import __version__
from watchcall.cli import COMMANDS, _parser

FILES = {
    "/etc/watchcall/config.toml": "the configuration",
    "/etc/watchcall/twilio_auth_token": "Twilio's token, which systemd hands over",
    "/var/lib/watchcall": "what was seen and told",
    "/run/watchcall/control.sock": "where the daemon answers root and the group watchcall",
}


def page(made: datetime) -> Iterator[str]:
    """Yield the lines of the page, as man(7) has it."""
    parser = _parser([])
    yield f'.TH WATCHCALL 1 "{made:%Y-%m-%d}" "WatchCall {__version__}"'
    yield ".SH NAME"
    yield r"watchcall \- phones people when something on this server breaks"
    yield from (".SH SYNOPSIS", r".B watchcall", "COMMAND [OPTIONS]")
    yield from (".SH DESCRIPTION", _plain(parser.description or ""))
    yield ".SH COMMANDS"
    for name, summary in COMMANDS.items():
        yield from _command(name, summary)
    yield from (".SH FILES", *(line for file in FILES.items() for line in _item(*file)))
    yield ".SH EXIT STATUS"
    codes, _, _ = (parser.epilog or "").partition("\n\n")
    for row in codes.splitlines()[1:]:
        code, meaning = row.split(maxsplit=1)
        yield from _item(code, meaning)
    yield from (".SH SEE ALSO", ".BR systemctl (1),", ".BR journalctl (1)")


def _command(name: str, summary: str) -> Iterator[str]:
    parser = _named(name)
    yield f".SS {_plain(f'watchcall {name}')}"
    yield _plain(f"{summary[:1].upper()}{summary[1:]}.")
    for action in parser._actions:
        if not isinstance(action, argparse._HelpAction):
            yield from _item(_called(action), action.help or "")
    example = (parser.epilog or "").removeprefix("example: ")
    yield from (".PP", "Example:", ".PP", ".nf", _plain(f"    {example}"), ".fi")


def _named(name: str) -> argparse.ArgumentParser:
    """Return the parser of one command, with all that it understands."""
    (commands,) = (
        action
        for action in _parser([name])._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    parser: argparse.ArgumentParser = commands.choices[name]
    return parser


def _called(action: argparse.Action) -> str:
    value = action.metavar or (action.dest.upper() if action.option_strings else action.dest)
    value = value if isinstance(value, str) else " ".join(value)
    if not action.option_strings:
        return value
    names = ", ".join(action.option_strings)
    return names if action.nargs == 0 else f"{names} {value}"


def _item(term: str, meaning: str) -> Iterator[str]:
    yield from (".TP", f".B {_plain(term)}", _plain(meaning.replace("%%", "%")))


def _plain(text: str) -> str:
    """Return text that man takes for nothing but text."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    sys.stdout.write("\n".join(page(datetime.fromtimestamp(int(sys.argv[1]), UTC))) + "\n")
