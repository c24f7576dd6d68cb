"""What happens while the intent to call is being committed: other channels, other incidents."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stories.town import PHONE, Town, check, town
from watchcall.core.attempt import Attempt, Phase
from watchcall.errors import StoreError


def once_posting(
    night: Town, monkeypatch: pytest.MonkeyPatch, then: Callable[[], Awaitable[object]]
) -> None:
    """Let something happen right after the first commit of an intent."""
    save, waits = night.store.save, [then]

    async def slow(made: Attempt) -> Attempt:
        saved = await save(made)
        if made.phase is Phase.POSTING and waits:
            await waits.pop()()
        return saved

    monkeypatch.setattr(night.store, "save", slow)


async def test_a_number_is_taken_before_the_commit_however_long_that_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committing, committed = asyncio.Event(), asyncio.Event()

    async def stall() -> None:
        committing.set()
        await committed.wait()

    async with town(tmp_path) as night:
        await night.start(channels=(PHONE, replace(PHONE, name="phone-2")))
        for mark in "+---":
            await night.look(mark)
        once_posting(night, monkeypatch, stall)
        first = asyncio.create_task(night.pager.turn(night.lines[0]))
        await committing.wait()
        night.clock.advance(2)  # longer than a call must wait for the one before it
        await night.pager.turn(night.lines[1])

        assert night.phone.requests == []
        committed.set()
        await first
        assert len(night.phone.requests) == 1


async def test_a_number_whose_call_could_not_be_committed_is_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: Attempt) -> Attempt:
        raise StoreError("the disk is full")

    async with town(tmp_path) as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        monkeypatch.setattr(night.store, "save", refuse)
        with pytest.raises(StoreError):
            await night.pager.turn(night.lines[0])

        assert not night.board.busy(PHONE.to[0].phone)


async def test_what_joins_after_the_commit_is_told_once_by_the_next_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path) as night:
        await night.start(check("httpd"), check("db"))
        for mark in "+---":
            await night.look(mark)
        for mark in "+--":
            await night.look(mark, "db")
        once_posting(night, monkeypatch, lambda: night.look("-", "db"))
        await night.ring()

        assert ["httpd" in words for words in night.heard] == [True, False]
        assert ["db" in words for words in night.heard] == [False, True]
