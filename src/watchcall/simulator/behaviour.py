"""What a phone does when it is called, and what Twilio's reply to the request is like."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Does(enum.StrEnum):
    ANSWER = "answer"
    HUMAN = "human"
    MACHINE = "machine"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAIL = "fail"
    REJECT = "reject"  # a 400 that says why; no call
    TOO_MANY = "429"
    ERROR = "500"  # a 5xx; the call may exist nonetheless
    SLOW = "slow"
    LOST = "lost"  # the connection is closed instead of a reply
    CUT = "cut"  # … in the middle of the reply
    GARBAGE = "garbage"  # a reply that nobody can read


PHONES = frozenset({Does.ANSWER, Does.HUMAN, Does.MACHINE, Does.BUSY, Does.NO_ANSWER, Does.FAIL})
REFUSALS = frozenset({Does.REJECT, Does.TOO_MANY, Does.ERROR})

ANSWERED_BY = frozenset(
    "human unknown fax machine_start machine_end_beep machine_end_silence machine_end_other".split()
)

CALLBACKS = frozenset({"twice", "reversed", "none"})

_ANY = {"queue", "callbacks"}
_RINGING = {"ring", "calls_back"} | _ANY
_HUMAN = {"talk", "keys", "keys_after"} | _RINGING
_ANSWERING = {"answered_by"} | _HUMAN
_PHONES = {"phone"} | _ANSWERING  # what a troubled reply may say of the phone
KEYS: dict[Does, frozenset[str]] = {
    Does.ANSWER: frozenset(_ANSWERING),
    Does.HUMAN: frozenset(_HUMAN),
    Does.MACHINE: frozenset(_ANSWERING),
    Does.BUSY: frozenset(_RINGING),
    Does.NO_ANSWER: frozenset({"calls_back"} | _ANY),
    Does.FAIL: frozenset({"ring", "code"} | _ANY),
    Does.REJECT: frozenset({"code", "status"}),
    Does.TOO_MANY: frozenset({"retry_after"}),
    Does.ERROR: frozenset({"status", "placed"} | _PHONES),
    Does.SLOW: frozenset({"delay"} | _PHONES),
    Does.LOST: frozenset({"placed"} | _PHONES),
    Does.CUT: frozenset(_PHONES),
    Does.GARBAGE: frozenset(_PHONES),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One entry of a phone's list. What is None was not written: see the properties.

    phone:       what the phone does where the reply is the trouble
    ring, talk:  seconds; `talk` None is "until the words are over"
    calls_back:  seconds from the end of the call until its owner rings us; None is never
    code:        Twilio's error code, of the call (`fail`) or of the reply (`reject`)
    placed:      of a reply that does not say so: whether the call exists
    queue:       seconds until Twilio dials; None is the script's `queued`
    callbacks:   what becomes of status callbacks, one of CALLBACKS
    keys:        what is pressed, one item for each <Gather> that listens
    keys_after:  seconds from the beginning of the <Gather>
    delay:       seconds before the reply; real ones, whatever `speed` is
    """

    does: Does
    phone: Does = Does.ANSWER
    ring: float | None = None
    talk: float | None = None
    answered_by: str | None = None
    calls_back: float | None = None
    code: int | None = None
    status: int | None = None
    placed: bool | None = None
    delay: float = 2.0
    retry_after: int | None = None
    queue: float | None = None
    callbacks: str | None = None
    keys: tuple[str, ...] = ()
    keys_after: float = 0.5

    @property
    def phone_does(self) -> Does:
        return self.does if self.does in PHONES else self.phone

    @property
    def exists(self) -> bool:
        """Whether there is a call, whatever the reply says."""
        if self.does in REFUSALS:
            return self.placed is True
        return self.placed is not False

    @property
    def rings_for(self) -> float:
        """Seconds; a busy or dead phone does not ring unless it is told to."""
        if self.ring is not None:
            return self.ring
        return 0.0 if self.phone_does in (Does.BUSY, Does.FAIL) else 1.0

    @property
    def detected_as(self) -> str:
        """What answering-machine detection finds."""
        default = "machine_start" if self.phone_does is Does.MACHINE else "human"
        return self.answered_by or default

    @property
    def failure(self) -> int:
        return self.code or 13224  # "invalid phone number"
