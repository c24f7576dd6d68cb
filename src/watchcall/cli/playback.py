"""How a simulated night looks on a terminal: a table of what happened, and its sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from watchcall.cli.show import UTC_TIME, Column, line, table
from watchcall.core.contact import masked
from watchcall.core.words.en import counted

COLUMNS = [
    Column("TIME"),
    Column("WHO", fold=True),
    Column("WHAT", fold=True),
    Column("MORE"),
]
MOST_NAMES = 3  # in one cell


def show_night(answer: dict[str, Any], zone: tzinfo, *, words: bool) -> None:
    """Print what `simulate --json` would.

    zone:  in which times are shown
    words: also what was said and written
    """
    first, last = (_local(answer[name], zone) for name in ("from", "until"))
    end = f"{last:%H:%M}" if last.date() == first.date() else f"{last:%Y-%m-%d %H:%M}"
    line(f"{answer['host']}, {first:%Y-%m-%d %H:%M} to {end} ({first.tzname()}): simulated")
    line()
    table(COLUMNS, [*_rows(answer["events"], zone, words=words)])
    line()
    for sentence in _sums(answer["summary"]):
        line(sentence)


def _rows(events: Sequence[dict[str, Any]], zone: tzinfo, *, words: bool) -> Iterator[list[str]]:
    day = None
    for same in _together(events):
        at = _local(same[0]["at"], zone)
        if day not in (None, at.date()):
            yield [f"{at:%Y-%m-%d}", "", "", ""]
        day = at.date()
        yield [f"{at:%H:%M:%S}", *_cells(same, zone, words=words)]


def _local(at: str, zone: tzinfo) -> datetime:
    return datetime.fromisoformat(at).astimezone(zone)


def _here(text: str, zone: tzinfo) -> str:
    """Return a sentence with its times as the table has them."""
    return UTC_TIME.sub(
        lambda found: f"{_local(f'{found[1]}T{found[2]}+00:00', zone):%Y-%m-%d %H:%M}", text
    )


def _together(events: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield events; what happens at once, for one reason, to many incidents is one row."""

    def key(event: dict[str, Any]) -> tuple[Any, ...]:
        if event["what"] == "closed":
            return (event["at"][:19], event["what"])
        if event["kind"] not in ("quiet", "page", "fallback", "undelivered"):
            return (id(event),)
        return (event["at"][:19], event["kind"], event["what"], event["why"])

    grouped: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for event in events:
        grouped.setdefault(key(event), []).append(event)
    yield from grouped.values()


def _cells(same: Sequence[dict[str, Any]], zone: tzinfo, *, words: bool) -> list[str]:
    """Return who, what, and more about it."""
    one = same[0]
    about = _about(sorted({number for event in same for number in event["incidents"]}))
    channels = ", ".join(dict.fromkeys(event["channel"] for event in same if event["channel"]))
    match one["kind"]:
        case "timeline":
            return ["-", "timeline", one["what"]]
        case "incident":
            return [_listed([event["check"] for event in same]), *_incident(one, about)]
        case "call" | "text" | "notice":
            return [masked(one["contact"]), one["what"], _call(one, about, words=words)]
        case "quiet":
            return [channels, "quiet", f"{about}: {_here(one['why'], zone)}{_until(one, zone)}"]
        case "pager":
            return ["pager", one["what"], one["why"]]
        case "unplaced":
            return [masked(one["contact"]), "unplaced", f"on {channels}, tried again: {one['why']}"]
        case "page":
            return [channels, one["what"] or "done", f"{about}: {one['why']}"]
        case kind:
            return [channels or "-", kind, f"{about}: {one['why']}"]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _until(one: dict[str, Any], zone: tzinfo) -> str:
    """Return when a reason to be quiet ends, where it does not say so itself."""
    if one["until"] is None or "until" in one["why"]:
        return ""
    return f", until {_local(one['until'], zone):%H:%M:%S}"


def _incident(one: dict[str, Any], about: str) -> tuple[str, str]:
    match one["what"]:
        case "closed":
            return "ok", f"{about}: over"
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
    return f"answered after {rang:.0f} s, for {talked:.0f} s"


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
    left: dict[str | None, list[dict[str, Any]]] = {}
    for one in summary["open"]:
        left.setdefault(one["acknowledged_by"], []).append(one)
    for owner, owned in left.items():
        yield f"Still open, owned by {masked(owner or 'nobody')}: {_left(owned)}."
    if not left:
        yield "Nothing is still open."


def _outcomes(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in outcomes.items())


def _left(owned: Sequence[dict[str, Any]]) -> str:
    numbers = sorted(one["id"] for one in owned)
    return f"{_about(numbers)} of {_listed([one['check'] for one in owned])}"
