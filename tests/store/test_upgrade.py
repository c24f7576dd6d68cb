"""Databases of every earlier version, as they really were, become one of today's."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.store.older import OLDER, as_known, contents, laid_out, shape, version_of
from tests.store.scene import url
from watchcall.errors import StartError
from watchcall.store import SqlStore, schema
from watchcall.store.migrations import STEPS
from watchcall.store.migrations.alteration import Alteration

UPGRADED = [name for name in OLDER if name != f"schema-{schema.VERSION}"]
Usage = namedtuple("Usage", "total used free")


async def reopened(file: Path) -> None:
    await SqlStore(url(file.parent), "web1").close()


def kept(folder: Path) -> list[str]:
    """What else than the database lies in its folder."""
    return sorted(one.name for one in folder.iterdir() if one.name != "watchcall.db")


@pytest.mark.parametrize("name", OLDER)
async def test_it_becomes_what_a_new_one_is(tmp_path: Path, name: str) -> None:
    """The newest fixture is not upgraded: it holds `schema.py` to its VERSION."""
    (tmp_path / "new").mkdir()
    await reopened(tmp_path / "new" / "watchcall.db")
    old = laid_out(name, tmp_path)
    await reopened(old)

    assert shape(old) == shape(tmp_path / "new" / "watchcall.db")


@pytest.mark.parametrize("name", UPGRADED)
async def test_nothing_that_was_in_it_is_lost(tmp_path: Path, name: str) -> None:
    old = laid_out(name, tmp_path)
    before = contents(old)
    await reopened(old)

    after = as_known(contents(old), before)
    assert {**after, "meta": []} == {**as_known(before, before), "meta": []}
    assert version_of(old) == str(schema.VERSION)


@pytest.mark.parametrize("name", UPGRADED)
async def test_a_copy_is_kept_which_is_nobody_elses(tmp_path: Path, name: str) -> None:
    old = laid_out(name, tmp_path)
    before = contents(old)
    await reopened(old)

    (copy,) = kept(tmp_path)
    assert copy == f"watchcall.db.{name[:8].replace('-', '')}.bak"
    assert contents(tmp_path / copy) == before
    assert stat.S_IMODE((tmp_path / copy).stat().st_mode) == 0o600


async def test_a_copy_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    for name in ("watchcall.db.schema2.bak", "watchcall.db.schema2.2.bak"):
        (tmp_path / name).write_text("kept by somebody")
    (tmp_path / "watchcall.db.schema2.new").write_text("left by an upgrade that was cut short")
    await reopened(laid_out("schema-2", tmp_path))

    assert kept(tmp_path) == [f"watchcall.db.schema2{nth}.bak" for nth in (".2", ".3", "")]
    assert (tmp_path / "watchcall.db.schema2.bak").read_text() == "kept by somebody"


async def test_one_of_today_is_left_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await reopened(laid_out(f"schema-{schema.VERSION}", tmp_path))

    assert kept(tmp_path) == []
    assert caplog.text == ""


async def test_it_is_said_what_is_done_and_how_long_it_took(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []
    laid_out("schema-1-first", tmp_path)
    with caplog.at_level(logging.INFO):
        await SqlStore(url(tmp_path), "web1", say=said.append).close()

    assert said == [
        "copying it",
        "4 rows of notification_incident",
        "4 rows of attempt",
        "checking it",
    ]
    begins, *steps, ends = (record.getMessage() for record in caplog.records)
    assert begins == "upgrading the database from schema 1 to 3"
    assert [step.split(",")[0][-8:] for step in steps] == ["schema 2", "schema 3"]
    assert "is upgraded, in 0." in ends
    assert ends.endswith(f"it is kept as {tmp_path}/watchcall.db.schema1.bak")


async def test_the_first_shape_is_given_what_it_did_not_know(tmp_path: Path) -> None:
    old = laid_out("schema-1-first", tmp_path)
    await reopened(old)

    with sqlite3.connect(old) as database:
        joined = "select added_at = joined_at, added_at >= opened_at, added_at <= posted_at "
        joined += "from notification_incident n join incident i on i.id = n.incident "
        joined += "join attempt using (notification)"
        assert set(database.execute(joined)) == {(1, 1, 1)}
        assert set(database.execute("select trial, segments from attempt")) == {(0, None)}
    database.close()


# What is refused


def _holding(statements: str, folder: Path) -> Path:
    file = folder / "watchcall.db"
    with sqlite3.connect(file) as database:
        database.executescript(statements)
    database.close()
    return file


META = "create table meta (key varchar primary key, value text);"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        pytest.param(
            f"{META} insert into meta values ('schema', '99')",
            r"schema 99, this version knows up to 3.*newer WatchCall.*watchcall\.db\.schema\*\.bak",
            id="a newer one",
        ),
        pytest.param(
            f"{META} insert into meta values ('schema', 'three')",
            r"says that its schema is 'three'.*move the file away",
            id="nonsense",
        ),
        pytest.param(META, r"says that its schema is None", id="no version"),
        pytest.param(
            "create table moz_places (id integer)",
            r"holds other tables than WatchCall's; name another file",
            id="somebody else's",
        ),
        pytest.param(
            f"{META} insert into meta values ('schema', '1')",
            r"cannot be upgraded from schema 1 to 3: it has no table incident; it is as it was",
            id="one without its tables",
        ),
    ],
)
def test_what_is_not_ours_is_refused_and_left_alone(
    tmp_path: Path, statements: str, said: str
) -> None:
    file = _holding(statements, tmp_path)
    before = contents(file)

    with pytest.raises(StartError, match=said):
        SqlStore(url(tmp_path), "web1")

    assert (contents(file), kept(tmp_path)) == (before, [])


def test_without_room_for_a_copy_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(laid_out("schema-2", tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 2**20))

    with pytest.raises(
        StartError, match=r"needs 1\.\d MiB in .*, and 1\.0 MiB are free; make room"
    ):
        SqlStore(url(tmp_path), "web1")

    assert (contents(tmp_path / "watchcall.db"), kept(tmp_path)) == (before, [])


def _breaks(db: Alteration) -> None:
    STEPS_3(db)
    db._connection.execute(sa.update(db["health"]).values(state=None))


def _loses_a_row(db: Alteration) -> None:
    STEPS_3(db)
    db._connection.execute(sa.delete(db["incident"]))


STEPS_3 = STEPS[3]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        pytest.param(_breaks, "NOT NULL constraint failed", id="an error in a step"),
        pytest.param(_loses_a_row, "refers to nothing", id="a check that fails after it"),
    ],
)
async def test_an_upgrade_that_fails_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: Any, said: str
) -> None:
    file = laid_out("schema-1-first", tmp_path)
    before = contents(file), shape(file)
    monkeypatch.setitem(STEPS, 3, step)
    with pytest.raises(StartError, match=f"from schema 1 to 3: .*{said}.*; it is as it was"):
        SqlStore(url(tmp_path), "web1")
    assert ((contents(file), shape(file)), kept(tmp_path)) == (before, [])

    monkeypatch.undo()
    await reopened(file)
    assert version_of(file) == "3"


def test_there_is_a_step_to_every_schema() -> None:
    assert list(STEPS) == list(range(2, schema.VERSION + 1))


# Kills, and two at once


@pytest.mark.parametrize("name", ["schema-1-first", "schema-2"])
def test_whoever_is_killed_leaves_the_old_or_the_new_and_both_are_whole(
    tmp_path: Path, name: str
) -> None:
    """In a process of its own, which forks: a child is killed at the nth line of the upgrade."""
    run = [sys.executable, "-m", "tests.store.killed", name, str(tmp_path)]
    done = subprocess.run(run, capture_output=True, text=True, timeout=100, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    old, new = map(int, done.stdout.split())
    assert old > 5
    assert new > 0


async def test_of_two_at_once_one_upgrades_and_the_other_finds_it_done(tmp_path: Path) -> None:
    laid_out("schema-1-first", tmp_path)
    opening = f"from watchcall.store import SqlStore; SqlStore({url(tmp_path)!r}, 'x')"
    both = [await asyncio.create_subprocess_exec(sys.executable, "-c", opening) for _ in range(2)]

    assert [await one.wait() for one in both] == [0, 0]
    assert kept(tmp_path) == ["watchcall.db.schema1.bak"]
