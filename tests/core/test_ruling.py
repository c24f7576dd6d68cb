"""Who is told, and the name of every reason to stay quiet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes import NOON
from watchcall.core.contact import Channel, Contact, Event
from watchcall.core.health import Level
from watchcall.core.incident import Change, Incident
from watchcall.core.reason import Reason
from watchcall.core.ruling import Circumstances, Ruling, rule

ME = Contact(name="me", phone="+819012345678")
PHONE = Channel(name="phone", to=(ME,))
TELLING = replace(PHONE, recovery=True)
STRICT = replace(PHONE, level=Level.CRITICAL)
DEAF = replace(PHONE, events=frozenset({Event.RECOVERY}))
BLIND_TOO = replace(PHONE, events=frozenset({Event.FAILURE, Event.UNKNOWN}))
NO_RECOVERY = replace(TELLING, events=frozenset({Event.FAILURE}))


def incident(level: Level, told: Level | None = None) -> Incident:
    return Incident(
        id="id-1",
        check="httpd",
        spoken="httpd",
        level=level,
        reason=Reason.of("text", text="down"),
        opened_at=NOON,
        told={"phone": told} if told else {},
    )


C, W, U = Level.CRITICAL, Level.WARNING, Level.UNKNOWN


@pytest.mark.parametrize(
    ("change", "level", "told", "channel", "ruling"),
    [
        pytest.param(Change.OPENED, C, None, PHONE, Ruling.TELL_FAILURE, id="critical is told"),
        pytest.param(Change.OPENED, W, None, PHONE, Ruling.TELL_FAILURE, id="warning is told"),
        pytest.param(
            Change.OPENED, W, None, STRICT, Ruling.QUIET_BELOW_LEVEL, id="not where critical counts"
        ),
        pytest.param(
            Change.ROSE, C, None, STRICT, Ruling.TELL_FAILURE, id="but told once it is critical"
        ),
        pytest.param(Change.ROSE, C, W, PHONE, Ruling.TELL_RISE, id="a rise is told"),
        pytest.param(Change.ROSE, C, C, PHONE, Ruling.QUIET_ALREADY_TOLD, id="but only once"),
        pytest.param(Change.EASED, W, C, PHONE, Ruling.QUIET_EASED, id="easing is not"),
        pytest.param(
            Change.OPENED, C, None, DEAF, Ruling.QUIET_EVENT_NOT_SELECTED, id="failures unwanted"
        ),
        pytest.param(
            Change.OPENED, U, None, PHONE, Ruling.QUIET_EVENT_NOT_SELECTED, id="blind: unwanted"
        ),
        pytest.param(Change.OPENED, U, None, BLIND_TOO, Ruling.TELL_UNKNOWN, id="blind: wanted"),
        pytest.param(
            Change.CLOSED, C, C, PHONE, Ruling.QUIET_RECOVERY_OFF, id="recovery silent by default"
        ),
        pytest.param(Change.CLOSED, C, C, TELLING, Ruling.TELL_RECOVERY, id="recovery on request"),
        pytest.param(
            Change.CLOSED, C, None, TELLING, Ruling.QUIET_NEVER_TOLD, id="no recovery of the untold"
        ),
        pytest.param(
            Change.CLOSED, C, C, NO_RECOVERY, Ruling.QUIET_EVENT_NOT_SELECTED, id="not selected"
        ),
    ],
)
def test_who_is_told(
    change: Change, level: Level, told: Level | None, channel: Channel, ruling: Ruling
) -> None:
    one = incident(level, told)
    if change is Change.CLOSED:
        one = replace(one, closed_at=NOON)
    assert rule(change, one, channel, Circumstances(now=NOON)).ruling is ruling


def test_every_ruling_says_what_it_is_and_only_telling_ones_tell() -> None:
    for ruling in Ruling:
        assert ruling.value
        assert ruling.tells is ruling.name.startswith("TELL_")
