"""Silences outlive the daemon."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.fakes import NOON
from tests.store.scene import after, url
from watchcall.core.calendar import Silence
from watchcall.store import SqlStore

MADE = Silence(checks=("web-*", "tag:db"), reason="", by="kei", start=NOON, end=after(3600))


async def test_silences_are_numbered_from_one(store: SqlStore) -> None:
    assert [(await store.silence(MADE)).id for _ in range(2)] == [1, 2]


async def test_a_silence_is_found_by_its_number_over_or_not(store: SqlStore) -> None:
    kept = await store.silence(MADE)
    await store.silence(replace(kept, ended_at=after(5)))

    assert await store.silence_of(1) == replace(MADE, id=1, ended_at=after(5))
    assert await store.silence_of(2) is None


async def test_those_that_are_not_over_survive_a_restart(store: SqlStore, tmp_path: Path) -> None:
    ended, kept, _ = [await store.silence(MADE) for _ in range(3)]
    await store.silence(replace(ended, ended_at=after(5)))
    await store.silence(replace(MADE, id=3, end=after(10)))
    await store.close()

    again = SqlStore(url(tmp_path), "web1")
    assert await again.silences(after(10)) == [kept]
    await again.close()


async def test_another_host_has_silences_of_its_own(store: SqlStore, tmp_path: Path) -> None:
    await store.silence(MADE)
    store._db.host = "web2"

    assert await store.silence_of(1) is None
    assert await store.silences(NOON) == []
