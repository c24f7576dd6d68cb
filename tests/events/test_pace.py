"""Events make looks early, and never a storm of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from watchcall.events.pace import CALM, LEAST_S, Pace

LONGEST = 3.2
A_MOMENT = 1e-9


def looks_of(
    events: list[float], *, changed: bool = False, longest: float = LONGEST
) -> list[float]:
    """When the looks come that these events ask for; each look ends at once."""
    pace, due, looks = Pace(longest), None, list[float]()
    for now in [*events, float("inf")]:
        if due is not None and due <= now:
            pace.take(due)
            pace.looked(changed)
            looks.append(round(due, 6))
            due = None
        if now < float("inf") and (wait := pace.ask(now)) is not None:
            due = now + wait
    return looks


@pytest.mark.parametrize(
    ("events", "looks"),
    [
        pytest.param([5.0], [5.0], id="an event is looked into at once"),
        pytest.param([5.0, 5.01, 5.02, 5.03], [5.0, 5.2], id="a burst is two looks"),
        pytest.param([5.0, 6.0, 7.0], [5.0, 6.0, 7.0], id="events far apart are each looked into"),
    ],
)
def test_when_events_are_looked_into(events: list[float], looks: list[float]) -> None:
    assert looks_of(events) == looks


def test_looks_that_find_nothing_changed_come_further_and_further_apart() -> None:
    all_day = [nth * 0.01 for nth in range(6000)]

    looks = looks_of(all_day)

    gaps = [round(b - a, 6) for a, b in pairwise(looks)]
    assert gaps[:6] == [0.2, 0.4, 0.8, 1.6, 3.2, 3.2]
    assert len(looks) <= 6 + 60 / LONGEST


def test_looks_that_find_something_stay_as_quick() -> None:
    looks = looks_of([nth * 0.01 for nth in range(100)], changed=True)

    gaps = {round(b - a, 2) for a, b in pairwise(looks)}
    assert gaps <= {0.1, 0.11}


def test_an_interval_below_the_least_gap_does_not_make_it_quicker() -> None:
    looks = looks_of([0.0, 0.01], longest=0.01)

    assert looks == [0.0, 0.1]


class Storm(RuleBasedStateMachine):
    """Events, looks and time in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.pace, self.now = Pace(LONGEST), 100.0
        self.due: float | None = None  # of the look that is planned
        self.since: float | None = None  # the first event that nobody has looked into
        self.taken: list[float] = []
        self.under_way = False

    @rule()
    def something_happens(self) -> None:
        calm = not self.taken or self.now - self.taken[-1] >= CALM * LONGEST
        wait = self.pace.ask(self.now)
        if wait is None:
            assert self.due is not None
            return
        assert self.due is None
        assert 0 <= wait <= LONGEST
        assert wait == 0 or not calm, "after a calm it is at once"
        self.due = self.now + wait

    @rule(seconds=st.floats(0, 5))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.due is not None and self.due <= self.now)
    @rule()
    def it_is_looked(self) -> None:
        self.pace.take(self.now)
        self.due, self.under_way = None, True
        self.taken.append(self.now)

    @rule(changed=st.booleans())
    def a_look_ends(self, changed: bool) -> None:
        """An early one, or the schedule's own."""
        self.pace.looked(changed)
        self.under_way = False

    @invariant()
    def looks_are_apart(self) -> None:
        assert all(b - a >= LEAST_S - A_MOMENT for a, b in pairwise(self.taken))

    @invariant()
    def an_event_is_not_forgotten(self) -> None:
        assert self.due is None or self.due - self.now <= LONGEST + A_MOMENT


TestStorm = Storm.TestCase
