"""The pager's state: the worst of its causes, each said once when it begins and when it ends."""

from __future__ import annotations

import logging

import pytest

from tests.fakes import FakeClock
from watchcall.pager.state import ACCOUNT, Cause, PagerState


def test_it_knows_nothing_at_first() -> None:
    assert PagerState().state == "unknown"


def test_a_placed_call_is_the_proof() -> None:
    state = PagerState()
    state.placed()

    assert (state.state, state.reason) == ("ok", "calls are placed")


def test_trouble_degrades_it_and_half_a_minute_of_it_is_down() -> None:
    state, clock = PagerState(), FakeClock()
    state.trouble("no connection", clock.now(), for_all=False)
    first = state.state
    clock.advance(30)
    state.trouble("no connection", clock.now(), for_all=False)

    assert (first, state.state) == ("degraded", "down")


def test_what_would_refuse_everybody_is_down_at_once() -> None:
    state = PagerState()
    state.trouble("401", FakeClock().now(), for_all=True)

    assert state.state == "down"


def test_the_worst_cause_counts_and_its_end_brings_the_next() -> None:
    state = PagerState()
    state.placed()
    state.put(ACCOUNT, Cause("down", "suspended"))
    state.bar("alice", "voice", "a bad number")
    assert (state.state, state.reason) == ("down", "suspended")

    state.clear(ACCOUNT)
    assert (state.state, state.barred) == ("degraded", {"alice": state.reason})

    state.unbar("alice", "voice")
    assert state.state == "ok"


def test_incidents_nobody_was_reached_about_count_until_they_need_nobody() -> None:
    state = PagerState()
    state.unreached({"i-1": 1, "i-2": 2})
    assert state.reason == "nobody was reached about incident 1, 2"

    state.only({"i-2"})
    assert state.reason == "nobody was reached about incident 2"

    state.only(set())
    assert state.state == "unknown"


def test_a_change_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    changes: list[str] = []
    state = PagerState(lambda: changes.append(state.state))
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            state.put(ACCOUNT, Cause("degraded", "little money"))

    assert changes == ["degraded"]
    assert [record.getMessage() for record in caplog.records] == ["pager is degraded: little money"]
