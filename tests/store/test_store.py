"""What survives: on a real SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes import NOON
from watchcall.core import attempt as attempts
from watchcall.core.attempt import Attempt, CallReport
from watchcall.core.check import Check, ProcessTarget
from watchcall.core.contact import Event
from watchcall.core.health import Health, Level, State
from watchcall.core.incident import Incident
from watchcall.core.reason import Reason
from watchcall.core.ruling import Ruling
from watchcall.errors import ConfigError, StartError, StoreError
from watchcall.ports import Decision, Notice, Quiet
from watchcall.store import SqlStore
from watchcall.store import schema as tables

DOWN = Reason.of("process.none", name="httpd")
FAILING = Health(state=State.FAILING, level=Level.CRITICAL, since=NOON, reason=DOWN, failures=3)


def check(name: str = "httpd") -> Check:
    return Check(name=name, target=ProcessTarget(process=name))


def incident(name: str = "httpd", told: dict[str, Level] | None = None) -> Incident:
    return Incident(
        id=f"id-{name}",
        check=name,
        spoken=name,
        level=Level.CRITICAL,
        reason=DOWN,
        opened_at=NOON,
        told=told or {},
    )


def decision(name: str = "httpd", wait: float = 0, event: Event = Event.FAILURE) -> Decision:
    due = NOON + timedelta(seconds=wait)
    return Decision(
        check=check(name),
        health=FAILING,
        at=NOON,
        incident=incident(name),
        notices=(Notice(channel="phone", event=event, due_at=due),),
    )


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/watchcall.db"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = SqlStore(url(tmp_path), "web1")
    yield opened
    await opened.close()


async def test_confirmed_health_and_the_open_incident_are_remembered(
    store: SqlStore, tmp_path: Path
) -> None:
    await store.commit(decision())
    await store.close()
    again = SqlStore(url(tmp_path), "web1")
    known = (await again.remembered())["httpd"]
    await again.close()

    assert known.fingerprint == check().fingerprint
    assert known.health == replace(FAILING, failures=0)
    assert known.incident == replace(incident(told={"phone": Level.CRITICAL}), number=1)


async def test_incidents_are_numbered_for_people(store: SqlStore) -> None:
    first = await store.commit(decision("httpd"))
    second = await store.commit(decision("db"))

    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)


async def test_a_decision_is_written_whole_or_not_at_all(store: SqlStore) -> None:
    broken = replace(
        decision(),
        quiets=(Quiet(channel=None, ruling=Ruling.QUIET_EASED),),  # type: ignore[arg-type]  # the fault that is injected
    )

    with pytest.raises(StoreError, match="NOT NULL"):
        await store.commit(broken)

    assert await store.remembered() == {}
    assert list(await store.pages("phone")) == []


@pytest.mark.parametrize(
    ("first", "second", "pages"),
    [
        pytest.param(3, 3, 1, id="failures within the wait share a page"),
        pytest.param(0, 0, 2, id="without a wait each has its own"),
        pytest.param(3, 0, 2, id="what is due at once waits for nobody"),
    ],
)
async def test_which_failures_share_a_page(
    store: SqlStore, first: float, second: float, pages: int
) -> None:
    await store.commit(decision("httpd", wait=first))
    await store.commit(decision("db", wait=second))

    assert len(await store.pages("phone")) == pages


async def test_a_recovery_never_joins_a_failures_page(store: SqlStore) -> None:
    await store.commit(decision("httpd", wait=3))
    await store.commit(decision("db", wait=3, event=Event.RECOVERY))

    assert [page.event for page in await store.pages("phone")] == [Event.FAILURE, Event.RECOVERY]


async def test_a_settled_page_leaves_the_outbox(store: SqlStore) -> None:
    await store.commit(decision())
    (page,) = await store.pages("phone")
    await store.settle(page, "reached", NOON)

    assert list(await store.pages("phone")) == []


async def test_an_attempt_keeps_all_that_is_known_of_it(store: SqlStore) -> None:
    await store.commit(decision())
    (page,) = await store.pages("phone")
    planned = Attempt(
        id="a-1",
        notification=page.id,
        channel="phone",
        contact="me",
        to="+819012345678",
        nth=1,
        planned_at=NOON,
        due_at=NOON,
    )
    placed = attempts.placed(
        attempts.post(planned, NOON), CallReport(sid="CA1", status="queued"), NOON
    )
    said = CallReport(
        sid="CA1",
        status="completed",
        ended_at=NOON + timedelta(seconds=20),
        duration_s=9,
        price=Decimal("0.0850"),
        price_unit="USD",
    )
    ended = await store.save(attempts.report(await store.save(placed), said, NOON))
    (read,) = (await store.pages("phone"))[0].attempts

    assert read == ended
    assert await store.known_sids(["CA1", "CA2"]) == {"CA1"}
    (call,) = await store.calls(10)
    assert call == {
        "id": 1,
        "uuid": "a-1",
        "incident": 1,
        "incidents": [1],
        "event": "failure",
        "channel": "phone",
        "contact": "me",
        "to": "+819012345678",
        "type": "voice",
        "sid": "CA1",
        "attempt": 1,
        "round": 1,
        "outcome": "answered",
        "error_code": None,
        "error": None,
        "placed_at": "2026-11-20T12:00:00+00:00",
        "answered_at": "2026-11-20T12:00:11+00:00",
        "ended_at": "2026-11-20T12:00:20+00:00",
        "duration_s": 9,
        "price": "0.085",
        "price_unit": "USD",
    }


async def test_a_machine_that_is_renamed_keeps_its_incidents(
    store: SqlStore, tmp_path: Path
) -> None:
    await store.commit(decision())
    await store.close()
    renamed = SqlStore(url(tmp_path), "web2")
    known = await renamed.remembered()
    await renamed.close()

    assert list(known) == ["httpd"]


async def test_a_commit_reaches_the_disk(store: SqlStore) -> None:
    """WAL with synchronous=FULL (2): every commit is synced before it returns."""
    read = store._connection.exec_driver_sql
    with store._connection.begin():
        pragmas = [read(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]

    assert pragmas == ["wal", 2]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b"this is not a database at all, but it was somebody's", id="not a database"),
        pytest.param(None, id="a damaged page"),
    ],
)
async def test_a_corrupt_database_is_set_aside_and_its_bytes_are_kept(
    tmp_path: Path, damage: bytes | None
) -> None:
    file = tmp_path / "watchcall.db"
    before = damage or await _damaged(tmp_path)
    file.write_bytes(before)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"watchcall.db{suffix}").unlink(missing_ok=True)

    store = SqlStore(url(tmp_path), "web1")
    await store.commit(decision())
    await store.close()

    (kept,) = tmp_path.glob("watchcall.db.corrupt-*")
    assert kept.read_bytes() == before
    assert store.set_aside is not None
    assert str(kept) in store.set_aside


async def _damaged(folder: Path) -> bytes:
    store = SqlStore(url(folder), "web1")
    for number in range(20):
        await store.commit(decision(f"check-{number}"))
    await store.close()
    data = bytearray((folder / "watchcall.db").read_bytes())
    data[4096 * 2 : 4096 * 8] = b"\xa5" * (4096 * 6)
    return bytes(data)


async def test_a_healthy_database_is_not_set_aside(store: SqlStore, tmp_path: Path) -> None:
    assert store.set_aside is None
    assert list(tmp_path.glob("*.corrupt-*")) == []


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "watchcall.db") as newer:
        newer.execute("create table meta (key varchar primary key, value text)")
        newer.execute("insert into meta values ('schema', '99')")
    newer.close()

    with pytest.raises(StartError, match=r"schema 99.*newer WatchCall"):
        SqlStore(url(tmp_path), "web1")


def test_a_place_that_cannot_be_opened_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"database: cannot open .*nowhere"):
        SqlStore(f"sqlite:///{tmp_path}/nowhere/watchcall.db", "web1")


def test_the_schema_compiles_for_postgresql_too() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    for table in tables.metadata.sorted_tables:
        ddl = str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so
        assert "TIMESTAMP WITH TIME ZONE" in ddl or not any(
            isinstance(column.type, tables.Instant) for column in table.c
        )
    assert isinstance(tables.metadata.tables["attempt"], sa.Table)
