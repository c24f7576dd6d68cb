"""A disk that takes nothing: what is written goes to memory, and back when there is room.

Disks that are really full, or read-only: tests/daemon/test_disk.py. Here SQLite is told that the
file must not grow, and says itself that it is full.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tests.store.older import contents
from tests.store.scene import DOWN, Night, decision, incident, over, url
from watchcall.core.attempt import Outcome
from watchcall.errors import ConfigError, StartError, StoreError
from watchcall.store import SqlStore, disk, memory, sql
from watchcall.store.open import open_database

ROOM = sql.ROOM


def full(store: SqlStore) -> None:
    """The file may not grow."""
    raw = memory.raw(store._db.connection)
    raw.execute("pragma max_page_count = 1").close()


async def adrift(store: SqlStore, night: Night) -> None:
    """Write until it does not fit any more."""
    full(store)
    for nth in range(100):
        await night.opens(f"filler-{nth}")
        if store.adrift:
            return
    raise AssertionError("it never became full")


def filled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is opened from now on may not grow, and is tried whether it does."""
    monkeypatch.setattr(sql, "ROOM", ROOM)
    opened = open_database

    def full_one(*words: Any) -> Any:
        connection, set_aside = opened(*words)
        memory.raw(connection).execute("pragma max_page_count = 1").close()
        return connection, set_aside

    monkeypatch.setattr(disk, "open_database", full_one)


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is not tried again before a test says so, and a new file has no room inside."""
    monkeypatch.setattr(disk, "AGAIN_S", 1e9)
    monkeypatch.setattr(sql, "ROOM", 1)


async def test_what_does_not_fit_is_known_and_goes_on(store: SqlStore, night: Night) -> None:
    await night.opens("before")
    await adrift(store, night)
    call = await night.attempt((await store.pages("phone"))[0], Outcome.ANSWERED)

    assert store.trouble is None
    assert store.adrift is not None
    assert "database or disk is full; WatchCall goes on in memory" in store.adrift
    assert (await store.calls(1))[0]["uuid"] == call.id
    told = [one.incident.check for one in await store.open_incidents()]
    assert told[:2] == ["before", "filler-0"]


async def test_that_it_is_full_is_known_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only when the first incident does not fit."""
    await SqlStore(url(tmp_path), "web1").close()
    filled_up(monkeypatch)
    store = SqlStore(url(tmp_path), "web1")

    assert store.adrift is not None
    assert "database or disk is full; WatchCall goes on in memory" in store.adrift
    await store.close()


async def test_that_it_is_full_and_too_large_for_memory_is_known_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await SqlStore(url(tmp_path), "web1").close()
    filled_up(monkeypatch)
    monkeypatch.setattr(memory, "LARGEST", 0)
    store = SqlStore(url(tmp_path), "web1")

    assert store.trouble == "cannot write to the database: database or disk is full"
    await store.close()


async def test_trying_the_disk_leaves_no_trace_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "ROOM", ROOM)
    sizes = []
    for _ in range(3):
        await SqlStore(url(tmp_path), "web1").close()
        sizes.append((tmp_path / "watchcall.db").stat().st_size)

    assert sizes[0] == sizes[-1]
    rows = contents(tmp_path / "watchcall.db")["meta"]
    assert {row["key"] for row in rows} == {"schema", "host"}


async def test_it_is_carried_over_as_soon_as_that_can_be_done(
    store: SqlStore, night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was added, changed and taken away."""
    owing = incident("httpd", owed=frozenset({"phone"}))
    known = await store.commit(decision("httpd"))
    await night.becomes(owing)
    await store.commit(decision("gone"))
    await adrift(store, night)
    await store.forget({"gone": None})
    assert known is not None
    await night.becomes(over(incident("httpd", number=known.number)))
    await store.add_evidence("id-httpd", {"look": 1}, DOWN)
    in_memory = memory.raw(store._db.connection).serialize()
    monkeypatch.setattr(disk, "AGAIN_S", 0)
    await store.recover()
    assert store.adrift is None
    await store.close()

    (tmp_path / "memory.db").write_bytes(in_memory)
    assert contents(tmp_path / "watchcall.db") == contents(tmp_path / "memory.db")
    assert [row["check_name"] for row in contents(tmp_path / "watchcall.db")["health"]] == ["httpd"]
    assert contents(tmp_path / "watchcall.db")["owed"] == []


async def test_it_is_said_once_when_it_begins_and_once_when_it_ends(
    store: SqlStore,
    night: Night,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await adrift(store, night)
    for name in ("one", "two"):
        await night.opens(name)
    monkeypatch.setattr(disk, "AGAIN_S", 0)
    await store.recover()
    await night.opens("three")

    begins, ends = caplog.records
    assert (begins.levelno, begins.getMessage()[:28]) == (
        logging.CRITICAL,
        "cannot write to the database",
    )
    assert ends.getMessage().startswith("the database can be written again; ")


async def test_what_it_cannot_carry_over_at_its_end_is_forgotten_aloud(
    store: SqlStore, night: Night, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def still_full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    await adrift(store, night)
    monkeypatch.setattr(disk, "connect", still_full)
    await store.close()

    assert caplog.messages[-1] == (
        "what happened since the database could not be written is forgotten"
    )


async def test_one_that_is_too_large_for_memory_is_said_to_be(
    store: SqlStore, night: Night, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LARGEST", 1)
    with pytest.raises(StoreError, match="full"):
        await adrift(store, night)

    assert store.adrift is None
    assert store.trouble is not None
    assert "too large to go on with in memory" in caplog.text


async def test_what_is_merely_held_by_others_is_waited_for(store: SqlStore, night: Night) -> None:
    """A lock says nothing of the disk: the transaction fails, and the file stays what counts."""
    memory.raw(store._db.connection).execute("pragma busy_timeout = 1").close()
    file = store._db.connection.engine.url.database
    assert file is not None
    with sqlite3.connect(file) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreError, match="locked"):
            await night.opens("httpd")
    other.close()

    assert store.adrift is None


def test_one_that_another_program_holds_at_the_start_is_no_matter_of_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchcall.store.open.PATIENCE_S", 0)
    SqlStore(url(tmp_path), "web1")._disk.close()
    with sqlite3.connect(tmp_path / "watchcall.db") as other:
        other.execute("begin immediate")
        with pytest.raises(StartError, match=r"another program holds the database .*end it first"):
            SqlStore(url(tmp_path), "web1")
    other.close()


def test_a_lock_that_is_denied_is_not_one_that_another_program_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchcall.store.open.PATIENCE_S", 0)
    SqlStore(url(tmp_path), "web1")._disk.close()
    denied = PermissionError(errno.EACCES, "Permission denied")
    with sqlite3.connect(tmp_path / "watchcall.db") as other:
        other.execute("begin immediate")
        monkeypatch.setattr("fcntl.lockf", Mock(side_effect=denied))
        with pytest.raises(ConfigError, match=r"cannot lock .*: Permission denied, though owner"):
            SqlStore(url(tmp_path), "web1")
    other.close()
