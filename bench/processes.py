"""Many process checks over many processes: what a round costs, and that it is one scan for all."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.daemon import started
from bench.scale import lasting, many
from bench.twilio import twilio
from bench.usage import cpu_s, rss

CASES = ((1, 200), (1, 2000), (100, 2000), (500, 2000))  # checks, processes
INTERVAL_S = lasting(10.0)
SETTLE_S = lasting(12.0)
CROWD = "for n in $(seq {count}); do (exec -a victim-$n sleep 3600) & done; echo up; wait"
CHECK = """
[[check]]
name = "victim-{n}"
type = "process"
process = "victim-{n}"
interval = "{interval:g}s"
"""
PERSON = '\n[[contact]]\nname = "me"\nphone = "+819012345678"\n'


def measure(args: Namespace) -> bool:
    """Print a row for each case; return whether nothing failed and nobody was called."""
    print(f"process checks every {INTERVAL_S:g} s, over {args.seconds:g} s")
    head = ("checks", "of", "ms a round", "core %", "RSS", "calls")
    print("".join(f"{name:>12}" for name in head), flush=True)
    fine = True
    for checks, processes in (map(many, case) for case in CASES):
        cpu, memory, calls = measured(checks, processes, args.seconds)
        rounds = args.seconds / INTERVAL_S
        row = (checks, processes, f"{cpu / rounds * 1000:.1f}", f"{cpu / args.seconds * 100:.2f}")
        print("".join(f"{one:>12}" for one in (*row, f"{memory:.1f}", calls)), flush=True)
        fine &= not calls
    return fine


def measured(checks: int, processes: int, seconds: float) -> tuple[float, float, int]:
    """Return CPU in seconds, MiB, and calls."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="watchcall-procs-")))
        network = stack.enter_context(twilio(folder, {}))
        stack.enter_context(crowd(processes))
        config = PERSON + "".join(CHECK.format(n=n + 1, interval=INTERVAL_S) for n in range(checks))
        process = stack.enter_context(started(folder / "daemon", network.url, config))
        time.sleep(SETTLE_S)
        before = cpu_s([process.pid])
        time.sleep(seconds)
        return cpu_s([process.pid]) - before, rss([process.pid]), len(network.posts())


@contextmanager
def crowd(count: int) -> Iterator[None]:
    """So many processes that sleep, each with a name of its own."""
    shell = subprocess.Popen(
        ["bash", "-c", CROWD.format(count=count)], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert shell.stdout is not None
        shell.stdout.readline()
        yield
    finally:
        os.killpg(shell.pid, signal.SIGKILL)
        shell.communicate()
