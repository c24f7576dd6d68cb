"""What explains an incident, beside the decisions about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.scene import Night, decision, owned, url
from watchcall.core.health import Level
from watchcall.core.incident import code_of
from watchcall.core.reason import Reason
from watchcall.store import SqlStore

FOUND = {"at": "2026-11-20T12:00:01+00:00", "systemd": {"result": "signal"}, "look": None}
KILLED = Reason.of("evidence.signal", signal=9)


async def test_it_is_kept_and_read_with_the_incident(night: Night) -> None:
    known = await night.opens()
    await night.store.add_evidence(known.id, FOUND, KILLED)

    (shown,) = await night.store.incidents(10)
    assert shown["evidence"] == {**FOUND, "phrase": "it was killed by signal 9"}
    (told,) = (await night.page()).incidents
    assert told.phrase == KILLED


async def test_what_comes_later_takes_its_place(night: Night) -> None:
    known = await night.opens()
    await night.store.add_evidence(known.id, FOUND, KILLED)
    await night.store.add_evidence(known.id, {"at": "later"}, None)

    (shown,) = await night.store.incidents(10)
    assert shown["evidence"] == {"at": "later", "phrase": None}
    assert (await night.page()).incidents[0].phrase is None


async def test_decisions_leave_it_as_it_is(night: Night) -> None:
    known = await night.opens()
    await night.store.add_evidence(known.id, FOUND, KILLED)
    await night.becomes(owned(replace(known, level=Level.WARNING), at=30))

    (shown,) = await night.store.incidents(10)
    assert (shown["level"], shown["evidence"]["phrase"]) == ("warning", "it was killed by signal 9")


async def test_it_survives_a_restart(tmp_path: Path) -> None:
    store = SqlStore(url(tmp_path), "web1")
    known = await store.commit(decision())
    assert known is not None
    await store.add_evidence(known.id, FOUND, KILLED)
    await store.close()

    store = SqlStore(url(tmp_path), "web1")
    try:
        (told,) = await store.open_incidents()
        assert told.incident.phrase == KILLED
        remembered = (await store.remembered())["httpd"].incident
        assert remembered is not None
        assert remembered.phrase == KILLED
    finally:
        await store.close()


async def test_of_an_incident_that_is_not_there_nothing_is_kept(night: Night) -> None:
    await night.store.add_evidence("id-of-none", FOUND, KILLED)

    assert await night.store.incidents(10) == []


@pytest.mark.parametrize("named", ["2", code_of("id-web")])
async def test_an_incident_is_found_by_number_and_code(night: Night, named: str) -> None:
    for name in ("httpd", "web", "mail"):
        await night.opens(name)

    found = await night.store.incident(named)

    assert found is not None
    assert (found["id"], found["check"]) == (2, "web")


@pytest.mark.parametrize("named", ["7", "01", "Z9Z9", "", "9" * 30, "\u0662"])
async def test_what_names_none_finds_none(night: Night, named: str) -> None:
    await night.opens()

    assert await night.store.incident(named) is None
