"""What the first outage would wait for is done at the start, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.store.scene import decision, url
from watchcall.store import SqlStore, rehearsal, schema
from watchcall.store.rehearsal import LOG


async def test_it_leaves_nothing_behind(tmp_path: Path) -> None:
    store = SqlStore(url(tmp_path), "web1")
    await store.warm()
    await store.warm()

    counts = {
        table.name: store._db.connection.scalar(sa.select(sa.func.count()).select_from(table))
        for table in schema.metadata.sorted_tables
    }
    store._db.connection.rollback()
    first = await store.commit(decision())
    await store.close()

    assert {name: count for name, count in counts.items() if count} == {"meta": 2}
    assert first is not None
    assert first.number == 1
    assert store.trouble is None


async def test_it_compiles_what_an_outage_needs(tmp_path: Path) -> None:
    store = SqlStore(url(tmp_path), "web1")
    await store.warm()
    compiled = store._db.connection.engine._compiled_cache
    assert compiled is not None
    before = len(compiled)

    await store.commit(decision())
    pages = await store.pages("phone")
    await store.close()

    assert pages
    assert len(compiled) == before


async def test_the_log_has_its_full_length_before_anybody_waits_for_it(tmp_path: Path) -> None:
    store = SqlStore(url(tmp_path), "web1")
    cache = store._db.connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    store._db.connection.rollback()
    file, log = _sizes(store)
    await store.warm()
    after = _sizes(store)
    await store.commit(decision())
    written = _sizes(store)
    same = store._db.connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    await store.close()

    assert log < LOG <= after[1] == written[1]
    assert after[0] == file
    assert same == cache


async def test_a_disk_with_little_room_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "ROOM", 10**12)
    store = SqlStore(url(tmp_path), "web1")
    await store.warm()
    _, log = _sizes(store)
    await store.close()

    assert log < LOG


def _sizes(store: SqlStore) -> tuple[int, int]:
    """Return the bytes of the database and of its log."""
    file = Path(store._db.connection.engine.url.database or "")
    return file.stat().st_size, file.with_name(f"{file.name}-wal").stat().st_size
