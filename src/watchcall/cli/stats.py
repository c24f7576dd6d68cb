"""`watchcall stats`: how many calls and texts, what became of them, and what they cost."""

from __future__ import annotations

import argparse
import urllib.parse
from datetime import UTC, datetime
from typing import Any

from watchcall.cli.exits import FINE
from watchcall.cli.show import Column, as_json, line, table
from watchcall.cli.when import duration
from watchcall.core.contact import masked
from watchcall.web.client import ask

EXAMPLE = "watchcall stats --since 2026-11-01"
NOT_A_TIME = 'write a duration such as "30d", or a date such as 2026-11-01'


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--since",
        type=since,
        default="30d",
        metavar="WHEN",
        help="how far back: 12h, 30d, or a date such as 2026-11-01 (30d)",
    )


def run(args: argparse.Namespace) -> int:
    span = {"since": args.since.isoformat(), "until": datetime.now(UTC).isoformat()}
    answer = ask(args.config, "GET", f"/stats?{urllib.parse.urlencode(span)}")
    if args.json:
        as_json(answer)
    else:
        _show(answer)
    return FINE


def since(text: str) -> datetime:
    """Read a duration as the configuration has it (counted back from now), or a date or time."""
    now = datetime.now(UTC)
    back = duration(text)
    if back is not None:
        return now - back
    try:
        then = datetime.fromisoformat(text).astimezone(UTC)  # without an offset: this machine's
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r}: {NOT_A_TIME}") from None
    if then > now:
        raise argparse.ArgumentTypeError(f"{text!r} is not over yet")
    return then


def _show(answer: dict[str, Any]) -> None:
    line(f"{_day(answer['since'])} to {_day(answer['until'])}")
    counted = {"calls": answer["calls"], "texts": answer["sms"], "notices": answer.get("other", {})}
    if not any(counted.values()):
        line("no calls and no texts")
        return
    _counts("", counted)
    _counts("CONTACT", {masked(name): of for name, of in answer["by_contact"].items()})
    _counts("MONTH", answer["by_month"])
    _seconds(answer["seconds"])
    line()
    line(f"{_spoken(answer['duration_s'])} of conversation")
    line(_cost(answer))


def _counts(what: str, counted: dict[str, dict[str, int]]) -> None:
    """Show outcomes, the most frequent first, one line for each of those who had them."""
    rows = [[name, str(sum(of.values())), _outcomes(of)] for name, of in counted.items() if of]
    if rows:
        line()
        table([Column(what, fold=True), Column("COUNT"), Column("OUTCOMES")], rows)


def _outcomes(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{count} {outcome}" for outcome, count in ordered)


def _seconds(seconds: dict[str, dict[str, float | None] | None]) -> None:
    rows = []
    for name, found in seconds.items():
        values = [(found or {}).get(figure) for figure in ("median", "p95")]
        if None not in values:
            rows.append([name.replace("_", " "), *(f"{value:.1f}" for value in values)])
    if rows:
        line()
        table([Column("SECONDS"), Column("MEDIAN"), Column("P95")], rows)


def _cost(answer: dict[str, Any]) -> str:
    """Twilio's prices come late; what is not known yet is said, so that nobody takes it for 0."""
    sums = ", ".join(f"{amount} {unit}" for unit, amount in sorted(answer["cost"].items()))
    unknown = answer.get("unpriced") or 0
    late = f"price of {unknown} {'call' if unknown == 1 else 'calls'} not known yet"
    return "; ".join([f"cost {sums or 0}"] * bool(sums or not unknown) + [late] * bool(unknown))


def _spoken(seconds: int | None) -> str:
    minutes, rest = divmod(round(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    return " ".join([*parts, *([f"{rest} s"] if rest or not parts else [])])


def _day(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"
