"""The command line: one file per command, and only the one that runs is imported.

A command module offers `EXAMPLE` (one line for its help), `arguments(parser)` and
`run(args) -> int`, the exit code (contract, "Commands").
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys
import textwrap
from collections.abc import Sequence
from typing import NoReturn

from watchcall import __version__
from watchcall.cli import streams
from watchcall.cli.exits import CONFIGURATION, FINE, NOT_FINE, UNREACHABLE, USAGE
from watchcall.errors import (
    ConfigError,
    TimelineError,
    UnknownThing,
    UnreachableError,
    WatchCallError,
)
from watchcall.log import to_journal

COMMANDS = {
    "init": "the first configuration, by a few questions",
    "run": "the daemon: look, decide, call",
    "validate": "check the configuration, and name all that is wrong",
    "status": "what is watched, and how it is",
    "incidents": "what broke, when, and whom it reached",
    "calls": "the calls that were placed, and those that could not be",
    "stats": "how many calls and texts, their outcomes, their cost",
    "ack": "let somebody own an incident, so that calling ends",
    "silence": "let nobody be called about some checks for a while",
    "unsilence": "end a silence early: what still fails is told at once",
    "silences": "the silences that hold, until when, and who said so",
    "explain": "why the phone rings or stays silent, filter by filter",
    "probe": "look once at one check, and show how it was judged",
    "preview": "the words that people would hear and read about a check",
    "simulate": "a night tried beforehand: who is called when, and why not",
    "doctor": "can people be called? what is wrong, and what helps",
    "test-call": "ring somebody, and see what becomes of it",
    "reload": "let the running daemon read its configuration again",
    "install-service": "let systemd start the daemon, where no package does",
    "simulator": "a Twilio on this machine, to rehearse with",
    "lastgasp": "one call that says that WatchCall has stopped",
    "demo": "httpd stops, the phone rings: all of it, rehearsed here",
}

EPILOG = f"""\
exit codes:
  {FINE:<2}  fine
  {NOT_FINE:<2}  not fine: a check is failing, or something did not work
  {USAGE:<2}  wrong usage, also a check, contact or incident that does not exist
  {UNREACHABLE:<2}  the daemon cannot be reached
  {CONFIGURATION:<2}  the configuration is wrong or missing
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code, once all it printed is written."""
    streams.prepare()
    code = FINE
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; nothing more can be told to it.
        streams.discard(sys.stdout)
    except OSError as error:
        if not streams.unwritable(error):
            raise
        streams.discard(sys.stdout)
        _complain(f"watchcall: cannot write the output: {error.strerror}")
        return code or NOT_FINE
    finally:
        streams.finish(sys.stderr)
    return code


def _run(words: Sequence[str]) -> int:
    try:
        args = _parser(words).parse_args(words)
        return int(args.run(args))
    except ConfigError as error:
        _complain(*error.problems)
        return CONFIGURATION
    except UnreachableError as error:
        _complain(f"watchcall: {error}")
        return UNREACHABLE
    except TimelineError as error:
        _complain(*error.problems)
        return USAGE
    except UnknownThing as error:
        _complain(f"watchcall: {error}")
        return USAGE
    except WatchCallError as error:
        _complain(f"watchcall: {error}")
        return NOT_FINE
    except KeyboardInterrupt:
        return 130
    except SystemExit as ending:  # argparse has answered, or a signal has ended the command
        return ending.code if isinstance(ending.code, int) else FINE


def _complain(*lines: str) -> None:
    """Say what is wrong on stderr; journald is told that these are errors (sd-daemon(3))."""
    prefix = "<3>" if to_journal() else ""
    with contextlib.suppress(OSError):  # where nobody hears it, the exit code still says it
        for line in lines:
            print(f"{prefix}{line}", file=sys.stderr)


class _CommandHelp(argparse.HelpFormatter):
    """An example is there to be copied: no line ends inside an option."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return textwrap.fill(
            " ".join(text.split()),
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )


class _Help(argparse.RawDescriptionHelpFormatter):
    """Leaves room for the longest command: argparse forgets that it indents them."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = 4 + max(map(len, COMMANDS))


class _Parser(argparse.ArgumentParser):
    """Keeps its exit code where nobody hears what is wrong, which older Pythons do not."""

    def error(self, message: str) -> NoReturn:
        with contextlib.suppress(OSError):
            self.print_usage(sys.stderr)
            print(f"{self.prog}: error: {message}", file=sys.stderr)
        raise SystemExit(USAGE)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="watchcall",
        description="When something on a server breaks, the right person's phone rings.",
        epilog=EPILOG,
        formatter_class=_Help,
    )
    parser.add_argument("--version", action="version", version=f"watchcall {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    wanted = next((word for word in words if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        if wanted in (None, name):
            _add(commands, name, summary, complete=wanted == name)
        else:
            commands.add_parser(name, help=summary)
    return parser


def _add(
    commands: argparse._SubParsersAction[_Parser],
    name: str,
    summary: str,
    *,
    complete: bool,
) -> None:
    if not complete:
        commands.add_parser(name, help=summary)
        return
    module = importlib.import_module(f"watchcall.cli.{name.replace('-', '_')}")
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[:1].upper()}{summary[1:]}.",
        epilog=f"example: {module.EXAMPLE}",
        formatter_class=_CommandHelp,
    )
    parser.add_argument("--config", metavar="PATH", help="the configuration file")
    module.arguments(parser)
    parser.set_defaults(run=module.run)
