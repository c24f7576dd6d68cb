"""One call from the command line: placed, followed to its end, taken back on Ctrl-C."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from watchcall.core import attempt as attempts
from watchcall.core.attempt import Attempt, CallReport, Outcome, Phase
from watchcall.core.contact import Contact, masked
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure, WatchCallError
from watchcall.ports import CallRequest, Clock, Phone

POLL_S = 1.0
SLACK_S = 180.0  # beyond the time it may ring: Twilio's queue, and the conversation
ANSWERED = (Outcome.ANSWERED, Outcome.HUMAN, Outcome.ACKNOWLEDGED)
WORDS = {"ringing": "it rings", "in-progress": "it was answered"}


class Ring:
    """Rings once.

    tell: is given a line whenever the call comes a step further
    """

    def __init__(self, phone: Phone, clock: Clock, tell: Callable[[str], None]) -> None:
        self._phone, self._clock, self._tell = phone, clock, tell

    async def follow(self, contact: Contact, request: CallRequest) -> Attempt:
        """Return what became of a call.

        Cancelled, it hangs up before it gives way; WatchCallError where it cannot.
        """
        posting = self._posting(contact)
        self._tell(f"calling {masked(contact.name)} at {masked(contact.phone)}")
        placing = asyncio.ensure_future(self._phone.place(request))
        try:
            # Shielded: a request that was sent must be answered, so that it can be taken back.
            attempt = await self._placed(posting, asyncio.shield(placing))
            return await self._to_its_end(attempt, request.ring_timeout_s + SLACK_S)
        except asyncio.CancelledError:
            await self._take_back(placing)
            raise

    def _posting(self, contact: Contact) -> Attempt:
        now = self._clock.now().utc
        planned = Attempt(
            id="test-call",
            notification="",
            channel="",
            contact=contact.name,
            to=contact.phone,
            nth=1,
            planned_at=now,
            due_at=now,
        )
        return attempts.post(planned, now)

    async def _placed(self, posting: Attempt, placing: asyncio.Future[CallReport]) -> Attempt:
        try:
            report = await placing
        except Unsure as error:
            return attempts.lose(posting, str(error), error.code)
        except PhoneError as error:
            # Without a code there was no answer, so that nobody has rejected it.
            end = attempts.give_up if error.code is None else attempts.reject
            return end(posting, str(error), error.code, self._clock.now().utc)
        self._tell(f"Twilio took the call ({report.sid})")
        return attempts.placed(posting, report, self._clock.now().utc)

    async def _to_its_end(self, attempt: Attempt, limit_s: float) -> Attempt:
        began = self._clock.now().elapsed
        unanswered = attempt.placed_at
        while attempt.phase is Phase.PLACED:
            await self._clock.sleep(POLL_S)
            before, attempt = attempt, await self._asked(attempt)
            if attempt is not before and attempt.unanswered:
                unanswered = self._clock.now().utc
            if attempt.status != before.status and attempt.status in WORDS:
                self._tell(WORDS[attempt.status])
            if attempt.phase is Phase.PLACED and self._clock.now().elapsed - began >= limit_s:
                attempt = await self._stuck(attempt)
        return _answered(attempt, unanswered)

    async def _asked(self, attempt: Attempt) -> Attempt:
        """A question that failed decides nothing; the next one may not."""
        try:
            said = await self._phone.fetch(attempt.sid or "")
        except PhoneError:
            return attempt
        after = attempts.report(attempt, said, self._clock.now().utc)
        if after.outcome is Outcome.FAILED and after.error_code is None:
            return attempts.explain(after, *(await self._why(after)))
        return after

    async def _why(self, attempt: Attempt) -> tuple[int | None, str | None]:
        try:
            return await self._phone.why(attempt.sid or "") or (None, None)
        except PhoneError:
            return None, None

    async def _stuck(self, attempt: Attempt) -> Attempt:
        why = "it came to no end in time"
        try:
            await self._phone.hang_up(attempt.sid or "")
        except PhoneError as error:
            why = f"{why}, and cannot be taken back: {error}"
        return attempts.stuck(attempt, why, self._clock.now().utc)

    async def _take_back(self, placing: asyncio.Future[CallReport]) -> None:
        try:
            sid = (await placing).sid
        except (NotPlaced, Rejected):
            return
        except PhoneError as error:
            raise WatchCallError(f"the phone may ring, and nobody can stop it: {error}") from None
        try:
            await self._phone.hang_up(sid)
        except PhoneError as error:
            raise WatchCallError(f"call {sid} cannot be taken back: {error}") from None
        self._tell("the call was taken back")


def _answered(attempt: Attempt, unanswered: datetime | None) -> Attempt:
    """Correct what was reckoned from Twilio's whole seconds by what was seen.

    unanswered: when it was last seen that nobody had answered yet
    """
    if attempt.answered_at is None:
        return attempt
    answered_at = max(attempt.answered_at, unanswered or attempt.answered_at)
    rang_at = min(attempt.rang_at or answered_at, answered_at)
    return replace(attempt, answered_at=answered_at, rang_at=rang_at)
