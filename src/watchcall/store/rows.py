"""Rows to the core's types and back: the two vocabularies meet here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from watchcall.core.attempt import Attempt, Outcome, Phase, Withdrawn
from watchcall.core.health import Health, Level, State
from watchcall.core.incident import Acknowledgement, How, Incident
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
        **_acknowledgement_row(incident.acknowledgement),
    }


def _acknowledgement_row(owned: Acknowledgement | None) -> dict[str, Any]:
    return {
        "acknowledged_by": owned.by if owned else None,
        "acknowledged_how": owned.how.value if owned else None,
        "acknowledged_at": owned.at if owned else None,
        "acknowledged_until": owned.until if owned else None,
        "disowned_at": owned.ended_at if owned else None,
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
        acknowledgement=_acknowledgement_of(row),
    )


def _acknowledgement_of(row: Row) -> Acknowledgement | None:
    if row["acknowledged_at"] is None:
        return None
    return Acknowledgement(
        by=row["acknowledged_by"],
        how=How(row["acknowledged_how"]),
        at=row["acknowledged_at"],
        until=row["acknowledged_until"],
        ended_at=row["disowned_at"],
    )


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    row = {name: getattr(attempt, name) for name in _ATTEMPT}
    return {
        **row,
        "phase": attempt.phase.value,
        "outcome": attempt.outcome.value,
        "withdrawn": attempt.withdrawn.name.lower() if attempt.withdrawn else None,
    }


def attempt_of(row: Row) -> Attempt:
    values = {name: row[name] for name in _ATTEMPT}
    values["phase"] = Phase(row["phase"])
    values["outcome"] = Outcome(row["outcome"])
    values["withdrawn"] = Withdrawn[row["withdrawn"].upper()] if row["withdrawn"] else None
    return Attempt(**values)


def instant(at: datetime | None) -> str | None:
    """Return RFC 3339 with offset, in UTC."""
    return at.isoformat() if at else None


def money(amount: Decimal | None) -> str | None:
    return f"{amount.normalize():f}" if amount is not None else None


def in_english(reason: Reason) -> str:
    return ENGLISH.reason(reason)
