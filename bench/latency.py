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
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.daemon.server import TOKEN, Server

from bench.daemon import free_port
from bench.scale import lasting, many
from bench.stage import stage
from bench.table import show

HUNG = many(100)
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
PROCESS = """
[[check]]
name = "victim-{nth}"
type = "process"
process = "httpd"
cmdline = "{victim}-{nth} "
"""
HTTP = """
[[check]]
name = "victim-{nth}"
type = "http"
url = "http://127.0.0.1:{port}/"
"""
BESIDE = """
[[check]]
name = "hung-{nth}"
type = "http"
url = "http://127.0.0.1:{port}/{nth}"
fail_after = 100000
"""
SETTINGS = {'interval = "200ms"': 'interval = "30s"', "fail_after = 2": "fail_after = 1"}


async def measure(runs: int) -> None:
    for hung in (0, HUNG):
        beside = f", {hung} hung endpoints beside" if hung else ""
        for title, kill in (("kill -9", _processes), ("a web server's end", _servers)):
            show(f"{title} to POST{beside}", "ms", await kill(runs, hung))
            print(flush=True)


async def _processes(runs: int, hung: int) -> dict[str, list[float]]:
    async with stage() as web1, _hanging(hung) as beside:
        checks = [PROCESS.format(nth=nth, victim=web1.victim) for nth in range(runs)]
        code = "print('up', flush=True); import signal; signal.pause()"
        victims = [
            await _up("-c", code, f"{web1.victim}-{nth} ", name="httpd") for nth in range(runs)
        ]
        return await _killed(web1, beside + "".join(checks), victims)


async def _servers(runs: int, hung: int) -> dict[str, list[float]]:
    async with stage() as web1, _hanging(hung) as beside:
        ports = [free_port() for _ in range(runs)]
        checks = [HTTP.format(nth=nth, port=port) for nth, port in enumerate(ports)]
        victims = [await _up("-c", WEB, str(port)) for port in ports]
        return await _killed(web1, beside + "".join(checks), victims)


async def _killed(web1: Server, checks: str, victims: list[Process]) -> dict[str, list[float]]:
    """Let one victim after the other die; return ours and the floor in milliseconds."""
    try:
        return await _measured(web1, checks, victims)
    finally:
        for victim in victims:
            if victim.returncode is None:
                victim.kill()
                await victim.wait()


async def _measured(web1: Server, checks: str, victims: list[Process]) -> dict[str, list[float]]:
    ours, floor = [], []
    web1.configure(checks, **SETTINGS)
    await web1.start()
    for nth in range(len(victims)):
        await web1.logged(f"check 'victim-{nth}' is ok")
    for nth, victim in enumerate(victims, 1):
        bare = await _floor(web1, victim.pid)
        await asyncio.sleep(lasting(0.5 + random.random()))  # when it dies is chance
        killed = time.monotonic()
        victim.kill()
        await victim.wait()
        ours.append((await _arrival(web1, "+819012345678", nth) - killed) * 1000)
        floor.append((await _arrival(web1, FLOOR_NUMBER, nth) - killed) * 1000)
        await bare.wait()
        await web1.logged(f"failure of incident {nth} on channel")  # the phone is free again
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


async def _up(*arguments: str, name: str = "python") -> Process:
    """Start a Python by some name, and wait until it says that it is up."""
    process = await asyncio.create_subprocess_exec(name, *arguments, executable=PYTHON, stdout=PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    return process
