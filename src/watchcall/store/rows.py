"""Rows to the core's types and back: the two vocabularies meet here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from watchcall.core.attempt import Attempt, Outcome, Phase
from watchcall.core.health import Health, Level, State
from watchcall.core.incident import Incident
from watchcall.core.reason import Reason
from watchcall.core.words.en import ENGLISH

Row = Mapping[str, Any]
_ATTEMPT = [field.name for field in fields(Attempt)]


def health_row(health: Health, fingerprint: str, at: datetime) -> dict[str, Any]:
    return {
        "fingerprint": fingerprint,
        "state": health.state.value,
        "level": health.level.value,
        "since": health.since,
        "reason": health.reason.as_json(),
        "updated_at": at,
    }


def health_of(row: Row) -> Health:
    """Confirmed state only: streaks begin anew with every start."""
    return Health(
        state=State(row["state"]),
        level=Level(row["level"]),
        since=row["since"],
        reason=Reason.from_json(row["reason"]),
    )


def incident_row(incident: Incident) -> dict[str, Any]:
    return {
        "check_name": incident.check,
        "spoken": incident.spoken,
        "level": incident.level.value,
        "reason": incident.reason.as_json(),
        "opened_at": incident.opened_at,
        "closed_at": incident.closed_at,
        "closing": incident.closing.as_json() if incident.closing else None,
    }


def incident_of(row: Row, told: Mapping[str, Level]) -> Incident:
    return Incident(
        id=row["id"],
        number=row["number"],
        check=row["check_name"],
        spoken=row["spoken"],
        level=Level(row["level"]),
        reason=Reason.from_json(row["reason"]),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        closing=Reason.from_json(row["closing"]) if row["closing"] else None,
        told=dict(told),
    )


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    row = {name: getattr(attempt, name) for name in _ATTEMPT}
    return {**row, "phase": attempt.phase.value, "outcome": attempt.outcome.value}


def attempt_of(row: Row) -> Attempt:
    values = {name: row[name] for name in _ATTEMPT}
    return Attempt(**{**values, "phase": Phase(row["phase"]), "outcome": Outcome(row["outcome"])})


def call_json(row: Row, event: str, incidents: list[int]) -> dict[str, Any]:
    """One entry of `calls --json` (contract, "JSON"); `uuid` and `incidents` are additions."""
    return {
        "id": row["number"],
        "uuid": row["id"],
        "incident": incidents[0] if incidents else None,
        "incidents": incidents,
        "event": event,
        "channel": row["channel"],
        "contact": row["contact"],
        "to": row["to"],
        "type": row["type"],
        "sid": row["sid"],
        "attempt": row["nth"],
        "round": row["round"],
        "outcome": row["outcome"],
        "error_code": row["error_code"],
        "error": row["error"],
        **{name: instant(row[name]) for name in ("placed_at", "answered_at", "ended_at")},
        "duration_s": row["duration_s"],
        "price": money(row["price"]),
        "price_unit": row["price_unit"],
    }


def instant(at: datetime | None) -> str | None:
    """Return RFC 3339 with offset, in UTC."""
    return at.isoformat() if at else None


def money(amount: Decimal | None) -> str | None:
    return f"{amount.normalize():f}" if amount is not None else None


def in_english(reason: Reason) -> str:
    return ENGLISH.reason(reason)
