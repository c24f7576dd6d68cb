"""WatchCall as it is installed: its program at /usr/bin/watchcall, its units, its user.

How the program gets there is all in `program`: what runs inside is the source that is tested and
the libraries of whoever runs the tests. A package would take its place.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic

import watchcall
from tests.acceptance.testbed import Testbed
from watchcall.simulator import ledger

SYSTEMD = Path(__file__).parents[2] / "systemd"
BINDS = {
    "/opt/watchcall/watchcall": Path(watchcall.__file__).parent,
    "/opt/site": Path(pydantic.__file__).parents[1],
}
PROGRAM = """\
#!/usr/bin/python3
import sys
from watchcall.entry import main
sys.exit(main())
"""
TOKEN = "simulator"
ME, KEI = "+819012345678", "+819087654321"
TWILIO = "http://127.0.0.1:8129"
CONFIG = f"""\
[twilio]
account_sid = "AC00000000000000000000000000000000"
from = "+15005550006"
api_url = "{TWILIO}"

[notify]
host = "web1"
boot_grace = 0
group_wait = "2s"

[defaults]
interval = "1s"
retry_interval = "200ms"
fail_after = 2

[[contact]]
name = "me"
phone = "{ME}"

[[contact]]
name = "kei"
phone = "{KEI}"
language = "de-DE"

[[check]]
name = "httpd"
type = "process"
process = "httpd"

[[check]]
name = "unit"
type = "unit"
unit = "httpd"
"""
WITHIN_S = 45.0
SIMULATOR = "simulator.service"


def program(testbed: Testbed) -> None:
    """Put /usr/bin/watchcall in its place."""
    paths = testbed.root / "usr/lib/python3/dist-packages/watchcall.pth"
    paths.write_text("/opt/watchcall\n/opt/site\n")
    (testbed.root / "usr/bin/watchcall").write_text(PROGRAM)
    (testbed.root / "usr/bin/watchcall").chmod(0o755)


@dataclass
class Service:
    """WatchCall in the testbed, as root there sees it."""

    testbed: Testbed

    def install(self) -> None:
        program(self.testbed)
        units = self.path("/etc/systemd/system")
        for unit in SYSTEMD.glob("*.service"):
            (units / unit.name).write_text(unit.read_text())
        users = self.path("/etc/sysusers.d/watchcall.conf")
        users.parent.mkdir(exist_ok=True)
        users.write_text((SYSTEMD / "sysusers.d/watchcall.conf").read_text())
        self.sh("systemd-sysusers; install -d -m 750 -g watchcall /etc/watchcall")
        self.testbed.systemctl("daemon-reload")

    def fresh(self) -> None:
        """As just installed: no state, the small configuration, the token, a simulator."""
        self.sh(
            "systemctl stop watchcall watchcall-lastgasp simulator;"
            "systemctl reset-failed;"
            "rm -rf /var/lib/watchcall /etc/watchcall/* /var/lib/simulator"
            " /etc/systemd/system/watchcall*.service.d;"
            "systemctl daemon-reload"
        )
        self.configure(CONFIG)
        self.secret(TOKEN)

    def path(self, inside: str) -> Path:
        return self.testbed.root / inside.lstrip("/")

    def sh(self, script: str) -> str:
        return self.testbed.exec("sh", "-c", f"{{ {script}; }} 2>&1", check=False)

    def configure(self, text: str) -> None:
        self.path("/etc/watchcall/config.toml").write_text(text)
        self.sh("chgrp watchcall /etc/watchcall/config.toml; chmod 640 /etc/watchcall/config.toml")

    def secret(self, text: str, name: str = "twilio_auth_token", mode: int = 0o600) -> None:
        path = self.path(f"/etc/watchcall/{name}")
        path.write_text(text)
        path.chmod(mode)

    def drop_in(self, text: str, unit: str = "watchcall.service") -> None:
        folder = self.path(f"/etc/systemd/system/{unit}.d")
        folder.mkdir(exist_ok=True)
        (folder / "test.conf").write_text(text)
        self.testbed.systemctl("daemon-reload")

    def start(self, *, wait: bool = True) -> None:
        self.sh(f"systemctl start {'' if wait else '--no-block'} watchcall")

    def show(self, *names: str, unit: str = "watchcall") -> dict[str, str]:
        lines = self.sh(f"systemctl show {unit} -p {','.join(names)}").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def journal(self, unit: str = "watchcall") -> str:
        """What a unit has said since `fresh`, and what systemd said of it."""
        return self.sh(f"journalctl --no-pager -o cat -u {unit} --since=@{self.since}")

    def mark(self) -> None:
        self.since = f"{time.time():.6f}"

    def until(self, happened: Callable[[], object], within: float = WITHIN_S) -> None:
        """Wait for something inside; it can only be polled."""
        deadline = time.monotonic() + within
        while not happened():
            late = time.monotonic() > deadline
            assert not late, self.journal() + self.journal("watchcall-lastgasp")
            time.sleep(0.1)

    def until_shown(self, name: str, value: str, unit: str = "watchcall") -> None:
        self.until(lambda: self.show(name, unit=unit).get(name) == value)

    # Twilio

    def twilio(self, script: str = "") -> None:
        """Start a Twilio, whose phones do as the script says."""
        self.sh("install -d /var/lib/simulator")
        self.path("/var/lib/simulator/phones.toml").write_text(f"speed = 50\nqueued = 0\n{script}")
        self.sh(
            f"systemd-run --quiet --collect --unit={SIMULATOR} /usr/bin/watchcall simulator --plain"
            " --script /var/lib/simulator/phones.toml --ledger /var/lib/simulator/ledger.jsonl"
        )
        self.until(lambda: self.entries("start"))

    def no_twilio(self) -> None:
        self.sh(f"systemctl stop {SIMULATOR}")

    def entries(self, kind: str) -> list[dict[str, Any]]:
        path = self.path("/var/lib/simulator/ledger.jsonl")
        if not path.exists():
            return []
        return [entry for entry in ledger.entries(path) if entry["kind"] == kind]

    def posts(self) -> list[dict[str, Any]]:
        """The calls that Twilio was asked for."""
        asked = [one for one in self.entries("request") if one["method"] == "POST"]
        return [one["params"] for one in asked]
