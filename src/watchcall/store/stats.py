"""What the ledger adds up to: the contract's `stats --json`.

The database counts month by month, so that a month's name needs no function that SQLite and
PostgreSQL spell differently, and no row of the ledger is brought here.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from watchcall.core.contact import PHONES
from watchcall.store import rows
from watchcall.store.database import Database
from watchcall.store.incidents import NOT_RECOVERY
from watchcall.store.ledger import UNPRICED
from watchcall.store.schema import attempt, incident, notification, notification_incident

NO_CURRENCY = "unknown"  # Twilio named a price and no unit


def stats(db: Database, since: datetime, until: datetime) -> dict[str, Any]:
    """Count the attempts planned in [since, until); `unpriced`, and `other` (notices
    that went to no phone, which `by_contact` and `by_month` leave out), are additions.

    The seconds are counted over the incidents that opened in that time.
    """
    by_type: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_contact: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_month: defaultdict[str, Counter[str]] = defaultdict(Counter)
    cost: defaultdict[str, Decimal] = defaultdict(Decimal)
    talked = unpriced = 0
    for begin, end in _months(db, since, until):
        for row in _counts(db, begin, end):
            counters = [by_type[row["type"]]]
            if row["type"] in PHONES:
                counters += [by_contact[row["contact"]], by_month[f"{begin:%Y-%m}"]]
            for counter in counters:
                counter[row["outcome"]] += row["count"]
            if row["price"] is not None:
                cost[row["price_unit"] or NO_CURRENCY] += row["price"]
            talked += row["talked"] or 0
            unpriced += row["unpriced"]
    return {
        "since": rows.instant(since.astimezone(UTC)),
        "until": rows.instant(until.astimezone(UTC)),
        "calls": dict(by_type["voice"]),
        "sms": dict(by_type["sms"]),
        "other": dict(sum((by_type[kind] for kind in [*by_type] if kind not in PHONES), Counter())),
        "by_contact": {name: dict(counter) for name, counter in sorted(by_contact.items())},
        "by_month": {month: dict(counter) for month, counter in by_month.items()},
        "seconds": _seconds(db, since, until),
        "duration_s": talked,
        "cost": {unit: rows.money(amount) for unit, amount in sorted(cost.items())},
        "unpriced": unpriced,
    }


def _months(db: Database, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Cut the time in which anything was planned at the beginnings of months, in UTC."""
    first, last = (
        db.connection.execute(
            sa.select(edge(attempt.c.planned_at)).where(*_within(db, since, until))
        ).scalar()
        for edge in (sa.func.min, sa.func.max)
    )
    if first is None or last is None:
        return
    begin = first
    while begin <= last:
        month = begin.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        following = (month + timedelta(days=32)).replace(day=1)
        yield begin, min(following, until)
        begin = following


def _counts(db: Database, begin: datetime, end: datetime) -> list[rows.Row]:
    same = (attempt.c.type, attempt.c.contact, attempt.c.outcome, attempt.c.price_unit)
    statement = (
        sa.select(
            *same,
            sa.func.count().label("count"),
            sa.func.sum(attempt.c.duration_s).label("talked"),
            sa.func.sum(attempt.c.price).label("price"),
            sa.func.sum(sa.case((UNPRICED, 1), else_=0)).label("unpriced"),
        )
        .where(*_within(db, begin, end))
        .group_by(*same)
    )
    return db.rows(statement)


def _within(db: Database, begin: datetime, end: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What was never posted is no call."""
    planned = attempt.c.planned_at
    posted = attempt.c.posted_at.is_not(None)
    return attempt.c.host == db.host, planned >= begin, planned < end, posted


def _seconds(db: Database, since: datetime, until: datetime) -> dict[str, Any]:
    """From the moment an incident opened to the first phone that rang, to the first answer,
    and to its acknowledgement."""
    opened, owned = incident.c.opened_at, incident.c.acknowledged_at
    within = (incident.c.host == db.host, opened >= since, opened < until)
    rang, answered = sa.func.min(attempt.c.rang_at), sa.func.min(attempt.c.answered_at)
    told = (
        sa.select(_plain(opened), _plain(rang), _plain(answered))
        .join(notification_incident, notification_incident.c.incident == incident.c.id)
        .join(notification, notification.c.id == notification_incident.c.notification)
        .join(attempt, attempt.c.notification == notification.c.id)
        .where(
            *within,
            NOT_RECOVERY,
            attempt.c.type == "voice",
            attempt.c.posted_at >= notification_incident.c.added_at,
        )
        .group_by(incident.c.id, opened)
    )
    calls = db.connection.execute(told).all()
    taken = sa.select(_plain(opened), _plain(owned)).where(*within, owned.is_not(None))
    acknowledged = db.connection.execute(taken).all()
    return {
        "to_ring": _spread([_between(one[0], one[1]) for one in calls]),
        "to_answer": _spread([_between(one[0], one[2]) for one in calls]),
        "to_acknowledge": _spread([_between(one[0], one[1]) for one in acknowledged]),
    }


def _plain(at: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """As the driver has it: only differences matter here, and there may be many."""
    return sa.type_coerce(at, sa.DateTime(timezone=True))


def _between(begin: datetime, end: datetime | None) -> float | None:
    return (end - begin).total_seconds() if end else None


def _spread(found: Sequence[float | None]) -> dict[str, float | None]:
    """Return the median, and the 95th percentile by nearest rank: a value that did occur."""
    known = sorted(seconds for seconds in found if seconds is not None)
    if not known:
        return {"median": None, "p95": None}
    rank = math.ceil(0.95 * len(known))
    return {"median": round(statistics.median(known), 1), "p95": round(known[rank - 1], 1)}
