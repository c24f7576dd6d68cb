"""Who is told, and the name of every reason to stay quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes import NOON
from watchcall.core.contact import EVENTS, Channel, Contact, Event
from watchcall.core.health import Level
from watchcall.core.incident import Change, How, Incident, acknowledge
from watchcall.core.reason import Reason
from watchcall.core.ruling import HOLDS, Circumstances, Hold, Ruling, rule, rule_self

MINUTE = timedelta(minutes=1)
ME = Contact(name="me", phone="+819012345678")
PHONE = Channel(name="phone", to=(ME,))
TELLING = replace(PHONE, recovery=True)
STRICT = replace(PHONE, level=Level.CRITICAL)
DEAF = replace(PHONE, events=frozenset({Event.RECOVERY}))
BLIND_TOO = replace(PHONE, events=frozenset({Event.FAILURE, Event.UNKNOWN}))
NO_RECOVERY = replace(TELLING, events=frozenset({Event.FAILURE}))
NO_REMINDER = replace(PHONE, events=EVENTS - {Event.REMINDER})
NO_FLAPPING = replace(PHONE, events=EVENTS - {Event.FLAPPING})
SELF = replace(PHONE, events=frozenset({Event.SELF}))

C, W, U = Level.CRITICAL, Level.WARNING, Level.UNKNOWN
OPENED, ROSE, EASED, CLOSED, DISOWNED = (
    *(Change.OPENED, Change.ROSE, Change.EASED, Change.CLOSED),
    Change.DISOWNED,
)


def incident(level: Level, told: Level | None = None, **more: Any) -> Incident:
    return Incident(
        id="id-1",
        check="httpd",
        spoken="httpd",
        level=level,
        reason=Reason.of("text", text="down"),
        opened_at=NOON,
        told={"phone": told} if told else {},
        told_at={"phone": NOON} if told else {},
        **more,
    )


def around(minutes: float = 0, **more: Any) -> Circumstances:
    return Circumstances(
        now=NOON + minutes * MINUTE, remind_every=30 * MINUTE, max_reminders=3, **more
    )


def held(ruling: Ruling = Ruling.QUIET_SILENCED) -> Circumstances:
    return around(hold=Hold(ruling=ruling, why="by alice", until=NOON + MINUTE))


OWED: dict[str, Any] = {"owed": frozenset({"phone"})}
HOLDING = [one for one in Ruling if one in HOLDS and one is not Ruling.QUIET_FLAPPING]


@pytest.mark.parametrize(
    ("change", "level", "told", "channel", "ruling"),
    [
        pytest.param(OPENED, C, None, PHONE, Ruling.TELL_FAILURE, id="critical is told"),
        pytest.param(OPENED, W, None, PHONE, Ruling.TELL_FAILURE, id="warning is told"),
        pytest.param(
            OPENED, W, None, STRICT, Ruling.QUIET_BELOW_LEVEL, id="not where critical counts"
        ),
        pytest.param(ROSE, C, None, STRICT, Ruling.TELL_FAILURE, id="but once it is critical"),
        pytest.param(ROSE, C, W, PHONE, Ruling.TELL_RISE, id="a rise is told"),
        pytest.param(ROSE, C, C, PHONE, Ruling.QUIET_ALREADY_TOLD, id="but only once"),
        pytest.param(EASED, W, C, PHONE, Ruling.QUIET_EASED, id="easing is not"),
        pytest.param(EASED, W, None, PHONE, Ruling.TELL_FAILURE, id="unless it was never told"),
        pytest.param(
            OPENED, C, None, DEAF, Ruling.QUIET_EVENT_NOT_SELECTED, id="failures unwanted"
        ),
        pytest.param(OPENED, U, None, PHONE, Ruling.QUIET_EVENT_NOT_SELECTED, id="blind: unwanted"),
        pytest.param(OPENED, U, None, BLIND_TOO, Ruling.TELL_UNKNOWN, id="blind: wanted"),
        pytest.param(DISOWNED, C, C, PHONE, Ruling.TELL_DISOWNED, id="nobody owns it any more"),
        pytest.param(
            DISOWNED, C, None, PHONE, Ruling.QUIET_NEVER_TOLD, id="who never heard of it does not"
        ),
        pytest.param(None, C, None, PHONE, Ruling.QUIET_LATER, id="a channel that came later"),
        pytest.param(CLOSED, C, C, PHONE, Ruling.QUIET_RECOVERY_OFF, id="recovery off by default"),
        pytest.param(CLOSED, C, C, TELLING, Ruling.TELL_RECOVERY, id="recovery on request"),
        pytest.param(
            CLOSED, C, None, TELLING, Ruling.QUIET_NEVER_TOLD, id="no recovery of the untold"
        ),
        pytest.param(CLOSED, C, C, NO_RECOVERY, Ruling.QUIET_EVENT_NOT_SELECTED, id="not selected"),
    ],
)
def test_who_is_told(
    change: Change | None, level: Level, told: Level | None, channel: Channel, ruling: Ruling
) -> None:
    one = incident(level, told, closed_at=NOON if change is CLOSED else None)

    assert rule(change, one, channel, around()).ruling is ruling


@pytest.mark.parametrize(
    ("one", "channel", "minutes", "ruling"),
    [
        pytest.param(incident(C, C), PHONE, 29, Ruling.QUIET_ALREADY_TOLD, id="not yet"),
        pytest.param(incident(C, C), PHONE, 30, Ruling.TELL_REMINDER, id="after half an hour"),
        pytest.param(incident(W, W), PHONE, 90, Ruling.QUIET_ALREADY_TOLD, id="no warning"),
        pytest.param(incident(W, C), PHONE, 90, Ruling.QUIET_ALREADY_TOLD, id="not any more"),
        pytest.param(incident(C, C), NO_REMINDER, 90, Ruling.QUIET_ALREADY_TOLD, id="unwanted"),
        pytest.param(
            incident(C, C, reminders={"phone": 2}), PHONE, 90, Ruling.TELL_REMINDER, id="the third"
        ),
        pytest.param(
            incident(C, C, reminders={"phone": 3}), PHONE, 90, Ruling.QUIET_REMINDED, id="enough"
        ),
        pytest.param(
            acknowledge(incident(C, C), "alice", How.CLI, NOON, timedelta(0)),
            PHONE,
            90,
            Ruling.QUIET_ACKNOWLEDGED,
            id="somebody owns it",
        ),
    ],
)
def test_who_is_reminded(one: Incident, channel: Channel, minutes: float, ruling: Ruling) -> None:
    assert rule(None, one, channel, around(minutes)).ruling is ruling


@pytest.mark.parametrize("reason", HOLDING)
def test_what_holds_it_back_owes_it(reason: Ruling) -> None:
    verdict = rule(OPENED, incident(C), PHONE, held(reason))

    assert (verdict.ruling, verdict.owes, verdict.until) == (reason, True, NOON + MINUTE)
    assert verdict.why == f"{reason.value}: by alice"


@pytest.mark.parametrize(
    ("one", "ruling"),
    [
        pytest.param(incident(C, **OWED), Ruling.TELL_FAILURE, id="a failure"),
        pytest.param(incident(U, **OWED), Ruling.QUIET_EVENT_NOT_SELECTED, id="unwanted still"),
        pytest.param(incident(C, W, **OWED), Ruling.TELL_RISE, id="a rise"),
        pytest.param(incident(C, C, **OWED), Ruling.TELL_DISOWNED, id="that nobody owns it"),
        pytest.param(incident(C, W), Ruling.TELL_RISE, id="a rise needs no note"),
    ],
)
def test_what_was_held_back_is_told_when_nothing_holds_it_any_more(
    one: Incident, ruling: Ruling
) -> None:
    assert rule(None, one, PHONE, around()).ruling is ruling


def test_a_reminder_that_is_held_back_is_owed_to_nobody() -> None:
    verdict = rule(None, incident(C, C), PHONE, replace(held(), now=NOON + 31 * MINUTE))

    assert (verdict.ruling, verdict.owes) == (Ruling.QUIET_SILENCED, False)


def test_what_would_not_be_told_anyway_is_not_held_back() -> None:
    verdict = rule(OPENED, incident(W), STRICT, held())

    assert (verdict.ruling, verdict.owes) == (Ruling.QUIET_BELOW_LEVEL, False)


@pytest.mark.parametrize(
    ("one", "channel", "minutes", "warned", "ruling"),
    [
        pytest.param(incident(C), PHONE, 0, (), Ruling.TELL_FLAPPING, id="it is told once"),
        pytest.param(incident(C), PHONE, 0, ("phone",), Ruling.QUIET_FLAPPING, id="and no more"),
        pytest.param(incident(C), NO_FLAPPING, 0, (), Ruling.QUIET_FLAPPING, id="unwanted"),
        pytest.param(incident(C), PHONE, 5, ("phone",), Ruling.TELL_FAILURE, id="it lasts"),
        pytest.param(incident(W), PHONE, 60, ("phone",), Ruling.QUIET_FLAPPING, id="no warning"),
        pytest.param(
            incident(C, rose_at=NOON + 3 * MINUTE),
            PHONE,
            5,
            ("phone",),
            Ruling.QUIET_FLAPPING,
            id="critical for two minutes",
        ),
        pytest.param(incident(W), STRICT, 0, (), Ruling.QUIET_BELOW_LEVEL, id="below the level"),
    ],
)
def test_who_is_told_while_it_is_flapping(
    one: Incident, channel: Channel, minutes: float, warned: tuple[str, ...], ruling: Ruling
) -> None:
    flapping = around(minutes, flapping=True, warned=frozenset(warned))

    assert rule(OPENED, one, channel, flapping).ruling is ruling


def test_a_recovery_waits_until_it_is_calm_and_until_a_silence_ends() -> None:
    one = incident(C, C, closed_at=NOON)
    calm, silent = (
        rule(CLOSED, one, TELLING, around(flapping=True)),
        rule(CLOSED, one, TELLING, held()),
    )

    assert (calm.ruling, calm.owes) == (Ruling.QUIET_FLAPPING, True)
    assert (silent.ruling, silent.owes) == (Ruling.QUIET_SILENCED, True)


def test_but_not_for_what_it_depends_on() -> None:
    one = incident(C, C, closed_at=NOON)

    assert rule(CLOSED, one, TELLING, held(Ruling.QUIET_DEPENDENCY)).ruling is Ruling.TELL_RECOVERY


def test_who_was_told_that_it_is_unstable_is_told_that_it_is_well() -> None:
    one = incident(C, closed_at=NOON, unstable=frozenset({"phone"}))

    assert rule(CLOSED, one, TELLING, around()).ruling is Ruling.TELL_RECOVERY


@pytest.mark.parametrize(
    ("channel", "hold", "works", "ruling"),
    [
        pytest.param(PHONE, None, True, Ruling.QUIET_EVENT_NOT_SELECTED, id="unwanted"),
        pytest.param(SELF, None, True, Ruling.TELL_SELF, id="wanted"),
        pytest.param(SELF, None, False, Ruling.QUIET_BROKEN, id="by what is broken"),
        pytest.param(
            SELF,
            Hold(ruling=Ruling.QUIET_BOOT_GRACE, why=""),
            True,
            Ruling.QUIET_BOOT_GRACE,
            id="the network may still come up",
        ),
    ],
)
def test_who_is_told_of_watchcalls_own_trouble(
    channel: Channel, hold: Hold | None, works: bool, ruling: Ruling
) -> None:
    assert rule_self(channel, hold, works=works).ruling is ruling


def test_every_ruling_says_what_it_is_and_only_telling_ones_tell() -> None:
    for ruling in Ruling:
        assert ruling.value
        assert ruling.tells is ruling.name.startswith("TELL_")
        assert not (ruling.tells and ruling.holds)
