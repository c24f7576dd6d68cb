"""What explains a failure, with real processes: spoken, kept, and shown."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.daemon.server import Server, server

LATER = {"group_wait = 0": 'group_wait = "3s"'}
WEB = """
[[check]]
name = "page"
type = "http"
url = "http://127.0.0.1:{port}/"
"""
# A process check with a unit is unknown where systemd does not run the machine.
WITH_SYSTEMD = (
    "import pathlib; from watchcall.probes import process; process.SYSTEMD = pathlib.Path('/')"
)
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


def systemd(folder: Path, first: str = "") -> dict[str, str]:
    """The environment of a server without a bus, whose systemctl says that memory ran out.

    first: what it does before
    """
    says = {
        "systemctl": "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=oom-kill\n"
        "ExecMainCode=2\nExecMainStatus=9",
        "journalctl": json.dumps({"MESSAGE": "out of memory", "PRIORITY": "3"}),
    }
    programs = folder / "bin"
    programs.mkdir()
    for name, said in says.items():
        (programs / name).write_text(f"#!/bin/sh\n{first}\ncat <<'END'\n{said}\nEND\n")
        (programs / name).chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    return {"PATH": path, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/none"}


async def test_the_phone_says_how_the_service_ended(tmp_path: Path) -> None:
    async with server(tmp_path, hurry=WITH_SYSTEMD) as web1:
        web1.configure(IN_UNIT.format(mark=os.getpid()), **LATER)
        await web1.start(**systemd(tmp_path))
        await web1.until(lambda: web1.rung(1))

        (words,) = web1.words
        assert " It was killed by the out-of-memory killer." in words
        _, out, _ = await web1.run("incidents", "1")
        assert "why: it was killed by the out-of-memory killer" in out
        assert "-: out of memory" in out


async def test_where_systemd_is_slow_the_call_does_not_wait_and_the_reason_comes_later(
    tmp_path: Path,
) -> None:
    answers = tmp_path / "answers"
    waits = f"echo $$ > {tmp_path}/asked; until [ -e {answers} ]; do sleep 0.05; done"
    async with server(tmp_path, hurry=WITH_SYSTEMD) as web1:
        web1.configure(IN_UNIT.format(mark=os.getpid()), **LATER)
        await web1.start(**systemd(tmp_path, first=waits))
        await web1.until(lambda: web1.rung(1))
        assert "memory" not in web1.words[0]
        assert (await kept(web1))["unasked"] == "no answer within 3 s"

        answers.touch()
        await web1.logged("incident 1: it was killed by the out-of-memory killer")
        _, out, _ = await web1.run("incidents", "1")
        assert "why: it was killed by the out-of-memory killer" in out
        assert (await kept(web1))["unasked"] is None


async def test_the_end_of_the_daemon_does_not_wait_for_systemd(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    hangs = f"echo $$ > {asked}.new; mv {asked}.new {asked}; exec sleep 600"
    async with server(tmp_path, hurry=WITH_SYSTEMD) as web1:
        web1.configure(IN_UNIT.format(mark=os.getpid()))
        await web1.start(**systemd(tmp_path, first=hangs))
        await web1.until(asked.exists)

        assert await web1.stop() == 0
        assert not Path(f"/proc/{asked.read_text().strip()}/fd").exists()


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
