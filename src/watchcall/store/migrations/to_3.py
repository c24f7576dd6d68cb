"""Schema 3: silences, what is owed, flapping, pages that hold back, what explains a failure."""

from __future__ import annotations

from sqlalchemy import JSON, Column, DateTime, ForeignKey, Index, Integer, String, Text

from watchcall.store.migrations.alteration import Alteration


def upgrade(db: Alteration) -> None:
    db.add("health", Column("flaps", JSON))
    db.add("incident", Column("rose_at", DateTime(timezone=True)), Column("phrase", JSON))
    db.index("incident_check", "incident", "host", "check_name", "number")
    db.add("notification_incident", Column("held_at", DateTime(timezone=True)))
    db.create(
        "owed",
        Column("incident", String(36), ForeignKey("incident.id"), primary_key=True),
        Column("channel", String(255), primary_key=True),
    )
    db.create(
        "evidence",
        Column("incident", String(36), ForeignKey("incident.id"), primary_key=True),
        Column("found", JSON, nullable=False),
    )
    db.create(
        "silence",
        Column("id", String(36), primary_key=True),
        Column("host", String(255), nullable=False),
        Column("number", Integer, nullable=False),
        Column("checks", JSON, nullable=False),
        Column("reason", Text, nullable=False),
        Column("by", Text, nullable=False),
        Column("start", DateTime(timezone=True), nullable=False),
        Column("end", DateTime(timezone=True), nullable=False),
        Column("ended_at", DateTime(timezone=True)),
        Index("silence_number", "host", "number", unique=True),
        Index("silence_end", "host", "end"),
    )
