"""The same HTTP checks, every ten seconds, by WatchCall and by its peers, one after the other.

A peer that is not installed is left out, and that is said. Each runs in the foreground, as nobody
where we are root, with its files in a folder of its own, and notifies nobody. CPU counts children
too; memory is the proportional set size, in which shared pages count once.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.checks import CHECK, INTERVAL_S, PERSON, sizes, within
from bench.daemon import free_port, started
from bench.rivals import ICINGA, icinga, monit, nagios, prometheus
from bench.scale import enough, lasting
from bench.twilio import twilio
from bench.upstream import Upstream, upstream
from bench.usage import cpu_s, family, pss

SIZES = (10, 100, 1000)
SETTLE_S = lasting(22.0)
SLOW_S = {"Prometheus, blackbox": 7.0}  # it first scrapes after five seconds
HEAD = ("checks", "looks", "expected", "ms CPU", "core %", "PSS", "CPU ratio", "PSS ratio")

Prepare = Callable[[Path, Sequence[str], Sequence[int]], list[list[str | Path]]]

# by name: the programs that are needed, and what writes the configuration
PEERS: dict[str, tuple[tuple[str, ...], Prepare]] = {
    "monit": (("monit",), monit),
    "Prometheus, blackbox": (("prometheus", "prometheus-blackbox-exporter"), prometheus),
    "Nagios": (("nagios4", "/usr/lib/nagios/plugins/check_http"), nagios),
    "Icinga 2": ((ICINGA, "/usr/lib/nagios/plugins/check_http"), icinga),
}

Cost = tuple[int, float, float]


def measure(args: Namespace) -> bool:
    """Print a row for each peer and size; return whether WatchCall took every look, they any."""
    print(f"HTTP checks every {INTERVAL_S:g} s, over {args.seconds:g} s (PSS in MiB)")
    print(f"{'':22}" + "".join(f"{name:>11}" for name in HEAD), flush=True)
    there = {name: one for name, one in PEERS.items() if _installed(name, one[0])}
    fine = True
    for size in sizes(args, SIZES):
        ours = _watchcall(size, args.seconds)
        _show("WatchCall", size, args.seconds, ours, ours)
        fine &= ours[0] >= enough(0.98, size * args.seconds / INTERVAL_S)
        for name, (_, prepare) in there.items():
            settle = max(SETTLE_S, SLOW_S.get(name, 0.0))
            theirs = _peer(prepare, size, args.seconds, settle)
            _show(name, size, args.seconds, theirs, ours)
            fine &= theirs[0] > 0
    return fine


def _installed(name: str, programs: Sequence[str]) -> bool:
    missing = [one for one in programs if shutil.which(one) is None]
    if missing:
        print(f"{name}: left out, {', '.join(missing)} is not installed")
    return not missing


def _show(name: str, size: int, seconds: float, cost: Cost, ours: Cost) -> None:
    looks, cpu, memory = cost
    each, ours_each = cpu / max(1, looks), ours[1] / max(1, ours[0])
    row = (
        *(size, looks, round(size * seconds / INTERVAL_S), f"{each * 1000:.3f}"),
        *(f"{cpu / seconds * 100:.2f}", f"{memory:.1f}"),
        *(_ratio(each, ours_each), _ratio(memory, ours[2])),
    )
    print(f"{name:22}" + "".join(f"{one:>11}" for one in row), flush=True)


def _ratio(one: float, other: float) -> str:
    """Return "-" where too little CPU was used to be counted."""
    return f"{one / other:.2f}" if other else "-"


def _watchcall(size: int, seconds: float) -> Cost:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="watchcall-peers-")))
        network = stack.enter_context(twilio(folder, {}))
        server = stack.enter_context(upstream())
        each = (f'name = "web-{n}"\nurl = "{server.url(str(n))}"\n' for n in range(size))
        config = PERSON + "".join(CHECK + one for one in each)
        process = stack.enter_context(started(folder / "daemon", network.url, config))
        return _cost([process.pid], server, seconds, SETTLE_S)


def _peer(prepare: Prepare, size: int, seconds: float, settle: float) -> Cost:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="watchcall-peers-")))
        server = stack.enter_context(upstream())
        commands = prepare(folder, [server.url(str(n)) for n in range(size)], _ports())
        user = _given_away(folder)
        running = []
        for command in commands:
            log = stack.enter_context((folder / "output").open("ab"))
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **user
            )
            stack.callback(_end, process)
            running.append(process.pid)
        cost = _cost(running, server, seconds, settle)
        if not cost[0]:
            sys.stderr.write((folder / "output").read_text()[-2000:])
        return cost


def _ports() -> Sequence[int]:
    return [free_port(), free_port()]


def _given_away(folder: Path) -> dict[str, Any]:
    """Give the folder to nobody; return how to run as that, nothing unless we are root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all that it has started, by their ids."""
    for pid in family(process.pid)[1:]:
        subprocess.run(["kill", "-9", str(pid)], stderr=subprocess.DEVNULL, check=False)
    process.kill()
    process.wait()


def _cost(pids: Sequence[int], server: Upstream, seconds: float, settle: float) -> Cost:
    """Return how many looks there were in that time, CPU in seconds, MiB."""
    time.sleep(settle)
    began, before = time.monotonic(), _cpu(pids)
    time.sleep(seconds)
    ended, after = time.monotonic(), _cpu(pids)
    memory = pss(one for pid in pids for one in family(pid))
    looks = sum(map(len, within(server.arrivals(), began, ended).values()))
    return looks, after - before, memory


def _cpu(pids: Sequence[int]) -> float:
    return cpu_s(one for pid in pids for one in family(pid))
