"""When an incident opens, changes and closes."""

from __future__ import annotations

import pytest

from tests.fakes import NOON
from watchcall.core.health import Health, Level, State
from watchcall.core.incident import Change, Incident, follow
from watchcall.core.reason import Reason

FAILING = Health(state=State.FAILING, level=Level.CRITICAL, reason=Reason.of("text", text="down"))
WARNING = Health(state=State.FAILING, level=Level.WARNING)
BLIND = Health(state=State.UNKNOWN, level=Level.UNKNOWN)
FINE = Health(state=State.OK, level=Level.OK)
PENDING = Health()


def opened(health: Health) -> Incident:
    incident, _ = follow(None, ("httpd", "the web server"), health, NOON, "id-1")
    assert incident is not None
    return incident


@pytest.mark.parametrize(
    ("before", "health", "change"),
    [
        pytest.param(None, PENDING, None, id="nothing is known, nothing happens"),
        pytest.param(None, FINE, None, id="a healthy check has no incident"),
        pytest.param(None, FAILING, Change.OPENED, id="a failure opens one"),
        pytest.param(None, BLIND, Change.OPENED, id="being blind for long opens one"),
        pytest.param(FAILING, FAILING, None, id="while it stays down nothing changes"),
        pytest.param(WARNING, FAILING, Change.ROSE, id="warning rises to critical"),
        pytest.param(FAILING, WARNING, Change.EASED, id="critical eases to warning"),
        pytest.param(BLIND, FAILING, Change.ROSE, id="blind turns out to be down"),
        pytest.param(FAILING, FINE, Change.CLOSED, id="a recovery closes it"),
        pytest.param(BLIND, FINE, Change.CLOSED, id="sight restored closes it"),
    ],
)
def test_what_health_does_to_an_incident(
    before: Health | None, health: Health, change: Change | None
) -> None:
    incident = opened(before) if before else None

    assert follow(incident, ("httpd", "httpd"), health, NOON, "id-2")[1] is change


def test_an_incident_keeps_its_identity_until_it_closes() -> None:
    first = opened(WARNING)
    risen, _ = follow(first, ("httpd", "httpd"), FAILING, NOON, "id-2")
    closed, _ = follow(risen, ("httpd", "httpd"), FINE, NOON, "id-3")

    assert closed is not None
    assert (closed.id, closed.opened_at, closed.open) == (first.id, first.opened_at, False)


def test_an_incident_remembers_why_it_opened_not_why_it_ended() -> None:
    closed, _ = follow(opened(FAILING), ("httpd", "httpd"), FINE, NOON, "id-2")

    assert closed is not None
    assert closed.reason == FAILING.reason
