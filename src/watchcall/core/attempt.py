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
    ACKNOWLEDGED = "acknowledged"  # the person pressed the key
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
    SENT = "sent"  # a text that the carrier took; whether it arrived is not known
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"

    @property
    def reached(self) -> bool:
        """Whether somebody heard or got it, as far as the outcome tells."""
        return self in _REACHED


_REACHED = (
    *(Outcome.ACKNOWLEDGED, Outcome.HUMAN, Outcome.ANSWERED),
    *(Outcome.SENT, Outcome.DELIVERED),
)


class Withdrawn(enum.Enum):
    """Why we took a call back that Twilio had taken."""

    OVER = "it recovered, was acknowledged or is to be quiet"
    HELD = "Twilio held it in its queue"
    STUCK = "it came to no end in time"


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
    (Phase.POSTING, Step.DROP): Phase.ENDED,
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
    # of texts (Message resource, "status"); a text that `failed` was not delivered
    "delivered": Outcome.DELIVERED,
    "read": Outcome.DELIVERED,
    "undelivered": Outcome.UNDELIVERED,
}
ACKNOWLEDGES, PASSES, REPEATS = "1", "2", "*"  # the keys (contract, "What the words mean")
HELD_FOR = timedelta(seconds=60)  # a call that Twilio keeps queued for longer is taken back
TIME_LIMIT = timedelta(minutes=5)  # of a conversation: the words twice, and a key
DETECTION = timedelta(seconds=30)  # Twilio's MachineDetectionTimeout
SLACK = timedelta(seconds=35)  # Twilio may ring 5 s longer, and its records take a moment
LONGEST_WAIT = timedelta(minutes=5)  # whatever Twilio asks for: somebody waits for this call
BACKOFF = (1, 2, 5, 10, 30)  # seconds before a call that was not placed is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to reach one contact on one channel, about one notification.

    id:        UUID
    nth:       counted within its notification, from 1
    round:     of the ladder, from 1
    tries:     how often the POST was sent
    planned_at: when it was written down or put off, until the first POST; then when that was
    due_at:    not before this instant
    rang_at:   when it was first seen to ring; where it was never seen, when it was answered
    key:       which the listener pressed: "1" acknowledges, "2" passes it on
    trial:     it went through a trial account, which speaks a text of its own first and may
               never come to ours
    withdrawn: why we took it back
    segments:  of a text, as Twilio bills it
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
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: int | None = None
    price: Decimal | None = None
    price_unit: str | None = None
    key: str | None = None
    trial: bool = False
    withdrawn: Withdrawn | None = None
    segments: int | None = None

    @property
    def live(self) -> bool:
        """Whether its phone may ring or speak now, as far as we know."""
        return self.phase in (Phase.POSTING, Phase.PLACED, Phase.UNCERTAIN)

    @property
    def heard(self) -> bool:
        """Whether somebody heard or got it, and did not pass it on."""
        if self.outcome is Outcome.ACKNOWLEDGED:
            return True
        return self.outcome.reached and not self.trial and self.key != PASSES

    @property
    def unanswered(self) -> bool:
        """Whether it was placed and nobody is known to listen yet."""
        return self.phase is Phase.PLACED and self.status != "in-progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """What Twilio says of a call or a text: the resource, as far as it matters.

    duration_s: seconds of conversation; None where nobody answered
    price:      what it cost, positive, in `price_unit`; arrives late
    body:       of a text
    error_code: of a text that was not delivered; a call's is asked for apart
    """

    sid: str
    status: str
    answered_by: str | None = None
    created_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: int | None = None
    price: Decimal | None = None
    price_unit: str | None = None
    body: str | None = None
    segments: int | None = None
    error_code: int | None = None
    error: str | None = None


def _step(attempt: Attempt, step: Step) -> Attempt:
    try:
        return replace(attempt, phase=TABLE[attempt.phase, step])
    except KeyError:
        raise IllegalStep(f"{step.value} while {attempt.phase.value}") from None


def post(attempt: Attempt, now: datetime) -> Attempt:
    """The POST is about to be sent."""
    sending = _step(attempt, Step.POST)
    return replace(
        sending,
        tries=attempt.tries + 1,
        planned_at=attempt.planned_at if attempt.tries else now,
        posted_at=now,
        error=None,
        error_code=None,
    )


def placed(attempt: Attempt, report: CallReport, now: datetime) -> Attempt:
    """Twilio took the call."""
    taken = _step(attempt, Step.PLACED)
    return replace(
        taken, sid=report.sid, status=report.status, placed_at=now, segments=report.segments
    )


def delivered(attempt: Attempt, now: datetime) -> Attempt:
    """A notice was taken by whom it was for, which is its end."""
    taken = _step(attempt, Step.PLACED)
    return replace(
        _step(taken, Step.REPORT), outcome=Outcome.DELIVERED, placed_at=now, ended_at=now
    )


def postpone(
    attempt: Attempt,
    error: str,
    code: int | None,
    after: timedelta | None,
    now: datetime,
    chance: float = 0.5,
) -> Attempt:
    """The call was certainly not placed; it is tried again later.

    after:  what Twilio asked for; else the backoff, a quarter more or less by `chance` in 0..1,
            so that many servers that were cut off do not come back at the same instant
    """
    backoff = BACKOFF[min(attempt.tries, len(BACKOFF)) - 1] * (0.75 + chance / 2)
    wait = min(after, LONGEST_WAIT) if after else timedelta(seconds=backoff)
    later = _step(attempt, Step.POSTPONE)
    return replace(later, error=error, error_code=code, due_at=now + wait)


def put_off(attempt: Attempt, why: str, wait: timedelta, now: datetime) -> Attempt:
    """It may not be sent yet, for a reason of our own; nothing was sent.

    It is planned anew, with all that has joined its page: only what joins from now on is news.
    """
    planned_at = attempt.planned_at if attempt.tries else now
    return replace(attempt, error=why, planned_at=planned_at, due_at=now + wait)


def reject(attempt: Attempt, error: str, code: int | None, now: datetime) -> Attempt:
    """Twilio refused the call, and would again."""
    refused = _step(attempt, Step.REJECT)
    return replace(refused, outcome=Outcome.REJECTED, error=error, error_code=code, ended_at=now)


def give_up(attempt: Attempt, error: str, code: int | None, now: datetime) -> Attempt:
    """The call was certainly not placed, and nobody tries it again: no connection, say."""
    return replace(reject(attempt, error, code, now), outcome=Outcome.FAILED)


def lose(attempt: Attempt, error: str, code: int | None = None) -> Attempt:
    """Nobody knows whether the call was placed: the reply was lost, or we died waiting for it."""
    lost = _step(attempt, Step.LOSE)
    return replace(lost, outcome=Outcome.UNCERTAIN, error=error, error_code=code)


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
        error_code=None,
    )


def forget(attempt: Attempt, now: datetime) -> Attempt:
    """The lost call was not found; it stays uncertain, and a new attempt takes its place."""
    return replace(_step(attempt, Step.FORGET), ended_at=now)


def drop(attempt: Attempt, why: str, now: datetime) -> Attempt:
    """It is not to be sent any more: what it was to tell is over, or who it is for sleeps."""
    unsent = attempt.phase is Phase.POSTING
    return replace(
        _step(attempt, Step.DROP),
        outcome=Outcome.CANCELED,
        error=why,
        tries=attempt.tries - unsent,
        posted_at=None if unsent else attempt.posted_at,
        ended_at=now,
    )


def report(attempt: Attempt, said: CallReport, now: datetime, *, trial: bool = False) -> Attempt:
    """Twilio said how the call stands; a final status ends the attempt.

    trial: the account is one, and a call through it proves nothing
    """
    outcome = _outcome(attempt, said)
    if outcome is None:
        return _seen(attempt, said.status, now)
    # Twilio counts whole seconds: a call must not seem to end before it was placed.
    placed_at = attempt.placed_at or now
    ended_at = max(said.ended_at or now, placed_at)
    talked = timedelta(seconds=said.duration_s or 0)
    answered = outcome.reached and said.duration_s is not None  # a machine is nobody
    answered_at = max(ended_at - talked, attempt.rang_at or placed_at) if answered else None
    return replace(
        _step(attempt, Step.REPORT),
        status=said.status,
        outcome=outcome,
        trial=trial and attempt.type == "voice",
        error_code=said.error_code,
        error=said.error,
        rang_at=attempt.rang_at or answered_at,
        ended_at=ended_at,
        duration_s=said.duration_s,
        answered_at=answered_at,
        price=said.price,
        price_unit=said.price_unit,
        segments=said.segments or attempt.segments,
    )


def _seen(attempt: Attempt, status: str, now: datetime) -> Attempt:
    rang_at = attempt.rang_at or (now if status == "ringing" else None)
    return replace(attempt, status=status, rang_at=rang_at)


def sent(attempt: Attempt, now: datetime) -> Attempt:
    """A text that the carrier took and that nobody confirms: as good as it gets."""
    gone = _step(attempt, Step.REPORT)
    return replace(gone, outcome=Outcome.SENT, ended_at=now)


def settled(attempt: Attempt, said: CallReport) -> Attempt:
    """What came to be known after the end: the price, and of a text whether it arrived."""
    late = FINAL.get(said.status) if attempt.type == "sms" else None
    return replace(
        attempt,
        outcome=late if late and attempt.outcome is Outcome.SENT else attempt.outcome,
        error_code=attempt.error_code if said.error_code is None else said.error_code,
        price=attempt.price if said.price is None else said.price,
        price_unit=said.price_unit or attempt.price_unit,
    )


def late(attempt: Attempt, said: CallReport, now: datetime) -> Attempt:
    """Twilio was asked once more, after the end or because nobody else follows the call."""
    if attempt.phase is Phase.PLACED:
        return report(attempt, said, now)
    return settled(attempt, said)


def explain(attempt: Attempt, code: int | None, error: str | None) -> Attempt:
    """Why a call failed, as Twilio's Notifications say."""
    return replace(attempt, error_code=code, error=error)


