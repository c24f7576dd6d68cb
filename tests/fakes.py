"""Stand-ins at the ports. They keep the ports' promises; `tests/contracts` holds them to it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from watchcall.core.account import AccountReport
from watchcall.core.attempt import FINAL, CallReport
from watchcall.core.check import Check
from watchcall.core.evidence import Traces
from watchcall.core.health import Observation
from watchcall.core.moment import Moment
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.ports import CallRequest, Heard, NoticeData, TextRequest

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


class FakeWitness:
    """A witness that says what it is told to, when it is told to.

    says:  what it answers
    first: what it answers before that, at once; None: nothing
    fails: what it raises instead
    late:  it answers once this is set
    asked: names of the checks it was asked about, with what was seen of their processes before
    """

    def __init__(self) -> None:
        self.says: dict[str, Any] = {}
        self.first: dict[str, Any] | None = None
        self.fails: Exception | None = None
        self.late: asyncio.Event | None = None
        self.asked: list[tuple[str, Traces | None]] = []

    async def evidence(
        self, check: Check, before: Traces | None
    ) -> AsyncGenerator[Mapping[str, Any]]:
        self.asked.append((check.name, before))
        if self.first is not None:
            yield self.first
        if self.late is not None:
            await self.late.wait()
        if self.fails is not None:
            raise self.fails
        yield self.says


class FakeNetwork:
    """What the phone and the texts share: a list of behaviours, and trouble with questions."""

    behaviours: list[str]
    deaf: int
    listless: bool
    blind: int

    def _next(self) -> str:
        return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]

    def _asked(self) -> None:
        """Somebody asks about one call or text."""
        if self.deaf:
            self.deaf -= 1
            raise Unsure("the connection to Twilio broke (ReadTimeout)")

    def _listed(self) -> None:
        """Somebody asks for a list."""
        if self.listless:
            raise Rejected("Twilio says 403: not with this key", 20403)
        if self.blind:
            self.blind -= 1
            raise Unsure("Twilio did not answer within 11 s")


@dataclass
class FakePhone(FakeNetwork):
    """A phone network: each call meets the next of `behaviours`, the last one for ever.

    answered, human, machine, busy, no-answer, failed, canceled:
                       placed, and that is what becomes of it; who answers is known only where the
                       request asks for detection
    failed:CODE:       placed, fails, and its notifications say why
    queued, ringing, in-progress: placed, and so it stays until `move`, `cancel` or `hang_up`
    429, unreachable:  not placed
    reject:CODE:       refused with a code of Twilio's
    lost, 500-placed:  placed, but the caller is not told; lost-unplaced: neither
    """

    clock: FakeClock
    behaviours: list[str] = field(default_factory=lambda: ["answered"])
    caller: str = "+15005550006"
    requests: list[CallRequest] = field(default_factory=list)
    calls: dict[str, tuple[str, CallReport]] = field(default_factory=dict)  # sid: (to, report)
    said: dict[str, str] = field(default_factory=dict)
    connected: list[float] = field(default_factory=list)  # within how many seconds
    canceled: list[str] = field(default_factory=list)  # whose cancelling was asked for
    hung_up: list[str] = field(default_factory=list)
    errors: dict[str, tuple[int, str]] = field(default_factory=dict)
    listless: bool = False  # the list of calls is refused
    blind: int = 0  # so many questions for the list of calls are not answered
    deaf: int = 0  # so many questions about a call fail
    _detects: set[str] = field(default_factory=set)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def heard(self) -> list[str]:
        """What was said in every call that rang, in order."""
        return [self.said[sid] for sid in self.calls if sid in self.said]

    async def connect(self, within: float) -> None:
        """Nobody needs a connection to a fake."""
        self.connected.append(within)

    async def place(self, request: CallRequest) -> CallReport:
        self.requests.append(request)
        behaviour = self._next()
        error = _refusal(behaviour)
        if error is not None:
            raise error
        sid = self._ring(request, behaviour)
        if behaviour == "lost":
            raise Unsure("the connection to Twilio broke (it hung up without an answer)")
        if behaviour == "500-placed":
            raise Unsure("Twilio says 500: internal error", 20500)
        return CallReport(sid=sid, status="queued", created_at=self.calls[sid][1].created_at)

    async def fetch(self, sid: str) -> CallReport:
        self._asked()
        return self._known(sid)

    async def placed_between(
        self, to: str, since: datetime, until: datetime
    ) -> Sequence[CallReport]:
        self._listed()
        return _between(self.calls, to, since, until)

    async def cancel(self, sid: str) -> None:
        self.canceled.append(sid)
        if self._known(sid).status in ("queued", "ringing"):
            self.move(sid, "canceled")

    async def hang_up(self, sid: str) -> None:
        self.hung_up.append(sid)
        status = self._known(sid).status
        if status not in FINAL:
            self.move(sid, "completed" if status == "in-progress" else "canceled")

    async def why(self, sid: str) -> tuple[int, str] | None:
        self._known(sid)
        return self.errors.get(sid)

    def move(self, sid: str, status: str, answered_by: str | None = None) -> None:
        """Let a call come to another status; that of one which has ended is final."""
        to, report = self.calls[sid]
        assert report.status not in FINAL, f"{report.status} is final"
        over = status in FINAL
        self.calls[sid] = (
            to,
            replace(
                report,
                status=status,
                answered_by=(answered_by if sid in self._detects else None) or report.answered_by,
                ended_at=self.clock.now().utc if over else None,
                duration_s=9 if status == "completed" else None,
            ),
        )

    def bill(self, sid: str, price: Decimal, unit: str = "USD") -> None:
        """Let the price of a call become known."""
        to, report = self.calls[sid]
        self.calls[sid] = to, replace(report, price=price, price_unit=unit)

    def _known(self, sid: str) -> CallReport:
        return _known(self.calls, sid)

    def _ring(self, request: CallRequest, behaviour: str) -> str:
        sid = f"CA{next(self._numbers):032x}"
        name, _, code = behaviour.partition(":")
        self.calls[sid] = (
            request.to,
            CallReport(sid=sid, status="queued", created_at=self.clock.now().utc),
        )
        self.said[sid] = request.speech.text
        if request.detect:
            self._detects.add(sid)
        if code:
            self.errors[sid] = int(code), f"ErrorCode={code}"
        self.move(sid, ENDS_AS.get(name, name), DETECTED_AS.get(name, "human"))
        if name in ENDS_AS or name in FINAL:  # some time passes between the ring and the end
            to, report = self.calls[sid]
            ended_at = self.clock.now().utc + timedelta(seconds=12)
            self.calls[sid] = to, replace(report, ended_at=ended_at)
        return sid


ENDS_AS = dict.fromkeys(("answered", "human", "machine", "lost", "500-placed"), "completed")
DETECTED_AS = {
    "machine": "machine_start",
    **dict.fromkeys(
        ("queued", "ringing", "in-progress", "busy", "no-answer", "failed", "canceled"), None
    ),
}


@dataclass
class FakeTexts(FakeNetwork):
    """A network for texts: each meets the next of `behaviours`, the last one for ever.

    delivered, sent:   taken, and that is what becomes of it; `sent` is all that is ever known
    queued, sending:   taken, and so it stays until `move`
    undelivered:CODE, failed:CODE: taken, and does not arrive
    429, unreachable, reject:CODE, lost, 500-placed, lost-unplaced: as of FakePhone
    """

    clock: FakeClock
    behaviours: list[str] = field(default_factory=lambda: ["delivered"])
    requests: list[TextRequest] = field(default_factory=list)
    texts: dict[str, tuple[str, CallReport]] = field(default_factory=dict)  # sid: (to, report)
    listless: bool = False  # the list of texts is refused
    blind: int = 0  # so many questions for the list of texts are not answered
    deaf: int = 0  # so many questions about a text fail
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def read(self) -> list[str]:
        """What stood in every text that arrived, as far as anybody knows, in order."""
        arrived = (one for _, one in self.texts.values() if one.status in ("sent", "delivered"))
        return [one.body or "" for one in arrived]

    async def send(self, request: TextRequest) -> CallReport:
        self.requests.append(request)
        behaviour = self._next()
        error = _refusal(behaviour)
        if error is not None:
            raise error
        sid = self._carry(request, behaviour)
        if behaviour == "lost":
            raise Unsure("the connection to Twilio broke (it hung up without an answer)")
        if behaviour == "500-placed":
            raise Unsure("Twilio says 500: internal error", 20500)
        return replace(self.texts[sid][1], status="queued", error_code=None, error=None)

    async def fetch(self, sid: str) -> CallReport:
        self._asked()
        return _known(self.texts, sid)

    async def sent_between(self, to: str, since: datetime, until: datetime) -> Sequence[CallReport]:
        self._listed()
        return _between(self.texts, to, since, until)

    def move(self, sid: str, status: str, code: int | None = None) -> None:
        """Let a text come to another status; `sent` may still become `delivered` or not."""
        to, report = self.texts[sid]
        assert report.status not in FINAL, f"{report.status} is final"
        error = None if code is None else f"Error {code}"
        self.texts[sid] = to, replace(report, status=status, error_code=code, error=error)

    def bill(self, sid: str, price: Decimal, unit: str = "USD") -> None:
        """Let the price of a text become known."""
        to, report = self.texts[sid]
        self.texts[sid] = to, replace(report, price=price, price_unit=unit)

    def _carry(self, request: TextRequest, behaviour: str) -> str:
        sid = f"SM{next(self._numbers):032x}"
        name, _, code = behaviour.partition(":")
        self.texts[sid] = (
            request.to,
            CallReport(
                sid=sid,
                status="queued",
                created_at=self.clock.now().utc,
                body=request.body,
                segments=1,
            ),
        )
        arrives = {"lost": "delivered", "500-placed": "delivered"}
        self.move(sid, arrives.get(name, name), int(code) if code else None)
        return sid


@dataclass
class FakeOutlet:
    """Takes notices: each meets the next of `behaviours`, the last one for ever.

    delivered:         taken
    429, unreachable, reject:CODE: not taken, as of FakePhone
    lost:              taken, but the giver is not told; lost-untaken: neither
    hangs:             no answer until `answers` is set
    """

    behaviours: list[str] = field(default_factory=lambda: ["delivered"])
    given: list[NoticeData] = field(default_factory=list)
    taken: list[NoticeData] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, notice: NoticeData) -> None:
        self.given.append(notice)
        behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
        error = _refusal(behaviour)
        if error is not None:
            raise error
        if behaviour == "lost-untaken":
            raise Unsure("the connection broke (ReadTimeout)")
        if behaviour == "hangs":
            await self.answers.wait()
        self.taken.append(notice)
        if behaviour == "lost":
            raise Unsure("the connection broke (ReadTimeout)")


@dataclass
class FakeDesk:
    """Twilio's desk: says what the test lays on it.

    phone, texts: whose calls and texts it knows
    """

    came_texts: list[Heard] = field(default_factory=list)
    came_calls: list[Heard] = field(default_factory=list)
    account: AccountReport = field(default_factory=AccountReport)
    phone: FakePhone | None = None
    texts: FakeTexts | None = None
    deaf: int = 0  # so many questions fail; `inspect` then learns nothing
    inspected: list[tuple[str, ...]] = field(default_factory=list)  # the countries, each time

    async def texts_in(self, since: datetime) -> Sequence[Heard]:
        self._asked()
        return _came(self.came_texts, since)

    async def calls_in(self, since: datetime) -> Sequence[Heard]:
        self._asked()
        return _came(self.came_calls, since)

    async def call(self, sid: str) -> CallReport:
        self._asked()
        return _known(self.phone.calls if self.phone else {}, sid)

    async def text(self, sid: str) -> CallReport:
        self._asked()
        return _known(self.texts.texts if self.texts else {}, sid)

    async def inspect(self, countries: Sequence[str]) -> AccountReport:
        self.inspected.append(tuple(countries))
        try:
            self._asked()
        except PhoneError as error:
            return AccountReport(reachable=False, problem=f"account: {error}")
        return self.account

    def _asked(self) -> None:
        if self.deaf:
            self.deaf -= 1
            raise Unsure("the connection to Twilio broke (ReadTimeout)")


def _known(there: dict[str, tuple[str, CallReport]], sid: str) -> CallReport:
    if sid not in there:
        raise Rejected("Twilio says 404: there is none", 20404)
    return there[sid][1]


def _between(
    there: dict[str, tuple[str, CallReport]], to: str, since: datetime, until: datetime
) -> list[CallReport]:
    mine = [one for number, one in there.values() if number == to]
    return [one for one in reversed(mine) if one.created_at and since <= one.created_at <= until]


def _came(there: list[Heard], since: datetime) -> list[Heard]:
    return sorted((one for one in there if one.at >= since), key=lambda one: one.at, reverse=True)


def _refusal(behaviour: str) -> PhoneError | None:
    if behaviour == "429":
        return NotPlaced("Twilio says 429: too many requests", 20429, timedelta(seconds=7))
    if behaviour == "unreachable":
        return NotPlaced("cannot connect to Twilio (Connection refused)")
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
