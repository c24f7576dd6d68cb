"""From `kill -9` of a watched process to the POST at the simulator.

`fail_after = 1`, `group_wait = 0`, `interval = "1s"`. Beside it, in the same run and on the same
victim, a floor: a bare loop that asks the kernel once a second whether the pid is there, and then
POSTs with `http.client`. Nothing that polls every second can be quicker than half a second in the
median; what lies above that is ours.
"""

from __future__ import annotations

import asyncio
import base64
import random
import sys
import time
from asyncio.subprocess import Process
from urllib.parse import urlsplit

from tests.daemon.server import TOKEN, Server

from bench.stage import stage
from bench.table import show

FLOOR = """
import http.client, os, sys, time
pid, host, path, auth = int(sys.argv[1]), *sys.argv[2:]
body = "To=%2B15005550009&From=%2B15005550006&Twiml=%3CResponse%2F%3E"
headers = {"Authorization": "Basic " + auth, "Content-Type": "application/x-www-form-urlencoded"}
print("up", flush=True)
while True:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        break
    time.sleep(1)
twilio = http.client.HTTPConnection(host)
twilio.request("POST", path, body, headers)
twilio.getresponse().read()
"""


async def measure(runs: int) -> None:
    ours, floor = [], []
    async with stage() as web1:
        web1.configure(
            **{'interval = "200ms"': 'interval = "1s"', "fail_after = 2": "fail_after = 1"}
        )
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        for nth in range(1, runs + 1):
            bare = await _floor(web1)
            await asyncio.sleep(random.random())  # when in the interval it dies is chance
            killed = time.monotonic()
            await web1.kill_httpd()

            ours.append(await _arrival(web1, "+819012345678", nth) - killed)
            floor.append(await _arrival(web1, "+15005550009", nth) - killed)
            await bare.wait()
            await web1.start_httpd()
            await web1.logged(f"incident {nth} closed")
    show("kill -9 to POST", "s", {"WatchCall": ours, "floor: poll the pid every second": floor})


async def _arrival(web1: Server, to: str, nth: int) -> float:
    """Return when the nth call to a number was asked for."""

    def asked() -> list[float]:
        return [
            float(entry["monotonic"])
            for entry in web1.simulator.entries("request")
            if entry["method"] == "POST" and entry["params"].get("To") == to
        ]

    await web1.until(lambda: len(asked()) >= nth)
    return asked()[nth - 1]


async def _floor(web1: Server) -> Process:
    assert web1.httpd is not None
    account = web1.simulator.account.sid
    auth = base64.b64encode(f"{account}:{TOKEN}".encode()).decode()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FLOOR, str(web1.httpd.pid)),
        urlsplit(web1.simulator.url).netloc,
        f"/2010-04-01/Accounts/{account}/Calls.json",
        auth,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    return process
