"""`watchcall lastgasp`: systemd runs it when WatchCall has stopped for good (watchcall.entry)."""

from __future__ import annotations

import argparse

EXAMPLE = "sudo watchcall lastgasp --dry-run"
UNIT = "watchcall-lastgasp.service"  # is handed the secret


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="say who would be called; call nobody"
    )


def run(args: argparse.Namespace) -> int:
    from watchcall.cli.twilio import environment
    from watchcall.lastgasp import gasp

    return gasp.rehearse(environment(UNIT)) if args.dry_run else gasp.main()
