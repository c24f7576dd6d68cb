"""`watchcall simulate`: a night that is tried beforehand, and nobody is dialled."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watchcall.cli.exits import FINE
from watchcall.cli.show import Column, as_json, line, table
from watchcall.core.contact import masked
from watchcall.core.words.en import counted
from watchcall.errors import TimelineError

if TYPE_CHECKING:
    from watchcall.simulate.events import Cast, Event
    from watchcall.simulate.timeline import Times

EXAMPLE = "watchcall simulate --fail httpd --at 03:00 --for 10m --busy me --no-answer kei"
COLUMNS = [
    Column("TIME"),
    Column("WHO", fold=True),
    Column("WHAT", fold=True),
    Column("MORE"),
]
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
    from tzlocal import get_localzone

    from watchcall.config.load import load
    from watchcall.config.translate import plan
    from watchcall.simulate.events import Cast
    from watchcall.simulate.play import Script, play
    from watchcall.simulate.report import report
    from watchcall.simulate.timeline import Times

    made = plan(load(Path(args.config) if args.config else None))
    cast = Cast.of(made.checks, made.channels, keys=made.web is not None)
    zone = get_localzone()
    times = Times(args.date or datetime.now(zone).date(), zone)
    events = _events(args, cast, times)
    script = Script.of(events, times.beginning, _until(args, events, times))
    answer = report(play(made, zone, script))
    if args.json:
        as_json(answer)
    else:
        _show(answer, words=args.words)
    return FINE


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2026-11-29") from None


# What is played


def _events(args: argparse.Namespace, cast: Cast, times: Times) -> list[Event]:
    from watchcall.simulate.timeline import Times, in_order, parse

    flags = list(_flags(args))
    if args.timeline is None and not args.fail and not args.warn:
        raise TimelineError(
            [f"what happens? Name a timeline file, or write for example: {EXAMPLE}"]
        )
    text, source = _text(args.timeline)
    events = parse(text, cast, times, source)
    said = _read(flags, cast, Times(times.day, times.zone))
    return in_order([*events, *said])


def _flags(args: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield what the flags say as lines of a timeline, each with its flag."""
    for flag, does in BEHAVIOURS.items():
        for name in getattr(args, flag.replace("-", "_")):
            yield f"--{flag}", f'"{name}" {does}'
    turned = [("--fail", name, "fails") for name in args.fail]
    turned += [("--warn", name, "warns") for name in args.warn]
    at = f"{args.at}"
    for flag, name, does in turned:
        yield flag, f'{at} "{name}" {does}'
        at = "+0s"
    after = f"+{args.lasts}"
    for _, name, _ in turned if args.lasts else ():
        yield "--for", f'{after} "{name}" recovers'
        after = "+0s"


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
    """Return when the night is to end: after its last event, if only a time of day is given."""
    from watchcall.simulate.statements import words_of

    if args.until is None:
        return None
    last = max((one.at for one in events if one.at), default=times.beginning)
    words = words_of(args.until)
    try:
        at, rest = replace(times, last=last).take(words) if words else (None, [])
    except (ValueError, OverflowError) as error:
        raise TimelineError([f"--until: {error}"]) from None
    if at is None or rest:
        raise TimelineError(["--until: write 07:00, +2h, or 2026-11-29 07:00"])
    return at


# What is shown


def _show(answer: dict[str, Any], *, words: bool) -> None:
    first = datetime.fromisoformat(answer["from"]).astimezone()
    until = datetime.fromisoformat(answer["until"]).astimezone()
    line(f"{answer['host']}, {first:%Y-%m-%d %H:%M} to {until:%H:%M} ({first.tzname()}): simulated")
    line()
    table(COLUMNS, [*_rows(answer["events"], words=words)])
    line()
    for sentence in _sums(answer["summary"]):
        line(sentence)


def _rows(events: Sequence[dict[str, Any]], *, words: bool) -> Iterator[list[str]]:
    day = None
    for same in _together(events):
        at = datetime.fromisoformat(same[0]["at"]).astimezone()
        if day not in (None, at.date()):
            yield [f"{at:%Y-%m-%d}", "", "", ""]
        day = at.date()
        yield [f"{at:%H:%M:%S}", *_cells(same, words=words)]


