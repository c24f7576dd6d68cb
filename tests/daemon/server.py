"""A server with real processes: the daemon, a victim called httpd, and a Twilio on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import watchcall
from watchcall.simulator.api import Account
from watchcall.simulator.simulator import Simulator

TOKEN = "5ecre7" * 5 + "00"
ME = "+819012345678"
WITHIN = 45.0  # seconds for anything that is to happen; a busy machine needs more than a few

CONFIG = """\
[twilio]
account_sid = "AC00000000000000000000000000000000"
from = "+15005550006"
api_url = "{twilio}"

[notify]
host = "web1"
boot_grace = 0
group_wait = 0

[defaults]
interval = "200ms"
retry_interval = "100ms"
fail_after = 2

[[contact]]
name = "me"
phone = "{me}"
language = "{language}"

[[channel]]
name = "phone"
rounds = 1
round_delay = 0

[[check]]
name = "httpd"
type = "process"
process = "httpd"
cmdline = "{victim}"
"""


@dataclass
class Server:
    """One server; everything in `folder`, everything ended at the end.

    hurry: statements that make the daemon's own waits shorter, run before it starts
    through: a program, with arguments, that starts ours: in a namespace, without rights
    """

    folder: Path
    simulator: Simulator
    language: str = "en-US"
    extra: str = ""
    hurry: str = ""
    through: tuple[str, ...] = ()
    daemon: Process | None = None
    httpd: Process | None = None
    log: list[str] = field(default_factory=list)
    _readers: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def victim(self) -> str:
        return f"victim-of-{self.folder.name}-{os.getpid()}"

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def environ(self, **more: str) -> dict[str, str]:
        """A bare environment: what this test run has configured does not reach the daemon."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(watchcall.__file__).parent.parent),  # what is tested here
            "HOME": str(self.folder),
            "TZ": "Asia/Tokyo",
            "WATCHCALL_CONFIG": str(self.config),
            "WATCHCALL_DAEMON__STATE_DIR": str(self.folder / "state"),
            "WATCHCALL_DAEMON__CONTROL_SOCKET": str(self.folder / "control.sock"),
            "WATCHCALL_TWILIO__AUTH_TOKEN": TOKEN,
            **more,
        }

    def configure(self, extra: str = "", **changed: str) -> None:
        """Write the configuration; `changed` replaces text by other text."""
        text = CONFIG.format(
            twilio=self.simulator.url, me=ME, language=self.language, victim=self.victim
        )
        for old, new in changed.items():
            text = text.replace(old, new)
        self.config.write_text(text + extra)

    # The victim

    async def start_httpd(self) -> None:
        self.httpd = await asyncio.create_subprocess_exec(
            "httpd",
            *("-c", "import signal; print('up', flush=True); signal.pause()", self.victim),
            executable=os.path.realpath(sys.executable),
            stdout=PIPE,
        )
        assert self.httpd.stdout is not None
        await self.httpd.stdout.readline()

    async def kill_httpd(self) -> None:
        assert self.httpd is not None
        self.httpd.kill()
        await self.httpd.wait()

    # The daemon

    async def start(self, *flags: str, **environ: str) -> None:
        """Start the daemon, and wait until it says that it watches."""
        await self.spawn(*flags, **environ)
        await self.logged("watches", fresh=True)

    async def spawn(self, *flags: str, **environ: str) -> None:
        """Start the daemon, and wait for nothing."""
        self.daemon = await self.command("run", *flags, **environ)
        self._readers.append(asyncio.create_task(self._read(self.daemon)))

    async def kill(self) -> None:
        """kill -9, and gone."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; return the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: int) -> int:
        assert self.daemon is not None
        self.daemon.send_signal(number)
        async with asyncio.timeout(WITHIN):
            code = await self.daemon.wait()
            await asyncio.gather(*self._readers)
        return code

    async def _read(self, process: Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.log.append(line.decode().rstrip())

    async def command(self, *words: str, **environ: str) -> Process:
        """Start a command of ours."""
        program = ["-m", "watchcall"]
        if self.hurry and words[0] == "run":
            program = ["-c", f"{self.hurry}\nimport watchcall.__main__"]
        return await asyncio.create_subprocess_exec(
            *(*self.through, sys.executable, *program, *words),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            cwd=self.folder,
            env=self.environ(**environ),
        )

    async def run(self, *words: str, **environ: str) -> tuple[int, str, str]:
        """Run a command to its end; return exit code, output and errors."""
        process = await self.command(*words, **environ)
        async with asyncio.timeout(WITHIN):
            out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def json(self, *words: str) -> Any:
        """Return what a command answers with --json."""
        _, out, err = await self.run(*words, "--json")
        assert out, err
        return json.loads(out)

    # What can be waited for

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something outside this process has happened; it can only be polled."""
        async with asyncio.timeout(WITHIN):
            while not happened():  # noqa: ASYNC110 - no event comes from another process
                await asyncio.sleep(0.02)

    async def logged(self, words: str, *, fresh: bool = False) -> None:
        """Wait for a line of the log; `fresh`: one that was not there before."""
        before = sum(words in line for line in self.log) if fresh else 0
        try:
            await self.until(lambda: sum(words in line for line in self.log) > before)
        except TimeoutError:
            raise AssertionError("\n".join([f"not logged: {words}", *self.log])) from None

    def rung(self, times: int) -> bool:
        """Whether so many calls have come to their end."""
        return sum(call.status.final for call in self.simulator.calls) >= times

    def asked(self, method: str) -> list[dict[str, Any]]:
        """The requests of one method that reached Twilio."""
        return [one for one in self.simulator.entries("request") if one["method"] == method]

    @property
    def words(self) -> list[str]:
        """The words of each call: what its first repetition said."""
        said: dict[str, str] = {}
        for entry in self.simulator.entries("heard"):
            said.setdefault(entry["sid"], entry["words"])
        return list(said.values())


@asynccontextmanager
async def server(
    folder: Path, *behaviours: object, script: Mapping[str, Any] | None = None, **settings: Any
) -> AsyncIterator[Server]:
    """A server whose phone behaves as told, httpd running, the daemon not yet started.

    script: what else the simulator's script says; it wins
    """
    said = {
        "speed": 200,
        "queued": 0,
        "phones": {ME: list(behaviours) or ["answer"]},
        **(script or {}),
    }
    account = Account(token=TOKEN)
    async with Simulator(said, account=account) as simulator:
        built = Server(folder, simulator, **settings)
        built.configure(built.extra)
        await built.start_httpd()
        try:
            yield built
        finally:
            for process in (built.daemon, built.httpd):
                if process is not None and process.returncode is None:
                    process.kill()
                    await process.wait()
            await asyncio.gather(*built._readers)
