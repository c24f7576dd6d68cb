"""`watchcall init`: from nothing to a configuration that calls, by a few questions."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from watchcall.cli.exits import FINE, NOT_FINE, USAGE
from watchcall.errors import ConfigError, UnreachableError, WatchCallError

if TYPE_CHECKING:
    from watchcall.core.account import Finding
    from watchcall.init.flags import Flags
    from watchcall.init.setup import Options
    from watchcall.init.tools import Tools

EXAMPLE = "sudo watchcall init"
JAPANESE = "ja"  # the language whose words for other commands' sentences are in init/words/*_ja.py
# What the file says must not be hidden by secrets that the environment has for the daemon.
SECRETS = ("WATCHCALL_TWILIO__AUTH_TOKEN", "WATCHCALL_TWILIO__API_KEY_SECRET")
HIDING = (*SECRETS, "CREDENTIALS_DIRECTORY")


def arguments(parser: argparse.ArgumentParser) -> None:
    """All answers may be given beforehand; what is missing is asked for at a terminal."""
    parser.add_argument(
        "--language", choices=("en", "ja"), help="of the questions (default: the locale's)"
    )
    parser.add_argument("--account-sid", metavar="SID", help="AC and 32 hexadecimal digits")
    parser.add_argument(
        "--token-file", metavar="FILE", help="where the auth token stands; - is standard input"
    )
    parser.add_argument("--api-key-sid", metavar="SID", help="an API key instead of the token")
    parser.add_argument(
        "--api-key-secret-file", metavar="FILE", help="and its secret; - is standard input"
    )
    parser.add_argument("--from", dest="caller", metavar="NUMBER", help="the number that calls")
    parser.add_argument(
        "--contact",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="who is called; several are called in this order",
    )
    parser.add_argument(
        "--contact-language",
        metavar="TAG",
        help="what they are spoken to in, such as ja-JP (default: by the number's country)",
    )
    parser.add_argument(
        "--call-on-recovery",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="call again when what failed works again",
    )
    _checks(parser.add_mutually_exclusive_group())
    parser.add_argument("--api-url", metavar="URL", help="of the simulator, to rehearse")
    parser.add_argument(
        "--yes", action="store_true", help="ask nothing: what is usual, where nothing is said"
    )
    parser.add_argument(
        "--force", action="store_true", help="write a new file; the old one is kept as .bak"
    )
    parser.add_argument(
        "--no-doctor", action="store_true", help="do not ask Twilio whether it works"
    )
    parser.add_argument(
        "--test-call", action="store_true", help="ring the first contact at the end"
    )


def _checks(group: argparse._MutuallyExclusiveGroup) -> None:
    group.add_argument(
        "--check",
        action="append",
        default=[],
        metavar="WHAT",
        help="something that is found here by its name, a unit (httpd.service), a URL, or "
        "process:NAME; may be repeated",
    )
    group.add_argument("--all-found", action="store_true", help="everything that is found here")
    group.add_argument(
        "--no-checks", action="store_true", help="only the disk: a file without checks is refused"
    )


def run(args: argparse.Namespace) -> int:
    """Set up; 0 if all is well, 1 if it was ended or doctor found errors, 2 for wrong flags."""
    from watchcall.cli.show import colour
    from watchcall.init.flags import Wrong
    from watchcall.init.setup import Setup
    from watchcall.init.terminal import Terminal

    setup = Setup(_flags(args), _options(args), _tools(), Terminal(colour=colour()))
    try:
        return FINE if setup.run() else NOT_FINE
    except Wrong as wrong:
        for nth, problem in enumerate(wrong.problems):
            print(problem if nth else f"watchcall: {problem}", file=sys.stderr)
        return USAGE


def _flags(args: argparse.Namespace) -> Flags:
    from watchcall.init.flags import Flags

    return Flags(
        account_sid=args.account_sid,
        token_file=args.token_file,
        key_sid=args.api_key_sid,
        key_secret_file=args.api_key_secret_file,
        caller=args.caller,
        contacts=args.contact,
        contact_language=args.contact_language,
        recoveries=args.call_on_recovery,
        checks=args.check,
        all_found=args.all_found,
        no_checks=args.no_checks,
        api_url=args.api_url,
    )


def _options(args: argparse.Namespace) -> Options:
    from watchcall.init.setup import Options

    return Options(
        asks=sys.stdin.isatty() and sys.stdout.isatty() and not args.yes,
        config=Path(args.config) if args.config else None,
        language=args.language or _legible(),
        assume=args.yes,
        force=args.force,
        doctor=not args.no_doctor,
        test_call=args.test_call,
    )


def _legible() -> str | None:
    """Return English where the output has no Japanese letters, else None: as the locale says."""
    try:
        "日本語".encode(sys.stdout.encoding or "ascii")
    except (UnicodeError, LookupError):
        return "en"
    return None


# What other commands lend


def _tools() -> Tools:
    from watchcall.init.tools import Tools

    return Tools(check=_check, doctor=_doctor, ring=_ring, installed=_installed, running=_running)


def _environ() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name not in HIDING}


def _check(path: Path, tag: str) -> Sequence[str]:
    from watchcall.cli.validate import refuse_unknown_units
    from watchcall.config.load import load
    from watchcall.config.translate import plan
    from watchcall.init.words import warnings_ja
    from watchcall.init.words.sentences import said

    loaded = load(path, environ=_environ())
    refuse_unknown_units(plan(loaded))
    if tag != JAPANESE:
        return loaded.warnings
    return [said(one, warnings_ja.WARNINGS) for one in loaded.warnings]


def _doctor(path: Path, tag: str) -> Sequence[Finding]:
    from watchcall.cli import doctor
    from watchcall.init.words import doctor_ja

    found = doctor.findings(path, _environ())
    if tag == JAPANESE:
        doctor.show([doctor_ja.in_japanese(one) for one in found], doctor_ja.LABELS)
    else:
        doctor.show(found)
    return found  # by the subjects that the program knows


def _ring(path: Path, name: str, tag: str) -> bool:
    from watchcall.cli import test_call
    from watchcall.init.words import ring_ja

    spoken = ring_ja.in_japanese if tag == JAPANESE else str
    try:
        return test_call.ring(path, _environ(), name, spoken)
    except WatchCallError as error:
        raise WatchCallError(spoken(str(error))) from None


def _installed() -> bool:
    from watchcall.cli.surroundings import UNITS

    return any(unit.exists() for unit in UNITS)


def _running(path: Path) -> bool:
    from watchcall.config.locate import control_socket
    from watchcall.web.client import ask_on

    try:
        ask_on(control_socket(path), "GET", "/status")
    except UnreachableError:
        return False
    except (ConfigError, WatchCallError):
        return True
    return True
