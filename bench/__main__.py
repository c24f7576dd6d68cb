"""Run all measurements, or those that are named, and print one table each."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import sys

from bench import (
    checks,
    idle,
    ladder,
    latency,
    mass,
    peers,
    processes,
    scale,
    start,
    status,
    storm,
    tls,
)
from watchcall import __version__

ALL = {
    "latency": latency.measure,
    "idle": idle.measure,
    "status": status.measure,
    "start": start.measure,
    "tls": tls.measure,
}
NAMED = {
    "checks": checks.measure,
    "processes": processes.measure,
    "peers": peers.measure,
    "storm": storm.measure,
    "ladder": ladder.measure,
    "mass": mass.measure,
}  # take minutes: only where they are named


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = ", ".join([*ALL, *NAMED])
    parser.add_argument("which", nargs="*", metavar="WHICH", help=f"{names} ({', '.join(ALL)})")
    parser.add_argument("--runs", type=int, default=20, help="how often (20)")
    parser.add_argument("--kills", type=int, default=2000, help="of storm (2000)")
    parser.add_argument("--keep", action="store_true", help="what a storm leaves behind")
    parser.add_argument("--nights", type=int, default=30, help="of ladder (30)")
    parser.add_argument("--incidents", type=int, default=1000, help="of mass (1000)")
    parser.add_argument("--seed", type=int, help="of storm, ladder and mass; else any")
    parser.add_argument(
        "--seconds", type=float, default=30.0, help="of checks, processes, peers: each (30)"
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", help="of checks (10 100 1000 5000) and peers (10 100 1000)"
    )
    args = _scaled(parser.parse_args())
    if unknown := set(args.which) - set(ALL) - set(NAMED):
        parser.error(f"no measurement is called {', '.join(unknown)}; there are {names}")
    if args.seed is None:
        args.seed = random.randrange(10**6)
    print(
        f"WatchCall {__version__}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"{platform.system()} {platform.release()}"
    )
    if scale.SMALL:
        print(scale.WARNING)
    fine = True
    for name in args.which or ALL:
        print(flush=True)
        if name in ALL:
            asyncio.run(ALL[name](args.runs))
        else:
            fine &= NAMED[name](args)
    sys.exit(not fine)


def _scaled(args: argparse.Namespace) -> argparse.Namespace:
    scale.refuse_another()
    for name in ("runs", "kills", "nights", "incidents"):
        setattr(args, name, scale.many(getattr(args, name)))
    args.seconds = scale.lasting(args.seconds)
    return args


if __name__ == "__main__":
    main()
