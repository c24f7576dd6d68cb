"""`watchcall simulate`: a night that is tried beforehand, and nobody is dialled."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from watchcall.cli.exits import FINE
from watchcall.cli.playback import show_night
from watchcall.cli.show import as_json
from watchcall.errors import TimelineError

if TYPE_CHECKING:
    from watchcall.simulate.events import Cast, Event
    from watchcall.simulate.timeline import Times

EXAMPLE = "watchcall simulate --fail httpd --at 03:00 --for 10m --busy me --no-answer kei"
MOST = 1_000_000  # characters of a timeline
BEHAVIOURS = {  # flags, and what a timeline says of people
    "answers": "answers",
    "busy": "is busy",
    "no-answer": "does not answer",
    "voicemail": "has voicemail",
    "declines": "declines",
    "unreachable": "is unreachable",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "timeline", nargs="?", metavar="FILE", help="what happens, a line each; - is standard input"
    )
    parser.add_argument(
        "--fail", action="append", default=[], metavar="CHECK", help="fails; a name or a glob"
    )
    parser.add_argument(
        "--warn", action="append", default=[], metavar="CHECK", help="is at its warning level"
    )
    parser.add_argument(
        "--at", default="03:00", metavar="TIME", help="when they do (default: %(default)s)"
    )
    parser.add_argument(
        "--for", dest="lasts", metavar="DURATION", help="how long (default: for good)"
    )
    for flag, does in BEHAVIOURS.items():
        parser.add_argument(
            f"--{flag}", action="append", default=[], metavar="NAME", help=f"somebody {does}"
        )
    parser.add_argument("--date", type=_date, metavar="DAY", help="of the night (default: today)")
    parser.add_argument(
        "--until", metavar="TIME", help="when it ends (default: when all is settled)"
    )
    parser.add_argument("--words", action="store_true", help="also what is said and written")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Play the night, and show it."""
    from watchcall.clock import local_zone
    from watchcall.config.load import load
    from watchcall.config.translate import plan
    from watchcall.simulate.events import Cast
    from watchcall.simulate.play import Script, play
    from watchcall.simulate.report import report
    from watchcall.simulate.timeline import Times

    made = plan(load(Path(args.config) if args.config else None))
    cast = Cast.of(made.checks, made.channels, keys=made.web is not None)
    zone = local_zone()
    times = Times(args.date or datetime.now(zone).date(), zone)
    events = _events(args, cast, times)
    script = Script.of(events, times.beginning, _until(args, events, times))
    answer = report(play(made, zone, script))
    if args.json:
        as_json(answer)
    else:
        show_night(answer, zone, words=args.words)
    return FINE


def _date(text: str) -> date:
    from watchcall.simulate.timeline import day_of

    try:
        return day_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


# What is played


def _events(args: argparse.Namespace, cast: Cast, times: Times) -> list[Event]:
    from watchcall.simulate.timeline import Times, in_order, parse

    flags = list(_flags(args))
    if args.timeline is None and not args.fail and not args.warn:
        raise TimelineError(
            [f"what happens? Name a timeline file, or write for example: {EXAMPLE}"]
        )
    _instant("--at", args.at, Times(times.day, times.zone))
    text, source = _text(args.timeline)
    events = parse(text, cast, times, source)
    said = _read(flags, cast, Times(times.day, times.zone))
    return in_order([*events, *said])


def _flags(args: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield what the flags say as lines of a timeline, each with its flag."""
    for flag, does in BEHAVIOURS.items():
        for name in getattr(args, flag.replace("-", "_")):
            yield f"--{flag}", f"{_word(name)} {does}"
    turned = [("--fail", name, "fails") for name in args.fail]
    turned += [("--warn", name, "warns") for name in args.warn]
    at = args.at
    for flag, name, does in turned:
        yield flag, f"{at} {_word(name)} {does}"
        at = "+0s"
    after = f"+{args.lasts}"
    for _, name, _ in turned if args.lasts else ():
        yield "--for", f"{after} {_word(name)} recovers"
        after = "+0s"


def _word(name: str) -> str:
    """Return a name as a timeline has it: what could be taken for something else in quotes."""
    return name if re.fullmatch(r"[^\s\"#+\d][^\s\"]*", name) else f'"{name}"'


def _read(flags: Iterable[tuple[str, str]], cast: Cast, times: Times) -> list[Event]:
    from watchcall.simulate.statements import Reader
    from watchcall.simulate.timeline import read

    reader, problems = Reader(cast), dict[str, None]()
    events = []
    for flag, said in flags:
        try:
            events += read(said, reader, times)
        except (ValueError, OverflowError) as error:
            problems[f"{flag}: {error}"] = None
    if problems:
        raise TimelineError([*problems])
    return events


def _text(name: str | None) -> tuple[str, str]:
    """Return the timeline, and how it is called."""
    if name is None:
        return "", ""
    if name == "-":
        return sys.stdin.read(MOST), "standard input"
    try:
        with Path(name).open(encoding="utf-8") as file:
            return file.read(MOST), name
    except OSError as error:
        raise TimelineError([f"cannot read {name}: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise TimelineError([f"{name} is no text in UTF-8"]) from None


def _until(args: argparse.Namespace, events: Sequence[Event], times: Times) -> datetime | None:
    """Return when the night is to end: after its last event, unless a date is given."""
    if args.until is None:
        return None
    dated = len(args.until.split()) > 1
    last = max((one.at for one in events if one.at), default=times.beginning)
    return _instant("--until", args.until, replace(times, last=None if dated else last))


def _instant(flag: str, text: str, times: Times) -> datetime:
    from watchcall.simulate.verbs import words_of

    words = words_of(text)
    try:
        at, rest = times.take(words) if words else (None, [])
    except (ValueError, OverflowError) as error:
        raise TimelineError([f"{flag}: {error}"]) from None
    if at is None or rest:
        raise TimelineError([f"{flag}: write 07:00, +2h, or 2026-11-29 07:00"])
    return at
