"""The pages of one voice channel: who is called now, and what became of the call.

Before each attempt the page is read again from the store: what recovered meanwhile is not told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import assert_never

from watchcall.core import attempt as attempts
from watchcall.core import ladder
from watchcall.core.attempt import Attempt, CallReport, Outcome, Phase, Withdrawn
from watchcall.core.companion import companion
from watchcall.core.contact import Channel, Contact, Event, ReachedBy, masked
from watchcall.core.page import Page
from watchcall.core.speech import Hint, Speech, compose
from watchcall.errors import PhoneError, Rejected, StoreError
from watchcall.pager.sleep import watch_over
from watchcall.pager.switchboard import (
    EARLY,
    LATE,
    SEARCH,
    Line,
    Switchboard,
    keys_url,
    planned,
    spelled,
)
from watchcall.ports import CallRequest, Phone

log = logging.getLogger(__name__)

POLL_S = 2.0  # between two questions about a call that is under way
LOOKS = 3  # for a call that was lost
LOOK_S = 4.0  # between two of them: Twilio's list may lag behind
BUSY_S = 1.0  # before a number is tried again that another channel is calling
SOON_S = 0.5, 5.0  # a call that is due in so many seconds finds a connection
CONNECT_S = 2.0  # what connecting may take: a call that has become due meanwhile waits for it
KEPT_S = 15.0  # a connection surely lasts so long
QUEUED = "queued"  # as Twilio says it


class Calls:
    """Works through the pages of one channel after the other; keeps no state of its own but
    the requests that are under way, and when it connected."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._store, self._clock = board.store, board.clock
        self.posting: dict[str, asyncio.Task[Attempt]] = {}  # by channel
        self._connected: dict[str, float] = {}  # by channel, when; on the `elapsed` clock

    async def turn(self, line: Line, since: datetime | None = None) -> float | None:
        """Do the next thing for a channel.

        since: what was refused before this instant is due now: a start or a reload may have
               brought the right token, number or address

        Returns how many seconds nothing is due: 0 to go on at once, None until woken.
        """
        await self._posted(line.channel.name)
        pages = [ladder.spoken(one) for one in await self._store.pages(line.channel.name)]
        if not pages:
            return None
        now, group_wait = self._clock.now().utc, self._board.voice.group_wait
        waits = [(self._board.patience.of(page, since, group_wait), page) for page in pages]
        # A call that goes on, from before a start or a reload, comes first: nobody else follows it,
        # and while its number is in use no other page gets on.
        waits.sort(key=lambda one: (not any(it.live for it in one[1].attempts), one[0]))
        asleep: list[tuple[Page, ladder.Wait]] = []
        for page in (page for wait, page in waits if wait <= 0):
            step = ladder.next_step(page, line.channel, self._board.house, now)
            self._board.patience.note_sleep(page, waits=isinstance(step, ladder.Wait))
            if not isinstance(step, ladder.Wait):
                return await self._advance(page, step, line)
            asleep.append((page, step))
        later = [wait for wait, _ in waits if wait > 0]
        if later and await self._connects(line, min(later)):
            return 0
        later.append(await self._stood_in_for(pages, line.channel))
        woken = await watch_over(self._board, asleep, line.channel)
        return min(later) if woken is None else min(*later, woken)

    async def _connects(self, line: Line, wait: float) -> bool:
        """Shake hands with Twilio while a page waits for companions; return whether time passed."""
        name, now = line.channel.name, self._clock.now().elapsed
        if not SOON_S[0] <= wait <= SOON_S[1] or now - self._connected.get(name, -inf) < KEPT_S:
            return False
        self._connected[name] = now
        await _phone(line).connect(min(wait, CONNECT_S))
        return True

    async def _advance(
        self, page: Page, step: ladder.Stop | ladder.Dial | ladder.Resume, line: Line
    ) -> float:
        await self._stood_in_for([page], line.channel)
        match step:
            case ladder.Stop():
                if step is ladder.REACHED:
                    await self._send_list(page, line)
                await self._board.settle(page, step, line.channel)
                return 0
            case ladder.Dial():
                skipped = ladder.left_alone(page, line.channel, self._now(), before=step.contact)
                await self._board.leave_alone(page, skipped)
                return await self._dial(step, page, line)
            case ladder.Resume():
                return await self._resume(page.attempts[-1], page, line)
        assert_never(step)

    async def _send_list(self, page: Page, line: Line) -> None:
        """Plan a text with all that a call told, where it could not detail it; others send it."""
        if line.texts is None or not page.attempts:
            return
        page = await self._store.page_of(page.attempts[-1])  # with the list, if we died after this
        dial = companion(page, line.channel, self._board.channels)
        if dial is None or not self._board.can_text(dial.contact):
            return
        await self._store.save(planned(page, dial, self._board.new_id(), self._now()))
        self._board.on_change()

    async def _stood_in_for(self, pages: Sequence[Page], channel: Channel) -> float:
        """Let the fallback stand in where the channel is broken, also while a call waits to be
        tried again; return the seconds until the next page may need that."""
        now, soonest = self._clock.now().utc, inf
        for page in pages:
            if page.engaged or ladder.needless(page):
                continue
            at = ladder.broken_at(page)
            if ladder.is_broken(page, now):
                await self._board.engage(page, channel, "broken")
            elif at is not None:
                soonest = min(soonest, (at - now).total_seconds())
        return soonest

    async def _posted(self, channel: str) -> None:
        """Wait for a request that outlived its task (a reload came), so that nobody doubts it."""
        task = self.posting.get(channel)
        if task is not None:
            await asyncio.wait([task])
            if self.posting.get(channel) is task:
                del self.posting[channel]

    # Before the call

    async def _dial(self, dial: ladder.Dial, page: Page, line: Line) -> float:
        now = self._clock.now().utc
        attempt = planned(page, dial, self._board.new_id(), now)
        if dial.after:
            self._board.log(await self._store.save(attempt), f"comes in {spelled(dial.after)}")
            return 0
        return await self._try(attempt, page, line)

    async def _resume(self, attempt: Attempt, page: Page, line: Line) -> float:
        match attempt.phase:
            case Phase.PLANNED if why := ladder.spared(attempt, page, line.channel, self._now()):
                await self._store.save(attempts.drop(attempt, why, self._now()))
            case Phase.PLANNED:
                return await self._try(attempt, page, line)
            case Phase.POSTING:
                # We died between the POST and writing down its answer.
                lost = attempts.lose(attempt, "WatchCall stopped while the call was being placed")
                await self._store.save(lost)
            case Phase.UNCERTAIN:
                await self._find(attempt, line)
            case _:
                await self._follow(attempt, line)
        return 0

    async def _try(self, attempt: Attempt, page: Page, line: Line) -> float:
        """Place a call, unless the number is in use, the cost guard holds it back, or another
        call was placed less than a second ago."""
        if self._board.busy(attempt.to, attempt.id):
            return BUSY_S
        hold = self._board.hold(page, attempt.to, line.channel)
        if hold is not None:
            why, now = f"held back: {hold.why}", self._clock.now().utc
            left = hold.until - now
            held = attempts.put_off(attempt, why, left, self._board.instant(page))
            self._board.log(await self._store.save(held), why)
            self._board.patience.forget(page.id)  # it waits anew, should it be for the same instant
            await self._store.hush(page, page.telling, why, now)
            if left > ladder.BROKEN_AFTER * 2 and line.channel.fallback:
                await self._board.engage(page, line.channel, "held back by the cost guard")
            return 0
        wait = self._board.pace(line.channel.name)
        if wait == 0:
            await self._post(attempt, page, line)
        return wait

    async def _post(self, attempt: Attempt, page: Page, line: Line) -> None:
        """Commit the intent, POST, commit what came of it; a stop in between is waited out."""
        self._board.take(attempt)  # before anything is awaited: another channel may want the number
        task = asyncio.create_task(self._place(attempt, page, line))
        self.posting[page.channel] = task
        await asyncio.shield(task)

    async def _place(self, attempt: Attempt, page: Page, line: Line) -> Attempt:
        posting = attempts.post(attempt, self._board.instant(page))
        try:
            posting = await self._store.save(posting)
        except StoreError:
            self._board.release(attempt)
            raise
        page = await self._store.page_of(posting)
        if why := ladder.spared(posting, page, line.channel, self._now()):
            self._board.release(posting)
            return await self._store.save(attempts.drop(posting, why, self._now()))
        page = as_told(page, posting)
        try:
            report = await _phone(line).place(self._request(posting, page, line.channel))
        except PhoneError as error:
            after = self._board.failed(posting, error)
        else:
            after = attempts.placed(posting, report, self._clock.now().utc)
            self._board.placed(after)
            self._board.log(after, "placed")
        if not after.live:
            self._board.release(after)
        return await self._store.save(after)

    def _request(self, attempt: Attempt, page: Page, channel: Channel) -> CallRequest:
        plain = ladder.is_plain(page, attempt.contact)
        keys = keys_url(self._board.voice, attempt)
        return CallRequest(
            to=attempt.to,
            speech=speech_of(self._board, attempt, page, channel),
            ring_timeout_s=round(channel.ring_timeout.total_seconds()),
            twiml_url=None if plain else channel.twiml_url,
            status_callback=None if plain else self._callback(attempt, channel),
            keys_url=None if plain or page.event is Event.RECOVERY else keys,
            detect=_detects(channel),
            plain=plain,
            time_limit_s=round(attempts.TIME_LIMIT.total_seconds()),
        )

    def _callback(self, attempt: Attempt, channel: Channel) -> str | None:
        ours = self._board.voice.public_url
        if channel.status_callback or not ours:
            return channel.status_callback
        return f"{ours}/twilio/status/{attempt.id}"

    # A call that was lost

    async def _find(self, attempt: Attempt, line: Line) -> None:
        """Look for a lost call at Twilio (design, "Attempt")."""
        began = self._clock.now()
        looks = LOOKS if self._board.voice.shared_from else 0
        until = (attempt.posted_at or attempt.planned_at) + SEARCH
        while looks < LOOKS:
            try:
                found = await self._unknown_call(attempt, _phone(line))
            except Rejected as error:  # we may not look; asking again would not help
                log.warning("Twilio shows no list of calls: %s", error)
                self._board.doubt(error)
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
            if self._clock.now().since(began) >= ladder.BROKEN_AFTER:
                for page in await self._store.pages(line.channel.name):
                    await self._board.engage(page, line.channel, "broken")
            await self._clock.sleep(LOOK_S if looks < LOOKS else 0)
        forgotten = await self._store.save(attempts.forget(attempt, self._clock.now().utc))
        self._board.release(forgotten)
        self._board.log(attempt, "not found at Twilio; calling again")

    async def _unknown_call(self, attempt: Attempt, phone: Phone) -> CallReport | None:
        """Exactly one call that we do not know is it; of several, nobody could say which."""
        posted_at = attempt.posted_at or attempt.planned_at
        calls = await phone.placed_between(attempt.to, posted_at - EARLY, posted_at + LATE)
        known = await self._store.known_sids([call.sid for call in calls])
        unknown = [call for call in calls if call.sid not in known]
        return unknown[0] if len(unknown) == 1 else None

    async def _adopt(self, lost: Attempt, found: CallReport) -> None:
        adopted = attempts.adopt(lost, found, self._clock.now().utc)
        await self._store.save(adopted)
        self._board.take(adopted)
        self._board.placed(adopted)
        self._board.log(adopted, "found at Twilio after its reply was lost")

    # A call that is under way

    async def _follow(self, attempt: Attempt, line: Line) -> None:
        """Ask how a call stands until it is over; a question that failed decides nothing."""
        self._board.take(attempt)
        limit = attempts.longest(line.channel.ring_timeout, detects=_detects(line.channel))
        began = self._clock.now()
        due = began.elapsed + POLL_S
        while attempt.phase is Phase.PLACED:
            before = attempt
            waited = self._clock.now().since(began)
            attempt = await self._taken_back(attempt, _phone(line), waited >= attempts.HELD_FOR)
            if waited >= limit:
                attempt = await self._stuck(attempt, _phone(line))
            elif await self._board.nap(attempt.id, due):
                attempt = await self._asked(attempt, _phone(line))
                due = self._clock.now().elapsed + POLL_S
            if attempt != before:
                await self._store.save(attempt)
        self._board.release(attempt)
        self._board.ended(attempt)
        self._board.log(attempt, _said(attempt))

    async def _asked(self, attempt: Attempt, phone: Phone) -> Attempt:
        try:
            said = await phone.fetch(attempt.sid or "")
        except PhoneError as error:
            log.info("cannot ask about call %s: %s", attempt.sid, error)
            self._board.doubt(error)
            return attempt
        if key := self._board.keys.get(attempt.id):
            attempt = attempts.press(attempt, key)
        after = attempts.report(attempt, said, self._clock.now().utc, trial=self._board.trial)
        if after.outcome is Outcome.FAILED:
            return await self._explained(after, phone)
        return after

    async def _explained(self, attempt: Attempt, phone: Phone) -> Attempt:
        try:
            why = await phone.why(attempt.sid or "")
        except PhoneError as error:
            log.info("cannot ask why call %s failed: %s", attempt.sid, error)
            return attempt
        return attempts.explain(attempt, *why) if why else attempt

    async def _taken_back(self, attempt: Attempt, phone: Phone, long: bool) -> Attempt:
        """Take back a call that nobody listens to, where it is over or Twilio does not dial it."""
        if not attempt.unanswered:
            return attempt
        if attempt.withdrawn is None:
            page = await self._store.page_of(attempt)
            if needless := ladder.needless(page):
                why = needless.why
                attempt = attempts.withdraw(attempt, Withdrawn.OVER)
            elif long and attempt.status == QUEUED:
                why = Withdrawn.HELD.value
                attempt = attempts.withdraw(attempt, Withdrawn.HELD)
            else:
                return attempt
            await self._store.save(attempt)
            self._board.log(attempt, f"taken back: {why}")
        try:
            await phone.cancel(attempt.sid or "")
        except PhoneError as error:
            log.warning("cannot take back call %s: %s", attempt.sid, error)
            self._board.doubt(error)
        return attempt

    async def _stuck(self, attempt: Attempt, phone: Phone) -> Attempt:
        try:
            await phone.hang_up(attempt.sid or "")
        except PhoneError as error:
            log.warning("cannot hang up call %s: %s", attempt.sid, error)
        return attempts.stuck(attempt, Withdrawn.STUCK.value, self._clock.now().utc)

    def _now(self) -> datetime:
        return self._clock.now().utc


