"""The engine when nothing can be written down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.stories.town import town
from watchcall.core.health import State
from watchcall.core.incident import Incident
from watchcall.errors import StoreError
from watchcall.ports import Decision
from watchcall.store import SqlStore


class FullDisk:
    """A store whose disk is full until it is not."""

    def __init__(self, store: SqlStore) -> None:
        self.full = True
        self._commit, self._note = store.commit, store.note

    async def commit(self, decision: Decision) -> Incident | None:
        if self.full:
            raise StoreError("cannot write to the database: database or disk is full")
        return await self._commit(decision)

    async def note(self, decided: Sequence[Decision]) -> None:
        if self.full:
            raise StoreError("cannot write to the database: database or disk is full")
        await self._note(decided)


async def test_a_first_success_is_written_down_with_others_and_again_after_trouble(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        disk = FullDisk(night.store)
        night.store.note = disk.note  # type: ignore[method-assign]  # the fault
        await night.see("+")
        await night.engine.tick()
        assert await night.store.remembered() == {}
        assert not night.engine.watches["httpd"].doubtful

        disk.full = False
        await night.engine.tick()
        assert (await night.store.remembered())["httpd"].health.state is State.OK


async def test_a_first_success_that_is_followed_by_a_failure_does_not_overwrite_it(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        await night.engine.settle()

        known = (await night.store.remembered())["httpd"]
        assert (known.health.state, known.incident is None) == (State.FAILING, False)


async def test_what_cannot_be_written_down_is_seen_and_is_decided_once_it_can(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+")
        disk = FullDisk(night.store)
        night.store.commit = disk.commit  # type: ignore[method-assign]  # the fault
        await night.see("-----")
        watch = night.engine.watches["httpd"]
        assert (watch.health.state, watch.incident, watch.doubtful) == (State.FAILING, None, True)

        disk.full = False
        await night.see("---")
        assert len(night.heard) == 1
        assert not watch.doubtful


async def test_what_waits_for_its_incident_is_not_written_down_without_it(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        disk = FullDisk(night.store)
        night.store.commit = disk.commit  # type: ignore[method-assign]  # the fault
        for mark in "+---":
            await night.look(mark)
        await night.engine.settle()

        assert await night.store.remembered() == {}
