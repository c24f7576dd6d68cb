"""Whatever an earlier version may have written: it becomes one of today's, and can be read."""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.older import as_known, contents, laid_out, shape
from tests.store.scene import url
from tests.store.test_upgrade import UPGRADED
from watchcall.core.attempt import Outcome, Phase
from watchcall.core.contact import Event
from watchcall.core.health import Level, State
from watchcall.store import SqlStore

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TABLES = ("health", "incident", "notification", "notification_incident", "attempt", "quiet")
WORDS: dict[str, list[Any]] = {
    "host": ["web1"],
    "channel": ["phone", "text"],
    "type": ["voice", "sms"],
    "level": [one.value for one in Level],
    "state": [one.value for one in State],
    "event": [one.value for one in Event],
    "phase": [one.value for one in Phase],
    "outcome": [one.value for one in Outcome],
    "withdrawn": ["over", "stuck", "held"],
    "acknowledged_how": ["cli", "sms", "key"],
    "reason": ['{"code": "process.none", "name": "ü"}', '{"code": "check.removed"}'],
    "parent": [None],
    "closing": ["null", '{"code": "check.changed"}'],
}
OWNED = "acknowledged_"


@st.composite
def rows(draw: st.DrawFn, columns: list[Any], parents: dict[str, list[str]], nth: int) -> Any:
    """One row: what a column may hold by its name, or else by its type."""
    owned = OWNED + "how" in {column[1] for column in columns} and draw(st.booleans())
    row: dict[str, Any] = {}
    value: Any
    for _, name, type_, needed, _, key in columns:
        if parents.get(name):
            value = draw(st.sampled_from(parents[name]))
        elif name in ("id", "check_name", "sid") or (key and name != "host"):
            value = f"{name}-{nth}"
        elif name == "number":
            value = nth
        elif name in WORDS:
            value = draw(st.sampled_from(WORDS[name]))
        else:
            value = draw(_of_type(type_))
        if name.startswith(OWNED):
            row[name] = value if owned else None
        else:
            row[name] = value if needed or key or draw(st.booleans()) else None
    return row


def _of_type(type_: str) -> st.SearchStrategy[Any]:
    match type_.split("(")[0]:
        case "DATETIME":
            seconds = st.integers(0, 10**6).map(lambda n: NOON + timedelta(seconds=n / 7))
            return seconds.map(lambda at: at.strftime("%Y-%m-%d %H:%M:%S.%f"))
        case "INTEGER" | "NUMERIC":
            return st.integers(0, 9)
        case "BOOLEAN":
            return st.booleans()
        case _:
            return st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


def filled(file: Path, data: st.DataObject) -> None:
    with sqlite3.connect(file) as database:
        database.execute("pragma foreign_keys = on")
        for table in reversed(TABLES):
            database.execute(f"delete from {table}")
        made: dict[str, list[str]] = {}
        for table in TABLES:
            columns = database.execute(f"pragma table_info({table})").fetchall()
            keys = database.execute(f"pragma foreign_key_list({table})").fetchall()
            parents = {key[3]: made[key[2]] for key in keys if key[2] in made}
            if any(not ids for ids in parents.values()):
                continue
            for nth in range(1, data.draw(st.integers(0, 4), label=table) + 1):
                row = data.draw(rows(columns, parents, nth), label=table)
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join("?" * len(row))
                statement = f"insert or ignore into {table} ({names}) values ({marks})"
                database.execute(statement, [*row.values()])
            if "id" in {column[1] for column in columns}:
                made[table] = [one for (one,) in database.execute(f"select id from {table}")]
    database.close()


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("today")
    SqlStore(url(folder), "web1")._disk.close()
    return shape(folder / "watchcall.db")


@pytest.mark.parametrize("name", UPGRADED)
@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_anything_becomes_one_of_today(
    today: dict[str, Any], name: str, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = laid_out(name, Path(folder))
        filled(file, data)
        before = contents(file)
        store = SqlStore(url(Path(folder)), "web1")
        await read(store)
        await store.close()
        after = as_known(contents(file), before)
        assert {**after, "meta": []} == {**as_known(before, before), "meta": []}
        assert shape(file) == today


async def read(store: SqlStore) -> None:
    """Read all that a start and its commands do."""
    await store.remembered()
    for channel in WORDS["channel"]:
        await store.pages(channel)
    await store.open_incidents()
    await store.unreached()
    await store.live()
    await store.calls(100)
    await store.incidents(100)
    await store.stats(NOON, datetime.now(UTC))