def as_told(page: Page, attempt: Attempt) -> Page:
    """Return a page as an attempt tells it: what joined after the commit is told later."""
    told = replace(page, incidents=page.tells(attempt))
    return told if page.event is Event.RECOVERY or told.calling else page


def contact_of(attempt: Attempt, channel: Channel) -> Contact:
    """Return who an attempt is for; one who was removed since is known by name and number."""
    named = (one for one in channel.to if one.name == attempt.contact)
    return next(named, Contact(name=attempt.contact, phone=attempt.to))


def speech_of(board: Switchboard, attempt: Attempt, page: Page, channel: Channel) -> Speech:
    """Return what a call says of its page now."""
    contact = contact_of(attempt, channel)
    recovery = page.event is Event.RECOVERY
    subject = board.subject(page)
    if subject.hint is Hint.KEYS and ladder.is_plain(page, attempt.contact):
        subject = replace(subject, hint=Hint.CALL_BACK)  # no key is listened for
    if channel.message and subject.hint is Hint.CALL_BACK:
        subject = replace(subject, hint=Hint.NONE)  # who writes the words writes all of them
    return compose(
        subject,
        channel.language_for(contact),
        channel.recovery_message if recovery else channel.message,
        channel.voice_for(contact),
    )


def _detects(channel: Channel) -> bool:
    return channel.reached_by is ReachedBy.HUMAN


def _phone(line: Line) -> Phone:
    if line.phone is None:
        raise ValueError(f"channel {line.channel.name!r} has no phone")
    return line.phone


def _said(attempt: Attempt) -> str:
    if attempt.error_code is None:
        return attempt.outcome.value
    return f"{attempt.outcome.value} ({attempt.error_code}): {masked(attempt.error or '')}"
