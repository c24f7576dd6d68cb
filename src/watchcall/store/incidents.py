"""Incidents: written, read, and what SQL knows about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.reason import Reason
from watchcall.store import rows
from watchcall.store.database import Database
from watchcall.store.heard import heard_of
from watchcall.store.schema import evidence, incident, notification, notification_incident, owed

NOT_RECOVERY = notification.c.event != Event.RECOVERY.value
NOT_OWNED = sa.or_(incident.c.acknowledged_at.is_(None), incident.c.disowned_at.is_not(None))
# core's Incident.calls_for_help, as far as it does not depend on a page
CALLS_FOR_HELP = sa.and_(incident.c.closed_at.is_(None), NOT_OWNED)
OWED = owed.delete().where(owed.c.incident == sa.bindparam("of"))
# Of a page's incident: whether the page may have told, or may still tell, anybody of it.
COUNTS = sa.or_(
    notification_incident.c.held_at.is_(None), heard_of(notification_incident, "added_at")
)


def save(db: Database, changed: Incident) -> Incident:
    """Insert or update an incident; return it with its number."""
    numbered = changed
    if changed.number is None:
        numbered = replace(changed, number=db.next_number(incident))
    values = {**rows.incident_row(numbered), "host": db.host, "number": numbered.number}
    db.upsert(incident, {"id": numbered.id}, values)
    _owe(db, numbered)
    return numbered


def explain(db: Database, id_: str, found: Mapping[str, Any], phrase: Reason | None) -> None:
    """Keep what explains an incident; nothing where there is no such incident any more."""
    said = phrase.as_json() if phrase else None
    this = incident.update().where(incident.c.id == id_)
    if db.connection.execute(this.values(phrase=said)).rowcount:
        db.upsert(evidence, {"incident": id_}, {"found": dict(found)})


def _owe(db: Database, one: Incident) -> None:
    db.connection.execute(OWED, {"of": one.id})
    if one.owed:
        values = [{"incident": one.id, "channel": channel} for channel in sorted(one.owed)]
        db.connection.execute(owed.insert(), values)


def forgive(db: Database, check: str) -> None:
    """Nobody is told any more of the incidents of a check that is gone."""
    mine = sa.select(incident.c.id).where(
        incident.c.host == db.host, incident.c.check_name == check
    )
    db.connection.execute(owed.delete().where(owed.c.incident.in_(mine)))


def still_open(db: Database) -> dict[str, Incident]:
    """Return the open incidents by their UUID, in the order of their numbers."""
    return _read(db, incident.c.closed_at.is_(None))


def owed_though_closed(db: Database) -> list[Incident]:
    """Return the incidents that are over and still to be told, the last of each check last."""
    indebted = incident.c.id.in_(sa.select(owed.c.incident))
    return [*_read(db, incident.c.closed_at.is_not(None), indebted).values()]


def _read(db: Database, *which: sa.ColumnElement[bool]) -> dict[str, Incident]:
    which = (incident.c.host == db.host, *which)
    found = db.rows(sa.select(incident).where(*which))
    found.sort(key=lambda row: row["number"])  # SQLite would rather walk all incidents in order
    known = told(db, sa.select(incident.c.id).where(*which)) if found else {}
    return {row["id"]: rows.incident_of(row, known.get(row["id"], rows.Told())) for row in found}


def retold(db: Database, one: Incident) -> Incident:
    """Return an incident with what is known now of whom it was told to."""
    this = sa.select(incident.c.id).where(incident.c.id == one.id)
    known = told(db, this).get(one.id, rows.Told())
    return replace(one, **{**known.as_fields(), "owed": one.owed})


def telling(db: Database, id_: str) -> set[str]:
    """Return the channels with a page of an incident that is not settled."""
    statement = (
        sa.select(notification.c.channel)
        .join(notification_incident, notification_incident.c.notification == notification.c.id)
        .where(
            notification_incident.c.incident == id_,
            notification.c.settled_at.is_(None),
            NOT_RECOVERY,
        )
    )
    return set(db.connection.scalars(statement))


def told(db: Database, of: sa.Select[Any]) -> dict[str, rows.Told]:
    """Return by incident whom it was told to; see `ToldOf`.

    of: selects the UUIDs of incidents
    """
    return ToldOf.these(of).read(db)


@dataclass(frozen=True, slots=True)
class ToldOf:
    """Asks whom incidents were told to: every channel for which a page was written.

    A page that was held before anybody heard of the incident does not count.
    """

    told: sa.Select[Any]
    owed: sa.Select[Any]

    @classmethod
    def these(cls, of: sa.Select[Any]) -> ToldOf:
        """of: selects the UUIDs of incidents"""
        return cls(
            sa.select(
                notification_incident.c.incident,
                notification.c.channel,
                notification.c.event,
                notification_incident.c.level,
                notification_incident.c.joined_at,
            )
            .join(notification, notification.c.id == notification_incident.c.notification)
            .where(notification_incident.c.incident.in_(of), NOT_RECOVERY, COUNTS),
            sa.select(owed.c.incident, owed.c.channel).where(owed.c.incident.in_(of)),
        )

    def read(
        self, db: Database, values: Mapping[str, object] | None = None
    ) -> dict[str, rows.Told]:
        known: defaultdict[str, rows.Told] = defaultdict(rows.Told)
        for one, channel, event, level, at in db.connection.execute(self.told, values):
            known[one].add(channel, Event(event), Level(level), at)
        for one, channel in db.connection.execute(self.owed, values):
            known[one].owed.add(channel)
        return known
