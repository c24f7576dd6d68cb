"""What SQL knows of who heard what."""

from __future__ import annotations

import sqlalchemy as sa

from watchcall.core.attempt import PASSES, Outcome, Phase
from watchcall.store.schema import attempt

REACHED = [outcome.value for outcome in Outcome if outcome.reached]
_called = attempt.alias("called")
# A text that follows a call with a list of what it told: it decides nothing (core.companion).
COMPANION = sa.and_(
    attempt.c.type == "sms",
    sa.exists().where(_called.c.notification == attempt.c.notification, _called.c.type == "voice"),
)
# An attempt that is over and that somebody heard or got.
HEARD = sa.and_(
    attempt.c.phase == Phase.ENDED.value,
    sa.or_(
        attempt.c.outcome == Outcome.ACKNOWLEDGED.value,
        sa.and_(
            attempt.c.outcome.in_(REACHED),
            ~attempt.c.trial,
            sa.func.coalesce(attempt.c.key, "") != PASSES,
        ),
    ),
)


def tells(joined: sa.FromClause, since: str = "added_at") -> sa.ColumnElement[bool]:
    """Whether an attempt of a page tells an incident (core's Page.tells).

    joined: rows of `notification_incident`
    since:  their column from which on attempts count: `joined_at` for what it is now
    """
    held = joined.c.held_at
    not_held = sa.or_(held.is_(None), attempt.c.posted_at < held)
    return sa.and_(attempt.c.posted_at >= joined.c[since], not_held)


def heard_of(joined: sa.FromClause, since: str = "joined_at") -> sa.Exists:
    """Whether an attempt told somebody of an incident through a page; see `tells`."""
    told = sa.exists().where(
        attempt.c.notification == joined.c.notification,
        tells(joined, since),
        HEARD,
        ~COMPANION,
    )
    return told.correlate_except(attempt)  # whatever else is asked of is that of the whole question
