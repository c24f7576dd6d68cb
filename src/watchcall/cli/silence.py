"""`watchcall silence CHECK|GLOB --for 2h`: nobody is called about some checks for a while."""

from __future__ import annotations

import argparse
from typing import Any

from watchcall.cli.exits import FINE
from watchcall.cli.show import as_json, line, local, warn_of_memory
from watchcall.cli.when import ending, lasting
from watchcall.cli.whoever import whoever
from watchcall.core.contact import masked
from watchcall.web.client import ask

EXAMPLE = "watchcall silence 'web-*' tag:db --for 2h --reason 'new kernel'"
NAMED = 5  # checks that are named one by one


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "checks",
        nargs="+",
        metavar="CHECK|GLOB",
        help="names, globs such as 'web-*' (in quotes), or tag:NAME",
    )
    end = parser.add_mutually_exclusive_group(required=True)
    end.add_argument(
        "--for", type=lasting, dest="until", metavar="DURATION", help="30m, 2h, 7d; at most 365d"
    )
    end.add_argument(
        "--until",
        type=ending,
        dest="until",
        metavar="TIME",
        help="07:00 (its next coming), '2026-11-20 07:00', or with an offset (RFC 3339)",
    )
    parser.add_argument("--reason", metavar="TEXT", help="why, for the record")
    parser.add_argument("--by", metavar="NAME", help="who says so (default: who runs this)")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    asked = {
        "checks": args.checks,
        "reason": args.reason or None,
        "by": args.by or whoever(),
        "until": args.until.isoformat(),
    }
    answer = ask(args.config, "POST", "/silence", asked)
    if args.json:
        as_json(answer)
    else:
        _show(answer)
        warn_of_memory(answer)
    return FINE


def _show(answer: dict[str, Any]) -> None:
    about = ", ".join(answer["checks"])
    line(
        f"silence {answer['id']} by {masked(answer['by'])}: nobody is called about {about} "
        f"until {local(answer['until'])}"
    )
    line(f"it matches {matched(answer['matches'])}")
    for one in answer["stops"]:
        line(f"the calls about incident {one['incident']} ({one['check']}) stop")
    line(
        f"checking goes on; what still fails at its end is told then; "
        f"watchcall unsilence {answer['id']} ends it now"
    )


def matched(names: list[str]) -> str:
    """Return how many checks a silence is about, and their names where they are few."""
    if len(names) > NAMED:
        return f"{len(names)} checks"
    counted = "1 check" if len(names) == 1 else f"{len(names)} checks"
    return f"{counted}: {', '.join(names)}" if names else counted
