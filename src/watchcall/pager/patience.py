"""Waiting that no change of the wall clock makes longer or shorter.

The outbox keeps instants, because a restart must go on from them. What is first seen to be due in
so many seconds is due that much later by the clock that only goes forward.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from watchcall.core import ladder
from watchcall.core.attempt import Attempt, Phase
from watchcall.core.page import Page
from watchcall.ports import Clock


class Patience:
    """Remembers until when each page, or attempt, waits.

    grace:  the `elapsed` at which the machine counts as booted
    asleep: UUIDs of the pages that wait for somebody to wake
    """

    def __init__(self, clock: Clock) -> None:
        self.grace = 0.0
        self.asleep: set[str] = set()
        self._clock = clock
        self._until: dict[str, tuple[datetime, float]] = {}  # by UUID: due, and its `elapsed`

    def left(self, what: str, due: datetime, begun: datetime) -> float:
        """Return the seconds until something is due, negative once it has been.

        begun: since when it waits; no longer than from there to `due`, even where the wall clock
               was set back before anybody saw it
        """
        now = self._clock.now()
        known, until = self._until.get(what, (None, 0.0))
        if known != due:
            until = now.elapsed + min(due - now.utc, due - begun).total_seconds()
            self._until[what] = due, until
        return round(until - now.elapsed, 6)  # the clocks know no less than a microsecond

    def of(self, page: Page, since: datetime | None, group_wait: timedelta) -> float:
        """Return the seconds until a page is due; a call that goes on is to be followed now.

        What was put off because Twilio refused it is due at once after `since`, a start or a
        reload: it may have brought the right token, number or address. What joined since the last
        attempt was planned does not wait for it.
        """
        if ladder.is_over(page) or any(one.live for one in page.attempts):
            return 0
        if self.boots(page):
            return self.grace - self._clock.now().elapsed
        if _refused_before(page, since):
            return 0
        return self.left(page.id, *_due(page, group_wait, self._clock.now().utc))

    def boots(self, page: Page) -> bool:
        """Whether a page waits because the machine has just booted.

        It was written before that, most likely because the machine went down, and what it tells
        may come up again by itself. Where somebody was tried already, the page goes on.
        """
        if any(one.sid or one.live for one in page.attempts):
            return False
        return self._clock.now().elapsed < self.grace

    def of_attempt(self, planned: Attempt, since: datetime | None) -> float:
        """Return the seconds until an attempt is tried again; at once after `since`, see `of`."""
        if since is not None and begun(planned) < since:
            return 0
        return self.left(planned.id, planned.due_at, begun(planned))

    def note_sleep(self, page: Page, *, waits: bool) -> None:
        """Note whether a page waits for somebody to wake."""
        if waits:
            self.asleep.add(page.id)
        else:
            self.asleep.discard(page.id)

    def forget(self, what: str) -> None:
        """It waits no more."""
        self._until.pop(what, None)
        self.asleep.discard(what)


def _due(page: Page, group_wait: timedelta, now: datetime) -> tuple[datetime, datetime]:
    """Return when a page is due, and since when it waits."""
    due, begun = page.due_at, page.created_at
    last = page.attempts[-1] if page.attempts else None
    if last is not None and last.phase is Phase.PLANNED:
        due, begun = last.due_at, last.posted_at or last.planned_at
        fresh = [at for at in page.joined.values() if at > last.planned_at]
        if fresh and not last.tries:
            return min(due, min(fresh) + group_wait), min(fresh)
    elif last is None or last.phase is Phase.ENDED:
        fresh = [at for at in page.joined.values() if _idle_since(page) < at <= now]
        if fresh:
            return max(due, min(fresh) + group_wait), min(fresh)
    return due, begun


def _idle_since(page: Page) -> datetime:
    """Since when nothing was done for a page: what joins one that waits for somebody to wake has
    companions too."""
    ends = [one.ended_at for one in page.attempts if one.ended_at is not None]
    return max(ends, default=page.due_at)


def _refused_before(page: Page, since: datetime | None) -> bool:
    last = page.attempts[-1] if page.attempts else None
    if since is None or last is None or last.phase is not Phase.PLANNED:
        return False
    return begun(last) < since and _was_refused(page)


def _was_refused(page: Page) -> bool:
    before = page.attempts[-2:-1]
    return page.attempts[-1].tries > 0 or any(ladder.refused_by_account(one) for one in before)


def begun(planned: Attempt) -> datetime:
    """Return since when an attempt waits."""
    return planned.posted_at or planned.planned_at
