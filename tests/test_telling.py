"""What lies between the outbox and people, as a whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from watchcall import telling
from watchcall.engine import Engine
from watchcall.store import SqlStore
from watchcall.telling import Telling


async def test_a_burst_of_changes_wakes_everybody_at_once_and_then_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "REST_S", 0.01)
    store, clock = SqlStore(f"sqlite:///{tmp_path}/watchcall.db", "web1"), FakeClock()
    house = Telling(store, clock, Engine(store, clock, lambda: None))
    woken, twice = [], asyncio.Event()

    def wake() -> None:
        woken.append(clock.now())
        if len(woken) == 2:
            twice.set()

    monkeypatch.setattr(house.pager, "wake", wake)
    for _ in range(1000):
        house.wake()
    at_once = len(woken)
    async with asyncio.timeout(10):
        await twice.wait()
    await house.stop()
    await store.close()

    assert (at_once, len(woken)) == (1, 2)
