"""Outbox in, attempts out: who is called now, and what became of it.

One task per channel works through that channel's pages, so a slow one delays no other. Before
each attempt the page is read again from the store: what recovered meanwhile is not told.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from watchcall.core import attempt as attempts
from watchcall.core import ladder
from watchcall.core.attempt import Attempt, Phase
from watchcall.core.contact import Channel, Event, masked
from watchcall.core.moment import Moment
from watchcall.core.page import Page
from watchcall.core.speech import Speech, Subject, compose
from watchcall.errors import NotPlaced, PhoneError, Rejected, StoreError, Unsure
from watchcall.ports import CallRequest, Clock, Phone, Store

log = logging.getLogger(__name__)

POLL_S = 2.0  # between two questions about a call that is under way
LOOKS = 3  # for a call that was lost
SEARCH = timedelta(minutes=5)  # the longest that a lost call is looked for in vain
LOOK_S = 4.0  # between two of them: Twilio's list may lag behind
SKEW = timedelta(seconds=60)  # by how much our clock and Twilio's may differ
PATIENCE = timedelta(minutes=10)  # how long a call may take beyond its ringing
AGAIN_S = 5.0  # before a page is taken up again after trouble with the store
REMOVED = "the channel is no longer configured"
UNREACHABLE = timedelta(seconds=30)  # of calls that cannot be placed: the pager is down


@dataclass(slots=True)
class PagerState:
    """Can calls be placed? `unknown` until the first one was tried."""

    state: str = "unknown"
    reason: str = "no call was placed since the start"
    trouble_since: Moment | None = None

    def placed(self) -> None:
        """A call was placed."""
        self.trouble_since = None
        self._set("ok", "calls are placed")

    def trouble(self, reason: str, now: Moment, *, for_all: bool) -> None:
        """A call was not placed; `for_all`: nor would any other be."""
        self.trouble_since = self.trouble_since or now
        down = for_all or now.since(self.trouble_since) >= UNREACHABLE
        self._set("down" if down else "degraded", reason)

    def _set(self, state: str, reason: str) -> None:
        if (state, reason) == (self.state, self.reason):
            return
        level = logging.INFO if state == "ok" else logging.ERROR
        log.log(level, "pager is %s: %s", state, reason)
        self.state, self.reason = state, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A channel with the phone it uses."""

    channel: Channel
    phone: Phone


@dataclass(slots=True, kw_only=True)
class Voice:
    """What every call needs to know: who speaks, and in which time zone."""

    host: str
    zone: tzinfo
    shared_from: bool = False


