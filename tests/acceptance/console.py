"""A terminal on a booted machine: what a page shows is typed there, in its order.

tests/acceptance/test_documented.py holds what comes against what is shown.
`python -m tests.acceptance.console docs/tutorial.md` types all of that page on a machine where
WatchCall was just installed, and prints the page with what really came.

What differs from a page: `sudo` is left out, for root types it; the token is typed where a command
waits for it; what `watchcall init` asks is given as flags, with a simulator in Twilio's place;
`--follow` ends after three seconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

from tests.acceptance.machine import ME, Machine
from tests.acceptance.testbed import Testbed
from tests.docs.blocks import Block, blocks, files, text_of
from tests.docs.stage import missing
from tests.packaging import built

FOLDER = "/root"
SHELL = f"cd {FOLDER}; export COLUMNS=100 PAGER=cat SYSTEMD_COLORS=0; exec 2>&1"
TOKEN = "simulator"
ANSWERS = (
    "--yes --account-sid AC00000000000000000000000000000000 --from +15005550006 --token-file - "
    f"--contact mia={ME} --check httpd.service --api-url http://127.0.0.1:8129 --test-call"
)
WITHIN = 20.0  # seconds until what is shown has come about
# What only asks may be asked again until the answer is the one that is shown.
ASKS = ("journalctl", "watchcall status", "watchcall incidents", "watchcall calls")
# What ends with another code than 0 because it says "no", and is shown to.
SAYS_NO = {
    "watchcall status": 1,  # something fails
    "watchcall validate": 78,
    "systemctl reload watchcall": 1,
}
CALM_S = 2.0  # seconds without a line in the journal; longer than WatchCall's question to Twilio
SETTLED_S = 60.0


def as_typed(command: str) -> str:
    """Return what is typed where a page has a command."""
    text = command.partition("  #")[0].strip().removeprefix("sudo ")
    if text.startswith("make package"):
        return "ls dist/watchcall_*.deb"  # it is there: tests/packaging/built.py has run it
    if text == "watchcall init":
        return f"{text} {ANSWERS}"
    if text.endswith("--follow"):
        return f"timeout 3 {text} || [ $? = 124 ]"
    return f"{text} || [ $? = 1 ]" if text == "watchcall status" else text


@dataclass
class Console:
    """Root's terminal."""

    machine: Machine

    def fresh(self) -> None:
        """As after the installation: nothing is configured, no Twilio is there, nothing is said."""
        self.machine.exec("systemctl", "disable", "--quiet", "--now", "twilio", check=False)
        self.machine.exec("rm", "-f", "/etc/systemd/system/twilio.service")
        self.machine.exec("sh", "-c", f"rm -rf /etc/watchcall/* {FOLDER}/*")
        self.machine.systemctl("daemon-reload")
        self.machine.exec("journalctl", "--rotate")
        self.machine.exec("journalctl", "--vacuum-time=1us")

    def leave(self) -> None:
        """End what a page has started, for those who come after it."""
        self.machine.exec("systemctl", "stop", "twilio", check=False)
        self.machine.exec("rm", "-f", "/run/systemd/transient/twilio.service")
        self.machine.systemctl("daemon-reload")

    def files(self, page: str) -> None:
        """Write the files that a page shows, each into the folder where one is."""
        for name, text in files(page):
            self.machine.write(f"{FOLDER}/{name}", text)

    def type(self, *lines: str) -> CompletedProcess[str]:
        """Type lines, as far as they go well; the token where one waits for it."""
        script = "\n".join([SHELL, *lines])
        return self.machine.testbed.run("bash", "-e", "-c", script, input=TOKEN)

    def ask(self, command: str, shown: tuple[str, ...]) -> tuple[list[str], CompletedProcess[str]]:
        """Type a command, again where it only asks; return what it does not say, too."""
        deadline = time.monotonic() + WITHIN
        while True:
            done = self.type(command)
            lost = missing(shown, done.stdout)
            if not lost or not command.startswith(ASKS) or time.monotonic() > deadline:
                return lost, done
            time.sleep(0.5)

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


def play(block: Block, console: Console) -> Iterator[str]:
    """Type what a block has; yield what does not come as it is shown."""
    if block.script:
        done = console.type(*(as_typed(command.text) for command in block.commands))
        if done.returncode:
            yield f"{block.where}: exit code {done.returncode}: {done.stdout}"
        return
    for command in block.commands:
        lost, done = console.ask(command.text, command.shown)
        if done.returncode not in (0, SAYS_NO.get(command.text)):
            yield f"{block.where}: {command.text}: exit code {done.returncode}: {done.stdout}"
        for line in lost:
            yield f"{block.where}: {command.text}: not said: {line}\nbut:\n{done.stdout}"


def anew(page: str, console: Console) -> Iterator[str]:
    """Yield the lines of a page, with what really comes in place of what it shows."""
    lines, at = text_of(page).splitlines(), 0
    console.files(page)
    for block in blocks(page):
        begins = block.line if block.script else block.line - 1  # behind the fence
        yield from lines[at:begins]
        at = begins + len("\n".join(lines[begins : begins + block.lines]).rstrip().splitlines())
        if block.script:
            yield from lines[begins:at]
            console.type(*(as_typed(command.text) for command in block.commands))
            console.settle()
            continue
        for command in block.commands:
            said = console.type(command.text).stdout
            console.settle()
            yield f"    $ {command.text}"
            yield from (f"    {line}".rstrip() for line in said.splitlines())
    yield from lines[at:]


def main(page: str) -> None:
    folder = Path(tempfile.mkdtemp())
    testbed = Testbed(name="watchcall-console", console=folder / "console.log")
    testbed.start()
    try:
        machine = Machine(testbed, built.packages().deb)
        machine.restore()
        console = Console(machine)
        console.fresh()
        for line in anew(page, console):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    finally:
        testbed.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
