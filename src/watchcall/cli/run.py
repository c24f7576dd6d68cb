"""`watchcall run`: the daemon."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import signal
from pathlib import Path
from typing import Any

from watchcall import hangup
from watchcall.cli.exits import FINE

EXAMPLE = "watchcall run --config /etc/watchcall/config.toml --call-on-recovery"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--call-on-recovery",
        action=argparse.BooleanOptionalAction,
        help="tell recoveries too, whatever the configuration says",
    )


def run(args: argparse.Namespace) -> int:
    from watchcall.config.aside import Reading

    _obey_from_the_start()
    path, overrides = _path(args), _overrides(args)
    reading = Reading(path, overrides)
    serve = importlib.import_module("watchcall.daemon").serve  # while somebody else reads
    plan, warnings = reading.result()
    asyncio.run(serve(plan, warnings, lambda: Reading(path, overrides).result()))
    return FINE


def _obey_from_the_start() -> None:
    """Before there is anything to shut down, being told to stop is simply the end.

    At once, and not by an exception: that would be raised wherever the program is, also in the
    middle of an import, which may make an error of it. A reload is made up for once there is a
    daemon: the configuration may have been read before it was changed.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(FINE))
    hangup.heed()


def _path(args: argparse.Namespace) -> Path | None:
    return Path(args.config) if args.config else None


def _overrides(args: argparse.Namespace) -> dict[str, Any]:
    if args.call_on_recovery is None:
        return {}
    return {"notify": {"call_on_recovery": args.call_on_recovery}}
