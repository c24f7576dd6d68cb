"""Pages about a server of one's own, played on one: command by command, as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.acceptance.console import FOLDER, Console, play
from tests.acceptance.machine import ME, Machine
from tests.acceptance.testbed import IN_TESTBED
from tests.docs.blocks import Block, blocks

pytestmark = IN_TESTBED
HERE = "tests/acceptance/test_documented.py"
TUTORIAL = "docs/tutorial.md"
LEDGER = "/var/lib/twilio/ledger.jsonl"
SIMULATOR = ("simulator", "--plain", "--speed", "100", "--ledger", LEDGER)


@pytest.fixture
def bare(web1: Machine) -> Iterator[Console]:
    """That machine, with WatchCall installed, and nothing configured."""
    console = Console(web1)
    console.fresh()
    yield console
    console.leave()


def test_the_tutorial(bare: Console) -> None:
    bare.files(TUTORIAL)

    assert [one for block in blocks(TUTORIAL) for one in play(block, bare)] == []


@pytest.fixture
def without(bare: Console) -> Console:
    """That machine, with the package in a folder of root's, and not installed."""
    machine = bare.machine
    machine.exec("systemctl", "disable", "--quiet", "--now", "watchcall", check=False)
    machine.exec("dpkg", "--purge", "watchcall")
    machine.exec("mkdir", f"{FOLDER}/dist")
    machine.put(machine.deb, into=f"{FOLDER}/dist")
    return bare


def unless(block: Block, marked: str) -> bool:
    """Whether a block is to be played here: what is marked otherwise is not."""
    return block.mark is None or block.mark.startswith(f"run by {marked}")


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_from_the_package_to_the_first_call(without: Console, page: str) -> None:
    (block,) = (one for one in blocks(page) if (one.mark or "").startswith(f"run by {HERE}"))
    machine = without.machine
    program = "/usr/lib/watchcall/bin/watchcall"
    before, after = block.commands[:2], block.commands[2:]
    assert [*play(replace(block, commands=before), without)] == []
    machine.exec("mkdir", "-p", "/var/lib/twilio")
    machine.exec("systemd-run", "--quiet", "--unit=twilio", program, *SIMULATOR)
    machine.until(lambda: machine.ledger("start"))

    assert [*play(replace(block, commands=after), without)] == []
    assert [call["params"]["To"] for call in machine.dialled()] == [ME]


def test_installing_and_running_under_systemd(without: Console) -> None:
    pages = ("docs/how-to/install.md", "docs/how-to/systemd.md")
    shown = [one for page in pages for one in blocks(page) if unless(one, HERE)]

    assert [wrong for block in shown for wrong in play(block, without)] == []
