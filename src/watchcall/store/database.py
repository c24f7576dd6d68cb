"""What every room of the store works with: the connection, whose rows these are, small tools."""

from __future__ import annotations

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

    def rows(self, statement: sa.Select[Any]) -> list[rows.Row]:
        return [dict(row) for row in self.connection.execute(statement).mappings()]

    def next_number(self, table: sa.Table) -> int:
        """Return the next of the short numbers that people say, counted per host."""
        highest = sa.select(sa.func.max(table.c.number)).where(table.c.host == self.host)
        return (self.connection.execute(highest).scalar() or 0) + 1

    def upsert(self, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
        same = [table.c[name] == value for name, value in key.items()]
        updated = self.connection.execute(table.update().where(*same).values(values))
        if updated.rowcount == 0:
            self.connection.execute(table.insert().values({**key, **values}))
