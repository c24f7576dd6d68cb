"""Pages about a server of one's own, played on one: command by command, as they stand."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.acceptance.machine import Machine
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


@pytest.fixture
def bare(web1: Machine) -> Machine:
    """That machine, with WatchCall installed, and nothing configured."""
    web1.systemctl("stop", "twilio")
    web1.exec("rm", "-f", "/etc/systemd/system/twilio.service", "/root/config.toml")
    web1.exec("rm", "-f", "/etc/watchcall/config.toml", "/etc/watchcall/twilio_auth_token")
    web1.systemctl("daemon-reload")
    return web1


def play(block: Block, on: Machine) -> Iterator[str]:
    """Type what a block has; yield what does not come as it is shown."""
    if block.script:
        done = on.run("bash", "-e", "-c", "\n".join([SHELL, *(one.text for one in block.commands)]))
        if done.returncode:
            yield f"{block.where}: exit code {done.returncode}: {done.stdout}"
        return
    for command in block.commands:
        lost, code, said = typed(command.text, command.shown, on)
        if code not in (0, SAYS_NO.get(command.text)):
            yield f"{block.where}: {command.text}: exit code {code}: {said}"
        for line in lost:
            yield f"{block.where}: {command.text}: not said: {line}\nbut:\n{said}"


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
    try:
        wrong = [one for block in blocks("docs/tutorial.md") for one in play(block, bare)]
    finally:
        bare.exec("systemctl", "stop", "twilio", check=False)

    assert wrong == []
