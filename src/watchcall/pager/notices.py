"""The pages of channels that reach no phone: a program, a web service, whatever takes notices.

At least once: a notice of which nobody knows whether it was taken is given again, and says by
its UUIDs that it is the same. The pages of a channel do not wait for each other.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from watchcall.core import attempt as attempts
from watchcall.core import ladder
from watchcall.core.attempt import Attempt, Phase
from watchcall.core.contact import Address, Channel, Event
from watchcall.core.page import Page
from watchcall.core.speech import worst_first
from watchcall.core.text import compose_text
from watchcall.errors import PhoneError
from watchcall.pager.calls import as_told, contact_of
from watchcall.pager.switchboard import Line, Switchboard, planned
from watchcall.ports import NoticeData, Outlet

AT_ONCE = 4  # notices of one channel
UNDER_WAY_S = 60.0  # until a page is looked at again unasked; the end of a notice wakes us
LONGEST = 99  # segments: nobody pays for them


class Notices:
    """Works through the pages of such channels."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._store, self._clock = board.store, board.clock
        self._given: dict[str, asyncio.Task[Attempt]] = {}  # by page
        self._channels: dict[str, str] = {}  # of those pages

    async def turn(self, line: Line, since: datetime | None = None) -> float | None:
        """Do the next thing for a channel; see Calls.turn."""
        self._collect()
        waits = []
        for page in await self._store.pages(line.channel.name):
            wait = await self._advance(page, line, since)
            if wait == 0:
                return 0
            waits.append(wait)
        return min(waits, default=None)

    async def finish(self, seconds: float | None) -> None:
        """Wait for what is under way; what takes longer than so many seconds is cut off.

        Nothing is written down of that: the next run finds it, and gives it again.
        """
        tasks = [*self._given.values()]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _collect(self) -> None:
        """Take in what has ended; raise what could not be written down."""
        for page in [one for one, task in self._given.items() if task.done()]:
            task = self._given.pop(page)
            self._channels.pop(page)
            if not task.cancelled():
                task.result()

    async def _advance(self, page: Page, line: Line, since: datetime | None) -> float:
        """Do one thing for a page; return the seconds until there is another."""
        if page.id in self._given:
            return UNDER_WAY_S
        now, group_wait = self._clock.now().utc, self._board.voice.group_wait
        if not page.attempts:
            wait = self._board.patience.of(page, since, group_wait)
            if wait > 0:
                return wait
        if not page.engaged and ladder.is_broken(page, now):
            await self._board.engage(page, line.channel, "broken")
        last = page.attempts[-1] if page.attempts else None
        if last is None or last.phase is Phase.ENDED:
            return await self._begin(page, line)
        return await self._resume(last, page, line, since)

    async def _begin(self, page: Page, line: Line) -> float:
        """Plan the next attempt, or settle the page."""
        step = ladder.next_texts(page, line.channel, self._clock.now().utc)
        if isinstance(step, ladder.Stop):
            await self._board.settle(page, step, line.channel)
            return 0
        if isinstance(step, ladder.Wait):  # never: a program has no quiet hours
            return UNDER_WAY_S
        plan = planned(page, step[0], self._board.new_id(), self._clock.now().utc)
        await self._store.save(replace(plan, to=_address(line.channel).shown))
        return 0

    async def _resume(
        self, attempt: Attempt, page: Page, line: Line, since: datetime | None
    ) -> float:
        now = self._clock.now().utc
        if attempt.phase is Phase.POSTING:
            lost = attempts.lose(attempt, "WatchCall stopped while it was being delivered")
            await self._store.save(lost)
            return 0
        if attempt.phase is Phase.UNCERTAIN:
            await self._store.save(attempts.forget(attempt, now))
            return 0
        if why := ladder.needless(page):
            await self._store.save(attempts.drop(attempt, why.why, now))
            return 0
        wait = self._board.patience.of_attempt(attempt, since)
        return wait if wait > 0 else self._give(attempt, page, line)

    def _give(self, attempt: Attempt, page: Page, line: Line) -> float:
        """Begin to deliver a notice, beside whatever else is under way."""
        if list(self._channels.values()).count(page.channel) >= AT_ONCE:
            return UNDER_WAY_S
        task = asyncio.create_task(self._deliver(attempt, page, line))
        self._given[page.id], self._channels[page.id] = task, page.channel
        task.add_done_callback(lambda _: self._board.on_change())
        return UNDER_WAY_S

    async def _deliver(self, attempt: Attempt, page: Page, line: Line) -> Attempt:
        """Commit the intent, deliver, commit what came of it."""
        posting = await self._store.save(attempts.post(attempt, self._board.instant(page)))
        page = await self._store.page_of(posting)
        if why := ladder.needless(page):
            return await self._store.save(attempts.drop(posting, why.why, self._clock.now().utc))
        notice = await self._notice(posting, as_told(page, posting), line.channel)
        try:
            await _outlet(line).deliver(notice)
        except PhoneError as error:
            after = self._board.came_to(posting, error)
            self._board.state.fails(posting.channel, str(error))
        else:
            after = attempts.delivered(posting, self._clock.now().utc)
            self._board.log(after, after.outcome.value)
            self._board.state.works(posting.channel)
        return await self._store.save(after)

    async def _notice(self, posting: Attempt, page: Page, channel: Channel) -> NoticeData:
        recovery = page.event is Event.RECOVERY
        subject = self._board.subject(page)
        about = worst_first(subject.incidents)
        text = compose_text(
            subject,
            channel.language_for(contact_of(posting, channel)),
            channel.recovery_message if recovery else channel.message,
            replies=False,
            most=LONGEST,
        )
        return NoticeData(
            event=page.event,
            host=subject.host,
            level=about[0].level,
            channel=channel.name,
            text=text.body,
            incidents=await self._store.described([one.id for one in about]),
            notification=page.id,
            attempt=posting.id,
            at=self._clock.now().utc,
        )


def _address(channel: Channel) -> Address:
    if channel.address is None:
        raise ValueError(f"channel {channel.name!r} has no address")
    return channel.address


def _outlet(line: Line) -> Outlet:
    if line.outlet is None:
        raise ValueError(f"channel {line.channel.name!r} takes no notices")
    return line.outlet
