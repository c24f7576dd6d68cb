"""`watchcall reload`: let the running daemon read its configuration again."""

from __future__ import annotations

import argparse
import sys

from watchcall.cli.exits import FINE
from watchcall.web.client import ask

EXAMPLE = "watchcall validate && watchcall reload"


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    answer = ask(args.config, "POST", "/reload")
    for warning in answer["warnings"]:
        print(warning, file=sys.stderr)
    print("reloaded")
    return FINE