class Pager:
    """Places calls until each page is settled."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        voice: Voice,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.state = PagerState()
        self._store = store
        self._clock = clock
        self.voice = voice
        self._new_id = new_id
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._woken: dict[str, asyncio.Event] = {}
        self._posting: dict[str, asyncio.Task[Attempt]] = {}  # by channel

    async def serve(self, lines: Mapping[str, Line]) -> Sequence[Page]:
        """Serve these channels from now on; what rings on a removed one is left to ring.

        Returns the pages of removed channels, which nobody will be told.
        """
        stray = await self._store.abandon(list(lines), REMOVED, self._clock.now().utc)
        for page in stray:
            log.warning("%s on channel %r is not told: %s", _named(page), page.channel, REMOVED)
        for name in set(self._tasks) - set(lines):
            self._tasks.pop(name).cancel()
        for name, line in lines.items():
            if name in self._tasks:
                self._tasks[name].cancel()
            self._woken[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._serve(line, self._woken[name]))
        return stray

    def wake(self) -> None:
        """Something was put into the outbox."""
        for woken in self._woken.values():
            woken.set()

    async def stop(self) -> None:
        """Begin nothing more; a request that was sent is waited for and written down."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self.posted()

    async def posted(self) -> None:
        """Wait until every request that was sent has its answer."""
        await asyncio.gather(*self._posting.values(), return_exceptions=True)

    async def _serve(self, line: Line, woken: asyncio.Event) -> None:
        since = self._clock.now().utc
        while True:
            woken.clear()
            try:
                wait = await self.turn(line, since)
            except StoreError:  # the store has said so
                wait = AGAIN_S
            except Exception:  # a bug of ours must not silence the channel for good
                log.exception("channel %r stumbled; it goes on", line.channel.name)
                wait = AGAIN_S
            if wait != 0:
                await self._wait(woken, wait)

    async def turn(self, line: Line, since: datetime | None = None) -> float | None:
        """Do the next thing for a channel.

        since: what was put off before this instant is due now: a start or a reload may have
               brought the right token, number or address

        Returns how many seconds nothing is due: 0 to go on at once, None until woken.
        """
        await self._posted(line.channel.name)
        pages = await self._store.pages(line.channel.name)
        if not pages:
            return None
        waits = ((self._wait_for(page, since), page) for page in pages)
        wait, page = min(waits, key=lambda one: one[0])
        if wait > 0:
            return wait
        match ladder.next_step(page, line.channel):
            case ladder.Stop() as stop:
                await self._settle(page, stop)
            case ladder.Dial() as dial:
                await self._dial(dial, page, line)
            case ladder.Resume():
                await self._resume(page.attempts[-1], page, line)
        return 0

    async def _posted(self, channel: str) -> None:
        """Wait for a request that outlived its task (a reload came), so that nobody doubts it."""
        task = self._posting.get(channel)
        if task is not None:
            await asyncio.wait([task])
            if self._posting.get(channel) is task:
                del self._posting[channel]

    # One attempt

    async def _dial(self, dial: ladder.Dial, page: Page, line: Line) -> None:
        now = self._clock.now().utc
        planned = Attempt(
            id=self._new_id(),
            notification=page.id,
            channel=page.channel,
            contact=dial.contact.name,
            to=dial.contact.phone,
            nth=len(page.attempts) + 1,
            planned_at=now,
            due_at=now + dial.after,
        )
        if dial.after:
            self._log(await self._store.save(planned), f"comes in {_spelled(dial.after)}")
        else:
            await self._post(planned, page, line)

    async def _resume(self, attempt: Attempt, page: Page, line: Line) -> None:
        match attempt.phase:
            case Phase.PLANNED if ladder.is_over(page):
                now = self._clock.now().utc
                await self._store.save(attempts.drop(attempt, ladder.OVER.why, now))
            case Phase.PLANNED:
                await self._post(attempt, page, line)
            case Phase.POSTING:
                # We died between the POST and writing down its answer.
                lost = attempts.lose(attempt, "WatchCall stopped while the call was being placed")
                await self._store.save(lost)
            case Phase.UNCERTAIN:
                await self._find(attempt, line)
            case _:
                await self._follow(attempt, line)

    async def _post(self, planned: Attempt, page: Page, line: Line) -> None:
        """Commit the intent, POST, commit what came of it; a stop in between is waited out."""
        task = asyncio.create_task(self._place(planned, page, line))
        self._posting[page.channel] = task
        await asyncio.shield(task)

    async def _place(self, planned: Attempt, page: Page, line: Line) -> Attempt:
        posting = attempts.post(planned, self._clock.now().utc)
        posting = await self._store.save(posting)
        request = self._request(posting, page, line.channel)
        try:
            report = await line.phone.place(request)
        except PhoneError as error:
            after = self._failed(posting, error)
        else:
            after = attempts.placed(posting, report, self._clock.now().utc)
            self.state.placed()
            self._log(after, "placed")
        return await self._store.save(after)

    def _failed(self, posting: Attempt, error: PhoneError) -> Attempt:
        now, text = self._clock.now(), str(error)
        match error:
            case NotPlaced():
                after = attempts.postpone(posting, text, error.code, error.after, now.utc)
                what = f"not placed, tried again in {_spelled(after.due_at - now.utc)}"
            case Rejected():
                after = attempts.reject(posting, text, error.code, now.utc)
                what = f"rejected ({error.code})"
            case _:
                after, what = attempts.lose(posting, text), "uncertain"
        self._log(after, f"{what}: {text}")
        self.state.trouble(text, now, for_all=ladder.refused_by_account(after))
        return after

    async def _find(self, attempt: Attempt, line: Line) -> None:
        """Look for a lost call at Twilio: exactly one unknown call is it (design, "Attempt")."""
        looks = LOOKS if self.voice.shared_from else 0
        until = (attempt.posted_at or attempt.planned_at) + SEARCH
        while looks < LOOKS:
            try:
                found = await self._unknown_call(attempt, line)
            except Rejected as error:  # we may not look; asking again would not help
                log.warning("Twilio shows no list of calls: %s", error)
                break
            except PhoneError as error:  # Twilio did not answer: that was no look
                log.info("cannot look for a lost call: %s", error)
            else:
                looks += 1
                if found is not None:
                    await self._adopt(attempt, found)
                    return
            if self._clock.now().utc >= until:
                break
            await self._clock.sleep(LOOK_S if looks < LOOKS else 0)
        await self._store.save(attempts.forget(attempt, self._clock.now().utc))
        self._log(attempt, "not found at Twilio; calling again")

    async def _adopt(self, lost: Attempt, found: attempts.CallReport) -> None:
        adopted = attempts.adopt(lost, found, self._clock.now().utc)
        await self._store.save(adopted)
        self.state.placed()
        self._log(adopted, "found at Twilio after its reply was lost")

    async def _unknown_call(self, attempt: Attempt, line: Line) -> attempts.CallReport | None:
        since = (attempt.posted_at or attempt.planned_at) - SKEW
        calls = await line.phone.placed_since(attempt.to, since)
        known = await self._store.known_sids([call.sid for call in calls])
        unknown = [call for call in calls if call.sid not in known]
        return unknown[0] if len(unknown) == 1 else None

    async def _follow(self, attempt: Attempt, line: Line) -> None:
        """Ask how a call stands until it is over; a question that failed decides nothing."""
        limit = line.channel.ring_timeout + PATIENCE
        began = self._clock.now()
        while attempt.phase is Phase.PLACED:
            await self._clock.sleep(POLL_S)
            now = self._clock.now()
            said = await self._status(attempt, line)
            before = attempt.status
            if said is not None:
                attempt = attempts.report(attempt, said, now.utc)
            if attempt.phase is Phase.PLACED and now.since(began) >= limit:
                attempt = attempts.stuck(attempt, "no final status in time", now.utc)
            if attempt.status != before or attempt.phase is Phase.ENDED:
                await self._store.save(attempt)
        self._log(attempt, attempt.outcome.value)

    async def _status(self, attempt: Attempt, line: Line) -> attempts.CallReport | None:
        try:
            return await line.phone.fetch(attempt.sid or "")
        except (Unsure, NotPlaced, Rejected) as error:
            log.info("cannot ask about call %s: %s", attempt.sid, error)
            return None

    # Small tools

    async def _settle(self, page: Page, stop: ladder.Stop) -> None:
        await self._store.settle(page, stop.why, self._clock.now().utc)
        level = logging.ERROR if stop is ladder.NOT_REACHED else logging.INFO
        log.log(level, "%s on channel %r: %s", _named(page), page.channel, stop.why)

    def _request(self, attempt: Attempt, page: Page, channel: Channel) -> CallRequest:
        return CallRequest(
            to=attempt.to,
            speech=self._speech(attempt, page, channel),
            ring_timeout_s=round(channel.ring_timeout.total_seconds()),
            twiml_url=channel.twiml_url,
            status_callback=channel.status_callback,
        )

    def _speech(self, attempt: Attempt, page: Page, channel: Channel) -> Speech:
        contact = next((one for one in channel.to if one.name == attempt.contact), channel.to[0])
        recovery = page.event is Event.RECOVERY
        told = page.incidents if recovery else tuple(one for one in page.incidents if one.open)
        subject = Subject(
            event=page.event,
            host=self.voice.host,
            incidents=told or page.incidents,
            now=self._clock.now().utc,
            zone=self.voice.zone,
            repeated=ladder.is_repeat(page),
        )
        return compose(
            subject,
            channel.language_for(contact),
            channel.recovery_message if recovery else channel.message,
            channel.voice_for(contact),
        )

    def _wait_for(self, page: Page, since: datetime | None) -> float:
        """Seconds until a page is due; a wall clock that was set back cannot stretch them."""
        if ladder.is_over(page):
            return 0
        now = self._clock.now().utc
        due, begun = page.due_at, page.created_at
        last = page.attempts[-1] if page.attempts else None
        if last is not None and last.phase is Phase.PLANNED:
            due, begun = last.due_at, last.posted_at or last.planned_at
            if since is not None and begun < since:
                return 0
        return min(due - now, due - begun).total_seconds()

    async def _wait(self, woken: asyncio.Event, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            pass

    def _log(self, attempt: Attempt, what: str) -> None:
        log.info(
            "call %s to %s (%s) on channel %r: %s",
            attempt.number,
            masked(attempt.contact),
            masked(attempt.to),
            attempt.channel,
            what,
        )


def _spelled(duration: timedelta) -> str:
    return f"{duration.total_seconds():.0f} s"


def _named(page: Page) -> str:
    numbers = ", ".join(str(one.number) for one in page.incidents)
    return f"{page.event.value} of incident {numbers}"
