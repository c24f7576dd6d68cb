"""Faults of Twilio's replies to any request: which requests they strike, and what they do.

    [[faults]]
    method = "GET"      # of the request; any, if it is left out
    path = "Calls/"     # a part of the request's path; any, if it is left out
    nth = [1, 2]        # strikes these of the requests that fit, counted from 1;
                        # or times = 2 (the first two), or every = 3 (each third)
    does = "500"

Faults are tried in order, and the first that strikes has the request: those behind it do not
count it. A script that is read again lets a fault that is still in its place count on.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from watchcall.simulator.http import Delivery, Reply
from watchcall.simulator.refusal import Refusal
from watchcall.simulator.replies import GARBAGE, refused

GIANT = 20 * 1000 * 1000  # bytes
ODD_STATUS = "teleporting"


class Harm(enum.StrEnum):
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    TOO_MANY = "429"
    ERROR = "500"
    SLOW = "slow"
    LOST = "lost"  # the connection is closed instead of a reply
    CUT = "cut"  # … in the middle of the reply
    GARBAGE = "garbage"  # a reply that nobody can read
    GIANT = "giant"  # 20 MB that begin as JSON and never end
    ODD = "odd"  # fields and a status that nobody has heard of


CODES = {
    Harm.UNAUTHORIZED: 20003,
    Harm.FORBIDDEN: 20403,
    Harm.TOO_MANY: 20429,
    Harm.ERROR: 20500,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One entry of `faults`.

    nth, times, every: which of the fitting requests; the first one, if none is given
    delay:       real seconds before the reply, whatever `speed` is
    retry_after: seconds, in a header
    code, status: of a refusal; the usual ones, if not given
    placed:      whether the request is done nonetheless; a refused one is not by itself
    """

    does: Harm
    method: str = ""
    path: str = ""
    nth: tuple[int, ...] = ()
    times: int | None = None
    every: int | None = None
    delay: float | None = None
    retry_after: int | None = None
    code: int | None = None
    status: int | None = None
    placed: bool | None = None

    def fits(self, method: str, path: str) -> bool:
        return self.method in ("", method) and self.path in path

    def strikes(self, count: int) -> bool:
        """Return whether the request is struck that is the count-th to fit."""
        if self.nth:
            return count in self.nth
        if self.every is not None:
            return count % self.every == 0
        return count <= (1 if self.times is None else self.times)

    def check(self) -> None:
        """Raise the Refusal where the request is not done at all."""
        done = self.does not in CODES if self.placed is None else self.placed
        if not done:
            raise self._refusal()

    def spoil(self, reply: Reply) -> Reply:
        """Return what becomes of the reply."""
        delay = 2.0 if self.delay is None and self.does is Harm.SLOW else self.delay or 0.0
        note = {**reply.note, "fault": self.does.value}
        return replace(self._spoiled(reply), after=reply.after + delay, note=note)

    def _spoiled(self, reply: Reply) -> Reply:
        match self.does:
            case Harm.LOST:
                return replace(reply, delivery=Delivery.LOST)
            case Harm.CUT:
                return replace(reply, delivery=Delivery.CUT)
            case Harm.GARBAGE:
                return replace(reply, body=GARBAGE)
            case Harm.GIANT:
                return replace(reply, body=_giant())
            case Harm.ODD:
                return replace(reply, body=json.dumps(_odd(json.loads(reply.body))).encode())
            case Harm.SLOW:
                return reply
        return self._refused()

    def _refused(self) -> Reply:
        reply = refused(self._refusal())
        if self.retry_after is None:
            return reply
        return replace(reply, headers={**reply.headers, "Retry-After": str(self.retry_after)})

    def _refusal(self) -> Refusal:
        code = self.code or CODES.get(self.does, 20500)
        if self.does is Harm.ERROR and self.status == 503 and self.code is None:
            code = 20503
        usual = int(self.does) if self.does in CODES else 500
        return Refusal(code, status=self.status or usual)


class Faults:
    """Counts what was asked of each fault."""

    def __init__(self) -> None:
        self._faults: Sequence[Fault] = ()
        self._counts: list[int] = []

    def strike(self, faults: Sequence[Fault], method: str, path: str) -> Fault | None:
        """Return the fault that strikes a request, the first one; None where it is spared."""
        self._follow(faults)
        for nth, fault in enumerate(faults):
            if fault.fits(method, path):
                self._counts[nth] += 1
                if fault.strikes(self._counts[nth]):
                    return fault
        return None

    def _follow(self, faults: Sequence[Fault]) -> None:
        if faults is self._faults:
            return
        known = dict(enumerate(zip(self._faults, self._counts, strict=True)))
        kept = [known.get(nth, (None, 0)) for nth in range(len(faults))]
        self._counts = [
            count if fault == old else 0 for fault, (old, count) in zip(faults, kept, strict=True)
        ]
        self._faults = faults


def _giant() -> bytes:
    one = b'{"sid": "CA00000000000000000000000000000000", "status": "queued"}, '
    return b'{"calls": [' + one * (GIANT // len(one))


def _odd(said: Any) -> Any:
    """Return the same with what a later version of Twilio might add to it."""
    if isinstance(said, list):
        return [_odd(one) for one in said]
    if not isinstance(said, Mapping):
        return said
    inner = {key: _odd(value) if isinstance(value, list) else value for key, value in said.items()}
    if isinstance(said.get("status"), str):
        inner["status"] = ODD_STATUS
    return {**inner, "mood": "curious", "lanes": [{"nth": 1, "open": None}], "via": {"hops": 3}}
