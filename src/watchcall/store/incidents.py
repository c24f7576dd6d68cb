"""Incidents: written, read, and what SQL knows about them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.store import rows
from watchcall.store.database import Database
from watchcall.store.heard import heard_of
from watchcall.store.schema import incident, notification, notification_incident

NOT_RECOVERY = notification.c.event != Event.RECOVERY.value
NOT_OWNED = sa.or_(incident.c.acknowledged_at.is_(None), incident.c.disowned_at.is_not(None))
# core's Incident.calls_for_help, as far as it does not depend on a page
CALLS_FOR_HELP = sa.and_(incident.c.closed_at.is_(None), NOT_OWNED)
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
    return numbered


def still_open(db: Database) -> dict[str, Incident]:
    """Return the open incidents by their UUID, in the order of their numbers."""
    which = (incident.c.host == db.host, incident.c.closed_at.is_(None))
    found = db.rows(sa.select(incident).where(*which))
    found.sort(key=lambda row: row["number"])  # SQLite would rather walk all incidents in order
    levels = told(db, sa.select(incident.c.id).where(*which)) if found else {}
    return {row["id"]: rows.incident_of(row, levels.get(row["id"], {})) for row in found}


def told_of(db: Database, id_: str) -> dict[str, Level]:
    return told(db, sa.select(incident.c.id).where(incident.c.id == id_)).get(id_, {})


def told(db: Database, of: sa.Select[Any]) -> dict[str, dict[str, Level]]:
    """Return by incident, and by channel, the worst level for which a page was written.

    A page that was held before anybody heard of the incident does not count.

    of: selects the UUIDs of incidents
    """
    statement = (
        sa.select(
            notification_incident.c.incident, notification.c.channel, notification_incident.c.level
        )
        .join(notification, notification.c.id == notification_incident.c.notification)
        .where(notification_incident.c.incident.in_(of), NOT_RECOVERY, COUNTS)
        .distinct()
    )
    worst: defaultdict[str, dict[str, Level]] = defaultdict(dict)
    for one, channel, value in db.connection.execute(statement):
        level = Level(value)
        known = worst[one].get(channel)
        if known is None or level.rank > known.rank:
            worst[one][channel] = level
    return worst
