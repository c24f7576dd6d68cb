"""The table of what may happen to an attempt, and what comes of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes import NOON
from watchcall.core import attempt as attempts
from watchcall.core.attempt import TABLE, Attempt, CallReport, IllegalStep, Outcome, Phase, Step

PLANNED = Attempt(
    id="a-1",
    notification="n-1",
    channel="phone",
    contact="me",
    to="+819012345678",
    nth=1,
    planned_at=NOON,
    due_at=NOON,
)
QUEUED = CallReport(sid="CA1", status="queued", created_at=NOON)
POSTING = attempts.post(PLANNED, NOON)
PLACED = attempts.placed(POSTING, QUEUED, NOON)
LOST = attempts.lose(POSTING, "no answer")
ENDED = attempts.reject(POSTING, "no such number", 21211, NOON)

IN = {
    Phase.PLANNED: PLANNED,
    Phase.POSTING: POSTING,
    Phase.PLACED: PLACED,
    Phase.UNCERTAIN: LOST,
    Phase.ENDED: ENDED,
}
DO: dict[Step, Callable[[Attempt], Attempt]] = {
    Step.POST: lambda one: attempts.post(one, NOON),
    Step.PLACED: lambda one: attempts.placed(one, QUEUED, NOON),
    Step.POSTPONE: lambda one: attempts.postpone(one, "429", 20429, None, NOON),
    Step.REJECT: lambda one: attempts.reject(one, "no", 21211, NOON),
    Step.LOSE: lambda one: attempts.lose(one, "reset"),
    Step.ADOPT: lambda one: attempts.adopt(one, QUEUED, NOON),
    Step.FORGET: lambda one: attempts.forget(one, NOON),
    Step.DROP: lambda one: attempts.drop(one, "recovered", NOON),
    Step.REPORT: lambda one: attempts.stuck(one, "no end", NOON),
}


@pytest.mark.parametrize(
    ("phase", "step"),
    [
        pytest.param(phase, step, id=f"{phase.value}-{step.value}")
        for phase, step in itertools.product(Phase, Step)
    ],
)
def test_an_attempt_does_what_the_table_says_and_nothing_else(phase: Phase, step: Step) -> None:
    assert IN[phase].phase is phase
    if (phase, step) in TABLE:
        assert DO[step](IN[phase]).phase is TABLE[phase, step]
    else:
        with pytest.raises(IllegalStep):
            DO[step](IN[phase])


@pytest.mark.parametrize(
    ("status", "answered_by", "outcome"),
    [
        pytest.param("queued", None, Outcome.PENDING, id="queued is no end"),
        pytest.param("ringing", None, Outcome.PENDING, id="ringing is no end"),
        pytest.param("in-progress", None, Outcome.PENDING, id="talking is no end"),
        pytest.param("something-new", None, Outcome.PENDING, id="an unknown status is no end"),
        pytest.param("completed", None, Outcome.ANSWERED, id="somebody or something picked up"),
        pytest.param("completed", "human", Outcome.HUMAN, id="a person"),
        pytest.param("completed", "machine_start", Outcome.MACHINE, id="a voicemail"),
        pytest.param("completed", "machine_end_beep", Outcome.MACHINE, id="a voicemail's beep"),
        pytest.param("completed", "unknown", Outcome.ANSWERED, id="detection could not tell"),
        pytest.param("busy", None, Outcome.BUSY, id="busy"),
        pytest.param("no-answer", None, Outcome.NO_ANSWER, id="no answer"),
        pytest.param("failed", None, Outcome.FAILED, id="failed"),
        pytest.param("canceled", None, Outcome.CANCELED, id="canceled"),
    ],
)
def test_what_a_status_of_twilio_means(
    status: str, answered_by: str | None, outcome: Outcome
) -> None:
    said = CallReport(sid="CA1", status=status, answered_by=answered_by, ended_at=NOON)

    after = attempts.report(PLACED, said, NOON)

    assert after.outcome is outcome
    assert after.status == status
    assert (after.phase is Phase.ENDED) is (outcome is not Outcome.PENDING)


def test_an_answered_call_knows_when_it_was_answered() -> None:
    end = NOON + timedelta(seconds=20)
    said = CallReport(sid="CA1", status="completed", ended_at=end, duration_s=9)

    assert attempts.report(PLACED, said, end).answered_at == NOON + timedelta(seconds=11)


def test_no_call_ends_before_it_was_placed_though_twilio_counts_whole_seconds() -> None:
    said = CallReport(sid="CA1", status="busy", ended_at=NOON - timedelta(milliseconds=700))

    assert attempts.report(PLACED, said, NOON).ended_at == PLACED.placed_at


def test_a_price_that_is_known_is_kept() -> None:
    said = CallReport(sid="CA1", status="busy", price=Decimal("0.085"), price_unit="USD")

    after = attempts.report(PLACED, said, NOON)

    assert (after.price, after.price_unit) == (Decimal("0.085"), "USD")


def test_each_postponement_waits_longer_up_to_a_bound() -> None:
    waits, one = [], PLANNED
    for _ in range(7):
        one = attempts.postpone(attempts.post(one, NOON), "down", None, None, NOON)
        waits.append((one.due_at - NOON).total_seconds())

    assert waits == [1, 2, 5, 10, 30, 30, 30]


def test_what_twilio_asks_for_is_waited() -> None:
    later = attempts.postpone(POSTING, "429", 20429, timedelta(seconds=7), NOON)

    assert later.due_at == NOON + timedelta(seconds=7)


def test_nobody_waits_for_ever_because_twilio_asks_for_it() -> None:
    later = attempts.postpone(POSTING, "429", 20429, timedelta(days=1), NOON)

    assert later.due_at == NOON + attempts.LONGEST_WAIT


def test_a_lost_call_that_was_found_is_pending_again() -> None:
    found = attempts.adopt(LOST, QUEUED, NOON)

    assert (found.outcome, found.sid, found.error) == (Outcome.PENDING, "CA1", None)


def test_a_lost_call_that_was_not_found_stays_uncertain() -> None:
    assert attempts.forget(LOST, NOON).outcome is Outcome.UNCERTAIN
