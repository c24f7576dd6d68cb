"""Schema 2: acknowledgements that end, texts, pages that stand in for others, what was heard.

Of the first shape of schema 1 nothing is known of when an incident joined its page: it joined
while the page waited for companions, so before any call of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, String, Text

from watchcall.store.migrations.alteration import Alteration


def upgrade(db: Alteration) -> None:
    db.add(
        "incident",
        Column("acknowledged_how", String(16)),
        Column("acknowledged_until", DateTime(timezone=True)),
        Column("disowned_at", DateTime(timezone=True)),
    )
    db.add(
        "notification",
        Column("parent", String(36), ForeignKey("notification.id"), index=True),
        Column("engaged_at", DateTime(timezone=True)),
    )
    joined = _joined(db)
    db.add(
        "notification_incident",
        Column("added_at", DateTime(timezone=True), nullable=False),
        Column("joined_at", DateTime(timezone=True), nullable=False),
        fill={"added_at": joined, "joined_at": joined},
    )
    db.add(
        "attempt",
        Column("rang_at", DateTime(timezone=True)),
        Column("key", String(1)),
        Column("trial", Boolean, nullable=False),
        Column("withdrawn", String(16)),
        Column("segments", Integer),
        fill={"trial": sa.false()},
    )
    db.index("attempt_open", "attempt", "host", "ended_at")
    db.index("attempt_planned", "attempt", "host", "planned_at")
    db.index("attempt_placed", "attempt", "host", "placed_at")
    db.create(
        "undelivered",
        Column("id", String(36), primary_key=True),
        Column("incident", String(36), ForeignKey("incident.id"), nullable=False, index=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("ran_at", DateTime(timezone=True)),
        Column("result", Text),
        Index("undelivered_waiting", "ran_at"),
    )
    db.create(
        "heard",
        Column("host", String(255), primary_key=True),
        Column("sid", String(64), primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("verdict", Text, nullable=False),
    )


def _joined(db: Alteration) -> sa.ScalarSelect[object]:
    """When an incident joined its page: with it, or when it opened, where that was later."""
    row, page, incident = db["notification_incident"], db["notification"], db["incident"]
    later = sa.case(
        (incident.c.opened_at > page.c.created_at, incident.c.opened_at), else_=page.c.created_at
    )
    of = (page.c.id == row.c.notification, incident.c.id == row.c.incident)
    return sa.select(later).where(*of).scalar_subquery().correlate(row)
