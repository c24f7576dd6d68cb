"""The outbox: pages are made, settled, and handed on where their channel reaches nobody."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import OWN, Incident
from watchcall.core.ladder import NOT_REACHED, TOGETHER
from watchcall.core.page import Page
from watchcall.store import pages
from watchcall.store.database import Database
from watchcall.store.heard import heard_of
from watchcall.store.incidents import CALLS_FOR_HELP, NOT_OWNED, NOT_RECOVERY
from watchcall.store.schema import (
    attempt,
    incident,
    notification,
    notification_incident,
    quiet,
    undelivered,
)

UNSETTLED = notification.c.settled_at.is_(None)
OF_CHANNEL = pages.Which(
    (
        notification.c.host == sa.bindparam("host"),
        notification.c.channel == sa.bindparam("channel"),
        UNSETTLED,
    )
)
THIS = pages.Which((notification.c.id == sa.bindparam("id"),))
LAST_POST = sa.select(sa.func.max(attempt.c.posted_at)).where(
    attempt.c.notification == sa.bindparam("page")
)
TICK = timedelta(microseconds=1)  # the smallest step that both databases keep


def hush(
    db: Database, silent: Page, about: Sequence[Incident], why: str, at: datetime, *, once: bool
) -> None:
    same = (quiet.c.channel == silent.channel, quiet.c.why == why, quiet.c.at >= silent.created_at)
    for one in about:
        known = sa.select(quiet.c.id).where(quiet.c.incident == one.id, *same).limit(1)
        if once and db.connection.execute(known).first():
            continue
        values = {"incident": one.id, "at": at, "channel": silent.channel, "why": why}
        db.connection.execute(quiet.insert().values(id=str(uuid.uuid4()), **values))


def unsettled(db: Database, channel: str) -> list[Page]:
    return pages.read(db, OF_CHANNEL, host=db.host, channel=channel)


def page(db: Database, id_: str) -> Page:
    return pages.read(db, THIS, id=id_)[0]


def new_page(
    db: Database,
    channel: str,
    event: Event,
    now: datetime,
    *,
    due_at: datetime | None = None,
    parent: str | None = None,
) -> str:
    """Insert a page that tells nothing yet, due at once unless told otherwise; return its UUID."""
    made = str(uuid.uuid4())
    values = {"host": db.host, "channel": channel, "event": event.value, "parent": parent}
    db.insert(notification, {"id": made, "created_at": now, "due_at": due_at or now, **values})
    return made


def after_last_post(db: Database, page: str, now: datetime) -> datetime:
    """What is committed after a POST was not part of it, however close their instants are."""
    posted = db.connection.execute(LAST_POST, {"page": page}).scalar()
    return max(now, posted + TICK) if posted else now


def abandon(db: Database, but: Sequence[str], why: str, at: datetime) -> list[Page]:
    stray = (notification.c.host == db.host, notification.c.channel.not_in(but), UNSETTLED)
    found = pages.read(db, pages.Which(stray))
    db.connection.execute(notification.update().where(*stray).values(settled_at=at, why=why))
    return found


def settle(db: Database, done: Page, why: str, at: datetime, *, rest: bool) -> None:
    """Settling twice does nothing more.

    What joined, or rose, after the page was read was not thought of when it was settled: it gets
    a new page in any case.
    """
    values = {"settled_at": at, "why": why}
    this = (notification.c.id == done.id, UNSETTLED)
    settled = db.connection.execute(notification.update().where(*this).values(values))
    if settled.rowcount:
        untold = _calling_for_help(db, done, ~_heard_of(notification_incident), ~_merged(done))
        left = [one for one in untold if rest or one["joined_at"] != done.joined.get(one["id"])]
        _tell(db, left, done.channel, done.event, at, done.parent)


def engage(db: Database, spent: Page, fallback: str | None, at: datetime) -> None:
    this = (notification.c.id == spent.id, notification.c.engaged_at.is_(None))
    engaged = db.connection.execute(notification.update().where(*this).values(engaged_at=at))
    if not engaged.rowcount or spent.event is Event.RECOVERY:
        return
    if fallback is None:
        for one in _calling_for_help(db, spent, ~_in_good_hands(spent), ~_awaits_command()):
            made = {"id": str(uuid.uuid4()), "incident": one["id"], "at": at}
            db.connection.execute(undelivered.insert().values(made))
        return
    on_fallback = notification.c.channel == fallback
    if _calling_for_help(db, spent, ~_in_good_hands(spent, on_fallback)):
        _tell(db, _calling_for_help(db, spent), fallback, spent.event, at, spent.id)


def forsaken(db: Database, waiting: Page, asleep: Collection[str]) -> bool:
    """Whether others were tried in vain about what a page waits to tell, and nobody else is left.

    Who was to be tried by a channel whose people sleep was not; nor does it look for anybody.

    asleep: UUIDs of the pages that wait like this one
    """
    joined = notification_incident.alias("joined")
    in_vain = sa.exists().where(
        joined.c.incident == incident.c.id,
        notification.c.id == joined.c.notification,
        notification.c.id != waiting.id,
        notification.c.engaged_at >= waiting.created_at,
        sa.or_(UNSETTLED, notification.c.why == NOT_REACHED.why),
        _tells_as_much(waiting),
        sa.exists().where(
            attempt.c.notification == notification.c.id, attempt.c.posted_at.is_not(None)
        ),
    )
    left = _in_good_hands(waiting, asleep=asleep)
    return bool(_calling_for_help(db, waiting, in_vain, ~left))


def _tell(
    db: Database,
    about: Sequence[sa.RowMapping],
    channel: str,
    event: Event,
    at: datetime,
    parent: str | None,
) -> None:
    """Make a page that tells these incidents at once; none where there are none."""
    if not about:
        return
    made = new_page(db, channel, event, at, parent=parent)
    joins = {"notification": made, "added_at": at, "joined_at": at}
    values = [{**joins, "incident": one["id"], "level": one["level"]} for one in about]
    db.connection.execute(notification_incident.insert(), values)


def _calling_for_help(
    db: Database, of: Page, *also: sa.ColumnElement[bool]
) -> Sequence[sa.RowMapping]:
    """Return those of a page's incidents of which somebody is still to be told, as they are now."""
    statement = (
        sa.select(incident.c.id, incident.c.level, notification_incident.c.joined_at)
        .join(notification_incident, notification_incident.c.incident == incident.c.id)
        .where(
            notification_incident.c.notification == of.id,
            notification_incident.c.held_at.is_(None),
            NOT_OWNED if of.event is Event.FLAPPING else CALLS_FOR_HELP,
            *also,
        )
        .order_by(incident.c.number)
    )
    return db.connection.execute(statement).mappings().all()


