"""Texts: everybody at once, and what became of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.town import ALICE, BOB, CAROL, PHONE, check, only, town
from watchcall.core.contact import Channel, Event
from watchcall.core.ladder import Dial
from watchcall.pager.switchboard import planned
from watchcall.pager.texts import TextChannel
from watchcall.ports import TextRequest

TEXTS = Channel(name="texts", type="sms", to=(ALICE, BOB), recovery=True)
TO_BOB = replace(TEXTS, to=(BOB,), recovery=False)


async def test_everybody_is_told_at_once_with_the_code_that_acknowledges(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(TEXTS,))
        await night.fail()
        before = night.clock.now()
        await night.ring()

        assert night.texted == ["alice", "bob"]
        assert all(night.incident().code in body for body in night.texts.read)
        assert night.clock.now().since(before) < timedelta(seconds=5)
        assert await night.outcomes() == ["delivered", "delivered"]


async def test_one_whom_no_text_reaches_does_not_delay_the_other(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["queued", "delivered"]
        await night.start(channels=(TEXTS,))
        await night.fail()
        await night.ring()

        assert night.texted == ["alice", "bob"]
        assert await night.outcomes() == ["pending", "delivered"]


@pytest.mark.parametrize(
    ("behaviour", "outcome", "code"),
    [
        pytest.param("undelivered:30003", "undelivered", 30003, id="the phone is off"),
        pytest.param("failed:30007", "undelivered", 30007, id="filtered"),
        pytest.param("reject:21610", "rejected", 21610, id="answered STOP"),
    ],
)
async def test_a_text_that_does_not_arrive_is_in_the_ledger_with_its_reason(
    tmp_path: Path, behaviour: str, outcome: str, code: int
) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = [behaviour]
        await night.start(channels=(TO_BOB,))
        await night.fail()
        await night.wait(120)
        (text,) = await night.store.calls(10)

        assert (text["outcome"], text["error_code"]) == (outcome, code)
        assert list(night.board.state.barred) == ["bob"]
        assert "nobody was reached" in night.board.state.reason


@pytest.mark.parametrize("code", [30001, 30008])
async def test_some_errors_of_carriers_earn_one_more_try(tmp_path: Path, code: int) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = [f"undelivered:{code}"]
        await night.start(channels=(TO_BOB,))
        await night.fail()
        await night.wait(600, step=30)

        assert night.texted == ["bob", "bob"]


async def test_texts_are_asked_about_until_they_arrive(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["sending"]
        await night.start(channels=(TO_BOB,))
        await night.fail()
        await night.ring()
        await night.wait(20)
        assert await night.outcomes() == ["pending"]

        night.texts.deaf = 3
        night.texts.move(only(night.texts.texts), "delivered")
        await night.wait(20)
        assert await night.outcomes() == ["delivered"]


async def test_one_that_the_carrier_took_counts_after_a_minute(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["sent"]
        await night.start(channels=(TO_BOB,))
        await night.fail()
        await night.wait(50)
        assert await night.outcomes() == ["pending"]

        await night.wait(20)
        assert await night.outcomes() == ["sent"]
        assert await night.store.pages("texts") == []


async def test_one_that_the_carrier_does_not_take_is_stuck_and_nobody_was_reached(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["queued"]
        await night.start(channels=(TO_BOB,))
        await night.fail()
        await night.wait(310)

        assert await night.outcomes() == ["stuck"]
        assert "nobody was reached" in night.board.state.reason


@pytest.mark.parametrize("how", ["lost", "500-placed"])
async def test_a_lost_text_is_found_by_its_code(tmp_path: Path, how: str) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = [how, "delivered"]
        await night.start(channels=(TO_BOB,))
        await night.fail()
        await night.wait(60)

        assert night.texted == ["bob"]
        assert await night.outcomes() == ["delivered"]


async def test_a_text_with_other_words_is_not_taken_for_the_lost_one(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["lost-unplaced", "delivered"]
        await night.start(channels=(TO_BOB,))
        await night.fail()
        night.texts.behaviours.insert(0, "delivered")
        await night.texts.send(TextRequest(to=BOB.phone, body="something else"))
        await night.wait(60)

        assert await night.outcomes() == ["uncertain", "delivered"]


async def test_a_text_that_was_lost_is_sent_again_soon_though_others_arrived(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["lost-unplaced", "delivered"]
        await night.start(channels=(TEXTS,))
        await night.fail()
        before = night.clock.now()
        while night.texted != ["alice", "bob", "alice"]:
            await night.wait(1, step=1)
            assert night.clock.now().since(before) < timedelta(seconds=20)


async def test_a_second_page_is_not_delayed_by_the_receipts_of_the_first(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["sending"]
        await night.start(check("httpd"), check("db"), channels=(TEXTS,))
        await night.fail("httpd")
        await night.ring()
        await night.fail("db")
        before = night.clock.now()
        await night.ring()

        assert night.texted == ["alice", "bob"] * 2
        assert night.clock.now().since(before) < timedelta(seconds=3)


async def test_texts_wait_for_companions_too_and_tell_each_with_its_code(tmp_path: Path) -> None:
    wait = timedelta(seconds=3)
    async with town(tmp_path) as night:
        await night.start(check("httpd"), check("db"), channels=(TO_BOB,), group_wait=wait)
        await night.fail("httpd", "db")
        await night.ring()
        assert night.texted == []

        night.clock.advance(wait)
        await night.ring()
        (body,) = night.texts.read
        assert all(night.incident(name).code in body for name in ("httpd", "db"))


async def test_a_text_that_cannot_be_sent_waits_as_asked_also_after_a_restart(
    tmp_path: Path,
) -> None:
    """A start makes it due at once; a second refusal is heeded again."""
    async with town(tmp_path) as night:
        night.texts.behaviours = ["429"]
        await night.start(channels=(TO_BOB,))
        await night.fail()
        await night.ring()
        assert len(night.texts.requests) == 1

        await night.restart(off_for=timedelta(seconds=1), channels=(TO_BOB,))
        started = night.clock.now().utc
        await night.ring(since=started)
        await night.ring(since=started)
        assert len(night.texts.requests) == 2


async def test_what_recovered_before_it_was_sent_is_not_sent(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["unreachable", "delivered"]
        await night.start(channels=(TEXTS,))
        await night.fail()
        await night.turn("texts")
        await night.turn("texts")
        await night.recover()
        await night.wait(60)

        assert night.texts.read == []


async def test_a_recovery_is_texted_to_those_who_had_the_text(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["undelivered:30003", "delivered"]
        await night.start(channels=(TEXTS,))
        await night.fail()
        await night.ring()
        await night.recover()
        await night.ring()

        assert night.texted == ["alice", "bob", "bob"]


async def test_texts_and_calls_go_out_side_by_side(tmp_path: Path) -> None:
    async with town(tmp_path, "ringing") as night:
        await night.start(channels=(replace(PHONE, to=(CAROL,)), TEXTS))
        await night.fail()
        await night.turn("phone")
        await night.turn("texts")
        await night.turn("texts")

        assert (night.called, night.texted) == (["carol"], ["alice"])


async def test_an_acknowledgement_ends_what_was_not_sent_yet(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.texts.behaviours = ["429", "delivered"]
        await night.start(channels=(TO_BOB,))
        await night.fail()
        await night.ring()
        await night.acknowledge()
        await night.wait(60)

        assert night.texts.read == []


@pytest.mark.parametrize("event", Event)
async def test_only_what_somebody_can_take_on_asks_for_an_answer(
    tmp_path: Path, event: Event
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(TO_BOB,))
        await night.fail()
        (page,) = await night.store.pages("texts")
        attempt = planned(page, Dial(contact=BOB, round=1), "an attempt", night.clock.now().utc)
        body = TextChannel(night.board)._body(attempt, replace(page, event=event), TO_BOB)

    asks = event not in (Event.RECOVERY, Event.SELF)
    assert (f"Reply {night.incident().code} to acknowledge." in body) is asks
