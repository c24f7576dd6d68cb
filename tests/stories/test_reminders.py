"""Reminders: what is critical, still fails and nobody owns is told again, and only so often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.stories.town import ALICE, BOB, MINUTE, PHONE, Town, check, town
from watchcall.core.contact import EVENTS, Channel, Event

TEXT = Channel(name="text", to=(BOB,), type="sms")


@asynccontextmanager
async def reminding(
    state: Path, *behaviours: str, every: timedelta = 30 * MINUTE, channel: Channel = PHONE
) -> AsyncIterator[Town]:
    async with town(state, *behaviours) as night:
        night.remind_every = every
        await night.start(check("httpd"), check("db"), channels=(channel,))
        yield night


async def test_it_is_told_again_every_half_hour_three_times(tmp_path: Path) -> None:
    async with reminding(tmp_path) as night:
        await night.see("+" + "-" * 32)
        assert len(night.heard) == 1
        await night.see("--")
        assert len(night.heard) == 2, "half an hour after the first call"

        await night.see("-" * 200)
        assert len(night.heard) == 4
        assert "reminded often enough" in await night.quiet()
        assert [call["event"] for call in await night.store.calls(10)] == [
            *["reminder"] * 3,
            "failure",
        ]


async def test_a_reminder_comes_by_time_and_not_only_with_a_look(tmp_path: Path) -> None:
    async with reminding(tmp_path) as night:
        await night.fail()
        await night.wait(31 * MINUTE, step=30)

        assert len(night.heard) == 2


async def test_an_acknowledgement_stops_them(tmp_path: Path) -> None:
    async with reminding(tmp_path) as night:
        await night.see("---")
        await night.acknowledge()
        await night.see("-" * 100)

        assert len(night.heard) == 1


async def test_who_let_it_run_out_is_told_that_it_still_fails(tmp_path: Path) -> None:
    async with reminding(tmp_path) as night:
        night.engine.rules.ack_timeout = 10 * MINUTE
        await night.see("---")
        await night.acknowledge()
        await night.see("-" * 12)
        assert len(night.heard) == 2

        await night.see("-" * 31)
        assert len(night.heard) == 3, "and half an hour later, of the same again"


async def test_a_warning_is_told_once(tmp_path: Path) -> None:
    async with reminding(tmp_path) as night:
        await night.see("w" * 100)

        assert len(night.heard) == 1


async def test_what_recovers_is_not_reminded_of(tmp_path: Path) -> None:
    async with reminding(tmp_path) as night:
        await night.see("---++" + "+" * 60)

        assert len(night.heard) == 1


async def test_nor_what_may_be_recovering_just_now(tmp_path: Path) -> None:
    async with reminding(tmp_path) as night:
        await night.see("-" * 31 + "+")
        await night.wait(2 * MINUTE)
        assert len(night.heard) == 1, "one good look: the next one decides"

        await night.see("-")
        assert len(night.heard) == 2


async def test_a_channel_that_does_not_want_them_has_none(tmp_path: Path) -> None:
    quiet = replace(PHONE, events=EVENTS - {Event.REMINDER})
    async with reminding(tmp_path, channel=quiet) as night:
        await night.see("-" * 100)

        assert len(night.heard) == 1


async def test_zero_never_reminds(tmp_path: Path) -> None:
    async with reminding(tmp_path, every=timedelta(0)) as night:
        await night.see("-" * 100)

        assert len(night.heard) == 1


async def test_nobody_is_reminded_while_the_ladder_still_looks_for_somebody(
    tmp_path: Path,
) -> None:
    endless = replace(PHONE, rounds=100, round_delay=MINUTE)
    async with reminding(tmp_path, "no-answer", every=5 * MINUTE, channel=endless) as night:
        await night.fail()
        await night.wait(30 * MINUTE, step=20)

        assert {call["event"] for call in await night.store.calls(100)} == {"failure"}


async def test_where_nobody_was_reached_a_reminder_tries_again(tmp_path: Path) -> None:
    async with reminding(tmp_path, "no-answer", "answered") as night:
        await night.fail()
        await night.wait(31 * MINUTE, step=20)

        assert await night.outcomes() == ["no_answer", "answered"]


async def test_a_restart_forgets_neither_when_nor_how_often(tmp_path: Path) -> None:
    async with reminding(tmp_path) as night:
        await night.see("-" * 40)
        assert len(night.heard) == 2
        await night.restart(off_for=MINUTE)
        await night.see("-" * 20)
        assert len(night.heard) == 2, "the next is not due yet"
        await night.see("-" * 200)
        assert len(night.heard) == 4


async def test_after_a_long_stop_nobody_is_reminded_before_somebody_has_looked(
    tmp_path: Path,
) -> None:
    async with reminding(tmp_path) as night:
        await night.see("---")
        await night.restart(off_for=timedelta(hours=5))
        await night.wait(5 * MINUTE)
        assert len(night.heard) == 1

        await night.see("++")
        assert len(night.heard) == 1


async def test_what_fails_beside_it_is_told_in_the_same_reminder(tmp_path: Path) -> None:
    async with reminding(tmp_path, channel=replace(PHONE, to=(ALICE,))) as night:
        await night.fail("httpd")
        await night.wait(10 * MINUTE, step=30)
        await night.fail("db")
        await night.wait(21 * MINUTE, step=30)
        assert len(night.heard) == 3
        (last, *_) = await night.store.calls(1)
        assert (last["event"], len(last["incidents"])) == ("reminder", 2)

        await night.wait(25 * MINUTE, step=30)
        assert len(night.heard) == 3, "both are reminded of from then on together"


async def test_texts_are_sent_again_too(tmp_path: Path) -> None:
    async with reminding(tmp_path, channel=TEXT) as night:
        await night.see("-" * 34)

        assert night.texted == ["bob", "bob"]
