"""When a channel reaches nobody: another stands in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.stories.town import ALICE, BOB, CAROL, LADDER, PHONE, check, town
from watchcall.core.contact import ReachedBy
from watchcall.core.page import Page

FIRST = replace(LADDER, to=(ALICE,), rounds=1, fallback="other")
OTHER = replace(PHONE, name="other", to=(BOB,), default=False)
TEXTS = replace(OTHER, type="sms")
BOTH = (FIRST, OTHER)
FIVE_MINUTES = timedelta(minutes=5, seconds=10)


async def test_an_exhausted_channel_hands_over_to_its_fallback(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer", "answered") as night:
        await night.start(channels=BOTH)
        await night.fail()
        await night.ring()

        assert night.called == ["alice", "bob"]
        assert night.heard[1].startswith("WatchCall on server web1: httpd has been failing")
        await night.wait(3600, step=60)
        assert night.called == ["alice", "bob"]


async def test_texts_may_stand_in_for_calls(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(FIRST, TEXTS))
        await night.fail()
        await night.wait(60)

        assert (night.called, night.texted) == (["alice"], ["bob"])


async def test_where_somebody_was_reached_the_fallback_stays_quiet(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=BOTH)
        await night.fail()
        await night.wait(60)

        assert night.called == ["alice"]


@pytest.mark.parametrize("code", [20003, 10001, 21210])
async def test_a_refused_account_engages_the_fallback_at_once(tmp_path: Path, code: int) -> None:
    async with town(tmp_path, f"reject:{code}") as night:
        await night.start(channels=(FIRST, TEXTS))
        await night.fail()
        before = night.clock.now()
        await night.ring()

        assert (night.called, night.texted) == (["alice"], ["bob"])
        assert night.clock.now().since(before) < timedelta(seconds=5)


async def test_half_a_minute_without_twilio_engages_the_fallback(tmp_path: Path) -> None:
    async with town(tmp_path, "unreachable") as night:
        await night.start(channels=(FIRST, TEXTS))
        await night.fail()
        before = night.clock.now()
        await night.wait(60, step=1)
        assert night.texted == ["bob"]
        ((_, text),) = night.texts.texts.values()
        assert text.created_at is not None
        assert 30 <= (text.created_at - before.utc).total_seconds() <= 34


async def test_a_reply_that_never_comes_engages_it_too(tmp_path: Path) -> None:
    """Requests vanish: neither the call nor any question about it is answered."""
    async with town(tmp_path, "lost-unplaced") as night:
        night.phone.blind = 10**6
        await night.start(channels=(FIRST, TEXTS))
        await night.fail()
        before = night.clock.now()
        while not night.texted:
            await night.turn("phone")
            await night.turn("other")
            assert night.clock.now().since(before) < timedelta(minutes=10)
        said = (await night.store.pages("other"))[0].created_at

        assert said - before.utc < timedelta(seconds=40)


async def test_a_moments_trouble_in_a_later_round_does_not_engage_it(tmp_path: Path) -> None:
    """That the round was waited for is no trouble."""
    first = replace(FIRST, rounds=2, round_delay=timedelta(minutes=5))
    async with town(tmp_path, "no-answer", "429", "human") as night:
        await night.start(channels=(first, OTHER))
        await night.fail()
        await night.wait(600)

        assert night.called == ["alice"] * 3
        assert (await night.outcomes())[-1] == "human"


async def test_meanwhile_the_first_goes_on_trying(tmp_path: Path) -> None:
    async with town(tmp_path, "reject:20003", "no-answer", "human") as night:
        await night.start(channels=BOTH)
        await night.fail()
        await night.wait(400)

        assert night.called == ["alice", "bob", "alice"]
        assert "human" in await night.outcomes()


async def test_whom_the_fallback_reached_needs_no_more_calls_of_the_first(tmp_path: Path) -> None:
    async with town(tmp_path, "unreachable") as night:
        await night.start(channels=(FIRST, TEXTS))
        await night.fail()
        await night.wait(120)
        asked = len(night.phone.requests)
        await night.wait(1200, step=30)

        assert night.texted == ["bob"]
        assert len(night.phone.requests) == asked
        assert await night.store.pages("phone") == []


async def test_what_the_first_reached_after_all_ends_the_fallback(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.people.update(alice=["reject:20003", "human"], bob=["no-answer"])
        await night.start(channels=(FIRST, replace(OTHER, rounds=3, round_delay=FIVE_MINUTES)))
        await night.fail()
        await night.wait(1800, step=10)

        assert night.called == ["alice", "bob", "alice"], "who hears it first is enough"


async def test_a_fallback_has_its_own_fallback(tmp_path: Path) -> None:
    last = replace(PHONE, name="last", to=(CAROL,), default=False)
    async with town(tmp_path, "no-answer", "machine", "answered") as night:
        other = replace(OTHER, reached_by=ReachedBy.HUMAN, fallback="last")
        await night.start(channels=(FIRST, other, last))
        await night.fail()
        await night.ring()

        assert night.called == ["alice", "bob", "carol"]


async def test_what_the_fallbacks_fallback_reached_ends_the_first_too(tmp_path: Path) -> None:
    last = replace(TEXTS, name="last", to=(CAROL,))
    async with town(tmp_path, "reject:20003", "no-answer", "human") as night:
        await night.start(channels=(FIRST, replace(OTHER, fallback="last"), last))
        await night.fail()
        await night.wait(1200, step=20)

        assert night.texted == ["carol"]
        assert night.called == ["alice", "bob"]


async def test_a_new_failure_does_not_join_what_was_handed_over(tmp_path: Path) -> None:
    async with town(tmp_path, "unreachable") as night:
        await night.start(check("httpd"), check("db"), channels=(FIRST, TEXTS))
        await night.fail("httpd")
        await night.wait(60)
        await night.fail("db")
        await night.wait(60)

        assert ["db" in said for said in night.texts.read] == [False, True]


async def test_whom_the_fallback_reached_hears_of_the_recovery_there(tmp_path: Path) -> None:
    async with town(tmp_path, "busy") as night:
        phone = replace(PHONE, fallback=TEXTS.name)
        text = replace(TEXTS, recovery=True)
        await night.start(channels=(phone, text))
        await night.fail()
        await night.wait(300)
        before = len(night.texts.requests)
        await night.recover()
        await night.wait(60)

        assert before == 1
        (recovery,) = night.texts.requests[before:]
        assert "recovered" in recovery.body


async def test_that_nobody_was_reached_is_known_after_a_restart(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start()
        await night.fail()
        await night.wait(60)
        await night.restart()

        assert night.board.state.reason == "nobody was reached about incident 1"


async def test_that_nobody_was_reached_is_known_before_the_command_for_the_undelivered_can_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finds in `status`, and below in the log, why it was run."""
    known = []
    async with town(tmp_path, "no-answer") as night:
        await night.start()
        engage = night.store.engage

        async def seen(page: Page, fallback: str | None, at: datetime) -> None:
            known.append(night.board.state.reason)
            await engage(page, fallback, at)

        monkeypatch.setattr(night.store, "engage", seen)
        await night.fail()
        await night.wait(60)

        assert known == ["nobody was reached about incident 1"]
        assert len(await night.store.undelivered()) == 1
