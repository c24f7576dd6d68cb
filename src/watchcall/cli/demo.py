"""`watchcall demo`: the whole thing, rehearsed on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from watchcall.cli.exits import FINE, NOT_FINE

EXAMPLE = "watchcall demo --plain"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plain", action="store_true", help="no colour, also on a terminal")
    parser.add_argument("--picture", metavar="FILE", help="draw the terminal into an SVG file")


def run(args: argparse.Namespace) -> int:
    from watchcall.demo.story import perform

    picture = Path(args.picture) if args.picture else None
    return FINE if perform(plain=args.plain, picture=picture) else NOT_FINE
