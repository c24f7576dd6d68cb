"""The tables. The same on SQLite and PostgreSQL.

health               what is confirmed about each check
silence              what somebody asked to be quiet about, for how long
incident             every outage; `number` is the short one that people say
notification         the outbox: one row per page, open until `settled_at`
notification_incident  which incidents a page tells since `added_at`; set anew where it rose or
                     lost its owner, `joined_at` is since when calls tell it as it is now; from
                     `held_at` on it does not: its check is to be quiet
attempt              the ledger: every call and text, from intent to outcome
quiet                why somebody was not told
evidence             what explains an incident: read only where somebody looks at it
owed                 channels that are told of an incident once what keeps them quiet has ended
undelivered          incidents of which nobody could be told: a command is run for each
heard                calls and texts that came in and were dealt with
meta                 the schema's version
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
)

VERSION = 3


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite, which keeps no offset, is given it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at: datetime = value
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

health = Table(
    "health",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("check_name", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("since", Instant),
    Column("reason", JSON, nullable=False),
    Column("flaps", JSON),
    Column("updated_at", Instant, nullable=False),
)

incident = Table(
    "incident",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("number", Integer, nullable=False),
    Column("check_name", String(255), nullable=False),
    Column("spoken", Text, nullable=False),
    Column("level", String(16), nullable=False),
    Column("reason", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("rose_at", Instant),
    Column("acknowledged_by", Text),
    Column("acknowledged_how", String(16)),
    Column("acknowledged_at", Instant),
    Column("acknowledged_until", Instant),
    Column("disowned_at", Instant),
    Column("closed_at", Instant),
    Column("closing", JSON),
    Column("phrase", JSON(none_as_null=True)),
    Index("incident_number", "host", "number", unique=True),
    Index("incident_open", "host", "closed_at"),
    Index("incident_check", "host", "check_name", "number"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("incident", ForeignKey("incident.id"), primary_key=True),
    Column("found", JSON, nullable=False),
)

owed = Table(
    "owed",
    metadata,
    Column("incident", ForeignKey("incident.id"), primary_key=True),
    Column("channel", String(255), primary_key=True),
)

silence = Table(
    "silence",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("number", Integer, nullable=False),
    Column("checks", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("start", Instant, nullable=False),
    Column("end", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("silence_number", "host", "number", unique=True),
    Index("silence_end", "host", "end"),
)

notification = Table(
    "notification",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("channel", String(255), nullable=False),
    Column("event", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("why", Text),
    Column("parent", ForeignKey("notification.id"), index=True),
    Column("engaged_at", Instant),
    Index("notification_open", "host", "channel", "settled_at"),
)

notification_incident = Table(
    "notification_incident",
    metadata,
    Column("notification", ForeignKey("notification.id"), primary_key=True),
    Column("incident", ForeignKey("incident.id"), primary_key=True),
    Column("level", String(16), nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("held_at", Instant),
    Index("notification_incident_incident", "incident"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("number", Integer, nullable=False),
    Column("notification", ForeignKey("notification.id"), nullable=False, index=True),
    Column("channel", String(255), nullable=False),
    Column("contact", Text, nullable=False),
    Column("to", Text, nullable=False),
    Column("type", String(16), nullable=False),
    Column("nth", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("sid", String(64), index=True),
    Column("status", String(32)),
    Column("error_code", Integer),
    Column("error", Text),
    Column("planned_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("posted_at", Instant),
    Column("placed_at", Instant),
    Column("rang_at", Instant),
    Column("answered_at", Instant),
    Column("ended_at", Instant),
    Column("duration_s", Integer),
    Column("price", Numeric(12, 5)),
    Column("price_unit", String(8)),
    Column("key", String(1)),
    Column("trial", Boolean, nullable=False),
    Column("withdrawn", String(16)),
    Column("segments", Integer),
    Index("attempt_number", "host", "number", unique=True),
    Index("attempt_open", "host", "ended_at"),
    Index("attempt_planned", "host", "planned_at"),
    Index("attempt_placed", "host", "placed_at"),
)

quiet = Table(
    "quiet",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("incident", ForeignKey("incident.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("channel", String(255), nullable=False),
    Column("why", Text, nullable=False),
)

undelivered = Table(
    "undelivered",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("incident", ForeignKey("incident.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("ran_at", Instant),
    Column("result", Text),
    Index("undelivered_waiting", "ran_at"),
)

heard = Table(
    "heard",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("sid", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("verdict", Text, nullable=False),
)
