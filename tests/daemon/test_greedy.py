"""Looks that use up the daemon's file descriptors: nobody is called about what was not looked at,
and people can still be called."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.server import Server, server

LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))"
MANY = 120
SHORT = "no file descriptors are left for looking"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Slow:
    """Answers nobody until it is told to answer everybody."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.waiting = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.waiting += 1
        await self.answers.wait()
        writer.write(OK)
        await writer.drain()
        writer.close()


TARGETS = {
    "http": 'url = "http://127.0.0.1:{port}/"',
    "tcp": 'host = "127.0.0.1"\nport = {port}\nexpect = "200"',
}


def greedy(kind: str, port: int) -> str:
    return "".join(
        f"""
[[check]]
name = "web{number}"
type = "{kind}"
timeout = "60s"
{TARGETS[kind].format(port=port)}
"""
        for number in range(MANY)
    )


async def webs(web1: Server) -> list[dict[str, Any]]:
    checks = (await web1.json("status"))["checks"]
    return [one for one in checks if one["name"] != "httpd"]


@pytest.mark.parametrize("kind", TARGETS)
async def test_without_descriptors_people_are_called_about_what_is_known_and_nothing_else(
    kind: str, tmp_path: Path
) -> None:
    slow = Slow()
    listener = await asyncio.start_server(slow.talk, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, server(tmp_path, hurry=LIMIT) as web1:
        web1.configure(greedy(kind, port))
        await web1.start()
        await web1.logged(SHORT)

        said = await web1.json("status")
        assert any(SHORT in trouble for trouble in said["troubles"])
        none = "WatchCall has no file descriptors left"
        async with asyncio.timeout(20):  # looks wait a moment for others to end
            while none not in {one["reason"] for one in await webs(web1)}:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.2)
        assert slow.waiting < MANY

        await web1.kill_httpd()
        await web1.logged("channel 'phone': reached")
        assert {one["check"] for one in await web1.json("incidents")} == {"httpd"}

        slow.answers.set()
        await web1.logged("there are file descriptors for looking again")
        async with asyncio.timeout(45):
            while {one["state"] for one in await webs(web1)} != {"ok"}:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.5)
        assert {one["check"] for one in await web1.json("incidents")} == {"httpd"}
        assert not any("Traceback" in line for line in web1.log), web1.log
