"""Stand-ins at the ports. They keep the ports' promises; `tests/contracts` holds them to it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from watchcall.core.attempt import CallReport
from watchcall.core.check import Check
from watchcall.core.health import Observation
from watchcall.core.moment import Moment
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.ports import CallRequest

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class FakeClock:
    """A clock that moves when it is told to, and when somebody sleeps on it."""

    def __init__(self, at: datetime = NOON) -> None:
        self._at = at
        self._elapsed = 1000.0

    def now(self) -> Moment:
        return Moment(self._at, self._elapsed)

    def advance(self, by: timedelta | float) -> None:
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        self._at += step
        self._elapsed += step.total_seconds()

    def set_wall(self, by: timedelta) -> None:
        """Set the wall clock as an administrator would; durations do not notice."""
        self._at += by

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)


@dataclass
class FakePhone:
    """A phone network: each call meets the next of `behaviours`, the last one for ever.

    answered, busy, no-answer, failed, canceled: placed, and that is what becomes of it
    429, unreachable:  not placed
    reject:CODE:       refused with a code of Twilio's
    lost, 500-placed:  placed, but the caller is not told; lost-unplaced: neither
    """

    clock: FakeClock
    behaviours: list[str] = field(default_factory=lambda: ["answered"])
    caller: str = "+15005550006"
    requests: list[CallRequest] = field(default_factory=list)
    calls: dict[str, tuple[str, CallReport]] = field(default_factory=dict)  # sid: (to, report)
    listless: bool = False  # the list of calls is refused
    blind: int = 0  # so many questions for the list of calls are not answered
    deaf: int = 0  # so many questions about a call fail
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def heard(self) -> list[str]:
        """What was said in every call that rang, in order."""
        return [self.said[sid] for sid in self.calls if sid in self.said]

    said: dict[str, str] = field(default_factory=dict)

    async def place(self, request: CallRequest) -> CallReport:
        self.requests.append(request)
        behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
        error = _refusal(behaviour)
        if error is not None:
            raise error
        report = self._ring(request, behaviour)
        if behaviour == "lost":
            raise Unsure("the connection to Twilio broke (ConnectionError)")
        return CallReport(sid=report.sid, status="queued", created_at=report.created_at)

    async def fetch(self, sid: str) -> CallReport:
        if self.deaf:
            self.deaf -= 1
            raise Unsure("the connection to Twilio broke (ReadTimeout)")
        if sid not in self.calls:
            raise Rejected("Twilio says 404: no such call", 20404)
        return self.calls[sid][1]

    async def placed_since(self, to: str, since: datetime) -> Sequence[CallReport]:
        if self.listless:
            raise Rejected("Twilio says 403: not with this key", 20403)
        if self.blind:
            self.blind -= 1
            raise Unsure("Twilio did not answer within 11 s")
        mine = [one for number, one in self.calls.values() if number == to]
        return [one for one in reversed(mine) if one.created_at and one.created_at >= since]

    def _ring(self, request: CallRequest, behaviour: str) -> CallReport:
        sid = f"CA{next(self._numbers):032x}"
        status = {"answered": "completed", "lost": "completed"}.get(behaviour, behaviour)
        now = self.clock.now().utc
        report = CallReport(
            sid=sid,
            status=status,
            created_at=now,
            ended_at=now + timedelta(seconds=12),
            duration_s=9 if status == "completed" else None,
        )
        self.calls[sid] = (request.to, report)
        self.said[sid] = request.speech.text
        return report


def _refusal(behaviour: str) -> PhoneError | None:
    if behaviour == "429":
        return NotPlaced("Twilio says 429: too many requests", 20429, timedelta(seconds=7))
    if behaviour == "unreachable":
        return NotPlaced("cannot connect to Twilio (NewConnectionError)")
    if behaviour == "lost-unplaced":
        return Unsure("Twilio says 500: internal error", 20500)
    if behaviour.startswith("reject:"):
        code = int(behaviour.removeprefix("reject:"))
        return Rejected("Twilio says 400: refused", code)
    return None


@dataclass
class ScriptedProbe:
    """Sees what it is told to see, one after the other, the last one for ever."""

    script: list[Observation]
    looked: list[str] = field(default_factory=list)

    async def look(self, check: Check) -> Observation:
        self.looked.append(check.name)
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def close(self) -> None:
        pass
