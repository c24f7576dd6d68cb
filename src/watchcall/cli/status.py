"""`watchcall status`: what is watched, and how it is."""

from __future__ import annotations

import argparse
from typing import Any

from watchcall.cli.exits import FINE, NOT_FINE
from watchcall.cli.show import Column, as_json, line, local, table
from watchcall.core.contact import masked
from watchcall.web.client import ask

EXAMPLE = "watchcall status --json"
COLUMNS = [
    Column("CHECK", fold=True),
    Column("STATE"),
    Column("COUNT", spare=2),
    Column("SINCE", spare=3),
    Column("SEEN", spare=4),
    Column("INCIDENT", spare=1),
    Column("REASON"),
]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    answer = ask(args.config, "GET", "/status")
    if args.json:
        as_json(answer)
    else:
        _show(answer)
    failing = any(check["state"] == "failing" for check in answer["checks"])
    return NOT_FINE if failing else FINE


def _show(answer: dict[str, Any]) -> None:
    pager = answer["pager"]
    line(f"{answer['host']}: WatchCall {answer['version']}, up since {local(answer['started_at'])}")
    line(f"pager {pager['state']}: {pager['reason']}")
    for contact in answer["contacts"]:
        if contact["reason"] not in pager["reason"]:
            line(f"contact {contact['reason']}")
    for trouble in answer["troubles"]:
        line(f"trouble: {trouble}")
    beat = answer.get("heartbeat")  # a daemon of an older version has none
    if beat and beat["state"] in ("failing", "held"):
        line(f"heartbeat {beat['state']}: {beat['reason']}")
    shed = answer.get("looks", {}).get("shed")
    if shed:
        line(f"looks left out, this machine is too slow: {shed}")
    for what, how in answer.get("events", {}).items():  # a daemon of an older version has none
        if how and how.startswith("polling: ") and what != "servers":  # many servers are not held
            line(f"{what}: {how}")
    line()
    table(COLUMNS, [_row(check) for check in answer["checks"]])


def _row(check: dict[str, Any]) -> list[str]:
    return [
        check["name"],
        check["level"] if check["state"] == "failing" else check["state"],
        f"{min(check['failures'], check['fail_after'])}/{check['fail_after']}",
        local(check["since"]),
        local(check["last_seen_at"]),
        str(check["incident"] or "-"),
        _reason(check),
    ]


def _reason(check: dict[str, Any]) -> str:
    """Return why it is as it is, and before that why nobody is called about it."""
    owner = check["acknowledged_by"]
    quiet = [said.partition(":")[0] for said in check["quiet"]]
    said = [f"ack by {masked(owner)}"] if owner else []
    return ": ".join([*said, *quiet, str(check["reason"])])
