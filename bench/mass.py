"""A thousand incidents at once: the first call, calls a second, memory, decisions a second.

`group_wait` is 3 s as shipped, and 0; Twilio's pace of one call a second and the cost guard are as
shipped too. Beside the decisions a floor: as many bare commits of one row with the same pragmas.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

from bench.crowd import Case, Measured
from bench.scale import lasting, many
from bench.twilio import twilio

# what is shown, channels, their type, group_wait
CASES = (
    ("one phone", 1, "voice", lasting(3.0)),
    ("one phone, group_wait 0", 1, "voice", 0.0),
    (f"{many(50)} phones", many(50), "voice", lasting(3.0)),
    ("one SMS channel", 1, "sms", lasting(3.0)),
    ("one SMS channel, group_wait 0", 1, "sms", 0.0),
)
PHONES = {"default": [{"does": "answer", "ring": lasting(1), "talk": lasting(3)}]}
LIMIT_S = 90.0  # for one case
HEAD = (
    *("opened", "decided", "a second", "ratio", "1st POST", "POSTs", "a second", "closest"),
    *("settled", "pages", "RSS", "peak"),
)


def measure(args: Namespace) -> bool:
    """Print a row for each case; return whether every page was settled within the limit."""
    print(f"{args.incidents} incidents at once (s, MiB; ratio of a decision to a bare commit)")
    print(f"{'':31}" + "".join(f"{name:>9}" for name in HEAD), flush=True)
    fine = True
    for name, channels, type_, group_wait in CASES:
        measured, posts = _measured(args.incidents, channels, type_, group_wait)
        print(f"{name:31}" + "".join(f"{one:>9}" for one in _row(args, measured, posts)))
        sys.stdout.flush()
        fine &= measured.settled is not None
    return fine


def _measured(
    checks: int, channels: int, type_: str, group_wait: float
) -> tuple[Measured, list[float]]:
    """Return what the process says, and when requests to call or text came, in seconds."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="watchcall-mass-"))
        network = stack.enter_context(twilio(Path(folder), PHONES))
        case = Case(
            folder=folder,
            url=network.url,
            checks=checks,
            channels=min(channels, checks),
            type=type_,
            group_wait=group_wait,
            limit=LIMIT_S,
        )
        done = subprocess.run(
            [sys.executable, "-m", "bench.crowd", json.dumps(asdict(case))],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=LIMIT_S + 120,
        )
        measured = Measured(**json.loads(done.stdout))
        path = "Calls.json" if type_ == "voice" else "Messages.json"
        return measured, [one["monotonic"] - measured.began for one in network.posts(path)]


def _row(args: Namespace, measured: Measured, posts: Sequence[float]) -> list[str]:
    closest = min((later - one for one, later in pairwise(posts)), default=None)
    each = measured.decided / max(1, measured.opened)
    took = posts[-1] - posts[0] if len(posts) > 1 else None
    return [
        f"{measured.opened}",
        f"{measured.decided:.2f}",
        f"{measured.opened / measured.decided:.0f}",
        f"{each / (measured.floor / args.incidents):.1f}",
        f"{posts[0]:.2f}" if posts else "-",
        f"{len(posts)}",
        f"{(len(posts) - 1) / took:.2f}" if took else "-",
        "-" if closest is None else f"{closest:.3f}",
        "-" if measured.settled is None else f"{measured.settled:.1f}",
        f"{measured.pages}",
        f"{measured.before:.1f}",
        f"{measured.peak:.1f}",
    ]
