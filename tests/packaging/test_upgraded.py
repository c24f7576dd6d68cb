"""An upgrade to a newer schema and the way back, on a booted Debian, as the page has it.

The newer package is the present one with a schema more, made for this by tests/packaging/built.py.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.acceptance.installed import Server
from tests.acceptance.testbed import IN_TESTBED
from tests.packaging import promised
from tests.packaging.built import NEWER, Packages
from tests.packaging.promised import INSTALL, UPGRADE
from watchcall import __version__
from watchcall.store import schema

pytestmark = IN_TESTBED
FOLDER = "/var/lib/watchcall"
COPY = f"{FOLDER}/watchcall.db.schema{schema.VERSION}.bak"
LOGGED, REFUSED = promised.shown(UPGRADE)
LOOK, GO_BACK = promised.typed(UPGRADE, promised.GOES_BACK)
OLD = promised.command(UPGRADE, "Go back", "the .deb")
NEW = promised.command(INSTALL, "By the .deb", "upgrade")


@pytest.fixture
def calling(web1: Server, packages: Packages) -> Server:
    """That machine with the present version, which has told of one failure and seen its end."""
    web1.put(packages.deb, into="/root", name="watchcall_OLD.deb")
    web1.put(packages.newer, into="/root", name="watchcall_NEW.deb")
    web1.type(OLD)
    web1.configure()
    web1.start_twilio()
    web1.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    web1.until(web1.watches)
    web1.rings()
    recover(web1)
    return web1


def recover(web1: Server) -> None:
    web1.testbed.systemctl("start", "httpd")
    web1.until(web1.watches)


def runs(web1: Server, version: str) -> bool:
    status = web1.json("status")
    return bool(status) and status["version"] == version


def incidents(web1: Server) -> list[int]:
    return [one["id"] for one in web1.json("incidents")]


def test_an_upgrade_to_a_newer_schema_and_the_way_back(calling: Server) -> None:
    calling.type(NEW)
    calling.until(lambda: runs(calling, NEWER))

    # The log says what was done, the copy is there, and nothing is lost.
    said = calling.type(LOOK)
    for line in LOGGED.splitlines():
        assert re.search(promised.like(line), said), line
    assert f"from schema {schema.VERSION} to {schema.VERSION + 1}\n" in said
    assert COPY in said
    assert calling.stat(COPY) == "watchcall:watchcall 600"
    assert incidents(calling) == [1]
    assert calling.rings(calls=2) == ["answered"] * 2
    assert incidents(calling) == [2, 1]

    # Back again: what was told since is not known, so what fails is told once more.
    calling.type(GO_BACK)
    assert "DOWNGRADED" in calling.type(OLD)
    calling.testbed.systemctl("start", "watchcall")
    assert runs(calling, __version__)
    calling.until(lambda: calling.outcomes() == ["answered"] * 2)
    assert incidents(calling) == [2, 1]
    assert calls(calling) == 3

    # On the newer database the old version does not start, says so, and leaves it alone.
    calling.type(f"systemctl stop watchcall; rm {FOLDER}/watchcall.db*")
    calling.type(f"cp --preserve {FOLDER}/newer.*/watchcall.db* {FOLDER}/")
    calling.type("! systemctl start watchcall")
    calling.type("systemctl stop watchcall")
    assert re.search(promised.like(REFUSED), calling.type(LOOK))
    calling.type(f"cmp {FOLDER}/watchcall.db {FOLDER}/newer.*/watchcall.db")

    # And back once more: what the first way back has put aside stays there.
    calling.type(GO_BACK)
    calling.testbed.systemctl("start", "watchcall")
    assert runs(calling, __version__)
    calling.until(lambda: incidents(calling) == [2, 1])
    assert len(calling.type(f"ls --directory {FOLDER}/newer.*").split()) == 2


def calls(web1: Server) -> int:
    """How often a phone has rung, as Twilio knows it."""
    ledger = web1.testbed.read("/run/twilio.jsonl")
    entries = map(json.loads, ledger.splitlines())
    return len({entry["sid"] for entry in entries if entry["kind"] == "heard"})
