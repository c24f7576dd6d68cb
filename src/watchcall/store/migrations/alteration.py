"""What a step may do to tables. What SQLite cannot do in place is done here, and only here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

NEW = "new_"  # begins the name of a table that is being made in another's place


class Alteration:
    """The tables as they are, inside the transaction of an upgrade.

    What a step adds and what is there already stays as it is: schema 1 came in two shapes, the
    second of which had most of schema 2.

    say: is told what takes a while, a few words
    """

    def __init__(self, connection: sa.Connection, say: Callable[[str], None]) -> None:
        self._connection, self._say = connection, say
        self._metadata = sa.MetaData()
        self._metadata.reflect(connection)

    def __getitem__(self, name: str) -> sa.Table:
        try:
            return self._metadata.tables[name]
        except KeyError:
            raise sa.exc.NoSuchTableError(f"it has no table {name}") from None

    def create(self, name: str, *parts: sa.schema.SchemaItem) -> None:
        """Make a table of its columns and indexes."""
        if name not in self._metadata.tables:
            sa.Table(name, self._metadata, *parts).create(self._connection)

    def index(self, name: str, table: str, *columns: str) -> None:
        if name not in {index.name for index in self[table].indexes}:
            sa.Index(name, *(self[table].c[column] for column in columns)).create(self._connection)

    def add(
        self,
        name: str,
        *columns: sa.Column[object],
        fill: Mapping[str, sa.ColumnElement[Any]] | None = None,
    ) -> None:
        """Add columns to a table.

        fill: what those that may not be null hold in rows that are there already
        """
        table = self[name]
        known = {column.name for column in table.c}
        missing = [column for column in columns if column.name not in known]
        before = set(table.indexes)
        for column in missing:
            table.append_column(column)
        if all(column.nullable for column in missing):
            for column in missing:
                self._append(column)
            for index in set(table.indexes) - before:
                self._connection.execute(CreateIndex(index))
        else:
            self._rebuild(table, known, fill or {})

    def _append(self, column: sa.Column[object]) -> None:
        """SQLite takes a reference with the column, and no constraint afterwards."""
        dialect = self._connection.dialect
        text = str(CreateColumn(column).compile(dialect=dialect))
        for key in column.foreign_keys:
            text += f" REFERENCES {key.column.table.name} ({key.column.name})"
        table = dialect.identifier_preparer.format_table(column.table)
        self._connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {text}")

    def _rebuild(
        self, table: sa.Table, known: set[str], fill: Mapping[str, sa.ColumnElement[Any]]
    ) -> None:
        """SQLite adds no column that may not be null: a new table takes the old one's place
        (sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes")."""
        count = self._connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        self._say(f"{count:,} rows of {table.name}")
        new = table.to_metadata(self._metadata, name=NEW + table.name)
        self._connection.execute(CreateTable(new))
        values = {one.name: fill.get(one.name, sa.null()) for one in table.c}
        values |= {name: table.c[name] for name in known}
        rows = sa.select(*values.values()).select_from(table)
        self._connection.execute(new.insert().from_select([*values], rows))
        self._connection.execute(sa.schema.DropTable(table))
        self._connection.exec_driver_sql(f"ALTER TABLE {new.name} RENAME TO {table.name}")
        self._metadata.remove(new)
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            self._connection.execute(CreateIndex(index))
