"""The lists that follow calls: texts of voice channels, whose pages are done with already.

Nobody waits for them. They are sent as any other text is, but once: what becomes of them changes
nothing about the page, nor about the pager's state.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from watchcall.core import companion, ladder
from watchcall.core.attempt import Attempt, Outcome
from watchcall.core.contact import Channel
from watchcall.core.page import Page
from watchcall.core.text import compose_text
from watchcall.errors import PhoneError
from watchcall.pager.calls import contact_of
from watchcall.pager.switchboard import Line
from watchcall.pager.texts import TextChannel

PASSES = frozenset({30003, 30005, 30007})  # switched off, filtered: the next one may arrive


class Companions(TextChannel):
    """Sends what was planned when a call reached somebody."""

    lost = "not found at Twilio; a list is not sent again"

    async def turn(self, line: Line, since: datetime | None = None) -> float | None:
        """Do the next thing for the lists of a voice channel; see Calls.turn."""
        await self._posted(line.channel.name)
        waits = []
        for attempt in await self._store.companions(line.channel.name):
            page = await self._store.page_of(attempt)
            wait = await self._resume(attempt, page, line, since)
            if wait == 0:
                return 0
            waits.append(wait)
        return min(waits, default=None)

    def _body(self, attempt: Attempt, page: Page, channel: Channel) -> str:
        told = companion.listed(page, attempt)
        text = compose_text(
            replace(self._board.subject(page), incidents=told),
            channel.language_for(contact_of(attempt, channel)),
            replies=any(one.calls_for_help for one in told),
            most=companion.SEGMENTS,
        )
        return text.body

    def _spared(self, attempt: Attempt, page: Page, channel: Channel) -> str | None:
        stop = companion.unlisted(page, attempt)
        return stop.why if stop else None

    def _failed(self, posting: Attempt, error: PhoneError) -> Attempt:
        after = self._board.came_to(posting, error)
        self._ended(after)
        return after

    def _ended(self, attempt: Attempt) -> None:
        """Who, or what, can have no texts is left alone with them from now on."""
        if ladder.barred([attempt]) and attempt.error_code not in PASSES:
            self._board.textless.add(attempt.to)
        if attempt.outcome is Outcome.REJECTED and ladder.refused_by_account(attempt):
            self._board.texting = False
