"""Commands that stand within sentences and need a server of one's own, typed on one, in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.console import FOLDER, Console
from tests.acceptance.machine import PROCESS, Machine
from tests.acceptance.testbed import IN_TESTBED
from tests.docs.blocks import fenced
from tests.docs.typed import ON_A_SERVER, Typed

pytestmark = IN_TESTBED
# The pages that say what to write into a drop-in.
DROP_INS = ("docs/how-to/firewall.md", "docs/how-to/systemd.md", "docs/reference/evidence.md")
EDITOR = '#!/bin/sh\nfor path; do :; done\ncp drop-in "$path"\n'
UNITS = ("watchcall", "watchcall-lastgasp")


@pytest.fixture
def console(web1: Machine) -> Iterator[Console]:
    """Root's terminal on that machine, where WatchCall watches."""
    web1.configure(PROCESS)
    web1.exec("useradd", "alice")
    web1.write(f"{FOLDER}/editor", EDITOR, mode="755")
    web1.write(f"{FOLDER}/drop-in", "".join(fenced(page, "ini")[0] for page in DROP_INS))
    web1.watch()
    yield Console(web1)
    web1.exec("userdel", "alice")
    web1.exec("systemctl", "revert", *UNITS)


def wrong(typed: Typed, on: Console) -> Iterator[str]:
    """Type a command; yield what is not as the table has it."""
    done = on.type(typed.line)
    said = " ".join(done.stdout.split())
    if done.returncode != typed.code:
        yield f"{typed.shown}: exit code {done.returncode}: {done.stdout}"
    if typed.says not in said:
        yield f"{typed.shown}: not said: {typed.says}\nbut:\n{done.stdout}"


def test_what_is_typed_on_a_server_does_what_the_pages_say(console: Console) -> None:
    machine = console.machine
    found = list[str]()
    for typed in ON_A_SERVER:
        found += wrong(typed, console)
        if typed.shown == "systemctl stop":  # and, before it, `systemctl restart`
            assert machine.dialled() == []

    assert found == []
    groups = machine.property("SupplementaryGroups")
    assert (groups, machine.property("AmbientCapabilities")) == (
        "systemd-journal",
        "cap_sys_ptrace",
    )
    for unit in UNITS:
        assert "HTTPS_PROXY=" in machine.property("Environment", unit)
