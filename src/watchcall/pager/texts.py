"""The pages of one text channel: everybody at once, and what became of each text.

Unlike calls, texts do not wait for each other: a page is settled when all of its texts came to
an end, and the next page is sent meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from watchcall.core import attempt as attempts
from watchcall.core import ladder
from watchcall.core.attempt import Attempt, CallReport, Phase
from watchcall.core.contact import Channel, Event
from watchcall.core.moment import Moment
from watchcall.core.page import Page
from watchcall.core.text import compose_text
from watchcall.errors import PhoneError, Rejected
from watchcall.pager.calls import contact_of
from watchcall.pager.sleep import watch_over
from watchcall.pager.switchboard import EARLY, LATE, SEARCH, Line, Switchboard, planned
from watchcall.ports import TextRequest, Texts

log = logging.getLogger(__name__)

POLL_S = 2.0
LOOKS = 3  # for a text that was lost
LOOK_S = 4.0
SENT_FOR = timedelta(seconds=60)  # a receipt that does not come by then seldom comes at all
PATIENCE = timedelta(minutes=5)  # until the carrier has taken it
TAKEN = "sent"  # as Twilio says it


class TextChannel:
    """Works through the pages of text channels; remembers when it last asked about what."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._store, self._clock = board.store, board.clock
        self.posting: dict[str, asyncio.Task[Attempt]] = {}  # by channel
        self._asked_at: dict[str, Moment] = {}  # by attempt
        self._looks: dict[str, int] = {}

    async def turn(self, line: Line, since: datetime | None = None) -> float | None:
        """Do the next thing for a channel; see Calls.turn."""
        await self._posted(line.channel.name)
        waits: list[float] = []
        asleep: list[tuple[Page, ladder.Wait]] = []
        for page in await self._store.pages(line.channel.name):
            wait = await self._advance(page, line, since)
            if wait == 0:
                return 0
            if isinstance(wait, ladder.Wait):
                asleep.append((page, wait))
            else:
                waits.append(wait)
        woken = await watch_over(self._board, asleep, line.channel)
        return min((one for one in (*waits, woken) if one is not None), default=None)

    async def _posted(self, channel: str) -> None:
        """Wait for a request that outlived its task: a reload came."""
        task = self.posting.get(channel)
        if task is not None and not task.done():
            await asyncio.wait([task])

    async def _advance(self, page: Page, line: Line, since: datetime | None) -> float | ladder.Wait:
        """Do one thing for a page; return the seconds until there is another, or for whom it
        waits."""
        now, group_wait = self._clock.now().utc, self._board.voice.group_wait
        if not page.attempts:
            wait = self._board.patience.of(page, since, group_wait)
            if wait > 0:
                return wait
        if not page.engaged and ladder.is_broken(page, now):
            await self._board.engage(page, line.channel, "broken")
        wait = POLL_S
        for attempt in page.attempts:
            if attempt.phase is not Phase.ENDED:
                due = await self._resume(attempt, page, line, since)
                if due == 0:
                    return 0
                wait = min(wait, due)
        return await self._begin(page, line, wait)

    async def _begin(self, page: Page, line: Line, wait: float) -> float | ladder.Wait:
        """Begin with everybody who is still to be told, or settle the page."""
        now = self._clock.now().utc
        step = ladder.next_texts(page, line.channel, now)
        self._board.patience.note_sleep(page, waits=isinstance(step, ladder.Wait))
        if isinstance(step, ladder.Stop):
            await self._board.settle(page, step, line.channel)
            return 0
        if isinstance(step, ladder.Wait):
            return step
        if not step:
            return wait
        await self._board.leave_alone(page, ladder.left_alone(page, line.channel, now))
        # One after the other: each is sent with the page read again, with what joined meanwhile.
        attempt = planned(page, step[0], self._board.new_id(), self._clock.now().utc)
        await self._store.save(attempt)
        return 0

    async def _resume(
        self, attempt: Attempt, page: Page, line: Line, since: datetime | None
    ) -> float:
        now = self._clock.now()
        match attempt.phase:
            case Phase.PLANNED if why := self._spared(attempt, page, line.channel):
                await self._store.save(attempts.drop(attempt, why, now.utc))
            case Phase.PLANNED:
                wait = self._board.patience.of_attempt(attempt, since)
                if wait > 0:
                    return wait
                await self._post(attempt, page, line)
            case Phase.POSTING:
                lost = attempts.lose(attempt, "WatchCall stopped while the text was being sent")
                await self._store.save(lost)
            case Phase.UNCERTAIN:
                return await self._find(attempt, page, _texts(line))
            case _:
                return await self._ask(attempt, _texts(line))
        return 0

    async def _post(self, attempt: Attempt, page: Page, line: Line) -> None:
        """Commit the intent, send, commit what came of it; a stop in between is waited out."""
        task = asyncio.create_task(self._send(attempt, page, line))
        self.posting[page.channel] = task
        await asyncio.shield(task)

    async def _send(self, attempt: Attempt, page: Page, line: Line) -> Attempt:
        posting = await self._store.save(attempts.post(attempt, self._board.instant(page)))
        page = await self._store.page_of(posting)  # what joined until now counts as told
        if why := self._spared(posting, page, line.channel):
            return await self._store.save(attempts.drop(posting, why, self._clock.now().utc))
        request = TextRequest(to=posting.to, body=self._body(posting, page, line.channel))
        try:
            report = await _texts(line).send(request)
        except PhoneError as error:
            after = self._failed(posting, error)
        else:
            after = attempts.placed(posting, report, self._clock.now().utc)
            self._board.placed(after)
            self._board.log(after, "sent to Twilio")
        return await self._store.save(after)

    def _body(self, attempt: Attempt, page: Page, channel: Channel) -> str:
        recovery = page.event is Event.RECOVERY
        subject = self._board.subject(page)
        text = compose_text(
            subject,
            channel.language_for(contact_of(attempt, channel)),
            channel.recovery_message if recovery else channel.message,
            replies=page.event.asks and any(one.open for one in subject.incidents),
        )
        return text.body

    # What a list that follows a call does otherwise

    lost = "not found at Twilio; sending again"

    def _spared(self, attempt: Attempt, page: Page, channel: Channel) -> str | None:
        return ladder.spared(attempt, page, channel, self._clock.now().utc)

    def _failed(self, posting: Attempt, error: PhoneError) -> Attempt:
        return self._board.failed(posting, error)

    def _ended(self, attempt: Attempt) -> None:
        self._board.ended(attempt)

    # A text that is under way

    async def _ask(self, attempt: Attempt, texts: Texts) -> float:
        """Ask how a text stands, every two seconds; a question that failed decides nothing."""
        wait = self._wait(attempt, POLL_S)
        if wait > 0:
            return wait
        now = self._clock.now().utc
        try:
            said = await texts.fetch(attempt.sid or "")
        except PhoneError as error:
            log.info("cannot ask about text %s: %s", attempt.sid, error)
            self._board.doubt(error)
            after = attempt
        else:
            after = attempts.report(attempt, said, now)
        after = self._patient(after, now)
        if after != attempt:
            await self._store.save(after)
        if after.phase is Phase.ENDED:
            self._asked_at.pop(attempt.id, None)
            self._ended(after)
            self._board.log(after, after.outcome.value)
            return 0
        return POLL_S

    def _patient(self, attempt: Attempt, now: datetime) -> Attempt:
        waited = now - (attempt.placed_at or now)
        if attempt.phase is not Phase.PLACED:
            return attempt
        if attempt.status == TAKEN and waited >= SENT_FOR:
            return attempts.sent(attempt, now)
        if waited >= PATIENCE:
            return attempts.stuck(attempt, "the carrier did not take it in time", now)
        return attempt

    def _wait(self, attempt: Attempt, every: float) -> float:
        """Return the seconds until a question is due; 0 takes the turn."""
        now = self._clock.now()
        asked = self._asked_at.get(attempt.id)
        waited = now.since(asked).total_seconds() if asked else every
        if waited < every:
            return every - waited
        self._asked_at[attempt.id] = now
        return 0

    # A text that was lost

    async def _find(self, attempt: Attempt, page: Page, texts: Texts) -> float:
        """Look for a lost text by the code of an incident in its body, or by its words."""
        if self._board.voice.shared_from:
            return await self._forget(attempt)
        wait = self._wait(attempt, LOOK_S)
        if wait > 0:
            return wait
        try:
            found = await self._unknown_text(attempt, page, texts)
        except Rejected as error:
            log.warning("Twilio shows no list of texts: %s", error)
            self._board.doubt(error)
            return await self._forget(attempt)
        except PhoneError as error:
            log.info("cannot look for a lost text: %s", error)
            since = attempt.posted_at or attempt.planned_at
            late = self._clock.now().utc - since >= SEARCH
            return await self._forget(attempt) if late else LOOK_S
        if found is not None:
            adopted = attempts.adopt(attempt, found, self._clock.now().utc)
            await self._store.save(adopted)
            self._board.placed(adopted)
            self._board.log(adopted, "found at Twilio after its reply was lost")
            return 0
        looks = self._looks[attempt.id] = self._looks.get(attempt.id, 0) + 1
        return await self._forget(attempt) if looks >= LOOKS else LOOK_S

    async def _unknown_text(self, attempt: Attempt, page: Page, texts: Texts) -> CallReport | None:
        posted_at = attempt.posted_at or attempt.planned_at
        sent = await texts.sent_between(attempt.to, posted_at - EARLY, posted_at + LATE)
        known = await self._store.known_sids([one.sid for one in sent])
        codes = [one.code for one in page.incidents]
        for one in sent:
            if one.sid not in known and any(code in (one.body or "") for code in codes):
                return one
        return None

    async def _forget(self, attempt: Attempt) -> float:
        self._looks.pop(attempt.id, None)
        self._asked_at.pop(attempt.id, None)
        await self._store.save(attempts.forget(attempt, self._clock.now().utc))
        self._board.log(attempt, self.lost)
        return 0


def _texts(line: Line) -> Texts:
    if line.texts is None:
        raise ValueError(f"channel {line.channel.name!r} cannot send texts")
    return line.texts