def unreached(db: Database) -> dict[str, int]:
    joined = notification_incident.alias("joined")
    pages_of = (
        joined.c.incident == incident.c.id,
        notification.c.id == joined.c.notification,
        NOT_RECOVERY,
    )
    statement = sa.select(incident.c.id, incident.c.number).where(
        incident.c.host == db.host,
        CALLS_FOR_HELP,
        incident.c.check_name != OWN,
        sa.exists().where(*pages_of, notification.c.why == NOT_REACHED.why),
        ~sa.exists().where(*pages_of, sa.or_(UNSETTLED, _heard_of(joined))),
    )
    return {row.id: row.number for row in db.connection.execute(statement)}


def _heard_of(joined: sa.FromClause) -> sa.Exists:
    """Whether somebody heard of an incident through a page, since it was last owned by anybody."""
    return heard_of(joined).where(
        sa.or_(incident.c.disowned_at.is_(None), attempt.c.posted_at >= incident.c.disowned_at)
    )


def _merged(into: Page) -> sa.ColumnElement[bool]:
    """Whether somebody heard of an incident through a page that this one has taken in."""
    joined = notification_incident.alias("joined")
    return sa.exists().where(
        joined.c.incident == incident.c.id,
        notification.c.id == joined.c.notification,
        notification.c.channel == into.channel,
        notification.c.why == TOGETHER.why,
        notification.c.settled_at >= into.created_at,
        _heard_of(joined),
    )


def _in_good_hands(
    spent: Page, *which: sa.ColumnElement[bool], asleep: Collection[str] = ()
) -> sa.ColumnElement[bool]:
    """Whether another page told the incident at its level, or still looks for somebody.

    A page that is engaged has found nobody so far: two broken channels must not wait for one
    another. One that was settled without reaching anybody did not, whatever picked up: what
    counts is for the channel to say (`reached_by`), and it did.

    which:  conditions on those pages
    asleep: UUIDs of pages that look for nobody before the morning
    """
    joined = notification_incident.alias("joined")
    looks = sa.and_(
        UNSETTLED,
        notification.c.engaged_at.is_(None),
        joined.c.held_at.is_(None),
        notification.c.id.not_in([spent.id, *asleep]),
    )
    as_bad = joined.c.level.in_([incident.c.level, Level.CRITICAL.value])
    in_vain = notification.c.why.is_not_distinct_from(NOT_REACHED.why)
    return sa.exists().where(
        joined.c.incident == incident.c.id,
        notification.c.id == joined.c.notification,
        notification.c.id != spent.id,
        _tells_as_much(spent),
        sa.or_(looks, sa.and_(as_bad, ~in_vain, _told(spent, joined))),
        *which,
    )


def _tells_as_much(page: Page) -> sa.ColumnElement[bool]:
    """Whether other pages tell what this one tells: that a check is unstable is another matter."""
    flapping = notification.c.event == Event.FLAPPING.value
    return flapping if page.event is Event.FLAPPING else sa.and_(NOT_RECOVERY, ~flapping)


def _told(spent: Page, joined: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether somebody heard of an incident through another page; what is told once more is not
    told by what was said before."""
    heard = _heard_of(joined)
    again = spent.event in (Event.REMINDER, Event.FLAPPING)
    return heard.where(attempt.c.posted_at >= spent.created_at) if again else heard


def _awaits_command() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        undelivered.c.incident == incident.c.id, undelivered.c.ran_at.is_(None)
    )
