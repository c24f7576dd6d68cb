"""`watchcall incidents`: what broke, when, and whom it reached."""

from __future__ import annotations

import argparse
from typing import Any

from watchcall.cli.exits import FINE
from watchcall.cli.show import Column, as_json, local, positive, table
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


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--limit", type=positive, default=100, metavar="N", help="how many, newest first (100)"
    )


def run(args: argparse.Namespace) -> int:
    answer = ask(args.config, "GET", f"/incidents?limit={args.limit}")
    if args.json:
        as_json(answer)
    elif not answer:
        print("no incidents yet")
    else:
        table(COLUMNS, [_row(incident) for incident in answer])
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
