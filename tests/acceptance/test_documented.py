"""Pages about a server of one's own, played on one: command by command, as they stand.

What differs from a page: `sudo` is left out, for root types it; the token is typed where a command
waits for it; what `watchcall init` asks is given as flags, with a simulator in Twilio's place;
`--follow` ends after three seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.acceptance.machine import ME, Machine
from tests.acceptance.testbed import IN_TESTBED
from tests.docs.blocks import Block, blocks, fenced
from tests.docs.stage import missing

pytestmark = IN_TESTBED
WITHIN = 20.0  # seconds until what is shown has come about
# What only asks may be asked again until the answer is the one that is shown.
ASKS = ("journalctl", "watchcall status", "watchcall incidents", "watchcall calls")
# What ends with another code than 0 because it says "no", and is shown to.
SAYS_NO = {
    "watchcall status": 1,  # something fails
    "watchcall validate": 78,
    "systemctl reload watchcall": 1,
}
SHELL = "cd /root; export COLUMNS=100; exec 2>&1"
TOKEN = "simulator"
ANSWERS = (
    "--yes --account-sid AC00000000000000000000000000000000 --from +15005550006 --token-file - "
    f"--contact mia={ME} --check httpd.service --api-url http://127.0.0.1:8129 --test-call"
)
HERE = "tests/acceptance/test_documented.py"
LEDGER = "/var/lib/twilio/ledger.jsonl"
SIMULATOR = ("simulator", "--plain", "--speed", "100", "--ledger", LEDGER)


@pytest.fixture
def bare(web1: Machine) -> Iterator[Machine]:
    """That machine, with WatchCall installed, and nothing configured."""
    web1.systemctl("stop", "twilio")
    web1.exec("rm", "-f", "/etc/systemd/system/twilio.service", "/root/config.toml")
    web1.exec("rm", "-f", "/etc/watchcall/config.toml", "/etc/watchcall/twilio_auth_token")
    web1.systemctl("daemon-reload")
    yield web1
    web1.exec("systemctl", "stop", "twilio", check=False)  # what a page has started
    web1.exec("rm", "-f", "/run/systemd/transient/twilio.service")
    web1.systemctl("daemon-reload")


def play(block: Block, on: Machine) -> Iterator[str]:
    """Type what a block has; yield what does not come as it is shown."""
    if block.script:
        lines = [as_typed(command.text) for command in block.commands]
        done = on.testbed.run("bash", "-e", "-c", "\n".join([SHELL, *lines]), input=TOKEN)
        if done.returncode:
            yield f"{block.where}: exit code {done.returncode}: {done.stdout}"
        return
    for command in block.commands:
        lost, code, said = typed(command.text, command.shown, on)
        if code not in (0, SAYS_NO.get(command.text)):
            yield f"{block.where}: {command.text}: exit code {code}: {said}"
        for line in lost:
            yield f"{block.where}: {command.text}: not said: {line}\nbut:\n{said}"


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


def typed(command: str, shown: tuple[str, ...], on: Machine) -> tuple[list[str], int, str]:
    """Type a command; return what it does not say, its exit code, and what it says."""
    deadline = time.monotonic() + WITHIN
    while True:
        done = on.run("bash", "-c", f"{SHELL}; {command}")
        lost = missing(shown, done.stdout)
        if not lost or not command.startswith(ASKS) or time.monotonic() > deadline:
            return lost, done.returncode, done.stdout
        time.sleep(0.5)


def test_the_tutorial(bare: Machine) -> None:
    bare.write("/root/config.toml", fenced("docs/tutorial.md", "toml")[0])
    bare.exec("journalctl", "--rotate")
    bare.exec("journalctl", "--vacuum-time=1s")

    assert [one for block in blocks("docs/tutorial.md") for one in play(block, bare)] == []


@pytest.fixture
def without(bare: Machine) -> Machine:
    """That machine, with the package in a folder of root's, and not installed; a Twilio runs."""
    bare.exec("systemctl", "disable", "--quiet", "--now", "watchcall", check=False)
    bare.exec("dpkg", "--purge", "watchcall")
    bare.exec("rm", "-rf", "/root/dist")
    bare.exec("mkdir", "/root/dist")
    bare.put(bare.deb, into="/root/dist")
    return bare


def unless(block: Block, marked: str) -> bool:
    """Whether a block is to be played here: what is marked otherwise is not."""
    return block.mark is None or block.mark.startswith(f"run by {marked}")


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_from_the_package_to_the_first_call(without: Machine, page: str) -> None:
    (block,) = (one for one in blocks(page) if (one.mark or "").startswith(f"run by {HERE}"))
    program = "/usr/lib/watchcall/bin/watchcall"
    before, after = block.commands[:2], block.commands[2:]
    assert [*play(replace(block, commands=before), without)] == []
    without.exec("mkdir", "-p", "/var/lib/twilio")
    without.exec("systemd-run", "--quiet", "--unit=twilio", program, *SIMULATOR)
    without.until(lambda: without.ledger("start"))

    assert [*play(replace(block, commands=after), without)] == []
    assert [call["params"]["To"] for call in without.dialled()] == [ME]


def test_installing_and_running_under_systemd(without: Machine) -> None:
    pages = ("docs/how-to/install.md", "docs/how-to/systemd.md")
    shown = [one for page in pages for one in blocks(page) if unless(one, HERE)]

    assert [wrong for block in shown for wrong in play(block, without)] == []
