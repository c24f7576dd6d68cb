"""What is left out when there is too much to look at: evenly, no more than needed, not for good."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from watchcall.core.shedding import (
    BEAT_S,
    CALM_S,
    GOOD_S,
    LASTING_S,
    LATE_S,
    LEAST,
    Pressure,
    Turns,
    beat,
    shed,
)

LATE, GOOD, SO_SO = LATE_S, 0.0, (GOOD_S + LATE_S) / 2


def after(*lags: float) -> Pressure:
    pressure = Pressure()
    for nth, lag in enumerate(lags):
        pressure = beat(pressure, lag, nth * BEAT_S)
    return pressure


@pytest.mark.parametrize(
    ("lags", "share"),
    [
        pytest.param([], 1.0, id="at first all is taken"),
        pytest.param([GOOD] * 9, 1.0, id="a loop on time takes all"),
        pytest.param([5.0], 1.0, id="one late beat, however late, is a hiccup"),
        pytest.param([LATE, GOOD, LATE, GOOD], 1.0, id="hiccups that are apart are hiccups"),
        pytest.param([LATE, LATE], 0.5, id="late twice in a row: half"),
        pytest.param([LATE, LATE, LATE], 0.25, id="still late: half of that"),
        pytest.param([LATE, LATE, SO_SO, SO_SO], 0.5, id="neither late nor on time: as it is"),
        pytest.param([LATE, LATE, GOOD], 0.525, id="on time: a little more"),
        pytest.param([LATE] * 99, LEAST, id="never nothing"),
        pytest.param([LATE, LATE, *[GOOD] * 99], 1.0, id="in the end all again"),
    ],
)
def test_the_share_of_turns_that_are_taken(lags: list[float], share: float) -> None:
    assert after(*lags).share == pytest.approx(share)


def test_it_is_trouble_once_it_lasts_and_over_once_no_turn_is_left_out_for_a_while() -> None:
    pressure = shed(Pressure(), 100.0)
    assert not pressure.lasts(100.0 + LASTING_S - 1)
    pressure = shed(pressure, 150.0)
    assert pressure.lasts(100.0 + LASTING_S)

    assert beat(pressure, GOOD, 150.0 + CALM_S - 1).lasts(170.0)
    assert not beat(pressure, GOOD, 150.0 + CALM_S).lasts(170.0)


def test_turns_that_are_left_out_while_the_share_is_less_than_all_are_not_forgotten() -> None:
    pressure = shed(after(LATE, LATE), 1.0)

    assert beat(pressure, SO_SO, 1000.0).lasts(1000.0)


@given(share=st.floats(LEAST, 1.0), turns=st.integers(1, 500))
def test_every_check_loses_alike(share: float, turns: int) -> None:
    dealt, taken = Turns(), Counter[str]()
    names = [f"check-{number}" for number in range(20)]
    for _ in range(turns):
        taken.update(name for name in names if dealt.take(name, share))

    for name in names:
        assert abs(taken[name] - share * turns) <= 1 + 1e-6


def test_with_half_of_the_turns_some_look_in_this_one_and_some_in_the_next() -> None:
    dealt = Turns()
    names = [f"check-{number}" for number in range(100)]
    first = {name for name in names if dealt.take(name, 0.5)}
    second = {name for name in names if dealt.take(name, 0.5)}

    assert 30 <= len(first) <= 70
    assert first.isdisjoint(second)
    assert first | second == set(names)


class AnyLoad(RuleBasedStateMachine):
    """A machine that can take so many looks a second, and a configuration that wants others.

    It never falls for good: what it can take is looked at, and once it can take all, all is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pressure, self.now = Pressure(), 0.0

    @rule(lag=st.floats(0, 30), beats=st.integers(1, 20))
    def runs(self, lag: float, beats: int) -> None:
        for _ in range(beats):
            self.now += BEAT_S + lag
            before = self.pressure
            self.pressure = beat(before, lag, self.now)
            if lag >= LATE_S:
                assert self.pressure.share <= before.share
            else:
                assert self.pressure.share >= before.share

    @rule()
    def leaves_one_out(self) -> None:
        self.pressure = shed(self.pressure, self.now)
        assert self.pressure.began is not None

    @rule()
    def has_time(self) -> None:
        for _ in range(round(CALM_S / BEAT_S) + 150):
            self.now += BEAT_S
            self.pressure = beat(self.pressure, 0.0, self.now)
        assert self.pressure == Pressure(shed=self.pressure.shed)

    @invariant()
    def takes_something(self) -> None:
        assert LEAST <= self.pressure.share <= 1.0


TestAnyLoad = AnyLoad.TestCase
