"""Ports, plugins and the host itself, watched by the daemon with real ones."""

from __future__ import annotations

import json
from pathlib import Path

from tests.daemon.server import server
from tests.probes.servers import Hang, serving

PLUGIN = """
[[check]]
name = "backup"
type = "command"
command = ["./check_backup"]
"""
HANGING = """
[[check]]
name = "hanging"
type = "command"
command = ["/bin/sleep", "600"]
timeout = "60s"
"""
OTHERS = """
[[check]]
name = "port"
type = "tcp"
host = "localhost"
port = {port}

[[check]]
name = "machine"
type = "host"
load = {{ critical = 100000 }}
memory_used = {{ critical = 100 }}
disk_used = {{ critical = 100 }}
"""


def plugin(folder: Path, text: str) -> None:
    """Put a script in its place at once: one that is half written would be run too."""
    new = folder / "new"
    new.write_text(f"#!/bin/sh\n{text}\n")
    new.chmod(0o755)
    new.rename(folder / "check_backup")


async def test_what_a_plugin_says_is_said_on_the_phone(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        plugin(tmp_path, "echo 'BACKUP OK'")
        web1.configure(extra=PLUGIN)
        await web1.start()
        await web1.logged("check 'backup' is ok")
        plugin(tmp_path, "echo 'BACKUP CRITICAL: the last one is 3 days old | age=72h'; exit 2")
        await web1.until(lambda: web1.rung(1))

        (words,) = web1.words
        assert "backup has been failing since " in words
        assert "BACKUP CRITICAL: the last one is 3 days old." in words


async def test_a_plugin_that_hangs_delays_no_other_check(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        web1.configure(extra=HANGING)
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        await web1.kill_httpd()
        await web1.until(lambda: web1.rung(1))

        (words,) = web1.words
        assert "httpd has been failing since " in words


async def test_a_port_and_the_machine_are_watched(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        async with serving([Hang()], greets=True) as listener:
            web1.configure(extra=OTHERS.format(port=listener.port))
            await web1.start()
            await web1.logged("check 'port' is ok")
            await web1.logged("check 'machine' is ok")
            machine = await web1.json("probe", "machine")
        await web1.until(lambda: web1.rung(1))

        (words,) = web1.words
        assert "port has been failing since " in words
        assert f"Localhost refused the connection to port {listener.port}." in words
        assert machine["reason"].startswith("the load of each core is ")
        assert all(rule in json.dumps(machine) for rule in ("load", "memory_used", "disk_used"))
