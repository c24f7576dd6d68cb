"""One call: a state machine written as a table.

queued ---> ringing ---> in-progress ---> completed
  |            |---> busy, no-answer, failed, canceled
  `---> busy, failed, canceled
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from watchcall.core.moment import Moment
from watchcall.simulator.behaviour import Behaviour
from watchcall.simulator.twiml import Say

Form = dict[str, list[str]]


class Status(enum.StrEnum):
    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        return not TABLE[self]


TABLE: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RINGING, Status.BUSY, Status.FAILED, Status.CANCELED}),
    Status.RINGING: frozenset(
        {Status.IN_PROGRESS, Status.BUSY, Status.NO_ANSWER, Status.FAILED, Status.CANCELED}
    ),
    Status.IN_PROGRESS: frozenset({Status.COMPLETED}),
    Status.COMPLETED: frozenset(),
    Status.BUSY: frozenset(),
    Status.NO_ANSWER: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELED: frozenset(),
}


class IllegalMove(Exception):
    """A change of status that the table does not know; nothing was changed."""


@dataclass(slots=True, kw_only=True)
class Speaking:
    """Words that are being said right now.

    seconds: how long the whole of them takes, by the clock on the wall
    """

    say: Say
    began: Moment
    seconds: float

    def so_far(self, now: Moment) -> str:
        """Return as much of the words as has been said by now."""
        if self.seconds <= 0:
            return self.say.words
        share = (now.elapsed - self.began.elapsed) / self.seconds
        return self.say.words[: round(len(self.say.words) * min(max(share, 0.0), 1.0))]


@dataclass(slots=True, kw_only=True)
class Call:
    """A call as Twilio knows it, and what its phone does.

    since:  when the status became what it is
    heard:  what was said to the end, or as far as it was heard
    errors: Twilio's codes, as Notifications tells them
    """

    sid: str
    account_sid: str
    to: str
    caller: str
    behaviour: Behaviour
    params: Form
    created: Moment
    since: Moment
    status: Status = Status.QUEUED
    direction: str = "outbound-api"
    dialed: Moment | None = None
    answered: Moment | None = None
    ended: Moment | None = None
    answered_by: str | None = None
    price: float | None = None
    price_unit: str | None = None
    queue_time: float = 0.0
    errors: list[int] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    speaking: Speaking | None = None

    def move(self, status: Status, now: Moment) -> None:
        """Change the status as the table allows, and note when."""
        if status not in TABLE[self.status]:
            raise IllegalMove(f"{self.status} to {status}")
        self.status, self.since = status, now
        if status is not Status.CANCELED:
            self.dialed = self.dialed or now
        if status is Status.IN_PROGRESS:
            self.answered = now
        if status.final:
            self.ended = now

    def param(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[0]

    @property
    def inbound(self) -> bool:
        return self.direction == "inbound"

    @property
    def person(self) -> str:
        """The number that is not ours."""
        return self.caller if self.inbound else self.to

    @property
    def duration(self) -> int | None:
        """Whole seconds of conversation; None where there was none, or it goes on."""
        if self.answered is None or self.ended is None:
            return None
        return max(1, round(self.ended.elapsed - self.answered.elapsed))
