"""Databases of earlier versions, as they really were (fixtures/README.md)."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"
OLDER = sorted(one.stem for one in FIXTURES.glob("schema-*.sql"))


def laid_out(name: str, folder: Path) -> Path:
    """Make the database of a fixture in a folder; return its file."""
    file = folder / "watchcall.db"
    with sqlite3.connect(file) as database:
        database.execute("pragma journal_mode=wal")
        database.executescript((FIXTURES / f"{name}.sql").read_text())
    database.close()
    return file


def shape(file: Path) -> dict[str, Any]:
    """Return what a database consists of: the same, however it came to be so."""
    with sqlite3.connect(file) as database:
        ask = database.execute
        tables = [name for (name,) in ask("select name from sqlite_master where type = 'table'")]
        found = {
            name: {
                "columns": sorted(row[1:] for row in ask(f"pragma table_info('{name}')")),
                "references": sorted(row[2:] for row in ask(f"pragma foreign_key_list('{name}')")),
                "indexes": sorted(_indexes(database, name)),
            }
            for name in tables
        }
    database.close()
    return found


def _indexes(database: sqlite3.Connection, table: str) -> list[Any]:
    ask = database.execute
    return [
        (name, unique, origin, [row[2] for row in ask(f"pragma index_info('{name}')")])
        for _, name, unique, origin, _ in ask(f"pragma index_list('{table}')")
    ]


Contents = dict[str, list[dict[str, Any]]]


def contents(file: Path) -> Contents:
    """Return all rows by table, in an order of their own."""
    with sqlite3.connect(file) as database:
        database.row_factory = sqlite3.Row
        ask = database.execute
        tables = [name for (name,) in ask("select name from sqlite_master where type = 'table'")]
        found = {name: [dict(row) for row in ask(f"select * from {name}")] for name in tables}
    database.close()
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def as_known(now: Contents, before: Contents) -> Contents:
    """Return what an earlier version knows of a database: its tables, and their columns."""
    return {
        name: sorted(({key: row[key] for key in known[0]} for row in now[name]), key=repr)
        for name, known in before.items()
        if known
    }


def version_of(file: Path) -> str:
    (found,) = (row["value"] for row in contents(file)["meta"] if row["key"] == "schema")
    return str(found)
