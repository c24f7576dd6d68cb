"""docs/reference/commands.md, out of the parsers of the commands."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from watchcall.cli import COMMANDS, EPILOG, _parser

HEAD = """\
# Commands

<!-- Written by `make docs` from src/watchcall/cli; change it there. -->

`watchcall COMMAND --help` says the same. Every command takes `--config PATH`, the configuration
file ([where it is looked for](configuration.md)). `--json` is for programs: times are RFC 3339 in
UTC, and what does not apply is null. Tables fit the terminal, and have no colour where that is
none, or where `NO_COLOR` is set.
"""
CODES = """\
## Exit codes

| code | |
|---|---|
"""
# For tests/docs: what is run elsewhere.
MARKS = {
    "init": ["<!-- run by tests/acceptance/test_init.py: with flags, for it asks -->"],
    "install-service": ["<!-- run by tests/packaging/test_installed.py: it needs systemd -->"],
    "lastgasp": ["<!-- run by tests/daemon/test_last_gasp.py: with what a daemon left -->"],
    "demo": ["<!-- run by tests/daemon/test_demo.py: it takes 20 seconds -->"],
}
ONE = """\

What asks the service (`status`, `ack`, `silence` and the like) does so also while
`/etc/watchcall/config.toml` is broken or gone: the service goes on with what it has read.

Root's `probe` gives up root before it looks: it looks as the user of the service, else as whom the
control socket belongs to, and says so on standard error; where neither is there, it says that it
looks as root. It looks outside of the service's sandbox. Root's `doctor` and `test-call` ask Twilio
with the secrets that systemd hands to the daemon, and through its proxy.

What 1 is the answer to:

| command | 1 |
|---|---|
| `status`, `probe` | a check is failing |
| `test-call` | nobody answered the call, or it could not be placed |
| `doctor` | it found an error, not a mere warning |
| `run` | it cannot start, for another reason than the configuration |

`run` ends with 0 after SIGTERM and SIGINT, and reads its configuration again on SIGHUP. A command
that Ctrl-C ends has 130, `init` alone has 1.
"""


def page() -> str:
    sections = [_section(name, _command(name)) for name in COMMANDS]
    codes = re.findall(r"^ +([0-9]+) +(.*)$", EPILOG, re.MULTILINE)
    rows = "".join(f"| {code} | {meaning} |\n" for code, meaning in codes)
    return "\n".join([HEAD, *sections, CODES + rows + ONE])


def _command(name: str) -> argparse.ArgumentParser:
    commands = _parser([name])._subparsers
    assert commands is not None
    (action,) = commands._group_actions
    assert isinstance(action.choices, dict)
    found = action.choices[name]
    assert isinstance(found, argparse.ArgumentParser)
    return found


def _section(name: str, command: argparse.ArgumentParser) -> str:
    example, _, rest = (command.epilog or "").removeprefix("example: ").partition("\n")
    rows = list(_rows(command))
    parts = [f"## {name}", command.description or "", *MARKS.get(name, ()), f"    {example}"]
    if rows:
        parts.append("\n".join(["| | |", "|---|---|", *rows]))
    if rest.strip():
        parts.append(f"```text\n{rest.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def _rows(command: argparse.ArgumentParser) -> Iterator[str]:
    for action in command._actions:
        if action.help is None or {"--help", "--config"} & {*action.option_strings}:
            continue
        text = action.help % {"default": action.default} if "%(" in action.help else action.help
        text = f"{text}; required" if action.required and action.option_strings else text
        yield f"| {_escaped(_name(action))} | {_escaped(text)} |"


def _name(action: argparse.Action) -> str:
    takes = str(action.metavar or "")
    if action.choices:
        takes = " / ".join(map(str, action.choices))
    if action.option_strings:
        value = f" {takes}" if action.nargs != 0 and takes else ""
        return ", ".join(f"`{one}{value}`" for one in action.option_strings)
    return f"`[{takes}]`" if action.nargs == "?" else f"`{takes}`"


def _escaped(text: str) -> str:
    return text.replace("|", r"\|")
