"""What it costs to do nothing: memory and CPU with ten checks, five processes and five URLs.

Beside it, a floor: a Python that has imported asyncio and sleeps.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil
from tests.daemon.server import Server

from bench.scale import lasting
from bench.stage import stage
from bench.table import show

SETTLE_S = lasting(5.0)
WATCH_S = lasting(10.0)

PROCESS = '\n[[check]]\nname = "process-{n}"\ntype = "process"\nprocess = "httpd"\n'
HTTP = '\n[[check]]\nname = "http-{n}"\ntype = "http"\nurl = "{url}"\nstatus = ["2xx", "4xx"]\n'


async def measure(runs: int) -> None:
    del runs  # one long look says more than many short ones
    memory, cpu = {}, {}
    for interval in ("1s", "30s"):
        async with stage() as web1:
            rss, share = await _watch(await _ten_checks(web1, interval))
        memory[f"WatchCall, ten checks every {interval}"] = [rss]
        cpu[f"WatchCall, ten checks every {interval}"] = [share]
    bare = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import asyncio; asyncio.run(asyncio.sleep(600))"
    )
    rss, share = await _watch(bare.pid)
    bare.kill()
    await bare.wait()
    show("resident memory", "MiB", {**memory, "floor: asyncio asleep": [rss]})
    print()
    show("CPU", "% of one core", {**cpu, "floor: asyncio asleep": [share]})


async def _ten_checks(web1: Server, interval: str) -> int:
    checks = "".join(
        PROCESS.format(n=n) + HTTP.format(n=n, url=f"{web1.simulator.url}/{n}") for n in range(5)
    )
    web1.configure(checks, **{'interval = "200ms"': f'interval = "{interval}"'})
    text = web1.config.read_text()
    first, _, rest = text.partition('[[check]]\nname = "httpd"')
    web1.config.write_text(first + rest[rest.index("[[check]]") :])
    await web1.start()
    for n in range(5):
        await web1.logged(f"check 'http-{n}' is ok")
    assert web1.daemon is not None
    return web1.daemon.pid


async def _watch(pid: int) -> tuple[float, float]:
    """Return resident MiB, and percent of one core over a while."""
    process = psutil.Process(pid)
    await asyncio.sleep(SETTLE_S)
    before = sum(process.cpu_times()[:2])
    await asyncio.sleep(WATCH_S)
    share = (sum(process.cpu_times()[:2]) - before) / WATCH_S * 100
    return _resident(pid), share


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError("no VmRSS")
