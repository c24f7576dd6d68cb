"""`watchcall explain CHECK`: from the last look to the phone, and the last incidents."""

from __future__ import annotations

import argparse
import re
import urllib.parse
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from watchcall.cli.exits import FINE
from watchcall.cli.show import Column, as_json, line, local, table
from watchcall.core.contact import masked
from watchcall.web.client import ask

EXAMPLE = "watchcall explain httpd"
STEPS = [Column("FILTER", fold=True), Column("VERDICT"), Column("WHY")]
EVENTS = [
    Column("AT"),
    Column("CHANNEL", fold=True, spare=1),
    Column("WHO", fold=True),
    Column("WHAT"),
]
UTC = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) UTC")
VERDICTS = (
    "Verdicts: passes (on to the next filter), holds (for now: told when that ends), "
    "stops (here it ends), tells (somebody is told)."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = f"{parser.description} {VERDICTS}"
    parser.add_argument("check", metavar="CHECK", help="the name of a check")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    query = urllib.parse.urlencode({"check": args.check}, errors="replace")
    answer = ask(args.config, "GET", f"/explain?{query}")
    if args.json:
        as_json(answer)
    else:
        _show(answer)
    return FINE


def _show(answer: dict[str, Any]) -> None:
    table(STEPS, [*_rows(answer["steps"])])
    for incident in answer["incidents"]:
        line()
        show_incident(incident)
        if incident.get("evidence"):
            line(f"watchcall incidents {incident['id']} shows what explains it")
    if not answer["incidents"]:
        line()
        line("no incidents yet")


def _rows(steps: list[dict[str, Any]]) -> Iterator[list[str]]:
    """Yield the lines of the table: of a person only what is worth a line."""
    for (channel, contact), about in groupby(steps, lambda one: (one["channel"], one["contact"])):
        if contact is None:
            yield from (_row(one, one["filter"], channel) for one in about)
            continue
        telling = [one for one in about if one["verdict"] != "passes" or _notable(one)]
        if not telling:
            yield [f"  {masked(contact)}", "passes", "nothing keeps it from ringing"]
        yield from (_row(one, f"  {masked(contact)},", one["filter"]) for one in telling)


def _notable(step: dict[str, Any]) -> bool:
    """What passes is silent, unless there is something to know about it."""
    return step["filter"] == "barred" and "Twilio" in step["why"]


def _row(step: dict[str, Any], *named: str | None) -> list[str]:
    return [" ".join(filter(None, named)), step["verdict"], _here(step["why"])]


def _here(text: str) -> str:
    """Return a sentence with its times as this machine's clock shows them."""
    return UTC.sub(_local, text)


def _local(found: re.Match[str]) -> str:
    """Return a time as it is shown here, and no more precise than it was."""
    shown = local(f"{found[1]}T{found[2]}+00:00")
    return shown.rpartition(":")[0] if shown.count(":") > found[2].count(":") else shown


def show_incident(incident: dict[str, Any]) -> None:
    """Print one incident: how it began and ended, who owned it, who was told and why not."""
    closed = incident["closed_at"]
    until = f"closed {local(closed)}" if closed else "open"
    line(
        f"incident {incident['id']} ({incident['level']}), opened {local(incident['opened_at'])}, "
        f"{until}: {incident['reason']}"
    )
    evidence = incident.get("evidence") or {}
    if evidence.get("phrase"):
        line(f"why: {evidence['phrase']}")
    if incident["acknowledged_by"]:
        ended = incident["disowned_at"]
        lasted = f" until {local(ended)}" if ended else ""
        at = local(incident["acknowledged_at"])
        line(f"acknowledged by {masked(incident['acknowledged_by'])} at {at}{lasted}")
    happened = [*map(_told, incident["told"]), *map(_quiet, incident["quiet"])]
    happened.sort(key=lambda row: row[0])
    rows = [[local(at), *cells] for at, *cells in happened]
    if rows:
        table(EVENTS, rows)
    else:
        line("nobody was told yet")


def _told(told: dict[str, Any]) -> list[str]:
    what = told["outcome"] if told["event"] == "failure" else f"{told['event']}: {told['outcome']}"
    return [told["at"] or "", told["channel"], masked(told["contact"]), what]


def _quiet(quiet: dict[str, Any]) -> list[str]:
    return [quiet["at"], quiet["channel"], "nobody", _here(quiet["why"])]
