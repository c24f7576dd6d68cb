"""Notices by the real daemon: to a real web service, a real program, and across a kill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.channels.outlets import listening, saying
from tests.daemon.server import Server, server

NO_CALLS = {"rounds = 1\n": "rounds = 1\ndefault = false\n"}


def hook(url: str) -> str:
    return f"""
[[channel]]
name = "chat"
type = "webhook"
url = "{url}/hook/S3CR3T"
headers = {{ Authorization = "Bearer S3CR3T" }}
recovery = true
"""


def ticket(script: str) -> str:
    return f"""
[[channel]]
name = "ticket"
type = "command"
command = ["/bin/sh", "-c", '''{script}''']
"""


async def calls(web1: Server) -> list[tuple[Any, ...]]:
    keys = ("type", "channel", "to", "outcome")
    return [tuple(one[key] for key in keys) for one in await web1.json("calls")]


async def test_a_web_service_and_a_program_are_told_and_no_secret_is_logged(
    tmp_path: Path,
) -> None:
    given = tmp_path / "given"
    async with listening(saying("204 No Content")) as service, server(tmp_path) as web1:
        talks = f"cat > {given}; echo it is Bearer S3CR3T >&2; exit 1"
        web1.configure(hook(service.url) + ticket(talks), **NO_CALLS)
        await web1.start()
        await web1.kill_httpd()
        await web1.until(lambda: bool(service.asked) and given.exists())
        await web1.logged("on channel 'ticket': rejected: /bin/sh exited with 1: it is ********")
        await web1.start_httpd()
        await web1.until(lambda: len(service.asked) == 2)
        await web1.logged("recovery of incident 1 on channel 'chat': reached")

        told: list[dict[str, Any]] = [json.loads(body) for _, body in service.asked]
        assert [one["event"] for one in told] == ["failure", "recovery"]
        assert told[0]["text"].startswith("web1: httpd failing since ")
        assert json.loads(given.read_text())["incidents"][0]["check"] == "httpd"
        assert sorted(await calls(web1)) == [
            ("command", "ticket", "/bin/sh", "rejected"),
            ("webhook", "chat", service.url, "delivered"),
            ("webhook", "chat", service.url, "delivered"),
        ]
        assert "channel ticket: " in (await web1.json("status"))["pager"]["reason"]
    assert web1.simulator.calls == []
    assert "S3CR3T" not in "\n".join(web1.log)


async def test_what_was_under_way_at_a_kill_is_told_again(tmp_path: Path) -> None:
    given = tmp_path / "given"
    script = f"cat >> {given}; echo >> {given}; test -e {tmp_path}/again || exec sleep 10"
    async with server(tmp_path) as web1:
        web1.configure(ticket(script), **NO_CALLS)
        await web1.start()
        await web1.kill_httpd()
        await web1.until(lambda: given.exists() and given.read_text().endswith("\n"))
        await web1.kill()
        (tmp_path / "again").touch()
        await web1.start()
        await web1.logged("channel 'ticket': reached")

        first, second = map(json.loads, given.read_text().splitlines())
        assert first["notification"] == second["notification"]
        assert first["attempt"] != second["attempt"]
        assert [one[3] for one in await calls(web1)] == ["delivered", "uncertain"]
