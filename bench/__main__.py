"""Run all measurements, or those that are named, and print one table each."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform

from bench import idle, latency, status
from watchcall import __version__

ALL = {"latency": latency.measure, "idle": idle.measure, "status": status.measure}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("which", nargs="*", metavar="WHICH", help="latency, idle, status (all)")
    parser.add_argument("--runs", type=int, default=20, help="how often (20)")
    args = parser.parse_args()
    if unknown := set(args.which) - set(ALL):
        parser.error(f"no measurement is called {', '.join(unknown)}; there are {', '.join(ALL)}")
    print(
        f"WatchCall {__version__}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()}"
    )
    for name in args.which or ALL:
        print()
        asyncio.run(ALL[name](args.runs))


if __name__ == "__main__":
    main()
