"""What every room of the store works with: the connection, whose rows these are, small tools."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

from watchcall.store import rows
from watchcall.store.schema import meta


class Database:
    """One connection, used inside transactions that the store opens.

    host: whose rows these are; several hosts may share one database
    """

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.host = ""

    def introduce(self, host: str) -> None:
        """A machine keeps the name under which its first row was written, however it is renamed."""
        known = sa.select(meta.c.value).where(meta.c.key == "host")
        name = self.connection.execute(known).scalar()
        if name is None:
            self.connection.execute(meta.insert().values(key="host", value=host))
        self.host = name or host

    def rows(
        self, statement: sa.Select[Any], values: Mapping[str, object] | None = None
    ) -> list[rows.Row]:
        return [dict(row) for row in self.connection.execute(statement, values).mappings()]

    def next_number(self, table: sa.Table) -> int:
        """Return the next of the short numbers that people say, counted per host."""
        return (self.connection.execute(_highest(table), {"host": self.host}).scalar() or 0) + 1

    def insert(self, table: sa.Table, values: Mapping[str, Any]) -> None:
        self.connection.execute(_insert(table), values)

    def upsert(self, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
        this = {f"this_{name}": value for name, value in key.items()}
        updated = self.connection.execute(_update(table, tuple(key)), {**values, **this})
        if updated.rowcount == 0:
            self.insert(table, {**key, **values})

    def delete(self, table: sa.Table, key: dict[str, Any]) -> None:
        these = (table.c[name] == value for name, value in key.items())
        self.connection.execute(table.delete().where(*these))


# Statements are built once: that takes longer than to run them.


@cache
def _highest(table: sa.Table) -> sa.Select[Any]:
    return sa.select(sa.func.max(table.c.number)).where(table.c.host == sa.bindparam("host"))


@cache
def _insert(table: sa.Table) -> sa.Insert:
    return table.insert()


@cache
def _update(table: sa.Table, key: tuple[str, ...]) -> sa.Update:
    return table.update().where(*(table.c[name] == sa.bindparam(f"this_{name}") for name in key))