def press(attempt: Attempt, key: str) -> Attempt:
    """The listener pressed a key; one who passed it on may still take it."""
    if attempt.key and key != ACKNOWLEDGES:
        return attempt
    return replace(attempt, key=key)


def withdraw(attempt: Attempt, why: Withdrawn) -> Attempt:
    """We ask Twilio to take the call back; it stays placed until Twilio says how it ended."""
    return replace(attempt, withdrawn=attempt.withdrawn or why)


def longest(ring_timeout: timedelta, *, detects: bool) -> timedelta:
    """Return how long after its POST a call may take to its end; later it is stuck."""
    return HELD_FOR + ring_timeout + (DETECTION if detects else timedelta(0)) + TIME_LIMIT + SLACK


def stuck(attempt: Attempt, why: str, now: datetime) -> Attempt:
    """No final status came in time."""
    ended = _step(attempt, Step.REPORT)
    return replace(ended, outcome=Outcome.STUCK, error=why, ended_at=now)


def _outcome(attempt: Attempt, said: CallReport) -> Outcome | None:
    outcome = FINAL.get(said.status)
    if outcome is Outcome.ANSWERED:
        return _picked_up_by(attempt, said)
    if outcome is Outcome.FAILED and attempt.type == "sms":
        return Outcome.UNDELIVERED
    return outcome


def _picked_up_by(attempt: Attempt, said: CallReport) -> Outcome:
    """`answered_by` is matched by its beginning: machine_start, machine_end_beep, …

    A key proves more than any detection.
    """
    if attempt.withdrawn is Withdrawn.STUCK:
        return Outcome.STUCK
    if attempt.key is not None:
        return Outcome.ACKNOWLEDGED if attempt.key == ACKNOWLEDGES else Outcome.HUMAN
    if said.answered_by is None:
        return Outcome.ANSWERED
    if said.answered_by.startswith(("machine", "fax")):
        return Outcome.MACHINE
    return Outcome.HUMAN if said.answered_by == "human" else Outcome.ANSWERED
