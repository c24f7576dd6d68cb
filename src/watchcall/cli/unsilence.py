"""`watchcall unsilence ID`: a silence ends before its time."""

from __future__ import annotations

import argparse
import re
from typing import Any

from watchcall.cli.exits import FINE
from watchcall.cli.show import as_json, here, line, warn_of_memory
from watchcall.errors import UnknownThing
from watchcall.web.client import ask

EXAMPLE = "watchcall unsilence 3"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="its number; watchcall silences lists them")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", args.id):
        raise UnknownThing("there is no silence of this number; watchcall silences lists them")
    answer = ask(args.config, "POST", "/unsilence", {"id": int(args.id)})
    if args.json:
        as_json(answer)
    else:
        _show(answer)
        warn_of_memory(answer)
    return FINE


def _show(answer: dict[str, Any]) -> None:
    line(f"silence {answer['id']} ({', '.join(answer['checks'])}) has ended")
    for one in answer["tells"]:
        line(f"{one['check']} still fails, and is told now (incident {one['incident']})")
    for one in answer["quiet"]:
        why = here("; ".join(one["why"]))
        line(f"{one['check']} still fails, and stays quiet (incident {one['incident']}): {why}")
    if not answer["tells"] and not answer["quiet"]:
        line("no failure is left to tell; what fails from now on is told as usual")
