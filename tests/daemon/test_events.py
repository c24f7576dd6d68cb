"""Events, with the real daemon: it looks only every ten minutes, and notices all the same."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.daemon import free_port

from tests.daemon.server import WITHIN, Server, server

SELDOM = {'interval = "200ms"': 'interval = "10m"'}
AT_ONCE = {**SELDOM, "fail_after = 2": "fail_after = 1"}
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
SITE = '[[check]]\nname = "site"\ntype = "http"\nurl = "http://127.0.0.1:{port}/"\n'
NO_PIDFD = """
import os
def pidfd_open(pid, flags=0):
    raise PermissionError(1, "Operation not permitted")
os.pidfd_open = pidfd_open
"""


async def test_a_dead_process_is_called_about_at_once(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        web1.configure(**AT_ONCE)
        await web1.start()
        await web1.logged("check 'httpd' is ok")

        await web1.kill_httpd()
        await web1.until(lambda: web1.rung(1))

        assert "no process named httpd" in " ".join(web1.log)
        assert (await web1.json("status"))["events"] == {"processes": "pidfd", "servers": None}


async def test_a_restart_within_the_confirmation_calls_nobody(tmp_path: Path) -> None:
    """Seen at once, looked at again soon, and fine by then."""
    async with server(tmp_path) as web1:
        slowly = {
            'retry_interval = "100ms"': 'retry_interval = "1s"',
            "fail_after = 2": "fail_after = 4",
        }
        web1.configure(**SELDOM, **slowly)
        await web1.start()
        await web1.logged("check 'httpd' is ok")

        await web1.kill_httpd()
        await web1.logged("check 'httpd' failure 1/4")
        await web1.start_httpd()
        async with asyncio.timeout(WITHIN):
            while (await web1.json("status"))["checks"][0]["failures"]:
                pass  # each question takes its time

        assert await web1.json("incidents") == []
        assert web1.asked("POST") == []


async def test_without_permission_it_is_polled_and_said(tmp_path: Path) -> None:
    async with server(tmp_path, hurry=NO_PIDFD) as web1:
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        said = "polling: httpd: pidfd_open: Operation not permitted"
        assert (await web1.json("status"))["events"]["processes"] == said
        assert f"processes: {said}" in (await web1.run("status"))[1]

        await web1.kill_httpd()
        await web1.until(lambda: web1.rung(1))


async def test_the_end_of_a_local_web_server_is_called_about_at_once(tmp_path: Path) -> None:
    async with server(tmp_path) as web1, site() as (web, check):
        web1.configure(check, **AT_ONCE)
        await web1.start()
        await web1.logged("check 'site' is ok")
        await _held(web1, "connections")

        web.kill()
        await web1.until(lambda: web1.rung(1))

        assert "check 'site' is failing" in " ".join(web1.log)


async def test_a_dead_process_makes_local_addresses_be_looked_at(tmp_path: Path) -> None:
    """No connection is held here: only the death says that something is wrong."""
    async with server(tmp_path) as web1, site() as (web, check):
        web1.configure(check + "\n[daemon]\ncanary = false\n", **AT_ONCE)
        await web1.start()
        await web1.logged("check 'site' is ok")
        await web1.logged("check 'httpd' is ok")
        await _held(web1, "polling: daemon.canary is off")

        web.kill()
        await web.wait()
        await web1.kill_httpd()

        await web1.logged("check 'site' is failing")


@asynccontextmanager
async def site() -> AsyncIterator[tuple[Process, str]]:
    """A web server of this machine, and a check of it."""
    port = free_port()
    web = await asyncio.create_subprocess_exec(sys.executable, "-c", WEB, str(port), stdout=PIPE)
    assert web.stdout is not None
    await web.stdout.readline()
    try:
        yield web, SITE.format(port=port)
    finally:
        if web.returncode is None:
            web.kill()
        await web.wait()


async def _held(web1: Server, how: str) -> None:
    async with asyncio.timeout(WITHIN):
        while (await web1.json("status"))["events"]["servers"] != how:
            pass  # each question takes its time
