"""Setting up on a booted machine: what is found there, and that the daemon starts with it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator

import pytest

from tests.acceptance.service import Service
from tests.acceptance.testbed import ENVIRONMENT, IN_TESTBED, Testbed
from tests.docs.blocks import fenced
from tests.docs.stage import missing
from tests.init.typist import Typist, on_terminal
from watchcall.events.services import services
from watchcall.init.answers import Offer
from watchcall.init.discovery.services import service_offers

pytestmark = IN_TESTBED
WITHIN = 60.0  # seconds for anything that is to happen
TOKEN = "5ecre7" * 5 + "00"
PHONES = 'default = [{ does = "human", ring = 8 }]\n'  # long enough to be seen ringing
FAST = ("--speed", "4", "--script", "/run/phones.toml")
SET_UP = "docs/how-to/set-up.md"
COLUMNS = 96  # of the terminal that the page shows
SHOP = """\
[Service]
ExecStart=sleep infinity
[Install]
WantedBy=multi-user.target
"""


def offers(testbed: Testbed, monkeypatch: pytest.MonkeyPatch) -> dict[str, Offer]:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", testbed.bus)
    listed, units = asyncio.run(services())
    assert "multi-user.target" in units
    return {offer.name: offer for offer in service_offers(listed)}


def test_of_all_units_those_are_offered_that_somebody_is_called_for(
    testbed: Testbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = offers(testbed, monkeypatch)

    assert found["httpd"] == Offer(name="httpd", kind="unit", target="httpd.service")
    assert [name for name in found if name.startswith(("systemd", "dbus", "getty", "web"))] == []


def test_what_is_enabled_and_stopped_is_offered_and_not_usual(
    testbed: Testbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    testbed.systemctl("stop", "httpd")
    httpd = offers(testbed, monkeypatch)["httpd"]

    assert (httpd.usual, httpd.runs) == (False, False)


def test_the_operators_own_unit_is_offered_while_it_is_enabled(
    testbed: Testbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    (testbed.root / "etc/systemd/system/shop.service").write_text(SHOP)
    testbed.systemctl("enable", "--now", "shop")
    enabled = offers(testbed, monkeypatch)
    testbed.systemctl("disable", "--now", "shop")

    assert enabled["shop"].usual
    assert "shop" not in offers(testbed, monkeypatch)


@pytest.fixture
def bare(service: Service) -> Iterator[Testbed]:
    """WatchCall installed and not configured, beside a simulator."""
    testbed = service.testbed
    testbed.exec("rm", "-rf", "/etc/watchcall")
    (testbed.root / "run/phones.toml").write_text(PHONES)
    words = ("/usr/bin/watchcall", "simulator", "--auth-token", TOKEN, "--plain", *FAST)
    simulator = testbed.service("simulator.service", *words)
    assert simulator.stdout is not None
    assert "listening on" in simulator.stdout.readline()
    yield testbed
    testbed.exec("systemctl", "disable", "--now", "watchcall", check=False)
    testbed.exec("systemctl", "stop", "simulator.service", check=False)
    simulator.communicate()
    testbed.exec("install", "-d", "-m", "750", "-g", "watchcall", "/etc/watchcall")


def test_from_nothing_to_a_daemon_that_runs(bare: Testbed) -> None:
    """Root sets up; the daemon, who is nobody, is handed the token and can call."""
    said = bare.exec(
        *("/usr/bin/watchcall", "init", "--yes", "--token-file", "-"),
        *("--account-sid", "AC" + "0" * 32, "--from", "+15005550006"),
        *("--contact", "kei=+819012345678", "--api-url", "http://127.0.0.1:8129"),
        input=f"{TOKEN}\n",
    )

    assert "systemctl enable --now watchcall" in said
    there = bare.exec("stat", "-c", "%n %U:%G %a", *paths())
    assert there.splitlines() == [
        "/etc/watchcall root:watchcall 750",
        "/etc/watchcall/config.toml root:watchcall 640",
        "/etc/watchcall/twilio_auth_token root:root 600",
    ]
    assert ": fine: " in bare.exec("/usr/bin/watchcall", "validate")
    assert "accepted" in bare.exec("/usr/bin/watchcall", "doctor")

    bare.systemctl("enable", "--now", "watchcall")
    status = until_ok(bare)
    assert {check["name"]: check["type"] for check in status["checks"]} == {
        "httpd": "unit",
        "web-80": "http",
        "disk": "host",
    }


def hold(shown: list[str], typist: Typist) -> list[str]:
    """Answer each question as a page does, a hidden one with the token; return what did not come.

    The answer is what stands behind the question on the page.
    """
    ahead = iter(shown)
    while (question := typist.asked()) is not None:
        line = next((line for line in ahead if line.startswith(question)), None)
        assert line is not None, f"asked, and not shown: {question}\n{typist.shown}"
        hidden = "not shown" in question
        typist.types(TOKEN if hidden else line.removeprefix(question).strip())
    return missing(tuple(shown), typist.shown)


def test_the_dialogue_that_is_shown(bare: Testbed) -> None:
    """Typed on a terminal, question by question; what it writes is what the page shows."""
    bare.systemctl("enable", "--quiet", "apache2")  # Debian's own unit, which the page shows too
    command, *shown = fenced(SET_UP, "console")[0].splitlines()
    words = command.removeprefix("$ sudo ").split()
    program = bare.inside("setsid", "--ctty", "--wait", *words)
    environ = {**ENVIRONMENT, "TERM": "xterm"}
    with on_terminal(program, environ=environ, columns=COLUMNS) as typist:
        lost = hold(shown, typist)
        assert lost == [], f"{lost}\n{typist.shown}"
        assert typist.ends() == 0

    bare.systemctl("disable", "--quiet", "apache2")
    there = (bare.root / "etc/watchcall/config.toml").read_text("utf-8")
    assert there == fenced(SET_UP, "toml")[0]


def test_a_user_sets_up_their_own(bare: Testbed) -> None:
    bare.exec("useradd", "--create-home", "alice")
    said = bare.exec(
        *("setpriv", "--reuid=alice", "--regid=alice", "--init-groups", "env", "HOME=/home/alice"),
        *("/usr/bin/watchcall", "init", "--yes", "--token-file", "-"),
        *("--account-sid", "AC" + "0" * 32, "--from", "+15005550006"),
        *("--contact", "alice=+819012345678", "--api-url", "http://127.0.0.1:8129"),
        input=f"{TOKEN}\n",
    )
    folder = "/home/alice/.config/watchcall"
    there = bare.exec("stat", "-c", "%n %U:%G %a", *paths(folder))
    bare.exec("userdel", "--remove", "alice")

    assert "accepted" in said
    assert "  watchcall run\n" in said
    assert there.splitlines() == [
        f"{folder} alice:alice 700",
        f"{folder}/config.toml alice:alice 600",
        f"{folder}/twilio_auth_token alice:alice 600",
    ]


def paths(folder: str = "/etc/watchcall") -> list[str]:
    return [folder, f"{folder}/config.toml", f"{folder}/twilio_auth_token"]


def until_ok(testbed: Testbed) -> dict[str, list[dict[str, str]]]:
    """Return the status once all has been looked at and Twilio was asked; it can only be polled."""
    deadline = time.monotonic() + WITHIN
    while True:
        said = testbed.exec("/usr/bin/watchcall", "status", "--json", check=False)
        status = json.loads(said) if said else {}
        states = [check["state"] for check in status.get("checks", [])]
        if states and set(states) == {"ok"} and status["pager"]["state"] == "ok":
            return dict(status)
        assert time.monotonic() < deadline, said
        time.sleep(0.2)
