"""The cost guard, as a table of the calls that were made and how long the next one waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import NOON
from watchcall.core.guard import APART, HOUR, PER_NUMBER, Placed, hold

ME, YOU = "+819012345678", "+15005550009"


def calls(*minutes_ago: float, to: str = ME) -> list[Placed]:
    return [Placed(NOON - timedelta(minutes=ago), to) for ago in minutes_ago]


@pytest.mark.parametrize(
    ("placed", "per_hour", "waits"),
    [
        pytest.param([], 20, 0, id="the first call is free"),
        pytest.param(calls(0.5), 20, 0.5, id="one a minute to a number"),
        pytest.param(calls(1), 20, 0, id="a minute is enough"),
        pytest.param(calls(0.5, to=YOU), 20, 0, id="another number does not count"),
        pytest.param(calls(2, 4, 6), 20, 9, id="three in a quarter of an hour"),
        pytest.param(calls(2, 4, 15), 20, 0, id="two are fine"),
        pytest.param(calls(16, 20, 24, 28, 32, 36, 40), 20, 20, id="seven an hour"),
        pytest.param(calls(2, 10, 59, to=YOU), 3, 1, id="so many an hour over all numbers"),
        pytest.param(calls(2, 10, 60, to=YOU), 3, 0, id="an hour ago is over"),
        pytest.param(calls(0.5) + calls(2, 3, to=YOU), 3, 57, id="the longest wait counts"),
        pytest.param(calls(-60), 20, 0, id="a clock that was set back holds nothing"),
    ],
)
def test_how_long_the_next_call_waits(placed: list[Placed], per_hour: int, waits: float) -> None:
    held = hold(placed, ME, NOON, per_hour)

    assert (held.until - NOON if held else timedelta(0)) == timedelta(minutes=waits)


def test_it_says_which_limit_it_is() -> None:
    one = hold(calls(0.5), ME, NOON, 20)
    all_ = hold(calls(5, 10, 15, to=YOU), ME, NOON, 3)

    assert one is not None
    assert one.why == "at most 1 within 60 s to one number"
    assert all_ is not None
    assert all_.why == "max_calls_per_hour"


def test_an_operator_may_want_rounds_to_follow_each_other_quickly() -> None:
    assert hold(calls(0.5), ME, NOON, 20, apart=timedelta(seconds=5)) is None
    assert hold(calls(0.5, 1, 1.5), ME, NOON, 20, apart=timedelta(seconds=5)) is not None


@given(
    st.lists(st.floats(0, 7200), max_size=40),
    st.integers(1, 10),
)
def test_whoever_waits_as_told_never_exceeds_a_limit(gaps: list[float], per_hour: int) -> None:
    """Calls are wanted at any time; each waits as long as it is told to."""
    placed: list[Placed] = []
    now = NOON
    for gap in gaps:
        now += timedelta(seconds=gap)
        while (held := hold(placed, ME, now, per_hour)) is not None:
            assert held.until > now
            now = held.until
        placed.append(Placed(now, ME))

    for limit, within in ((1, APART), *PER_NUMBER, (per_hour, HOUR)):
        for last, first in zip(placed[limit:], placed, strict=False):
            assert last.at - first.at >= within
