"""A terminal on the machine: what its owner types, what comes, and what has come of it.

`python -m tests.acceptance.console docs/tutorial.md` types all that a page shows, in order, on a
machine where WatchCall was just installed, and prints the page with what really came.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.machine import Machine
from tests.acceptance.testbed import Testbed
from tests.packaging import built

WIDTH = 100
CALM_S = 2.0  # seconds without a line in the journals; longer than WatchCall's question to Twilio
SETTLED_S = 60.0
FOLDER = "/root/watchcall"
# The reader's machine was booted long ago, ours a second ago.
BOOTED = "[Service]\nEnvironment=WATCHCALL_NOTIFY__BOOT_GRACE=0\n"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"^    \$ (.*)\n((?:    (?!\$ ).*\n)*)", re.MULTILINE)
NAMED = re.compile(r"`([\w.-]+)`[^`]*\Z")  # the file that the words before a block name


@dataclass
class Console:
    """A terminal in a folder of its own."""

    machine: Machine

    def fresh(self) -> None:
        """As after the installation: nothing is configured, and no Twilio is there."""
        self.machine.restore()
        self.machine.systemctl("disable", "--quiet", "--now", "twilio")
        self.machine.exec("rm", "/etc/systemd/system/twilio.service")
        self.machine.exec("sh", "-c", "rm -r /etc/watchcall/*")
        self.machine.drop_in("watchcall", BOOTED)
        self.machine.exec("journalctl", "--rotate", "--vacuum-time=1us")
        self.machine.exec("mkdir", "-p", FOLDER)

    def type(self, command: str) -> str:
        """Run what is typed; return what comes, once all that it leads to is over."""
        words = f"cd {FOLDER} && export COLUMNS={WIDTH} PAGER=cat SYSTEMD_COLORS=0\n{command}"
        done = self.machine.run("bash", "-c", f"exec 2>&1\n{words}")
        self.settle()
        return done.stdout

    def settle(self) -> None:
        """Wait until WatchCall sees how things are, no phone rings, and nothing is written."""
        deadline, calm_since, before = time.monotonic() + SETTLED_S, time.monotonic(), ""
        while time.monotonic() - calm_since < CALM_S:
            written = self._written()
            if written != before or self._waits():
                calm_since, before = time.monotonic(), written
            assert time.monotonic() < deadline, f"no calm:\n{written}"
            time.sleep(0.1)

    def _written(self) -> str:
        return self.machine.exec("journalctl", "--quiet", "--output=cat", "-u", "watchcall")

    def _waits(self) -> bool:
        status = self.machine.json("status")
        if status is None:
            return False
        active = self.machine.property("ActiveState", "httpd") == "active"
        states = {check["state"] for check in status["checks"]}
        pending = [one for one in self.machine.json("calls") if one["outcome"] == "pending"]
        return states != {"ok" if active else "failing"} or bool(pending)


def played(page: str, console: Console) -> Iterator[str]:
    """Yield a page piece by piece, with what really came in place of what it shows."""
    at = 0
    for found in sorted(
        (*FENCE.finditer(page), *TYPED.finditer(page)), key=lambda one: one.start()
    ):
        yield page[at : found.start()]
        at = found.end()
        if found.re is TYPED:
            said = console.type(found[1])
            yield f"    $ {found[1]}\n{_indented(said)}"
            continue
        yield found[0]
        if found[1] == "sh":
            console.type(found[2])
        elif named := NAMED.search(page[: found.start()]):
            console.machine.write(f"{FOLDER}/{named[1]}", found[2])
    yield page[at:]


def _indented(text: str) -> str:
    return "".join(f"    {line.rstrip()}\n" for line in text.splitlines())


def main(page: str) -> None:
    folder = Path(tempfile.mkdtemp())
    testbed = Testbed(name="watchcall-console", console=folder / "console.log")
    testbed.start()
    try:
        console = Console(Machine(testbed, built.packages().deb))
        console.fresh()
        for piece in played(Path(page).read_text("utf-8"), console):
            sys.stdout.write(piece)
            sys.stdout.flush()
    finally:
        testbed.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
