"""Phones and texts that behave as the timeline says, with the durations of real ones."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchcall.core.attempt import CallReport
from watchcall.core.speech import seconds_to_say
from watchcall.errors import NotPlaced, Rejected, Unsure
from watchcall.ports import CallRequest, Clock, TextRequest
from watchcall.simulate.events import Behaviour, Manner
from watchcall.simulate.world import World

# Seconds, as one meets them; who answers does so before the caller gives up.
REQUEST = 0.4  # to Twilio and back
QUEUED = 1.0  # before it rings
PICKS_UP = 6.0  # after it began to ring
DECLINES = 8.0
MACHINE = 15.0  # before the voicemail picks up
BUSY = 3.0  # after the request
FAILS = 4.0
PAUSE = 1.0  # between the two times that a text is said
FOREIGN = 20.0  # of a document that is not ours
FAREWELL = 3.0  # after a key
SENT, DELIVERED = 2.0, 5.0  # of a text

UNREACHABLE = 30003  # of a text: the phone is off (Twilio's error dictionary)
TEXTS_ONLY = (21610, 21612, 21614)  # refusals that no call meets


@dataclass(slots=True)
class _Taken:
    """A call or a text that Twilio took: its statuses, each since when."""

    to: str
    sid: str
    statuses: list[tuple[datetime, str]]
    answered_by: str | None = None
    code: int | None = None
    body: str | None = None

    def status(self, now: datetime) -> str:
        return [status for since, status in self.statuses if since <= now][-1]

    def since(self, status: str) -> datetime | None:
        return next((since for since, name in self.statuses if name == status), None)

    def end(self, now: datetime, status: str) -> None:
        """It ends now, whatever would have come of it."""
        self.statuses = [one for one in self.statuses if one[0] <= now]
        self.statuses.append((now, status))


class _Network:
    """What phone and texts share: requests that take a moment, and trouble with Twilio."""

    def __init__(self, clock: Clock, world: World) -> None:
        self._clock, self._world = clock, world
        self.taken: dict[str, _Taken] = {}
        self.said: dict[str, str] = {}  # by SID: what was spoken, or written
        self._numbers = itertools.count(1)

    async def _begin(self, to: str, *, text: bool) -> Behaviour:
        """Return how the person behaves; raise where Twilio takes nothing."""
        await self._clock.sleep(REQUEST)
        if not self._world.twilio_up:
            raise NotPlaced("cannot connect to Twilio (the timeline says that it is down)")
        behaviour = self._world.behaviour(to)
        code = behaviour.code or 0
        if behaviour.manner is Manner.REFUSED and (text or code not in TEXTS_ONLY):
            raise Rejected(f"Twilio says 400: refused, with error {code}", code)
        return behaviour

    def _take(self, prefix: str, to: str, steps: Sequence[tuple[float, str]]) -> _Taken:
        """steps: statuses, each with the seconds until it comes."""
        now = self._clock.now().utc
        statuses = [(now + timedelta(seconds=after), status) for after, status in steps]
        taken = _Taken(to, f"{prefix}{next(self._numbers):032x}", [(now, "queued"), *statuses])
        self.taken[taken.sid] = taken
        return taken

    async def _ask(self, sid: str) -> _Taken:
        self._answers()
        if sid not in self.taken:
            raise Rejected("Twilio says 404: there is none", 20404)
        return self.taken[sid]

    def _answers(self) -> None:
        if not self._world.twilio_up:
            raise Unsure("Twilio does not answer (the timeline says that it is down)")

    def _between(self, to: str, since: datetime, until: datetime) -> list[CallReport]:
        self._answers()
        mine = [one for one in self.taken.values() if one.to == to]
        return [self._report(one) for one in reversed(mine) if since <= one.statuses[0][0] <= until]

    def _report(self, taken: _Taken) -> CallReport:
        now = self._clock.now().utc
        status = taken.status(now)
        talked = taken.since("in-progress")
        ended_at = taken.statuses[-1][0] if taken.statuses[-1][0] <= now else None
        seconds = None
        if status == "completed" and talked and ended_at:
            seconds = math.ceil((ended_at - talked).total_seconds())
        arrived = status in ("undelivered", "failed")
        return CallReport(
            sid=taken.sid,
            status=status,
            answered_by=taken.answered_by if talked and talked <= now else None,
            created_at=taken.statuses[0][0],
            ended_at=ended_at,
            duration_s=seconds,
            body=taken.body,
            segments=None if taken.body is None else 1,
            error_code=taken.code if arrived else None,
            error=f"Error {taken.code}" if arrived and taken.code else None,
        )


Pressed = Callable[[str, str], Awaitable[None]]  # is given the attempt's UUID, and the key


class SimulatedPhone(_Network):
    """Implements ports.Phone.

    on_key: told of every key that is pressed, as Twilio would tell web.hooks
    """

    def __init__(self, clock: Clock, world: World) -> None:
        super().__init__(clock, world)
        self.on_key: Pressed | None = None
        self._pressing: set[asyncio.Task[None]] = set()

    async def connect(self, within: float) -> None:
        """These phones have no wire."""

    async def place(self, request: CallRequest) -> CallReport:
        behaviour = await self._begin(request.to, text=False)
        key = behaviour.key if request.keys_url else None
        call = self._take("CA", request.to, _statuses(behaviour, request, key))
        self.said[call.sid] = request.twiml_url or request.speech.text
        if request.detect:
            machine = behaviour.manner is Manner.VOICEMAIL
            call.answered_by = "machine_start" if machine else "human"
        if key is not None and call.since("in-progress") is not None:
            self._press(call, key, (request.keys_url or "").rpartition("/")[2])
        return self._report(call)

    async def fetch(self, sid: str) -> CallReport:
        return self._report(await self._ask(sid))

    async def placed_between(
        self, to: str, since: datetime, until: datetime
    ) -> Sequence[CallReport]:
        return self._between(to, since, until)

    async def cancel(self, sid: str) -> None:
        call, now = await self._ask(sid), self._clock.now().utc
        if call.status(now) in ("queued", "ringing"):
            call.end(now, "canceled")

    async def hang_up(self, sid: str) -> None:
        call, now = await self._ask(sid), self._clock.now().utc
        status = call.status(now)
        if status in ("queued", "ringing", "in-progress"):
            call.end(now, "completed" if status == "in-progress" else "canceled")

    async def why(self, sid: str) -> tuple[int, str] | None:
        call = await self._ask(sid)
        return None if call.code is None else (call.code, f"Error {call.code}")

    def _press(self, call: _Taken, key: str, attempt: str) -> None:
        task = asyncio.ensure_future(self._pressed(call, key, attempt))
        self._pressing.add(task)
        task.add_done_callback(self._pressing.discard)

    async def _pressed(self, call: _Taken, key: str, attempt: str) -> None:
        hung_up = call.statuses[-1][0]
        at = hung_up - timedelta(seconds=FAREWELL)
        await self._clock.sleep((at - self._clock.now().utc).total_seconds())
        if call.status(self._clock.now().utc) == "in-progress" and self.on_key:
            await self.on_key(attempt, key)


def _statuses(
    behaviour: Behaviour, request: CallRequest, key: str | None
) -> list[tuple[float, str]]:
    """Return what a call comes to, each status with the seconds after the request."""
    rings, gives_up = QUEUED, QUEUED + request.ring_timeout_s
    match behaviour.manner:
        case Manner.BUSY:
            return [(BUSY, "busy")]
        case Manner.UNREACHABLE:
            return [(FAILS, "failed")]
        case Manner.NO_ANSWER:
            return [(rings, "ringing"), (gives_up, "no-answer")]
        case Manner.DECLINES:
            return [(rings, "ringing"), (min(rings + DECLINES, gives_up - 1), "busy")]
        case Manner.VOICEMAIL:
            picks_up, words = min(rings + MACHINE, gives_up - 1), _seconds_of(request)
        case _:
            picks_up = min(rings + PICKS_UP, gives_up - 1)
            words = _until_key(request) + FAREWELL if key else _seconds_of(request)
    over = picks_up + min(words, request.time_limit_s)
    return [(rings, "ringing"), (picks_up, "in-progress"), (over, "completed")]


def _until_key(request: CallRequest) -> float:
    """Whoever presses a key has heard the words once."""
    return seconds_to_say(request.speech.text, request.speech.language)


def _seconds_of(request: CallRequest) -> float:
    if request.twiml_url:
        return FOREIGN
    speech = request.speech
    once = seconds_to_say(speech.text, speech.language)
    if request.plain:
        return once
    return 2 * once + PAUSE + seconds_to_say(speech.again, speech.language)


class SimulatedTexts(_Network):
    """Implements ports.Texts."""

    async def send(self, request: TextRequest) -> CallReport:
        behaviour = await self._begin(request.to, text=True)
        off = behaviour.manner is Manner.UNREACHABLE
        steps = [(SENT, "sent"), (DELIVERED, "undelivered" if off else "delivered")]
        text = self._take("SM", request.to, steps)
        text.body, text.code = request.body, UNREACHABLE if off else None
        self.said[text.sid] = request.body
        return self._report(text)

    async def fetch(self, sid: str) -> CallReport:
        return self._report(await self._ask(sid))

    async def sent_between(self, to: str, since: datetime, until: datetime) -> Sequence[CallReport]:
        return self._between(to, since, until)
