"""From the end of what is watched to the POST at the simulator: `kill -9` of a process, and the
stop of a local web server; each also beside a hundred endpoints that never answer.

`fail_after = 1`, `group_wait = 0`. Beside each, in the same run and on the same victim, a floor:
a bare loop that holds the process by pidfd and then POSTs with `http.client`. What the kernel, the
scheduler of this machine and loopback cost is in it; what lies above is ours.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.daemon.server import TOKEN, Server

from bench.stage import stage
from bench.table import show

HUNG = 100
PYTHON = os.path.realpath(sys.executable)  # one process: no wrapper starts another
FLOOR_NUMBER = "+15005550009"
FLOOR = """
import http.client, os, select, sys
pid, host, path, auth = int(sys.argv[1]), *sys.argv[2:]
body = "To=%2B15005550009&From=%2B15005550006&Twiml=%3CResponse%2F%3E"
headers = {"Authorization": "Basic " + auth, "Content-Type": "application/x-www-form-urlencoded"}
held = select.poll()
held.register(os.pidfd_open(pid))
twilio = http.client.HTTPConnection(host)
twilio.connect()
print("up", flush=True)
held.poll()
twilio.request("POST", path, body, headers)
twilio.getresponse().read()
"""
WEB = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_HEAD = do_GET
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print("up", flush=True)
server.serve_forever()
"""
HTTP = '\n[[check]]\nname = "web"\ntype = "http"\nurl = "http://127.0.0.1:{port}/"\n'
BESIDE = """
[[check]]
name = "hung-{nth}"
type = "http"
url = "http://127.0.0.1:{port}/{nth}"
fail_after = 100000
"""
SETTINGS = {
    'interval = "200ms"': 'interval = "1s"\nrecover_after = 1',
    "fail_after = 2": "fail_after = 1",
}

Start = Callable[[], Awaitable[Process]]


async def measure(runs: int) -> None:
    for hung in (0, HUNG):
        beside = f", {hung} hung endpoints beside it" if hung else ""
        show(f"kill -9 to POST{beside}", "ms", await _processes(runs, hung))
        print(flush=True)
        show(f"stop of a local web server to POST{beside}", "ms", await _servers(runs, hung))
        print(flush=True)


async def _processes(runs: int, hung: int) -> dict[str, list[float]]:
    async with stage() as web1, _hanging(hung) as checks:
        web1.configure(checks, **SETTINGS)

        async def start() -> Process:
            await web1.start_httpd()
            assert web1.httpd is not None
            return web1.httpd

        await web1.kill_httpd()
        return await _killed(web1, "httpd", start, runs)


async def _servers(runs: int, hung: int) -> dict[str, list[float]]:
    async with stage() as web1, _hanging(hung) as checks:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        web1.configure(checks + HTTP.format(port=port), **SETTINGS)

        async def start() -> Process:
            return await _up("-c", WEB, str(port))

        return await _killed(web1, "web", start, runs)


async def _killed(web1: Server, check: str, start: Start, runs: int) -> dict[str, list[float]]:
    """Let a victim die again and again; return ours and the floor in milliseconds."""
    ours, floor = [], []
    victim = await start()
    await web1.start()
    await web1.logged(f"check '{check}' is ok")
    for nth in range(1, runs + 1):
        bare = await _floor(web1, victim.pid)
        await asyncio.sleep(1.2 + random.random())  # when in the interval it dies is chance
        killed = time.monotonic()
        victim.kill()
        await victim.wait()
        ours.append((await _arrival(web1, "+819012345678", nth) - killed) * 1000)
        floor.append((await _arrival(web1, FLOOR_NUMBER, nth) - killed) * 1000)
        await bare.wait()
        victim = await start()
        await web1.logged(f"incident {nth} closed")
    victim.kill()
    await victim.wait()
    return {"WatchCall": ours, "floor: pidfd and http.client": floor}


@asynccontextmanager
async def _hanging(count: int) -> AsyncIterator[str]:
    """Yield checks of endpoints that take connections and never answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=10 * HUNG) as deaf:
        port = deaf.getsockname()[1]
        yield "".join(BESIDE.format(nth=nth, port=port) for nth in range(count))


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


async def _floor(web1: Server, pid: int) -> Process:
    account = web1.simulator.account.sid
    auth = base64.b64encode(f"{account}:{TOKEN}".encode()).decode()
    host = urlsplit(web1.simulator.url).netloc
    path = f"/2010-04-01/Accounts/{account}/Calls.json"
    return await _up("-c", FLOOR, str(pid), host, path, auth)


async def _up(*arguments: str) -> Process:
    """Start a Python and wait until it says that it is up."""
    process = await asyncio.create_subprocess_exec(PYTHON, *arguments, stdout=PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    return process
