"""The pager's tasks: what reloads, stops and bugs do to a call that is being placed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.fakes import FakePhone
from tests.stories.town import PHONE, Town, check, town
from watchcall.core.attempt import CallReport
from watchcall.pager.switchboard import Line
from watchcall.ports import CallRequest


@dataclass
class SlowPhone(FakePhone):
    """Takes its time over every call: until `answer` is set."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def place(self, request: CallRequest) -> CallReport:
        self.asked.set()
        await self.answer.wait()
        return await super().place(request)


class Clumsy(FakePhone):
    """Has a bug, once."""

    stumbled = False

    async def place(self, request: CallRequest) -> CallReport:
        if not self.stumbled:
            self.stumbled = True
            raise ZeroDivisionError("a bug")
        return await super().place(request)


@asynccontextmanager
async def outage(folder: Path, phone: type[FakePhone]) -> AsyncIterator[tuple[Town, Line]]:
    """An outage that is to be called about, and the line it will be called on."""
    async with town(folder) as night:
        night.phone = phone(night.clock)
        await night.start()
        for mark in "+---":
            await night.look(mark)
        yield night, Line(channel=PHONE, phone=night.phone)
        await night.pager.stop()


async def test_reloads_while_a_call_is_being_placed_do_not_make_it_two(tmp_path: Path) -> None:
    async with outage(tmp_path, SlowPhone) as (night, line):
        phone = night.phone
        assert isinstance(phone, SlowPhone)
        await night.pager.serve({"phone": line})
        await phone.asked.wait()
        for _ in range(3):
            await night.pager.serve({"phone": line})
            await asyncio.sleep(0)
        phone.answer.set()
        await _settled(night)

        assert len(phone.requests) == 1
        assert await night.outcomes() == ["answered"]


async def test_a_stop_waits_for_the_answer_and_writes_it_down(tmp_path: Path) -> None:
    async with outage(tmp_path, SlowPhone) as (night, line):
        phone = night.phone
        assert isinstance(phone, SlowPhone)
        await night.pager.serve({"phone": line})
        await phone.asked.wait()
        stopping = asyncio.create_task(night.pager.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        phone.answer.set()
        await stopping

        (call,) = await night.store.calls(10)
        assert call["sid"] is not None


async def test_a_bug_does_not_silence_a_channel_for_good(tmp_path: Path) -> None:
    async with outage(tmp_path, Clumsy) as (night, line):
        await night.pager.serve({"phone": line})
        await _stumbled(night)
        night.pager.wake()  # as the next incident would
        await _settled(night)

        assert (await night.outcomes())[-1] == "answered"


async def test_a_list_is_sent_while_the_next_call_is_being_placed(tmp_path: Path) -> None:
    """The texts that follow calls have a task of their own."""
    names = ("web", "db", "mail", "cron")
    async with town(tmp_path) as night:
        night.phone = phone = SlowPhone(night.clock)
        await night.start(*map(check, names), group_wait=timedelta(seconds=3))
        await night.fail(*names[:3])
        night.clock.advance(3)
        await night.pager.serve({"phone": Line(channel=PHONE, phone=phone, texts=night.texts)})
        await phone.asked.wait()
        phone.answer.set()
        await _settled(night)
        phone.answer.clear()
        await night.fail(names[3])
        night.clock.advance(3)
        night.pager.wake()
        async with asyncio.timeout(10):
            while not night.texts.requests:  # noqa: ASYNC110 - a list of a fake
                await asyncio.sleep(0.01)
        phone.answer.set()
        await night.pager.stop()

        assert all(name in night.texts.requests[0].body for name in names[:3])


async def _settled(night: Town) -> None:
    async with asyncio.timeout(10):
        while await night.store.pages("phone"):  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)


async def _stumbled(night: Town) -> None:
    assert isinstance(night.phone, Clumsy)
    async with asyncio.timeout(10):
        while not night.phone.stumbled:  # noqa: ASYNC110 - a flag of a fake
            await asyncio.sleep(0.01)
    await night.pager.posted()
