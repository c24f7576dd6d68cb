"""`watchcall status`, from the shell to its output. Beside it: a Python that does nothing."""

from __future__ import annotations

import asyncio
import sys
import time

from bench.stage import stage
from bench.table import show


async def measure(runs: int) -> None:
    ours, floor = [], []
    async with stage() as web1:
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        for _ in range(runs):
            began = time.perf_counter()
            code, _, err = await web1.run("status")
            ours.append((time.perf_counter() - began) * 1000)
            assert code == 0, err
            began = time.perf_counter()
            bare = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
            await bare.wait()
            floor.append((time.perf_counter() - began) * 1000)
    show("watchcall status", "ms", {"watchcall status": ours, "floor: python -c pass": floor})
