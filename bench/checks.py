"""How the cost of a look grows with the number of checks: HTTP every ten seconds, on loopback.

The real daemon; beside it, in the same run, bare transfers by libcurl at the same pace. When looks
arrive is noted by the server that is looked at: each check's looks lie on a grid of ten seconds,
and how late one is, is told from the earliest of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import floor
from bench.daemon import environ, started
from bench.scale import enough, lasting, many
from bench.table import nearest
from bench.twilio import twilio
from bench.upstream import Arrivals, upstream
from bench.usage import cpu_s, rss

SIZES = (10, 100, 1000, 5000)
INTERVAL_S = lasting(10.0)
OPENED = " opened: "
SETTLE_S = lasting(22.0)  # the first three looks lie closer together, until they are spread
CHECK = f'\n[[check]]\ninterval = "{INTERVAL_S:g}s"\ntype = "http"\n'
PERSON = '\n[[contact]]\nname = "me"\nphone = "+819012345678"\n'
HEAD = (
    *("checks", "looks", "expected", "ms CPU", "floor", "ratio", "core %"),
    *("lag p50", "p99", "max", "RSS"),
    *("late", "shed", "calls"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Over a window of `seconds`: CPU in seconds, lags in ms, RSS in MiB, and counts.

    floor: seconds of CPU that a bare transfer costs at that pace
    """

    checks: int
    seconds: float
    looks: int
    cpu: float
    lags: Sequence[float]
    rss: float
    late: int
    shed: int
    calls: int
    floor: float

    @property
    def expected(self) -> int:
        return round(self.checks * self.seconds / INTERVAL_S)


def measure(args: Namespace) -> bool:
    """Print a row for each size; return whether every look was taken and nobody was called."""
    print(f"HTTP checks every {INTERVAL_S:g} s, over {args.seconds:g} s (lags in ms, RSS in MiB)")
    print("".join(f"{name:>9}" for name in HEAD), flush=True)
    fine = True
    for size in sizes(args, SIZES):
        found = measured(size, args.seconds)
        print("".join(f"{one:>9}" for one in _row(found)), flush=True)
        fine &= found.looks >= enough(0.99, found.expected) and not found.calls
    return fine


def sizes(args: Namespace, usual: Sequence[int]) -> Sequence[int]:
    """Return how many checks there are to be, one measurement after the other."""
    return [*dict.fromkeys(map(many, args.sizes or usual))]


def measured(checks: int, seconds: float) -> Measured:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="watchcall-checks-")))
        network = stack.enter_context(twilio(folder, {}))
        server = stack.enter_context(upstream())
        each = (f'name = "web-{n}"\nurl = "{server.url(str(n))}"\n' for n in range(checks))
        config = PERSON + "".join(CHECK + one for one in each)
        process = stack.enter_context(started(folder / "daemon", network.url, config))
        time.sleep(SETTLE_S)
        began, before = time.monotonic(), cpu_s([process.pid])
        time.sleep(seconds)
        ended, after = time.monotonic(), cpu_s([process.pid])
        memory, looks = rss([process.pid]), looks_of(folder / "daemon")
        least = floor.measured(server.port, checks / INTERVAL_S, seconds / 3)
        calls, failed = len(network.posts()), _opened(folder / "daemon/log")
        print(*failed[:5], sep="\n", end="\n" if failed else "", file=sys.stderr)
        # Only now: what is asked for its arrivals serves nobody any more, and every look fails.
        arrivals = within(server.arrivals(), began, ended)
        return Measured(
            checks=checks,
            seconds=ended - began,
            looks=sum(map(len, arrivals.values())),
            cpu=after - before,
            lags=sorted(lags(arrivals)),
            rss=memory,
            late=looks["late"],
            shed=looks["shed"],
            calls=calls,
            floor=least,
        )


def _opened(log: Path) -> list[str]:
    """Return what the log says of incidents: here there should be none."""
    return [line for line in log.read_text().splitlines() if OPENED in line]


def within(arrivals: Arrivals, began: float, ended: float) -> Arrivals:
    return {path: [at for at in all_ if began <= at < ended] for path, all_ in arrivals.items()}


def lags(arrivals: Arrivals) -> list[float]:
    """Return how many ms each look was behind its turn; the earliest of a check's was on time."""
    found: list[float] = []
    for times in arrivals.values():
        offsets = [at - round((at - times[0]) / INTERVAL_S) * INTERVAL_S for at in times]
        found += [(offset - min(offsets)) * 1000 for offset in offsets]
    return found


def looks_of(folder: Path) -> dict[str, int]:
    """Ask the daemon how many looks were late or shed."""
    status = subprocess.run(
        [sys.executable, "-m", "watchcall", "status", "--json"],
        stdout=subprocess.PIPE,
        check=False,  # 1 where something fails
        env=environ(folder),
    )
    return {"late": 0, "shed": 0, **json.loads(status.stdout).get("looks", {})}


def _row(found: Measured) -> list[str]:
    each = found.cpu / max(1, found.looks) * 1000
    spread = [nearest(found.lags, p) for p in (50, 99, 100)] if found.lags else [0.0] * 3
    return [
        str(found.checks),
        str(found.looks),
        str(found.expected),
        f"{each:.3f}",
        f"{found.floor * 1000:.3f}",
        f"{each / found.floor / 1000:.2f}",
        f"{found.cpu / found.seconds * 100:.1f}",
        *(f"{one:.1f}" for one in spread),
        f"{found.rss:.1f}",
        *map(str, (found.late, found.shed, found.calls)),
    ]