def _together(events: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield events; what happens at once, for one reason, to many incidents is one row."""

    def key(event: dict[str, Any]) -> tuple[Any, ...]:
        if event["kind"] not in ("quiet", "page", "fallback", "undelivered"):
            return (id(event),)
        return (event["at"][:19], event["kind"], event["what"], event["why"])

    grouped: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for event in events:
        grouped.setdefault(key(event), []).append(event)
    yield from grouped.values()


def _cells(same: Sequence[dict[str, Any]], *, words: bool) -> list[str]:
    """Return who, what, and more about it."""
    one = same[0]
    about = _about(sorted({number for event in same for number in event["incidents"]}))
    channels = ", ".join(dict.fromkeys(event["channel"] for event in same if event["channel"]))
    match one["kind"]:
        case "timeline":
            return ["-", "timeline", one["what"]]
        case "incident":
            return [one["check"], *_incident(one, about)]
        case "call" | "text" | "notice":
            return [masked(one["contact"]), one["what"], _call(one, about, words=words)]
        case "quiet":
            return [channels, "quiet", f"{about}: {one['why']}"]
        case "pager":
            return ["pager", one["what"], one["why"]]
        case "unplaced":
            return [masked(one["contact"]), "unplaced", f"on {channels}, tried again: {one['why']}"]
        case "page":
            return [channels, one["what"] or "done", f"{about}: {one['why']}"]
        case kind:
            return [channels or "-", kind, f"{about}: {one['why']}"]


def _incident(one: dict[str, Any], about: str) -> tuple[str, str]:
    match one["what"]:
        case "closed":
            return "ok", f"{about} is over"
        case "acknowledged":
            return "acknowledged", f"{about}, by {one['contact']}"
        case "opened":
            return one["level"], f"{about}: {one['why']}"
        case change:
            return one["level"], f"{about} {change}: {one['why']}"


def _call(one: dict[str, Any], about: str, *, words: bool) -> str:
    parts = [f"{one['kind']} about {about} on {one['channel']}"]
    if one["event"] != "failure":
        parts.append(one["event"])
    if one["round"] > 1:
        parts.append(f"round {one['round']}")
    if one["kind"] == "call" and one["ended_at"]:
        parts.append(_lasted(one))
    if one["why"] or one["error_code"]:
        parts.append(one["why"] or f"error {one['error_code']}")
    said = f": “{one['said']}”" if words and one["said"] else ""
    return ", ".join(parts) + said


def _lasted(one: dict[str, Any]) -> str:
    begun, ended = (datetime.fromisoformat(one[name]) for name in ("at", "ended_at"))
    if one["answered_at"] is None:
        return f"over after {(ended - begun).total_seconds():.0f} s"
    answered = datetime.fromisoformat(one["answered_at"])
    rang, talked = (answered - begun).total_seconds(), (ended - answered).total_seconds()
    return f"picked up after {rang:.0f} s, listened for {talked:.0f} s"


def _about(numbers: Sequence[int]) -> str:
    """Return "incident 3", "incidents 1-4, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return f"incident{'' if len(numbers) == 1 else 's'} {', '.join(said)}"


def _sums(summary: dict[str, Any]) -> Iterator[str]:
    for kind in ("call", "text", "notice"):
        people = summary[f"{kind}s"]
        if kind == "call" or people:
            count = sum(sum(outcomes.values()) for outcomes in people.values())
            each = "; ".join(f"{masked(who)} {_outcomes(of)}" for who, of in people.items())
            yield f"{counted(count, kind)}{': ' if each else ''}{each}."
    owned = [_left(one) for one in summary["open"]]
    yield f"Still open: {', '.join(owned)}." if owned else "Nothing is still open."


def _outcomes(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in outcomes.items())


def _left(one: dict[str, Any]) -> str:
    owner = one["acknowledged_by"]
    return f"incident {one['id']} of {one['check']} ({owner if owner else 'nobody'} owns it)"
