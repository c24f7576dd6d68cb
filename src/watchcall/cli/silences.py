"""`watchcall silences`: the silences that hold."""

from __future__ import annotations

import argparse
from typing import Any

from watchcall.cli.exits import FINE
from watchcall.cli.show import Column, as_json, local, table
from watchcall.core.contact import masked
from watchcall.web.client import ask

EXAMPLE = "watchcall silences"
COLUMNS = [
    Column("ID"),
    Column("CHECKS", fold=True),
    Column("MATCHES", spare=3),
    Column("SINCE", spare=4),
    Column("UNTIL", spare=1),
    Column("BY", fold=True, spare=2),
    Column("REASON"),
]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    answer = ask(args.config, "GET", "/silences")
    if args.json:
        as_json(answer)
    elif not answer:
        print("no silences")
    else:
        table(COLUMNS, [_row(silence) for silence in answer])
    return FINE


def _row(silence: dict[str, Any]) -> list[str]:
    return [
        str(silence["id"]),
        ", ".join(silence["checks"]),
        str(len(silence["matches"])),
        local(silence["from"]),
        local(silence["until"]),
        masked(silence["by"]),
        silence["reason"] or "-",
    ]
