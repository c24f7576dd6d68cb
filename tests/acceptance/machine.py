"""A server as its owner sees it: httpd runs, WatchCall is installed, Twilio is on loopback.

Nothing here knows WatchCall from within: it is configured, started and asked as by hand, and what
the phone hears is read from the simulator's ledger.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tests.acceptance.installed import TOKEN, Server

WHY_WAITS = "3s"  # the default; within it comes what explains a failure
LEDGER = "/var/lib/twilio/ledger.jsonl"
PLACES = ("POST", "/Calls.json")
ME = "+819012345678"
PROCESS = '[[check]]\nname = "httpd"\ntype = "process"\nprocess = "httpd"\n'
UNIT = '[[check]]\nname = "service"\ntype = "unit"\nunit = "httpd.service"\n'
HTTP = '[[check]]\nname = "page"\ntype = "http"\nurl = "http://127.0.0.1/"\n'

# The defaults, only faster: a failure is confirmed after a second.
CONFIG = """\
[twilio]
account_sid = "AC00000000000000000000000000000000"
from = "+15005550006"
api_url = "http://127.0.0.1:8129"

[notify]
host = "web1"
boot_grace = "{boot_grace}"
group_wait = "{group_wait}"
call_on_recovery = {call_on_recovery}

[defaults]
interval = "1s"
retry_interval = "{retry_interval}"
fail_after = {fail_after}

[[contact]]
name = "me"
phone = "{phone}"
language = "{language}"

"""

TWILIO = """\
[Unit]
Description=Twilio, as far as this machine is concerned
Before=watchcall.service
[Service]
ExecStart=/usr/bin/watchcall simulator --plain --speed 100 --ledger /var/lib/twilio/ledger.jsonl
StateDirectory=twilio
[Install]
WantedBy=multi-user.target
"""


@dataclass
class Machine(Server):
    """One machine; every test finds it as `restore` leaves it."""

    deb: Path  # WatchCall's package
    _since: str = ""  # where in the journal this test begins

    # As it is found

    def restore(self) -> None:
        """Httpd runs, WatchCall does not, its state is empty, and no phone has rung."""
        if not self.exists("/usr/bin/watchcall"):
            self.install(self.deb)
        units = ("watchcall", "watchcall-lastgasp", "twilio")
        self.exec("systemctl", "stop", *units, check=False)
        for changed in ("httpd", "watchcall"):
            self.exec("rm", "-rf", f"/etc/systemd/system/{changed}.service.d")
        self.exec("rm", "-rf", "/var/lib/watchcall", "/var/lib/twilio")
        self.write("/etc/systemd/system/twilio.service", TWILIO)
        self.systemctl("daemon-reload")
        self.systemctl("disable", "--quiet", "watchcall")
        self.systemctl("enable", "--quiet", "twilio", "httpd")
        self.exec("sed", "-i", "/NoSuchDirective/d", "/etc/httpd/httpd.conf")
        self.exec("systemctl", "kill", "--signal=KILL", "httpd", check=False)
        # Until systemd has seen its end it counts as running, and a start would do nothing.
        self.systemctl("stop", "httpd")
        self.systemctl("reset-failed")
        self.systemctl("start", "httpd", "twilio")
        self.testbed.wait_for_httpd()
        self.until(lambda: self.ledger("start"))
        self._since = self.exec("journalctl", "--lines=0", "--show-cursor").split()[-1]
        self.configure(PROCESS)

    def configure(self, *checks: str, **changed: str) -> None:
        """Write the configuration and the token where the manual says."""
        told = {
            "boot_grace": "0",
            "call_on_recovery": "false",
            "group_wait": "300ms",
            "retry_interval": "300ms",
            "fail_after": "3",
            "phone": ME,
            "language": "en-US",
        }
        text = CONFIG.format(**told | changed) + "\n".join(checks)
        self.write("/etc/watchcall/config.toml", text, mode="640", group="watchcall")
        self.write("/etc/watchcall/twilio_auth_token", f"{TOKEN}\n", mode="600")

    def drop_in(self, unit: str, text: str) -> None:
        """What `systemctl edit` does."""
        self.write(f"/etc/systemd/system/{unit}.service.d/test.conf", text)
        self.systemctl("daemon-reload")

    def write(self, path: str, text: str, *, mode: str = "644", group: str = "root") -> None:
        words = ("install", "-D", f"--mode={mode}", f"--group={group}", "/dev/stdin", path)
        self.exec(*words, input=text)

    def reboot(self) -> None:
        self.testbed.reboot()
        self._since = ""  # the journal is in memory, and begins anew

    # What its owner types

    def exec(self, *argv: str, input: str = "", check: bool = True) -> str:
        return self.testbed.exec(*argv, input=input, check=check)

    def systemctl(self, *words: str) -> None:
        self.testbed.systemctl(*words)

    def run(self, *argv: str) -> CompletedProcess[str]:
        return self.testbed.run(*argv)

    def watch(self) -> None:
        """Start WatchCall, and wait until it has found everything well."""
        self.systemctl("start", "watchcall")
        self.until(self.watches)

    def well(self) -> None:
        """Wait until every check has been looked at once more, and found well."""
        now = datetime.now(UTC).isoformat()

        def looked() -> bool:
            checks = self.json("status")["checks"]
            return all(one["last_seen_at"] > now and one["failures"] == 0 for one in checks)

        self.until(looked)
        assert self.watches()

    def fails(self) -> bool:
        """Whether every check is found failing; not while WatchCall is not up."""
        status = self.json("status")
        return bool(status) and {check["state"] for check in status["checks"]} == {"failing"}

    # What happened

    def journal(self, unit: str = "watchcall") -> list[str]:
        """What a unit has written since the test began."""
        since = [f"--after-cursor={self._since}"] if self._since else []
        return self.exec(
            "journalctl", f"--unit={unit}", "--output=cat", "--quiet", *since
        ).splitlines()

    def logged(self, words: str) -> str:
        """Wait for a line of WatchCall's journal, and return it."""
        self.until(lambda: any(words in line for line in self.journal()))
        return next(line for line in self.journal() if words in line)

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """What the simulator has written down, of one kind."""
        lines = self.testbed.read(LEDGER).splitlines() if self.exists(LEDGER) else []
        return [entry for entry in map(json.loads, lines) if entry["kind"] == kind]

    def dialled(self) -> list[dict[str, Any]]:
        """The requests that place calls."""
        asked = self.ledger("request")
        return [one for one in asked if (one["method"], one["path"][-11:]) == PLACES]

    def heard(self, calls: int = 1) -> list[str]:
        """Wait until so many calls are over; return what was said in each, once."""
        self.until(lambda: len(self._words()) >= calls)
        return self._words()

    def told(self, incident: int = 1) -> None:
        """Wait until WatchCall knows that somebody has heard of an incident."""
        self.logged(f"failure of incident {incident} on channel 'phone': reached")

    def _words(self) -> list[str]:
        said: dict[str, str] = {}
        for entry in self.ledger("heard"):
            said.setdefault(entry["sid"], entry["words"])
        return list(said.values())
