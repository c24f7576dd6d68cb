"""`watchcall calls`: the calls and texts that were placed, and those that could not be."""

from __future__ import annotations

import argparse
from typing import Any

from watchcall.cli.exits import FINE
from watchcall.cli.show import Column, as_json, local, positive, table
from watchcall.core.contact import masked
from watchcall.web.client import ask

EXAMPLE = "watchcall calls --limit 20"
COLUMNS = [
    Column("CALL", spare=1),
    Column("INCIDENT", fold=True, spare=4),
    Column("EVENT", spare=5),
    Column("TYPE", spare=3),
    Column("CONTACT", fold=True),
    Column("TO", spare=6),
    Column("PLACED", spare=2),
    Column("OUTCOME"),
    Column("SECONDS", spare=7),
    Column("ERROR"),
]
TYPES = {"voice": "call", "sms": "text"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--limit", type=positive, default=100, metavar="N", help="how many, newest first (100)"
    )


def run(args: argparse.Namespace) -> int:
    answer = ask(args.config, "GET", f"/calls?limit={args.limit}")
    if args.json:
        as_json(answer)
    elif not answer:
        print("no calls yet")
    else:
        table(COLUMNS, [_row(call) for call in answer])
    return FINE


def _row(call: dict[str, Any]) -> list[str]:
    seconds = call["duration_s"]
    return [
        str(call["id"]),
        ", ".join(str(number) for number in call["incidents"]),
        call["event"],
        TYPES.get(call["type"], call["type"]),
        masked(call["contact"]),
        masked(call["to"]),
        local(call["placed_at"]),
        call["outcome"],
        "-" if seconds is None else str(seconds),
        _error(call),
    ]


def _error(call: dict[str, Any]) -> str:
    """A call that waits for its time says so, with what it waits for where that is known."""
    error: str = call["error"] or ""
    if call["outcome"] != "pending" or call["placed_at"]:
        return error
    return f"not placed yet; {error}" if error else "not placed yet"
