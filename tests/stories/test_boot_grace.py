"""Boot grace: what fails while the machine starts is told later, if it still fails then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.stories.town import LADDER, MINUTE, PHONE, telling, town
from watchcall.core.contact import EVENTS, Event
from watchcall.core.health import Level
from watchcall.core.reason import Reason


async def test_a_failure_is_told_when_the_grace_is_over(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.grace = 300
        await night.start()
        await night.see("---")
        assert night.phone.requests == []
        assert await night.quiet() == ["the machine has just booted"]
        await night.see("---")
        assert len(night.heard) == 1


async def test_what_comes_up_meanwhile_rings_nobody(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.grace = 300
        await night.start(channels=telling())
        await night.see("---++" + "+" * 10)

        assert night.phone.requests == []


async def test_what_was_told_before_the_boot_and_is_well_after_it_is_told(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.see("---")
        night.grace = 300
        await night.restart(channels=telling())
        await night.see("++")
        assert len(night.heard) == 1
        await night.see("+" * 5)
        assert [call["event"] for call in await night.store.calls(9)] == ["recovery", "failure"]


async def test_what_failed_as_the_machine_went_down_rings_nobody_when_it_comes_up(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.fail()  # decided, and then there was no time left to call
        night.grace = 300
        await night.restart()
        await night.see("++" + "+" * 10)

        assert night.phone.requests == []
        quiet = ("the machine has just booted", "recoveries are not told")
        assert await night.quiet() == [*quiet, "it recovered before the call"]


async def test_what_failed_before_the_boot_and_still_fails_is_told_after_the_grace(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.fail()
        night.grace = 300
        await night.restart()
        await night.see("-----")
        assert night.phone.requests == []
        await night.reload()  # says no second time why it is quiet
        await night.see("-")

        assert len(night.heard) == 1
        assert await night.quiet() == ["the machine has just booted"]


async def test_a_ladder_that_a_boot_cut_off_goes_on_at_once(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer", "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.turn()
        assert night.called == ["alice"]
        night.grace = 300
        await night.restart(channels=(LADDER,))
        await night.ring()

        assert night.called == ["alice", "bob"]


async def test_watchcalls_own_trouble_waits_too(tmp_path: Path) -> None:
    channel = replace(PHONE, events=EVENTS | {Event.SELF})
    async with town(tmp_path) as night:
        night.grace = 300
        await night.start(channels=(channel,))
        trouble = Reason.of("self.balance", balance="4.2", currency="USD")
        await night.engine.report_own(Level.WARNING, trouble)
        await night.wait(4 * MINUTE)
        assert night.phone.requests == []
        await night.wait(2 * MINUTE)
        assert len(night.heard) == 1
