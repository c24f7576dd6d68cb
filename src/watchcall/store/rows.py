"""Rows to the core's types and back: the two vocabularies meet here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from watchcall.core.attempt import Attempt, Outcome, Phase, Withdrawn
from watchcall.core.contact import Event
from watchcall.core.flapping import Flaps
from watchcall.core.health import Health, Level, State
from watchcall.core.incident import Acknowledgement, How, Incident
from watchcall.core.reason import Reason
from watchcall.core.words.en import ENGLISH

Row = Mapping[str, Any]
_ATTEMPT = [one.name for one in fields(Attempt)]


def health_row(health: Health, flaps: Flaps, fingerprint: str, at: datetime) -> dict[str, Any]:
    return {
        "fingerprint": fingerprint,
        "state": health.state.value,
        "level": health.level.value,
        "since": health.since,
        "reason": health.reason.as_json(),
        "flaps": flaps.as_json(),
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
    """Without `phrase`: it comes later, beside the decisions (`incidents.explain`)."""
    return {
        "check_name": incident.check,
        "spoken": incident.spoken,
        "level": incident.level.value,
        "reason": incident.reason.as_json(),
        "opened_at": incident.opened_at,
        "rose_at": incident.rose_at,
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


@dataclass(slots=True)
class Told:
    """Whom an incident was told to, by channel, and who is owed it (see Incident)."""

    told: dict[str, Level] = field(default_factory=dict)
    told_at: dict[str, datetime] = field(default_factory=dict)
    reminders: dict[str, int] = field(default_factory=dict)
    unstable: set[str] = field(default_factory=set)
    owed: set[str] = field(default_factory=set)

    def add(self, channel: str, event: Event, level: Level, at: datetime) -> None:
        """Take in one notification."""
        self.told_at[channel] = max(at, self.told_at.get(channel, at))
        if event is Event.FLAPPING:
            self.unstable.add(channel)
            return
        known = self.told.get(channel)
        if known is None or level.rank > known.rank:
            self.told[channel] = level
        if event is Event.REMINDER:
            self.reminders[channel] = self.reminders.get(channel, 0) + 1

    def as_fields(self) -> dict[str, Any]:
        return {
            "told": dict(self.told),
            "told_at": dict(self.told_at),
            "reminders": dict(self.reminders),
            "unstable": frozenset(self.unstable),
            "owed": frozenset(self.owed),
        }


def incident_of(row: Row, told: Told) -> Incident:
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
        rose_at=row["rose_at"],
        phrase=Reason.from_json(row["phrase"]) if row["phrase"] else None,
        **told.as_fields(),
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
