"""The store on SQLAlchemy Core: one connection, one writer thread, every write a transaction."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from watchcall.core.attempt import Attempt
from watchcall.core.calendar import Silence
from watchcall.core.guard import Placed
from watchcall.core.incident import Incident
from watchcall.core.page import Page
from watchcall.core.reason import Reason
from watchcall.errors import StoreError
from watchcall.ports import Decision, Remembered, Told, Undelivered
from watchcall.store import decisions, holding, incidents, ledger, outbox, silences, stats, views
from watchcall.store.database import Database
from watchcall.store.disk import Disk
from watchcall.store.open import translated
from watchcall.store.rehearsal import rehearse
from watchcall.store.schema import meta
from watchcall.worker import Inline, Worker

T = TypeVar("T")
ROOM = 64 * 1024  # bytes: about what an incident and its calls take
log = logging.getLogger(__name__)


class SqlStore:
    """Implements ports.Store; what each method does lives in the rooms beside this one.

    host:      whose rows these are; several hosts may share one database
    worker:    where transactions run; by default a thread of the store's own
    set_aside: what was wrong with the database at start, None where nothing was
    say:       is told what takes a while at the start: an upgrade of the database
    trouble:   why the last transaction failed, None where it did not
    adrift:    why what is written is kept in memory only, None where it reaches the disk
    """

    def __init__(
        self,
        url: str,
        host: str,
        worker: Worker | Inline | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._disk = Disk(url, say)
        self._db = Database(self._disk.connection)
        self._in_transaction(lambda: self._db.introduce(host))
        self.trouble: str | None = None
        self._try_to_write()
        self._worker = worker or Worker("store")

    @property
    def set_aside(self) -> str | None:
        return self._disk.set_aside

    @property
    def adrift(self) -> str | None:
        return self._disk.adrift

    @property
    def files(self) -> tuple[Path, ...]:
        """Of what it consists, as far as others could want to read it."""
        return self._disk.files

    async def warm(self) -> None:
        """Let the first outage find everything ready; writes nothing."""
        await self._worker.run(self._rehearse)

    async def prove(self, at: datetime) -> None:
        """Write something, so that it is known whether that can be done."""
        await self._transaction(
            lambda: self._db.upsert(meta, {"key": "proved"}, {"value": at.isoformat()})
        )

    async def close(self) -> None:
        """Finish what was begun and let go of the file. Closing twice does no harm."""
        if self._disk.connection.closed:
            return
        await self._worker.run(self._disk.close)
        self._worker.close()

    async def recover(self) -> None:
        """Try whether what is kept in memory can be written to the disk. To be called again and
        again; tries it every few seconds."""
        if self.adrift or self.trouble:
            with contextlib.suppress(StoreError):  # said already
                await self._transaction(lambda: None)

    # Decisions

    async def remembered(self) -> dict[str, Remembered]:
        return await self._transaction(lambda: decisions.remembered(self._db))

    async def commit(self, decision: Decision) -> Incident | None:
        return await self._transaction(lambda: decisions.commit(self._db, decision))

    async def note(self, decided: Sequence[Decision]) -> None:
        if decided:
            await self._transaction(lambda: decisions.note(self._db, decided))

    async def add_evidence(
        self, incident: str, evidence: Mapping[str, Any], phrase: Reason | None
    ) -> None:
        await self._transaction(lambda: incidents.explain(self._db, incident, evidence, phrase))

    async def forget(self, ended: Mapping[str, Incident | None]) -> None:
        if ended:
            await self._transaction(lambda: decisions.forget(self._db, ended))

    # Silences

    async def silences(self, at: datetime) -> Sequence[Silence]:
        return await self._transaction(lambda: silences.after(self._db, at))

    async def silence_of(self, number: int) -> Silence | None:
        return await self._transaction(lambda: silences.numbered(self._db, number))

    async def silence(self, silence: Silence) -> Silence:
        return await self._transaction(lambda: silences.save(self._db, silence))

    # The outbox

    async def pages(self, channel: str) -> Sequence[Page]:
        return await self._transaction(lambda: outbox.unsettled(self._db, channel))

    async def page_of(self, attempt: Attempt) -> Page:
        return await self._transaction(lambda: outbox.page(self._db, attempt.notification))

    async def settle(self, page: Page, why: str, at: datetime, *, rest: bool = False) -> None:
        await self._transaction(lambda: outbox.settle(self._db, page, why, at, rest=rest))

    async def hush(
        self,
        page: Page,
        about: Sequence[Incident],
        why: str,
        at: datetime,
        *,
        once: bool = False,
    ) -> None:
        if about:
            await self._transaction(lambda: outbox.hush(self._db, page, about, why, at, once=once))

    async def hold(
        self, incidents: Sequence[str], why: str, at: datetime
    ) -> Mapping[str, frozenset[str]]:
        return await self._transaction(lambda: holding.hold(self._db, incidents, why, at))

    async def merge(self, into: Page, others: Sequence[Page], why: str, at: datetime) -> set[str]:
        return await self._transaction(lambda: holding.merge(self._db, into, others, why, at))

    async def engage(self, page: Page, fallback: str | None, at: datetime) -> None:
        await self._transaction(lambda: outbox.engage(self._db, page, fallback, at))

    async def forsaken(self, page: Page, asleep: Collection[str]) -> bool:
        return await self._transaction(lambda: outbox.forsaken(self._db, page, asleep))

    async def abandon(self, but: Sequence[str], why: str, at: datetime) -> Sequence[Page]:
        return await self._transaction(lambda: outbox.abandon(self._db, but, why, at))

    async def undelivered(self) -> Sequence[Undelivered]:
        return await self._transaction(lambda: views.to_deliver(self._db))

    async def ran(self, undelivered: str, result: str, at: datetime) -> None:
        await self._transaction(lambda: views.ran(self._db, undelivered, result, at))

    # The ledger

    async def save(self, made: Attempt) -> Attempt:
        return await self._transaction(lambda: ledger.save(self._db, made))

    async def left_behind(self) -> Sequence[Attempt]:
        return await self._transaction(lambda: ledger.left_behind(self._db))

    async def companions(self, channel: str) -> Sequence[Attempt]:
        return await self._transaction(lambda: ledger.companions(self._db, channel))

    async def attempt(self, id_: str) -> Attempt | None:
        return await self._transaction(lambda: ledger.by_id(self._db, id_))

    async def retold(self, incident: Incident) -> Incident:
        return await self._transaction(lambda: incidents.retold(self._db, incident))

    async def telling(self, incident: str) -> set[str]:
        return await self._transaction(lambda: incidents.telling(self._db, incident))

    async def unreached(self) -> Mapping[str, int]:
        return await self._transaction(lambda: outbox.unreached(self._db))

    async def live(self) -> Sequence[Attempt]:
        return await self._transaction(lambda: ledger.live(self._db))

    async def open_incidents(self) -> Sequence[Told]:
        return await self._transaction(lambda: ledger.open_incidents(self._db))

    async def placed_since(self, since: datetime) -> Sequence[Placed]:
        return await self._transaction(lambda: ledger.placed_since(self._db, since))

    async def unpriced(self, since: datetime) -> Sequence[Attempt]:
        return await self._transaction(lambda: ledger.unpriced(self._db, since))

    async def barred(self) -> Sequence[Attempt]:
        return await self._transaction(lambda: ledger.barred(self._db))

    async def known_sids(self, sids: Sequence[str]) -> set[str]:
        return await self._transaction(lambda: ledger.known_sids(self._db, sids))

    async def heard(self, sid: str, at: datetime, verdict: str) -> bool:
        return await self._transaction(lambda: ledger.note_heard(self._db, sid, at, verdict))

    # What people read

    async def calls(self, limit: int) -> list[dict[str, Any]]:
        return await self._transaction(lambda: views.calls(self._db, limit))

    async def incidents(self, limit: int) -> list[dict[str, Any]]:
        return await self._transaction(lambda: views.incidents(self._db, limit))

    async def incident(self, named: str) -> dict[str, Any] | None:
        return await self._transaction(lambda: views.incident_named(self._db, named))

    async def incidents_of(self, check: str, limit: int) -> list[dict[str, Any]]:
        return await self._transaction(lambda: views.incidents_of(self._db, check, limit))

    async def described(self, incidents: Sequence[str]) -> list[dict[str, Any]]:
        return await self._transaction(lambda: views.described(self._db, incidents))

    async def stats(self, since: datetime, until: datetime) -> dict[str, Any]:
        return await self._transaction(lambda: stats.stats(self._db, since, until))

    # Transactions

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

    def _try_to_write(self) -> None:
        """A disk that takes nothing is to be known before there is something to write down."""
        row = {"key": "room"}
        try:
            self._in_transaction(lambda: self._db.upsert(meta, row, {"value": "-" * ROOM}))
            self._in_transaction(lambda: self._db.delete(meta, row))
        except StoreError as error:
            self._note(str(error))

    def _rehearse(self) -> None:
        try:
            transaction = self._db.connection.begin()
            try:
                rehearse(self._db)
            finally:
                transaction.rollback()
        except sa.exc.SQLAlchemyError as error:  # what cannot be written will be said when it must
            log.debug("no rehearsal: %s", translated(error))

    def _in_transaction(self, work: Callable[[], T]) -> T:
        self._disk.come_back()
        self._db.connection = self._disk.connection
        try:
            return self._once(work)
        except sa.exc.SQLAlchemyError as error:
            if not self._disk.leave(error):
                raise translated(error) from error
        self._db.connection = self._disk.connection
        try:
            return self._once(work)
        except sa.exc.SQLAlchemyError as error:
            raise translated(error) from error

    def _once(self, work: Callable[[], T]) -> T:
        with self._db.connection.begin():
            return work()
