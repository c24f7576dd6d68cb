"""What survives: on a real SQLite file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes import NOON
from tests.store.scene import FAILING, check, decision, disowned, incident, over, owned, url
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.ruling import Ruling, Verdict
from watchcall.errors import ConfigError, StoreError
from watchcall.ports import Decision, Quiet
from watchcall.store import SqlStore
from watchcall.store import schema as tables


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
    told = incident(told={"phone": Level.CRITICAL}, told_at={"phone": NOON})
    assert known.incident == replace(told, number=1)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(incident(), id="nobody's"),
        pytest.param(owned(incident(), at=5), id="owned"),
        pytest.param(disowned(incident(), at=9), id="no longer owned"),
    ],
)
async def test_an_acknowledgement_is_remembered(store: SqlStore, changed: Incident) -> None:
    await store.commit(decision())
    known = (await store.remembered())["httpd"].incident
    assert known is not None
    await store.commit(
        Decision(at=NOON, incident=replace(known, acknowledgement=changed.acknowledgement))
    )

    again = (await store.remembered())["httpd"].incident
    assert again == replace(known, acknowledgement=changed.acknowledgement)


async def test_a_decision_without_a_look_leaves_health_alone(store: SqlStore) -> None:
    await store.commit(Decision(at=NOON, incident=incident("self")))
    await store.commit(Decision(at=NOON, check=check("db")))

    assert await store.remembered() == {}


async def test_what_is_forgotten_is_gone_and_its_incident_is_closed(store: SqlStore) -> None:
    numbered = await store.commit(decision())
    assert numbered is not None
    await store.forget({"httpd": over(numbered)})

    assert await store.remembered() == {}
    assert list(await store.open_incidents()) == []


async def test_incidents_are_numbered_for_people(store: SqlStore) -> None:
    first = await store.commit(decision("httpd"))
    second = await store.commit(decision("db"))

    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)


async def test_a_decision_is_written_whole_or_not_at_all(store: SqlStore) -> None:
    broken = replace(
        decision(),
        quiets=(Quiet(channel=None, verdict=Verdict(ruling=Ruling.QUIET_EASED)),),  # type: ignore[arg-type]  # the fault that is injected
    )

    with pytest.raises(StoreError, match="NOT NULL"):
        await store.commit(broken)

    assert await store.remembered() == {}
    assert list(await store.pages("phone")) == []


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
    read = store._db.connection.exec_driver_sql
    with store._db.connection.begin():
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
