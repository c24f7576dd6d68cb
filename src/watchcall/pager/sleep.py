"""What becomes of pages while everybody sleeps whom they still need."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from watchcall.core import ladder
from watchcall.core.contact import Channel, Event
from watchcall.core.page import Page
from watchcall.pager.switchboard import Switchboard, named

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 60.0  # at the latest: the clock may be set, quiet hours may be configured anew


async def watch_over(
    board: Switchboard, waiting: Sequence[tuple[Page, ladder.Wait]], channel: Channel
) -> float | None:
    """Note who is left alone, let others stand in, put together what waits for the same people.

    Returns the seconds until the pages are looked at again: 0 where something has changed, None
    where there are none.
    """
    changed = False
    for page, wait in waiting:
        await board.leave_alone(page, wait.sleepers)
        changed |= await _stood_in_for(board, page, wait, channel)
    for pages in ladder.together(waiting):
        changed |= await _merged(board, pages)
    if changed:
        return 0
    now = board.clock.now().utc
    left = ((wait.until - now).total_seconds() for _, wait in waiting)
    return min((min(one, LOOK_AGAIN_S) for one in left), default=None)


async def _stood_in_for(
    board: Switchboard, page: Page, wait: ladder.Wait, channel: Channel
) -> bool:
    """Quiet hours silence people, not the incident: who was tried in vain is as good as nobody."""
    if page.engaged or page.event is Event.RECOVERY:
        return False
    if wait.in_vain:
        await board.exhausted(page, channel)
        return True
    if channel.fallback is not None:
        await board.engage(page, channel, "in quiet hours", level=logging.WARNING)
        return True
    if await board.store.forsaken(page, board.patience.asleep):
        await board.engage(page, channel, "in quiet hours, and the others were tried in vain")
        return True
    return False


async def _merged(board: Switchboard, pages: Sequence[Page]) -> bool:
    """Let the first page tell what the others were to tell."""
    into, *others = pages
    now = board.clock.now().utc
    merged = await board.store.merge(into, others, ladder.TOGETHER.why, now)
    for page in others:
        if page.id in merged:
            board.merged(page, into)
            log.info("%s on channel %r: %s", named(page), page.channel, ladder.TOGETHER.why)
    return bool(merged)
