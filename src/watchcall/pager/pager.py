"""Outbox in, attempts out: one task per channel, so that a slow one delays no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from watchcall.core.page import Page
from watchcall.pager.calls import Calls
from watchcall.pager.chore import Chore
from watchcall.pager.companions import Companions
from watchcall.pager.notices import Notices
from watchcall.pager.switchboard import Line, Switchboard, named
from watchcall.pager.texts import TextChannel

log = logging.getLogger(__name__)

LISTS_AFTER_S = 0.05  # a look into the store, which a call that is to be placed would wait for
PATIENCE_S = 10.0  # with what takes notices, at the end
REMOVED = "the channel is no longer configured"


class Pager:
    """Tells people until each page is settled."""

    def __init__(self, board: Switchboard) -> None:
        self.board = board
        board.on_change = self.wake
        self._calls = Calls(board)
        self._texts = TextChannel(board)
        self._companions = Companions(board)
        self._notices = Notices(board)
        self._chores: list[Chore] = []

    async def serve(self, lines: Mapping[str, Line]) -> Sequence[Page]:
        """Serve these channels from now on; what rings on a removed one is left to ring.

        Returns the pages of removed channels, which nobody will be told.
        """
        stray = await self.board.store.abandon(list(lines), REMOVED, self._now())
        for page in stray:
            log.warning("%s on channel %r is not told: %s", named(page), page.channel, REMOVED)
        await self.stop(posted=False)
        self.board.state.keep(list(lines))
        self.board.channels = tuple(line.channel for line in lines.values())
        await self.board.load()
        self._chores = [chore for line in lines.values() for chore in self._begin(line)]
        return stray

    def wake(self) -> None:
        """Something was put into the outbox, or what is told changed."""
        for chore in self._chores:
            chore.wake()
        self.board.nudge()

    async def stop(self, *, posted: bool = True) -> None:
        """Begin nothing more; `posted`: wait until every request that was sent has its answer,
        which is written down. Notices that take long are cut off: the next start repeats them."""
        for chore in self._chores:
            await chore.stop()
        if posted:
            await asyncio.gather(self.posted(), self._notices.finish(PATIENCE_S))

    async def posted(self) -> None:
        """Wait until every request that was sent to Twilio has its answer."""
        senders = (self._calls, self._texts, self._companions)
        sent = [task for one in senders for task in one.posting.values()]
        await asyncio.gather(*sent, return_exceptions=True)

    async def delivered(self) -> None:
        """Wait until no notice is under way."""
        await self._notices.finish(None)

    async def turn(self, line: Line, since: datetime | None = None) -> float | None:
        """Do the next thing for a channel; return how many seconds nothing is due.

        since: what was refused before this instant is due now
        """
        if line.outlet is not None:
            return await self._notices.turn(line, since)
        if line.channel.type == "sms":
            return await self._texts.turn(line, since)
        return await self._calls.turn(line, since)

    async def follow_up(self, line: Line, since: datetime | None = None) -> float | None:
        """Do the next thing for the texts that follow a voice channel's calls; see `turn`."""
        if line.channel.type != "voice" or line.texts is None:
            return None
        return await self._companions.turn(line, since)

    def _begin(self, line: Line) -> list[Chore]:
        since, name = self._now(), line.channel.name
        chores = [Chore(f"channel {name!r}", lambda: self.turn(line, since))]
        if line.channel.type == "voice" and line.texts is not None:  # no call waits for a text
            lists, turn = f"lists of {name!r}", lambda: self.follow_up(line, since)
            chores.append(Chore(lists, turn, after=LISTS_AFTER_S))
        return chores

    def _now(self) -> datetime:
        return self.board.clock.now().utc
