"""`watchcall incidents`: what broke, when, and whom it reached; of one incident all there is."""

from __future__ import annotations

import argparse
import urllib.parse
from typing import Any

from watchcall.cli.evidence import show_evidence
from watchcall.cli.exits import FINE
from watchcall.cli.explain import show_incident
from watchcall.cli.show import Column, as_json, hanging, line, local, positive, table
from watchcall.core.contact import masked
from watchcall.web.client import ask

EXAMPLE = "watchcall incidents --limit 20"
COLUMNS = [
    Column("NO"),
    Column("CHECK", fold=True),
    Column("LEVEL", spare=5),
    Column("OPENED", spare=4),
    Column("CLOSED", spare=1),
    Column("ACK BY", fold=True, spare=3),
    Column("REACHED", fold=True, spare=2),
    Column("REASON"),
]


PARTS = ("systemd", "unasked", "before", "look")  # of the evidence, the most telling first


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "incident",
        nargs="?",
        metavar="INCIDENT",
        help="its number or its code: this one in full, with what explains it",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--limit", type=positive, default=100, metavar="N", help="how many, newest first (100)"
    )


def run(args: argparse.Namespace) -> int:
    if args.incident is not None:
        return _show(args)
    answer = ask(args.config, "GET", f"/incidents?limit={args.limit}")
    if args.json:
        as_json(answer)
    elif not answer:
        print("no incidents yet")
    else:
        table(COLUMNS, [_row(incident) for incident in answer])
    return FINE


def _show(args: argparse.Namespace) -> int:
    query = urllib.parse.urlencode({"id": args.incident}, errors="replace")
    incident = ask(args.config, "GET", f"/incident?{query}")
    if args.json:
        as_json(incident)
        return FINE
    show_incident(incident)
    evidence = incident["evidence"]
    if evidence is None:
        line("nothing more is known of it")
        return FINE
    line()
    line(f"what explains it, gathered at {local(evidence['at'])}:")
    known = {key: evidence[key] for key in PARTS if evidence.get(key) is not None}
    journal = (known.get("systemd") or {}).pop("journal", None)
    show_evidence(known)
    if journal:
        line("the last lines of its journal:")
    for entry in journal or ():
        hanging(f"{local(entry['at'])} {entry['from'] or '-'}: {entry['text']}", "  ")
    return FINE


def _row(incident: dict[str, Any]) -> list[str]:
    return [
        str(incident["id"]),
        incident["check"],
        incident["level"],
        local(incident["opened_at"]),
        local(incident["closed_at"]) if incident["closed_at"] else "open",
        _owner(incident),
        ", ".join(_reached(incident)) or "nobody",
        incident["reason"],
    ]


def _owner(incident: dict[str, Any]) -> str:
    by = masked(incident["acknowledged_by"] or "-")
    return f"{by} (ended)" if incident.get("disowned_at") and not incident["closed_at"] else by


def _reached(incident: dict[str, Any]) -> list[str]:
    """Return who was reached about it, each once, in the order of time; not of its recovery."""
    told = sorted(incident["told"], key=lambda one: one["at"] or "")
    names = [
        masked(one["contact"]) for one in told if one["reached"] and one["event"] != "recovery"
    ]
    return list(dict.fromkeys(names))
