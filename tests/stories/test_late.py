"""What becomes known only later: prices, and whether a text arrived after all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from tests.fakes import FakeDesk
from tests.stories.town import BOB, PHONE, Town, only, town
from watchcall.core.attempt import CallReport
from watchcall.core.contact import Channel
from watchcall.pager.late import Late

ENGLISH = replace(PHONE, to=(BOB,))
TEXTS = Channel(name="texts", type="sms", to=(BOB,))
PRICE = Decimal("0.0140")


@dataclass
class CountingDesk(FakeDesk):
    """Keeps when it was asked about calls, in seconds since `began`."""

    night: Town | None = None

    def __post_init__(self) -> None:
        self.asked_at: list[float] = []

    async def call(self, sid: str) -> CallReport:
        assert self.night is not None
        self.asked_at.append(self.night.clock.now().elapsed)
        return await super().call(sid)


def late(night: Town) -> Late:
    return Late(night.store, night.clock, night.desk)


async def passes(night: Town, chore: Late, duration: timedelta) -> None:
    """Let time pass as the chore wants it."""
    until = night.clock.now().elapsed + duration.total_seconds()
    while (left := until - night.clock.now().elapsed) > 0:
        wait = await chore.turn()
        night.clock.advance(left if wait is None else min(wait, left))


async def test_prices_are_asked_for_less_and_less_often_and_given_up_after_a_day(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        desk = night.desk = CountingDesk(phone=night.phone, night=night)
        await night.start(channels=(ENGLISH,))
        await night.fail()
        await night.ring()
        ((_, call),) = night.phone.calls.values()
        assert call.ended_at is not None
        ended = night.clock.now().elapsed + (call.ended_at - night.clock.now().utc).total_seconds()
        await passes(night, late(night), timedelta(days=3))

        after = [round(at - ended) for at in desk.asked_at]
        assert after[:7] == [5, 15, 60, 120, 180, 240, 300]
        assert {end - begin for begin, end in pairwise(after[6:])} == {3600}
        assert 23 * 3600 < after[-1] <= 24 * 3600


async def test_a_price_that_arrives_is_written_down_and_not_asked_for_again(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        desk = night.desk = CountingDesk(phone=night.phone, night=night)
        await night.start(channels=(ENGLISH,))
        await night.fail()
        await night.ring()
        chore = late(night)
        await passes(night, chore, timedelta(seconds=40))
        night.phone.bill(only(night.phone.calls), PRICE)
        await passes(night, chore, timedelta(hours=2))
        asked = len(desk.asked_at)
        (call,) = await night.store.calls(10)
        assert (call["price"], call["price_unit"], call["outcome"]) == ("0.014", "USD", "answered")

        await passes(night, chore, timedelta(hours=20))
        assert len(desk.asked_at) == asked


async def test_a_desk_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        await night.fail()
        await night.ring()
        night.phone.bill(only(night.phone.calls), PRICE)
        night.desk.deaf = 3
        await passes(night, late(night), timedelta(hours=1))

        assert (await night.store.calls(10))[0]["price"] == "0.014"


async def test_a_restart_goes_on_asking(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(ENGLISH,))
        await night.fail()
        await night.ring()
        await night.restart(off_for=timedelta(hours=5), channels=(ENGLISH,))
        night.phone.bill(only(night.phone.calls), PRICE)
        await passes(night, late(night), timedelta(minutes=1))

        assert (await night.store.calls(10))[0]["price"] == "0.014"


async def test_calls_that_nobody_answered_cost_nothing_and_are_not_asked_about(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(ENGLISH,))
        await night.fail()
        await night.ring()

        assert await late(night).turn() is None


async def test_a_text_that_was_sent_may_turn_out_to_have_arrived(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["sent"]
        await night.start(channels=(TEXTS,))
        await night.fail()
        await night.wait(70)
        assert await night.outcomes() == ["sent"]

        chore = late(night)
        await passes(night, chore, timedelta(minutes=10))
        night.texts.move(only(night.texts.texts), "delivered")
        await passes(night, chore, timedelta(hours=2))
        assert await night.outcomes() == ["delivered"]


async def test_or_that_it_did_not(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["sent"]
        await night.start(channels=(TEXTS,))
        await night.fail()
        await night.wait(70)
        night.texts.move(only(night.texts.texts), "undelivered", 30003)
        await passes(night, late(night), timedelta(hours=2))

        (text,) = await night.store.calls(10)
        assert (text["outcome"], text["error_code"]) == ("undelivered", 30003)


async def test_a_call_on_a_channel_that_was_removed_while_it_rang_comes_to_its_end(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "ringing") as night:
        await night.start(channels=(ENGLISH,))
        await night.fail()
        await night.turn()
        await night.pager.serve({})
        night.phone.move(only(night.phone.calls), "no-answer")
        night.lines = []
        await passes(night, late(night), timedelta(minutes=2))

        assert await night.outcomes() == ["no_answer"]
