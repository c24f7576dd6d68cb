"""A configuration that leads to a simulator, and commands run beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from watchcall.cli import main
from watchcall.simulator.simulator import Simulator

KEI, AOI = "+819012345678", "+819087654321"
CONFIG = """\
[twilio]
account_sid = "{sid}"
from = "+15005550006"
api_url = "{url}"
timeout = "2s"

[notify]
host = "web1"

[[contact]]
name = "kei"
phone = "+819012345678"
language = "ja-JP"

[[contact]]
name = "aoi"
phone = "+819087654321"

{more}

[[check]]
name = "httpd"
type = "process"
process = "httpd"

[daemon]
state_dir = "state"
control_socket = "control.sock"
"""
CHANNEL = """\
[[channel]]
name = "phone"
to = ["aoi", "kei"]
ring_timeout = "5s"
reached_by = "answer"
"""


class Stage:
    """Runs commands while the simulator answers.

    Use the fixture `stage`; `out`, `err` are what the last command printed.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
    ) -> None:
        self.monkeypatch, self._capsys, self.folder = monkeypatch, capsys, folder
        self.out = self.err = ""
        monkeypatch.setenv("WATCHCALL_CONFIG", str(folder / "config.toml"))
        monkeypatch.setenv("COLUMNS", "120")

    def configure(self, simulator: Simulator, more: str = CHANNEL, *, token: bool = True) -> None:
        config = self.folder / "config.toml"
        sid, url = simulator.account.sid, simulator.url
        config.write_text(CONFIG.format(sid=sid, url=url, more=more), encoding="utf-8")
        if token:
            self.monkeypatch.setenv("WATCHCALL_TWILIO__AUTH_TOKEN", simulator.account.token)

    async def run(self, *words: str) -> int:
        code = await asyncio.to_thread(main, list(words))
        self.out, self.err = self._capsys.readouterr()
        return code

    async def rehearse(self, script: dict[str, Any], *words: str, more: str = CHANNEL) -> int:
        """Run one command against a simulator of its own."""
        async with Simulator({"speed": 100, "queued": 0, **script}) as simulator:
            self.configure(simulator, more)
            return await self.run(*words)
