"""`watchcall probe CHECK`: look once, show what was matched and why that is the verdict.

It looks by itself: no daemon is needed, and none hears of it. Root looks as the daemon's user.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import sys
from pathlib import Path
from typing import Any

from watchcall.cli.evidence import show_evidence
from watchcall.cli.exits import FINE, NOT_FINE
from watchcall.cli.show import as_json, line, no_such
from watchcall.core.check import Check, ProcessTarget
from watchcall.core.words.en import ENGLISH
from watchcall.errors import UnknownThing
from watchcall.looks import Look, look

EXAMPLE = "watchcall probe httpd"
BETWEEN_S = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("check", metavar="CHECK", help="the name of a check")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    from watchcall.config.load import load
    from watchcall.config.translate import plan

    checks = {one.name: one for one in plan(load(_path(args))).checks}
    check = checks.get(args.check)
    if check is None:
        raise UnknownThing(no_such("check", args.check, list(checks)))
    if os.geteuid() == 0:
        _prepare(check)
        _be_the_daemon(_path(args))
    taken = asyncio.run(_look(check))
    answer = _answer(check, taken)
    if args.json:
        as_json(answer)
    else:
        _show(answer)
    return NOT_FINE if taken.seen.level.failing else FINE


def _prepare(check: Check) -> None:
    """Import what looks and shows while we may still read it: Python may lie below /root."""
    ours = ("clock", "events.manager", "probes", f"probes.{check.type}")
    for module in (*(f"watchcall.{one}" for one in ours), "rich.console", "rich.text"):
        importlib.import_module(module)


def _be_the_daemon(config: Path | None) -> None:
    """Look as the daemon does, and say so; where nobody knows as whom, say that."""
    from watchcall.cli.become import become, daemons_user

    who = daemons_user(config)
    if who is None:
        _note("looks as root; a daemon that runs as another user may see less")
    elif who.uid:
        become(who)
        _note(f"looks as {who.name}, as the daemon does, but outside of the service's sandbox")


def _note(text: str) -> None:
    print(f"watchcall: {text}", file=sys.stderr)


async def _look(check: Check) -> Look:
    from watchcall.clock import SystemClock
    from watchcall.events.units import SystemdUnits
    from watchcall.probes import probe_for

    units = SystemdUnits()
    probe = probe_for(check.type, units)
    try:
        if isinstance(check.target, ProcessTarget) and check.target.cpu.given:
            await look(probe, check, SystemClock())  # what a CPU does is seen between two looks
            await asyncio.sleep(BETWEEN_S)
        return await look(probe, check, SystemClock())
    finally:
        probe.close()
        await units.close()


def _answer(check: Check, taken: Look) -> dict[str, Any]:
    return {
        "name": check.name,
        "type": check.type,
        "level": taken.seen.level.value,
        "reason": ENGLISH.reason(taken.seen.reason),
        "took_ms": round(taken.took.total_seconds() * 1000, 1),
        "evidence": taken.seen.evidence,
    }


def _show(answer: dict[str, Any]) -> None:
    line(f"{answer['name']} ({answer['type']}): {answer['level']}: {answer['reason']}")
    print(f"took {answer['took_ms']:g} ms")
    show_evidence(answer["evidence"])


def _path(args: argparse.Namespace) -> Path | None:
    return Path(args.config) if args.config else None
