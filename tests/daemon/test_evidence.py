"""What explains a failure, with real processes: spoken, kept, and shown."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.daemon.server import Server, server

LATER = {"group_wait = 0": 'group_wait = "1s"'}
WEB = """
[[check]]
name = "page"
type = "http"
url = "http://127.0.0.1:{port}/"
"""
IN_UNIT = """
[[check]]
name = "app"
type = "process"
cmdline = "no-such-program-{mark}"
unit = "app.service"
"""


@asynccontextmanager
async def failing_page() -> AsyncIterator[int]:
    """A server on loopback whose every answer is an error with a secret in it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"database down\x1b[2J, password=hunter2"
        head = b"HTTP/1.1 500 Oops\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        writer.write(head % len(body) + body)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


async def kept(web1: Server) -> dict[str, object]:
    """The evidence of the last incident, once it is there; other processes bring it."""
    async with asyncio.timeout(45):
        while True:
            (incident, *_) = await web1.json("incidents")
            if incident["evidence"] is not None:
                evidence: dict[str, object] = incident["evidence"]
                return evidence


async def test_of_a_bad_answer_the_phases_and_the_body_are_kept(tmp_path: Path) -> None:
    async with failing_page() as port, server(tmp_path) as web1:
        web1.configure(WEB.format(port=port))
        await web1.start()
        await web1.logged("incident 1 opened")
        evidence = await kept(web1)

        look = evidence["look"]
        assert isinstance(look, dict)
        assert look["status"] == 500
        assert look["ms"]["first_byte"] > 0
        assert look["body"] == r"database down\x1b[2J, password=***"
        code, out, _ = await web1.run("incidents", "1")
        assert code == 0
        assert "it answered with status 500" in out
        assert r"body: database down\x1b[2J, password=***" in out
        assert (await web1.run("incidents", "2"))[0] == 2


async def test_the_phone_says_how_the_service_ended(tmp_path: Path) -> None:
    systemd = {
        "systemctl": "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=oom-kill\n"
        "ExecMainCode=2\nExecMainStatus=9",
        "journalctl": json.dumps({"MESSAGE": "out of memory", "PRIORITY": "3"}),
    }
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, says in systemd.items():
        (programs / name).write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\n")
        (programs / name).chmod(0o755)
    async with server(tmp_path) as web1:
        web1.configure(IN_UNIT.format(mark=os.getpid()), **LATER)
        await web1.start(PATH=f"{programs}:{os.environ['PATH']}")
        await web1.until(lambda: web1.rung(1))

        (words,) = web1.words
        assert " It was killed by the out-of-memory killer." in words
        _, out, _ = await web1.run("incidents", "1")
        assert "why: it was killed by the out-of-memory killer" in out
        assert "-: out of memory" in out


async def test_switched_off_nothing_is_kept(tmp_path: Path) -> None:
    async with failing_page() as port, server(tmp_path) as web1:
        web1.configure(
            WEB.format(port=port), **{"boot_grace = 0": "boot_grace = 0\nevidence = false"}
        )
        await web1.start()
        await web1.until(lambda: web1.rung(1))
        await web1.logged("tells")
        await web1.stop()
        await web1.start()

        (incident,) = await web1.json("incidents")
        assert incident["evidence"] is None
