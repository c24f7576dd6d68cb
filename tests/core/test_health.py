"""What is believed after a run of looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeClock
from watchcall.core.health import Health, Level, Observation, State, Thresholds, advance
from watchcall.core.reason import Reason

MARKS = {"+": Level.OK, "w": Level.WARNING, "c": Level.CRITICAL, "?": Level.UNKNOWN}
NEEDED = Thresholds(fail_after=3, recover_after=2, unknown_after=timedelta(minutes=10))


def after(marks: str, needed: Thresholds = NEEDED, every: float = 60) -> Health:
    clock, health = FakeClock(), Health()
    for mark in marks:
        seen = Observation(level=MARKS[mark], reason=Reason.of("text", text=mark))
        health = advance(health, seen, needed, clock.now())
        clock.advance(every)
    return health


@pytest.mark.parametrize(
    ("seen", "state", "level"),
    [
        pytest.param("", State.PENDING, Level.UNKNOWN, id="nobody has looked yet"),
        pytest.param("+", State.OK, Level.OK, id="the first success settles a check at once"),
        pytest.param("cc", State.PENDING, Level.UNKNOWN, id="two first failures decide nothing"),
        pytest.param("ccc", State.FAILING, Level.CRITICAL, id="a check may fail from the start"),
        pytest.param("+cc", State.OK, Level.OK, id="two failures are a blip"),
        pytest.param("+ccc", State.FAILING, Level.CRITICAL, id="three in a row are an outage"),
        pytest.param("+cc+cc", State.OK, Level.OK, id="a success starts the count again"),
        pytest.param("+ccc+", State.FAILING, Level.CRITICAL, id="one success is not a recovery"),
        pytest.param("+ccc++", State.OK, Level.OK, id="two successes are"),
        pytest.param("+ccc+c+", State.FAILING, Level.CRITICAL, id="a failure starts it again"),
        pytest.param("+ccw", State.FAILING, Level.WARNING, id="critical feeds the warning streak"),
        pytest.param("+wwc", State.FAILING, Level.WARNING, id="one critical is no critical outage"),
        pytest.param("+wwwccc", State.FAILING, Level.CRITICAL, id="a warning becomes critical"),
        pytest.param("+wwwcc", State.FAILING, Level.WARNING, id="critical needs its own streak"),
        pytest.param("+cccww", State.FAILING, Level.CRITICAL, id="two warnings ease nothing"),
        pytest.param("+cccwww", State.FAILING, Level.WARNING, id="three warnings ease a critical"),
        pytest.param("+c?c?c", State.FAILING, Level.CRITICAL, id="not knowing resets no streak"),
        pytest.param("+c???", State.OK, Level.OK, id="not knowing counts as no failure"),
        pytest.param("?+", State.OK, Level.OK, id="not knowing at first is no obstacle"),
        pytest.param("+" + "?" * 10, State.OK, Level.OK, id="blind for nine minutes is not told"),
        pytest.param("+" + "?" * 11, State.UNKNOWN, Level.UNKNOWN, id="ten minutes blind are"),
        pytest.param(
            "+" * 9 + "?" * 11, State.UNKNOWN, Level.UNKNOWN, id="also after it was fine for long"
        ),
        pytest.param(
            "ccc++" + "?" * 11, State.UNKNOWN, Level.UNKNOWN, id="also after it has recovered"
        ),
        pytest.param("?" * 11, State.UNKNOWN, Level.UNKNOWN, id="blind from the start is told"),
        pytest.param(
            "+ccc" + "?" * 30, State.FAILING, Level.CRITICAL, id="an outage nobody can see goes on"
        ),
        pytest.param("+" + "?" * 11 + "ccc", State.FAILING, Level.CRITICAL, id="blind, then down"),
        pytest.param("+" + "?" * 11 + "++", State.OK, Level.OK, id="blind, then fine"),
        pytest.param(
            "+" + "?" * 6 + "c" + "?" * 6, State.OK, Level.OK, id="also a look at a failure"
        ),
        pytest.param(
            "+" + "?" * 6 + "+" + "?" * 6, State.OK, Level.OK, id="a look ends the blindness"
        ),
    ],
)
def test_health_after_a_run_of_looks(seen: str, state: State, level: Level) -> None:
    health = after(seen)

    assert (health.state, health.level) == (state, level)


@pytest.mark.parametrize(
    ("seen", "undecided"),
    [
        pytest.param("", False, id="nothing seen"),
        pytest.param("+", False, id="settled"),
        pytest.param("+c", True, id="a first failure"),
        pytest.param("+ccc", False, id="confirmed"),
        pytest.param("+ccc+", True, id="a first success"),
        pytest.param("+cccw", True, id="milder than confirmed"),
        pytest.param("+?", True, id="could not look"),
    ],
)
def test_it_looks_again_soon_while_what_it_sees_differs_from_what_it_believes(
    seen: str, undecided: bool
) -> None:
    assert after(seen).undecided is undecided


def test_the_state_began_when_it_was_confirmed_and_a_change_of_level_does_not_move_it() -> None:
    confirmed = after("+www")
    worse = after("+wwwccc")

    assert confirmed.since == worse.since


def test_one_failure_confirms_where_one_is_asked_for() -> None:
    assert after("+c", Thresholds(fail_after=1)).state is State.FAILING


@given(st.text("+wc?", max_size=60))
def test_a_failure_is_confirmed_exactly_by_an_unbroken_streak(marks: str) -> None:
    """Against an independent reading of the rule: unknown looks do not exist, streaks count."""
    needed = Thresholds(fail_after=3, recover_after=2, unknown_after=timedelta(days=365))
    failing, streak, calm, settled = False, 0, 0, False
    for mark in marks.replace("?", ""):
        streak, calm = (0, calm + 1) if mark == "+" else (streak + 1, 0)
        if streak >= 3:
            failing, settled = True, True
        elif calm >= (2 if settled else 1):
            failing, settled = False, True

    assert (after(marks, needed).state is State.FAILING) is failing
