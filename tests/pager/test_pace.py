"""One call a second over all channels, whoever comes late to their turn."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeClock
from watchcall.pager.switchboard import CALL_EVERY_S, Switchboard, Voice

ASKING = st.lists(st.tuples(st.sampled_from("abcde"), st.floats(0, 5)), max_size=60)


def board(clock: FakeClock) -> Switchboard:
    nothing: Any = None  # the pace asks no store
    return Switchboard(nothing, clock, Voice(host="web1", zone=ZoneInfo("UTC")))


@given(ASKING)
def test_two_calls_are_never_less_than_a_second_apart(asking: list[tuple[str, float]]) -> None:
    clock = FakeClock()
    pace = board(clock).pace
    placed = []
    for channel, later in asking:
        clock.advance(later)
        if pace(channel) == 0:
            placed.append(clock.now().elapsed)

    assert all(after - before >= CALL_EVERY_S - 1e-9 for before, after in pairwise(placed))


def test_who_waits_as_told_comes_in_the_order_of_asking() -> None:
    clock = FakeClock()
    pace = board(clock).pace
    waits = {channel: pace(channel) for channel in "abc"}
    order = [channel for channel in "abc" if waits[channel] == 0]
    for _ in range(2):
        clock.advance(CALL_EVERY_S)
        order += [channel for channel in "abc" if channel not in order and pace(channel) == 0]

    assert order == ["a", "b", "c"]
