"""How often is too often, and how long is calm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import NOON, FakeClock
from watchcall.core.flapping import CALM, WITHIN, Flaps, opens, passes
from watchcall.core.health import Health, State

OK, FAILING = Health(state=State.OK), Health(state=State.FAILING)


def after(*minutes: float) -> Flaps:
    """The flaps after incidents at these minutes."""
    clock, flaps, past = FakeClock(), Flaps(), 0.0
    for minute in minutes:
        clock.advance((minute - past) * 60)
        flaps, past = opens(flaps, clock.now()), minute
    return flaps


@pytest.mark.parametrize(
    ("minutes", "flapping"),
    [
        pytest.param((0,), False, id="one incident is an incident"),
        pytest.param((0, 1), False, id="two are two"),
        pytest.param((0, 1, 2), True, id="three at once are flapping"),
        pytest.param((0, 15, 29.9), True, id="three within half an hour are"),
        pytest.param((0, 15, 30), False, id="three in a little more are not"),
        pytest.param((0, 20, 40, 60), False, id="nor are many that are far apart"),
        pytest.param((0, 40, 50, 60), True, id="only the last three count"),
    ],
)
def test_when_it_is_flapping(minutes: tuple[float, ...], flapping: bool) -> None:
    assert after(*minutes).flapping is flapping


@pytest.mark.parametrize(
    ("marks", "flapping"),
    [
        pytest.param("+" * 10, True, id="nine good minutes are too few"),
        pytest.param("+" * 11, False, id="ten end it"),
        pytest.param("+" * 8 + "-" + "+" * 9, True, id="a failure starts the count again"),
        pytest.param("-" * 60, True, id="failing for long is not calm"),
    ],
)
def test_when_it_ends(marks: str, flapping: bool) -> None:
    clock, flaps = FakeClock(), after(0, 1, 2)
    for mark in marks:
        flaps = passes(flaps, OK if mark == "+" else FAILING, clock.now())
        clock.advance(60)

    assert flaps.flapping is flapping


def test_the_clock_being_set_makes_nothing_calm() -> None:
    clock, flaps = FakeClock(), after(0, 1, 2)
    flaps = passes(flaps, OK, clock.now())
    clock.set_wall(timedelta(days=3650))

    assert passes(flaps, OK, clock.now()).flapping
    assert flaps.calm_in(clock.now()) == CALM


def test_once_it_is_over_the_old_incidents_are_forgotten() -> None:
    clock, flaps = FakeClock(), after(0, 1, 2)
    flaps = passes(flaps, OK, clock.now())
    clock.advance(CALM)
    flaps = passes(flaps, OK, clock.now())

    assert opens(flaps, clock.now()).opened == (clock.now().utc,)


@given(st.lists(st.floats(0, 90), min_size=1, max_size=12).map(sorted))
def test_it_flaps_if_and_only_if_three_came_within_half_an_hour(minutes: list[float]) -> None:
    at = [NOON + timedelta(seconds=round(minute * 60)) for minute in minutes]
    close = any(late - early < WITHIN for early, late in zip(at, at[2:], strict=False))

    assert after(*(round(minute * 60) / 60 for minute in minutes)).flapping is close


@pytest.mark.parametrize(
    "flaps",
    [Flaps(), after(0), replace(after(0, 1, 2), warned=frozenset({"phone", "text"}))],
    ids=["nothing", "one incident", "flapping"],
)
def test_it_survives_a_restart(flaps: Flaps) -> None:
    assert Flaps.from_json(flaps.as_json()) == flaps
