"""From the start of the program to its first look, and to the last of ten: HTTP on loopback.

Beside it a floor: a Python that imports asyncio and sends one request.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.checks import CHECK, PERSON
from bench.daemon import started
from bench.table import show
from bench.twilio import WITHIN, twilio
from bench.upstream import upstream

FLOOR = """
import asyncio, http.client, sys
asking = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
asking.request("GET", "/floor")
"""
TEN = 10


async def measure(runs: int) -> None:
    first, last, floor = [], [], []
    for _ in range(runs):
        with ExitStack() as stack:
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="watchcall-start-"))
            )
            network = stack.enter_context(twilio(folder, {}))
            server = stack.enter_context(upstream())
            each = (f'name = "web-{n}"\nurl = "{server.url(str(n))}"\n' for n in range(TEN))
            config = PERSON + "".join(CHECK + one for one in each)
            bare = time.monotonic()
            _floor(server.port)
            began = time.monotonic()
            stack.enter_context(started(folder / "daemon", network.url, config))
            _looked_at(folder / "daemon/log")
            arrivals = server.arrivals()
            floor.append((arrivals.pop("/floor")[0] - bare) * 1000)
            looks = sorted(times[0] for times in arrivals.values())
            assert len(looks) == TEN
            first.append((looks[0] - began) * 1000)
            last.append((looks[-1] - began) * 1000)
    rows = {"first look": first, "tenth look": last, "floor: Python sends a request": floor}
    show("start to look", "ms", rows)


def _floor(port: int) -> None:
    subprocess.run([sys.executable, "-c", FLOOR, str(port)], check=True)


def _looked_at(log: Path) -> None:
    """Wait until all of them were looked at, and is written down."""
    until = time.monotonic() + WITHIN
    while log.read_text().count("' is ok") < TEN:
        if time.monotonic() > until:
            raise RuntimeError(f"not everything was looked at: {log.read_text()}")
        time.sleep(0.5)  # seldom: it is not to be in the way
