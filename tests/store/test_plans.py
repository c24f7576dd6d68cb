"""How the database goes about it: what is asked while a phone rings must not walk the ledger."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tests.fakes import NOON
from tests.store.scene import Night, after
from watchcall.core.attempt import Outcome
from watchcall.store import SqlStore

Asked = tuple[str, Any]
ANY_TIME = (after(-86400 * 60), after(86400))


@contextmanager
def listening(store: SqlStore, event: str, heard: Callable[..., None]) -> Iterator[None]:
    engine = store._db.connection.engine
    sa.event.listen(engine, event, heard)
    yield
    sa.event.remove(engine, event, heard)


async def asked(store: SqlStore, ask: Callable[[], Awaitable[object]]) -> list[Asked]:
    """Return the statements, with their values, that a question comes to."""
    found: list[Asked] = []

    def note(_c: object, _cursor: object, sql: str, values: Any, *_: object) -> None:
        if sql.startswith(("SELECT", "WITH", "UPDATE")):
            found.append((sql, values))

    with listening(store, "before_cursor_execute", note):
        await ask()
    return found


async def busy_night(night: Night, pages: int = 1) -> None:
    for number in range(pages):
        await night.opens(f"check-{number}", joins=False)
    for page in await night.store.pages("phone"):
        await night.attempt(page, Outcome.BUSY)
        await night.attempt(page)


HOT: dict[str, Callable[[SqlStore], Awaitable[object]]] = {
    "pages": lambda store: store.pages("phone"),
    "live": lambda store: store.live(),
    "left behind": lambda store: store.left_behind(),
    "unpriced": lambda store: store.unpriced(NOON),
    "placed_since": lambda store: store.placed_since(NOON),
    "companions": lambda store: store.companions("phone"),
    "known_sids": lambda store: store.known_sids(["CA1", "CA2"]),
    "open_incidents": lambda store: store.open_incidents(),
    "remembered": lambda store: store.remembered(),
    "undelivered": lambda store: store.undelivered(),
    "calls": lambda store: store.calls(50),
    "incidents": lambda store: store.incidents(50),
    "incidents of a check": lambda store: store.incidents_of("check-0", 5),
    "silences": lambda store: store.silences(NOON),
    "a silence": lambda store: store.silence_of(1),
}


async def forsaken(store: SqlStore) -> object:
    page, *others = await store.pages("phone")
    return await store.forsaken(page, [one.id for one in others])


HOT["forsaken"] = forsaken


@pytest.mark.parametrize("question", HOT)
async def test_a_hot_question_is_answered_by_an_index(night: Night, question: str) -> None:
    await busy_night(night)
    store = night.store
    plans = [
        step.detail
        for sql, values in await asked(store, lambda: HOT[question](store))
        for step in plan(store, sql, values)
    ]

    assert plans
    assert [step for step in plans if walks_the_ledger(step, question)] == []


def plan(store: SqlStore, sql: str, values: Any) -> list[sa.Row[Any]]:
    with store._db.connection.begin():
        return list(store._db.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values))


SHORT = ("health", "undelivered", "behind")  # the last holds the stand-ins of the pages asked for


def walks_the_ledger(step: str, question: str) -> bool:
    """Whether a step looks at every row of a table that grows for ever."""
    words = step.split()
    if words[0] not in ("SCAN", "SEARCH") or words[1] in SHORT:
        return False
    if words[1].startswith("anon_"):  # what was found so far of a recursive question
        return False
    newest = question in ("calls", "incidents")  # from the end, and no further than asked
    return words[0] == "SCAN" or (step.endswith("(host=?)") and not newest)


@pytest.mark.parametrize("question", HOT)
async def test_a_question_is_asked_as_often_however_much_there_is(
    night: Night, question: str
) -> None:
    await busy_night(night)
    few = await asked(night.store, lambda: HOT[question](night.store))
    await busy_night(night, pages=7)
    many = await asked(night.store, lambda: HOT[question](night.store))

    assert len(many) == len(few)


async def test_every_statement_compiles_for_postgresql_too(night: Night) -> None:
    spoken: list[str] = []

    def compile_too(_connection: object, statement: Any, *_: object) -> None:
        if isinstance(statement, sa.ClauseElement):
            spoken.append(str(statement.compile(dialect=postgresql.dialect())))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so

    store = night.store
    with listening(store, "before_execute", compile_too):
        await busy_night(night)
        for ask in HOT.values():
            await ask(store)
        page = await night.page()
        await store.barred()
        await store.heard("SM1", NOON, "a stranger")
        await store.hush(page, page.incidents, "quiet hours", NOON, once=True)
        await store.merge(page, [page], "together", NOON)
        await store.hold(["id-check-0"], "silenced", NOON)
        await store.engage(page, "mail", NOON)
        await store.settle(page, "done", NOON, rest=True)
        await store.stats(*ANY_TIME)
        await store.abandon([], "removed", NOON)

    assert len(spoken) > len(HOT)
    assert not [sql for sql in spoken if "strftime" in sql.lower()]
