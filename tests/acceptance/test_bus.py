"""Without D-Bus: what asks systemd is blind and says so, everything else goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.acceptance.service import CONFIG, Service
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED
STATUS = "StatusText"
GONE = "systemctl mask --runtime --now dbus.service dbus.socket"
BACK = "systemctl unmask --runtime dbus.service dbus.socket; systemctl start dbus.socket dbus"


@pytest.fixture
def bus(service: Service) -> Iterator[Service]:
    """The machine, whose bus is there again afterwards."""
    yield service
    service.sh(BACK)


def start(service: Service) -> None:
    blind = CONFIG.replace("[defaults]\n", '[defaults]\nunknown_after = "2s"\n')
    service.configure(blind)
    service.twilio()
    service.start()


def gone_at_the_start(service: Service) -> None:
    service.sh(GONE)
    start(service)


def lost_while_it_runs(service: Service) -> None:
    start(service)
    service.until(lambda: check(service, "unit")["state"] == "ok")
    service.sh(GONE)


@pytest.mark.parametrize(
    "lose",
    [
        pytest.param(gone_at_the_start, id="none at the start"),
        pytest.param(lost_while_it_runs, id="lost while it runs"),
    ],
)
def test_without_a_bus_units_are_unknown_all_else_is_watched_and_it_is_used_again(
    bus: Service, lose: Callable[[Service], None]
) -> None:
    lose(bus)
    bus.until(lambda: check(bus, "unit")["state"] == "unknown")
    bus.until_shown(STATUS, "2 checks, 0 failing; pager ok")
    unit, said = check(bus, "unit"), status(bus)["events"]["units"]
    assert unit["reason"].startswith("systemd cannot be asked: there is no system bus: ")
    assert said.startswith("polling: there is no system bus: ")
    assert f"units: {said}" in bus.sh("watchcall status")
    assert check(bus, "httpd")["state"] == "ok"

    bus.sh("systemctl stop httpd")
    bus.until_shown(STATUS, "2 checks, 1 failing; pager ok")
    bus.until(bus.posts)
    assert "httpd" in bus.posts()[0]["Twiml"]
    assert check(bus, "unit")["state"] == "unknown"

    bus.sh(BACK)
    bus.until_shown(STATUS, "2 checks, 2 failing; pager ok")
    bus.until(lambda: status(bus)["events"]["units"] == "dbus")


def status(service: Service) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(service.sh("watchcall status --json"))
    return answer


def check(service: Service, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in status(service)["checks"] if one["name"] == name)
    return found
