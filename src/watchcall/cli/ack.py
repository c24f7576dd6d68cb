"""`watchcall ack INCIDENT`: let somebody own an incident."""

from __future__ import annotations

import argparse
import re
from typing import Any

from watchcall.cli.exits import FINE
from watchcall.cli.show import line, local, warn_of_memory
from watchcall.cli.whoever import whoever
from watchcall.errors import UnknownThing
from watchcall.web.client import ask

EXAMPLE = "watchcall ack 12 --by kei"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "incident", metavar="INCIDENT", help="its number, or its code such as K7Q4 in a text"
    )
    parser.add_argument(
        "--by", metavar="NAME", help="who owns it from now on (default: who runs this)"
    )


def run(args: argparse.Namespace) -> int:
    if not re.fullmatch(r"[0-9A-Za-z]{1,20}", args.incident):
        raise UnknownThing("there is no incident of this name; watchcall incidents lists them")
    asked = {"incident": args.incident.upper(), "by": args.by or whoever()}
    answer = ask(args.config, "POST", "/ack", asked)
    _show(answer)
    warn_of_memory(answer)
    return FINE


def _show(answer: dict[str, Any]) -> None:
    until = answer["acknowledged_until"]
    verb = "is owned already by" if answer["already"] else "is owned by"
    line(
        f"incident {answer['id']} ({answer['check']}) {verb} {answer['acknowledged_by']} "
        f"until {local(until) if until else 'it recovers'}"
    )
