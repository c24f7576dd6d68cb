"""One try to reach one person: a state machine written as a table.

    PLANNED --post--> POSTING --placed--> PLACED --report--> ENDED
       ^                 |---postpone--> PLANNED     (certainly not placed: try later)
       |                 |---reject----> ENDED       (certainly not placed: never will be)
       |                 `---lose------> UNCERTAIN   (may ring or not)
       |                                  |--adopt--> PLACED
       `---(a new attempt)----------------'--forget-> ENDED

The intent is committed before the POST and the SID after it, so that a crash in between leaves
a row in POSTING: the next start finds it and treats it as lost.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal


class Phase(enum.Enum):
    """How far an attempt has come."""

    PLANNED = "planned"
    POSTING = "posting"
    PLACED = "placed"
    UNCERTAIN = "uncertain"
    ENDED = "ended"


class Outcome(enum.Enum):
    """What became of an attempt; the contract's words."""

    PENDING = "pending"
    HUMAN = "human"
    MACHINE = "machine"
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    STUCK = "stuck"

    @property
    def reached(self) -> bool:
        """Whether somebody heard it, as far as the outcome tells."""
        return self in (Outcome.HUMAN, Outcome.ANSWERED)


class Step(enum.Enum):
    """What may happen to an attempt."""

    POST = "post"
    PLACED = "placed"
    POSTPONE = "postpone"
    REJECT = "reject"
    LOSE = "lose"
    ADOPT = "adopt"
    FORGET = "forget"
    REPORT = "report"
    DROP = "drop"


TABLE: dict[tuple[Phase, Step], Phase] = {
    (Phase.PLANNED, Step.POST): Phase.POSTING,
    (Phase.PLANNED, Step.DROP): Phase.ENDED,
    (Phase.POSTING, Step.PLACED): Phase.PLACED,
    (Phase.POSTING, Step.POSTPONE): Phase.PLANNED,
    (Phase.POSTING, Step.REJECT): Phase.ENDED,
    (Phase.POSTING, Step.LOSE): Phase.UNCERTAIN,
    (Phase.UNCERTAIN, Step.ADOPT): Phase.PLACED,
    (Phase.UNCERTAIN, Step.FORGET): Phase.ENDED,
    (Phase.PLACED, Step.REPORT): Phase.ENDED,
}


class IllegalStep(Exception):
    """A step that the table does not know: a bug of ours, and nothing was changed."""


