"""The store on SQLAlchemy Core: one connection, one writer thread, every write a transaction."""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from watchcall.core.attempt import Attempt, Outcome
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.page import Page
from watchcall.errors import StoreError
from watchcall.ports import Decision, Notice, Remembered
from watchcall.store import rows
from watchcall.store.open import open_database, translated
from watchcall.store.schema import (
    attempt,
    health,
    incident,
    meta,
    notification,
    notification_incident,
    quiet,
)
from watchcall.worker import Worker

T = TypeVar("T")
log = logging.getLogger(__name__)


class SqlStore:
    """Implements ports.Store.

    host:      whose rows these are; several hosts may share one database
    set_aside: what was wrong with the database at start, None where nothing was
    trouble:   why the last transaction failed, None where it did not
    """

    def __init__(self, url: str, host: str) -> None:
        self._connection, self.set_aside = open_database(url)
        self._host = self._in_transaction(lambda: self._known_as(host))
        self._worker = Worker("store")
        self.trouble: str | None = None

    async def close(self) -> None:
        """Finish what was begun and let go of the file. Closing twice does no harm."""
        if self._connection.closed:
            return
        await self._worker.run(self._connection.close)
        self._connection.engine.dispose()
        self._worker.close()

    async def remembered(self) -> dict[str, Remembered]:
        return await self._transaction(self._remembered)

    async def commit(self, decision: Decision) -> Incident | None:
        return await self._transaction(lambda: self._commit(decision))

    async def forget(self, check: str, incident: Incident | None) -> None:
        await self._transaction(lambda: self._forget(check, incident))

    async def pages(self, channel: str) -> Sequence[Page]:
        return await self._transaction(lambda: self._pages(channel))

    async def save(self, made: Attempt) -> Attempt:
        return await self._transaction(lambda: self._save(made))

    async def settle(self, page: Page, why: str, at: datetime) -> None:
        values = {"settled_at": at, "why": why}
        statement = notification.update().where(notification.c.id == page.id).values(values)
        await self._transaction(lambda: self._connection.execute(statement))

    async def abandon(self, but: Sequence[str], why: str, at: datetime) -> Sequence[Page]:
        return await self._transaction(lambda: self._abandon(but, why, at))

    async def known_sids(self, sids: Sequence[str]) -> set[str]:
        statement = sa.select(attempt.c.sid).where(attempt.c.sid.in_(sids))
        return await self._transaction(lambda: set(self._connection.scalars(statement)))

    async def calls(self, limit: int) -> list[dict[str, Any]]:
        return await self._transaction(lambda: self._calls(limit))

    async def _transaction(self, work: Callable[[], T]) -> T:
        try:
            done = await self._worker.run(lambda: self._in_transaction(work))
        except StoreError as error:
            self._note(str(error))
            raise
        self._note(None)
        return done

    def _note(self, trouble: str | None) -> None:
        """Say it once when it begins, and once when it ends."""
        if trouble and trouble != self.trouble:
            log.critical("%s; nobody can be called until this ends", trouble)
        if self.trouble and not trouble:
            log.warning("the database can be written again")
        self.trouble = trouble

    def _in_transaction(self, work: Callable[[], T]) -> T:
        try:
            with self._connection.begin():
                return work()
        except sa.exc.SQLAlchemyError as error:
            raise translated(error) from error

    def _known_as(self, host: str) -> str:
        """A machine keeps the name under which its first row was written, however it is renamed."""
        known = sa.select(meta.c.value).where(meta.c.key == "host")
        name = self._connection.execute(known).scalar()
        if name is None:
            self._connection.execute(meta.insert().values(key="host", value=host))
        return name or host

    # What a check is remembered by

    def _remembered(self) -> dict[str, Remembered]:
        statement = sa.select(incident).where(
            incident.c.host == self._host, incident.c.closed_at.is_(None)
        )
        open_now = {one.check: one for one in self._incidents(statement)}
        known = self._rows(sa.select(health).where(health.c.host == self._host))
        return {
            row["check_name"]: Remembered(
                fingerprint=row["fingerprint"],
                health=rows.health_of(row),
                incident=open_now.get(row["check_name"]),
            )
            for row in known
        }

    # A decision

    def _commit(self, decision: Decision) -> Incident | None:
        key = {"host": self._host, "check_name": decision.check.name}
        values = rows.health_row(decision.health, decision.check.fingerprint, decision.at)
        self._upsert(health, key, values)
        if decision.incident is None:
            return None
        numbered = self._save_incident(decision.incident)
        for notice in decision.notices:
            self._enqueue(notice, numbered, decision.at)
        for silence in decision.quiets:
            self._connection.execute(
                quiet.insert().values(
                    id=str(uuid.uuid4()),
                    incident=numbered.id,
                    at=decision.at,
                    channel=silence.channel,
                    why=silence.ruling.value,
                )
            )
        return numbered

    def _save_incident(self, changed: Incident) -> Incident:
        numbered = changed
        if changed.number is None:
            numbered = replace(changed, number=self._next_number(incident))
        key = {"id": numbered.id}
        values = {**rows.incident_row(numbered), "host": self._host, "number": numbered.number}
        self._upsert(incident, key, values)
        return numbered

    def _enqueue(self, notice: Notice, told: Incident, now: datetime) -> None:
        """A failure joins the page that waits for companions; else it gets a page of its own."""
        page = self._waiting_page(notice, now) or self._new_page(notice, now)
        key = {"notification": page, "incident": told.id}
        self._upsert(notification_incident, key, {"level": told.level.value})

    def _waiting_page(self, notice: Notice, now: datetime) -> str | None:
        if notice.due_at <= now:
            return None
        return self._connection.execute(
            sa.select(notification.c.id).where(
                notification.c.host == self._host,
                notification.c.channel == notice.channel,
                notification.c.event == notice.event.value,
                notification.c.settled_at.is_(None),
                notification.c.due_at > now,
            )
        ).scalar()

    def _new_page(self, notice: Notice, now: datetime) -> str:
        page = str(uuid.uuid4())
        self._connection.execute(
            notification.insert().values(
                id=page,
                host=self._host,
                channel=notice.channel,
                event=notice.event.value,
                created_at=now,
                due_at=notice.due_at,
            )
        )
        return page

    def _forget(self, check: str, ended: Incident | None) -> None:
        if ended is not None:
            self._save_incident(ended)
        key = (health.c.host == self._host, health.c.check_name == check)
        self._connection.execute(health.delete().where(*key))

    # The outbox

    def _pages(self, channel: str) -> list[Page]:
        statement = (
            sa.select(notification)
            .where(
                notification.c.host == self._host,
                notification.c.channel == channel,
                notification.c.settled_at.is_(None),
            )
            .order_by(notification.c.due_at, notification.c.created_at)
        )
        return [self._page(row) for row in self._rows(statement)]

    def _abandon(self, but: Sequence[str], why: str, at: datetime) -> list[Page]:
        stray = (
            notification.c.host == self._host,
            notification.c.channel.not_in(but),
            notification.c.settled_at.is_(None),
        )
        pages = [self._page(row) for row in self._rows(sa.select(notification).where(*stray))]
        self._connection.execute(notification.update().where(*stray).values(settled_at=at, why=why))
        return pages

    def _page(self, row: rows.Row) -> Page:
        of_page = sa.select(notification_incident.c.incident).where(
            notification_incident.c.notification == row["id"]
        )
        attempts = self._rows(
            sa.select(attempt).where(attempt.c.notification == row["id"]).order_by(attempt.c.nth)
        )
        return Page(
            id=row["id"],
            channel=row["channel"],
            event=Event(row["event"]),
            due_at=row["due_at"],
            created_at=row["created_at"],
            incidents=self._incidents(
                sa.select(incident).where(incident.c.id.in_(of_page)).order_by(incident.c.number)
            ),
            attempts=tuple(rows.attempt_of(one) for one in attempts),
            **self._told_before(row["id"], row["channel"]),
        )

    def _told_before(self, page: str, channel: str) -> dict[str, Any]:
        """What earlier pages of the channel did about the incidents of this one."""
        mine = notification_incident.alias("mine")
        theirs = notification_incident.alias("theirs")
        statement = (
            sa.select(attempt.c.contact, attempt.c.outcome)
            .join(theirs, theirs.c.notification == attempt.c.notification)
            .join(mine, mine.c.incident == theirs.c.incident)
            .where(
                mine.c.notification == page,
                theirs.c.notification != page,
                attempt.c.channel == channel,
                sa.or_(attempt.c.sid.is_not(None), attempt.c.outcome == Outcome.UNCERTAIN.value),
            )
            .distinct()
        )
        found = [(who, Outcome(outcome)) for who, outcome in self._connection.execute(statement)]
        return {
            "rang": bool(found),
            "reached": tuple(who for who, outcome in found if outcome.reached),
        }

    def _save(self, made: Attempt) -> Attempt:
        numbered = made
        if made.number is None:
            numbered = replace(made, number=self._next_number(attempt))
        values = {**rows.attempt_row(numbered), "host": self._host}
        self._upsert(attempt, {"id": values.pop("id")}, values)
        return numbered

    # The ledger

    def _calls(self, limit: int) -> list[dict[str, Any]]:
        statement = (
            sa.select(attempt, notification.c.event)
            .join(notification, notification.c.id == attempt.c.notification)
            .where(attempt.c.host == self._host)
            .order_by(attempt.c.number.desc())
            .limit(limit)
        )
        found = self._rows(statement)
        numbers = self._incident_numbers({row["notification"] for row in found})
        return [rows.call_json(row, row["event"], numbers[row["notification"]]) for row in found]

    def _incident_numbers(self, pages: Iterable[str]) -> defaultdict[str, list[int]]:
        statement = (
            sa.select(notification_incident.c.notification, incident.c.number)
            .join(incident, incident.c.id == notification_incident.c.incident)
            .where(notification_incident.c.notification.in_(list(pages)))
            .order_by(incident.c.number)
        )
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        for page, number in self._connection.execute(statement):
            numbers[page].append(number)
        return numbers

    # Small tools

    def _rows(self, statement: sa.Select[Any]) -> list[rows.Row]:
        return [dict(row) for row in self._connection.execute(statement).mappings()]

    def _incidents(self, statement: sa.Select[Any]) -> tuple[Incident, ...]:
        return tuple(rows.incident_of(row, self._told(row["id"])) for row in self._rows(statement))

    def _told(self, of: str) -> dict[str, Level]:
        statement = (
            sa.select(notification.c.channel, notification_incident.c.level)
            .join(notification, notification.c.id == notification_incident.c.notification)
            .where(
                notification_incident.c.incident == of,
                notification.c.event != Event.RECOVERY.value,
            )
        )
        worst: dict[str, Level] = {}
        for channel, value in self._connection.execute(statement):
            level = Level(value)
            if channel not in worst or level.rank > worst[channel].rank:
                worst[channel] = level
        return worst

    def _next_number(self, table: sa.Table) -> int:
        highest = sa.select(sa.func.max(table.c.number)).where(table.c.host == self._host)
        return (self._connection.execute(highest).scalar() or 0) + 1

    def _upsert(self, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
        same = [table.c[name] == value for name, value in key.items()]
        updated = self._connection.execute(table.update().where(*same).values(values))
        if updated.rowcount == 0:
            self._connection.execute(table.insert().values({**key, **values}))
