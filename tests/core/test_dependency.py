"""What a check waits for among those that it depends on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import NOON
from watchcall.core.dependency import Seen, ancestors, dependency
from watchcall.core.health import Health, State
from watchcall.core.moment import Moment

CHILD = Seen(
    name="shop",
    health=Health(state=State.FAILING),
    looked=Moment(NOON, 100),
    failing=Moment(NOON, 80),
)


def at(second: float) -> Moment:
    return Moment(NOON, second)


def parent(state: State, looked: float | None, **when: float) -> Seen:
    moments = {name: at(second) for name, second in when.items()}
    seen = at(looked) if looked is not None else None
    return Seen(name="db", health=Health(state=state), looked=seen, **moments)


@pytest.mark.parametrize(
    ("above", "why", "first"),
    [
        pytest.param(parent(State.OK, 90), None, None, id="it was seen to be well since"),
        pytest.param(parent(State.OK, 80), None, None, id="or in the same instant"),
        pytest.param(
            parent(State.OK, 70), "which nobody has looked at since", "db", id="not seen since"
        ),
        pytest.param(
            parent(State.OK, None), "which nobody has looked at since", "db", id="or at all"
        ),
        pytest.param(parent(State.FAILING, 90), "which is failing", "db", id="it is failing"),
        pytest.param(
            parent(State.PENDING, None), "which is not decided yet", "db", id="never looked at"
        ),
        pytest.param(
            parent(State.OK, 90, failing=85), "which is not decided yet", "db", id="it may fail"
        ),
        pytest.param(
            parent(State.OK, 110, well=110), "which has just recovered", "shop", id="look again"
        ),
        pytest.param(parent(State.OK, 100, well=95), None, None, id="seen after its recovery"),
        pytest.param(parent(State.UNKNOWN, 90), None, None, id="nobody can look: no failure"),
    ],
)
def test_what_it_waits_for(above: Seen, why: str | None, first: str | None) -> None:
    hold = dependency(CHILD, [above])

    assert (hold.why if hold else None) == (why and f"it depends on db, {why}")
    assert (hold.waits_for if hold else None) == first


def test_the_nearest_is_named_first() -> None:
    known = {"shop": ["db", "cache"], "db": ["gateway"], "cache": ["gateway"]}

    assert ancestors("shop", known) == ["db", "cache", "gateway"]
    assert ancestors("gateway", known) == []


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=4), max_size=6
    )
)
def test_circles_come_to_an_end_and_nobody_depends_on_itself(known: dict[str, list[str]]) -> None:
    for name in "abcdef":
        found = ancestors(name, known)
        assert name not in found
        assert len(found) == len(set(found))
        assert set(known.get(name, ())) - {name} <= set(found)