# Twilio's final call statuses (Call resource, "status"). `completed` says that somebody or
# something picked up: a voicemail counts as completed too.
FINAL = {
    "completed": Outcome.ANSWERED,
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "failed": Outcome.FAILED,
    "canceled": Outcome.CANCELED,
}
LONGEST_WAIT = timedelta(minutes=5)  # whatever Twilio asks for: somebody waits for this call
BACKOFF = (1, 2, 5, 10, 30)  # seconds before a call that was not placed is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to reach one contact on one channel, about one notification.

    id:     UUID
    nth:    counted within its notification, from 1
    tries:  how often the POST was sent
    due_at: not before this instant
    """

    id: str
    notification: str
    channel: str
    contact: str
    to: str
    nth: int
    planned_at: datetime
    due_at: datetime
    type: str = "voice"
    round: int = 1
    number: int | None = None
    phase: Phase = Phase.PLANNED
    outcome: Outcome = Outcome.PENDING
    tries: int = 0
    sid: str | None = None
    status: str | None = None  # as Twilio last said
    error_code: int | None = None
    error: str | None = None
    posted_at: datetime | None = None
    placed_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: int | None = None
    price: Decimal | None = None
    price_unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """What Twilio says of a call: the Call resource, as far as it matters.

    duration_s: seconds of conversation; None where nobody answered
    price:      what it cost, positive, in `price_unit`; arrives late
    """

    sid: str
    status: str
    answered_by: str | None = None
    created_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: int | None = None
    price: Decimal | None = None
    price_unit: str | None = None


def _step(attempt: Attempt, step: Step) -> Attempt:
    try:
        return replace(attempt, phase=TABLE[attempt.phase, step])
    except KeyError:
        raise IllegalStep(f"{step.value} while {attempt.phase.value}") from None


def post(attempt: Attempt, now: datetime) -> Attempt:
    """The POST is about to be sent."""
    sending = _step(attempt, Step.POST)
    return replace(sending, tries=attempt.tries + 1, posted_at=now, error=None, error_code=None)


def placed(attempt: Attempt, report: CallReport, now: datetime) -> Attempt:
    """Twilio took the call."""
    taken = _step(attempt, Step.PLACED)
    return replace(taken, sid=report.sid, status=report.status, placed_at=now)


def postpone(
    attempt: Attempt, error: str, code: int | None, after: timedelta | None, now: datetime
) -> Attempt:
    """The call was certainly not placed; it is tried again later (`after`, or the backoff)."""
    wait = (
        min(after, LONGEST_WAIT)
        if after
        else timedelta(seconds=BACKOFF[min(attempt.tries, len(BACKOFF)) - 1])
    )
    later = _step(attempt, Step.POSTPONE)
    return replace(later, error=error, error_code=code, due_at=now + wait)


def reject(attempt: Attempt, error: str, code: int | None, now: datetime) -> Attempt:
    """Twilio refused the call, and would again."""
    refused = _step(attempt, Step.REJECT)
    return replace(refused, outcome=Outcome.REJECTED, error=error, error_code=code, ended_at=now)


def lose(attempt: Attempt, error: str) -> Attempt:
    """Nobody knows whether the call was placed: the reply was lost, or we died waiting for it."""
    return replace(_step(attempt, Step.LOSE), outcome=Outcome.UNCERTAIN, error=error)


def adopt(attempt: Attempt, report: CallReport, now: datetime) -> Attempt:
    """The lost call was found at Twilio."""
    found = _step(attempt, Step.ADOPT)
    return replace(
        found,
        sid=report.sid,
        status=report.status,
        outcome=Outcome.PENDING,
        placed_at=report.created_at or now,
        error=None,
    )


def forget(attempt: Attempt, now: datetime) -> Attempt:
    """The lost call was not found; it stays uncertain, and a new attempt takes its place."""
    return replace(_step(attempt, Step.FORGET), ended_at=now)


def drop(attempt: Attempt, why: str, now: datetime) -> Attempt:
    """What it was to tell is over before it was sent."""
    return replace(_step(attempt, Step.DROP), outcome=Outcome.CANCELED, error=why, ended_at=now)


def report(attempt: Attempt, said: CallReport, now: datetime) -> Attempt:
    """Twilio said how the call stands; a final status ends the attempt."""
    outcome = FINAL.get(said.status)
    if outcome is None:
        return replace(attempt, status=said.status)
    # Twilio counts whole seconds: a call must not seem to end before it was placed.
    placed_at = attempt.placed_at or now
    ended_at = max(said.ended_at or now, placed_at)
    talked = timedelta(seconds=said.duration_s or 0)
    answered = outcome is Outcome.ANSWERED and said.duration_s is not None
    return replace(
        _step(attempt, Step.REPORT),
        status=said.status,
        outcome=_picked_up_by(said) if outcome is Outcome.ANSWERED else outcome,
        ended_at=ended_at,
        duration_s=said.duration_s,
        answered_at=max(ended_at - talked, placed_at) if answered else None,
        price=said.price,
        price_unit=said.price_unit,
    )


def stuck(attempt: Attempt, why: str, now: datetime) -> Attempt:
    """No final status came in time."""
    ended = _step(attempt, Step.REPORT)
    return replace(ended, outcome=Outcome.STUCK, error=why, ended_at=now)


def _picked_up_by(said: CallReport) -> Outcome:
    """`answered_by` is matched by its beginning: machine_start, machine_end_beep, …"""
    if said.answered_by is None:
        return Outcome.ANSWERED
    if said.answered_by.startswith(("machine", "fax")):
        return Outcome.MACHINE
    return Outcome.HUMAN if said.answered_by == "human" else Outcome.ANSWERED
