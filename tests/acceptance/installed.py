"""A testbed with WatchCall installed as an operator does it, and a Twilio beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tests.acceptance.testbed import Booted, Testbed

TOKEN = "simulator"
CONFIG = """\
[twilio]
account_sid = "AC00000000000000000000000000000000"
from = "+15005550006"
api_url = "http://127.0.0.1:8129"

[notify]
boot_grace = 0
group_wait = 0

[defaults]
interval = "200ms"
retry_interval = "100ms"
fail_after = 2

[[contact]]
name = "me"
phone = "+819012345678"
language = "en-US"

[[check]]
name = "httpd"
type = "process"
process = "httpd"
"""
TWILIO = """\
[Service]
ExecStart={program} simulator --plain --speed 100 --ledger /run/twilio.jsonl
"""


@dataclass
class Server:
    """One booted machine, alone with itself: no network but its own loopback."""

    testbed: Booted

    def put(self, source: Path, *, into: str = "/opt", name: str = "") -> str:
        """Copy a file or a folder inside; return where it is there."""
        return self.testbed.put(source, into=into, name=name)

    def install(self, deb: Path) -> str:
        """Install or upgrade a package; return what the operator reads."""
        return self.testbed.exec("dpkg", "--install", self.put(deb))

    def type(self, text: str) -> str:
        """Type what a page shows, in root's folder, and `y` where it asks; return what is said."""
        done = self.ask(text)
        assert done.returncode == 0, f"{text}: exit code {done.returncode}: {done.stdout}"
        return done.stdout

    def ask(self, text: str) -> CompletedProcess[str]:
        """Do the same; return how it ended, too."""
        script = f"cd /root; exec 2>&1\n{text}"
        return self.testbed.run("bash", "-e", "-c", script, input="y\n")

    def exists(self, path: str) -> bool:
        """Whether there is something of that name, be it a link that leads nowhere."""
        return self.testbed.exists(path)

    def stat(self, path: str) -> str:
        """Return whose something is, and its mode: `root:watchcall 750`."""
        return self.testbed.exec("stat", "--format=%U:%G %a", path).strip()

    def configure(self) -> None:
        """Write the configuration and the token, as the manual says."""
        for name, text, mode in (
            ("config.toml", CONFIG, "640"),
            ("twilio_auth_token", f"{TOKEN}\n", "600"),
        ):
            install = ("install", "-m", mode, "-g", "watchcall", "/dev/stdin")
            self.testbed.exec(*install, f"/etc/watchcall/{name}", input=text)

    def start_twilio(self, program: str = "/usr/bin/watchcall") -> None:
        unit = "/run/systemd/system/twilio.service"
        text = TWILIO.format(program=program)
        self.testbed.exec("install", "-D", "--mode=644", "/dev/stdin", unit, input=text)
        self.testbed.systemctl("daemon-reload")
        self.testbed.systemctl("start", "twilio")
        self.until(lambda: self.exists("/run/twilio.jsonl"))

    def property(self, name: str, unit: str = "watchcall") -> str:
        """Return what systemd says of a unit."""
        return self.testbed.exec("systemctl", "show", "--value", "-p", name, unit).strip()

    def json(self, *words: str, program: str = "watchcall") -> Any:
        """Return what a command answers with --json; None where it does not."""
        said = self.testbed.exec(program, *words, "--json", check=False)
        return json.loads(said) if said else None

    def watches(self, program: str = "watchcall") -> bool:
        """Whether every check has been found well."""
        status = self.json("status", program=program)
        return bool(status) and {check["state"] for check in status["checks"]} == {"ok"}

    def outcomes(self, program: str = "watchcall") -> list[str]:
        """Return how its calls went."""
        return [call["outcome"] for call in self.json("calls", program=program) or []]

    def rings(self, program: str = "watchcall", calls: int = 1) -> list[str]:
        """Stop httpd; return how the calls went, once so many are over."""
        self.testbed.systemctl("stop", "httpd")
        self.until(lambda: self.outcomes(program) == ["answered"] * calls)
        return self.outcomes(program)

    def until(self, happened: Callable[[], object]) -> None:
        """Wait until something inside has happened; it can only be polled."""
        deadline = time.monotonic() + self.testbed.within
        while not happened():
            if time.monotonic() > deadline:
                raise AssertionError(self.testbed.exec("journalctl", "--lines=40", "--output=cat"))
            time.sleep(self.testbed.pause)


@contextmanager
def server(name: str, folder: Path, *more: str) -> Iterator[Server]:
    """Boot one; httpd runs, and nothing of WatchCall is there.

    more: Debian's packages that are there besides
    """
    testbed = Testbed(name=name, console=folder / "console.log", more=more)
    testbed.start()
    # There is no network to wait two minutes for.
    testbed.systemctl("mask", "--runtime", "--quiet", "systemd-networkd-wait-online")
    try:
        yield Server(testbed)
    finally:
        testbed.stop()
