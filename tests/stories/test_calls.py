"""What becomes of calls, and what WatchCall does about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import FakePhone
from tests.stories.town import ALICE, PHONE, Town, telling, town
from watchcall.core import attempt as attempts
from watchcall.core.attempt import Attempt, CallReport
from watchcall.core.speech import Speech
from watchcall.ports import CallRequest

STRANGERS = CallRequest(
    to=ALICE.phone, speech=Speech("something else", "again", "ja-JP"), ring_timeout_s=25
)


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        pytest.param("answered", "answered", id="answered"),
        pytest.param("no-answer", "no_answer", id="nobody answers"),
        pytest.param("failed", "failed", id="failed"),
        pytest.param("reject:21211", "rejected", id="refused by Twilio"),
    ],
)
async def test_the_ledger_says_what_became_of_a_call(
    tmp_path: Path, behaviour: str, outcome: str
) -> None:
    async with town(tmp_path, behaviour) as night:
        await night.start()
        await night.see("+---")

        assert await night.outcomes() == [outcome]


async def test_a_call_that_twilio_is_too_busy_for_waits_as_asked_and_is_made(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "429", "answered") as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        await night.ring()
        assert await night.outcomes() == ["pending"]

        night.clock.advance(7)
        await night.ring()
        assert await night.outcomes() == ["answered"]


async def test_while_twilio_cannot_be_reached_it_is_tried_until_it_can(tmp_path: Path) -> None:
    async with town(tmp_path, *["unreachable"] * 20, "answered") as night:
        await night.start()
        await night.see("+---" + "-" * 30)

        assert await night.outcomes() == ["answered"]
        assert night.board.state.state == "ok"


async def test_a_pager_that_cannot_reach_twilio_says_so(tmp_path: Path) -> None:
    async with town(tmp_path, "unreachable") as night:
        await night.start()
        await night.see("+---")
        assert night.board.state.state == "degraded"

        await night.see("--")
        assert night.board.state.state == "down"


async def test_a_call_that_cannot_be_placed_is_dropped_once_it_recovers(tmp_path: Path) -> None:
    async with town(tmp_path, "unreachable") as night:
        await night.start(channels=telling())
        for mark in "+---":
            await night.look(mark)
        await night.ring()
        for mark in "++":
            await night.look(mark)
        await night.ring()

        assert await night.outcomes() == ["canceled"]


async def test_refused_credentials_are_not_hammered_but_tried_again_in_five_minutes(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "reject:20003", "answered") as night:
        await night.start()
        await night.see("+---")
        assert night.board.state.state == "down"
        await night.see("---")
        assert len(night.phone.requests) == 1

        await night.see("---")
        assert await night.outcomes() == ["rejected", "answered"]


async def test_a_corrected_token_is_tried_at_once_after_the_restart(tmp_path: Path) -> None:
    async with town(tmp_path, "reject:20003", "answered") as night:
        await night.start()
        await night.see("+---")
        await night.restart(off_for=timedelta(seconds=1))
        await night.ring(since=night.clock.now().utc)

        assert await night.outcomes() == ["rejected", "answered"]


async def test_a_question_that_twilio_does_not_answer_is_no_look(tmp_path: Path) -> None:
    """Only looks that saw the list can tell that the lost call is not there."""
    async with town(tmp_path, "lost", "answered") as night:
        await night.start()
        night.phone.blind = 10
        await night.see("+---")

        assert await night.outcomes() == ["answered"]
        assert len(night.phone.requests) == 1


async def test_where_the_list_is_refused_a_lost_call_is_made_again_at_once(tmp_path: Path) -> None:
    async with town(tmp_path, "lost", "answered") as night:
        await night.start()
        night.phone.listless = True
        for mark in "+---":
            await night.look(mark)
        before = night.clock.now()
        await night.ring()

        assert await night.outcomes() == ["uncertain", "answered"]
        assert night.clock.now().since(before) < timedelta(seconds=10)


async def test_restarts_do_not_prolong_the_search_for_a_lost_call(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        await _die_while_posting(night, placed=False)
        night.phone.blind = 1000
        await night.restart(off_for=timedelta(minutes=6))
        before = night.clock.now()
        await night.ring()

        assert await night.outcomes() == ["uncertain", "answered"]
        assert night.clock.now().since(before) < timedelta(seconds=10)


async def test_a_lost_call_is_not_looked_for_for_ever(tmp_path: Path) -> None:
    async with town(tmp_path, "lost", "answered") as night:
        await night.start()
        night.phone.blind = 1000
        await night.see("+---")

        assert await night.outcomes() == ["uncertain", "answered"]


async def test_while_errors_go_on_the_pager_is_down(tmp_path: Path) -> None:
    async with town(tmp_path, "lost-unplaced") as night:
        await night.start()
        await night.see("+---")
        assert night.board.state.state == "degraded"
        await night.see("--")
        assert night.board.state.state == "down"


async def test_a_lost_reply_does_not_ring_twice(tmp_path: Path) -> None:
    async with town(tmp_path, "lost", "answered") as night:
        await night.start()
        await night.see("+---")

        assert await night.outcomes() == ["answered"]
        assert len(night.phone.requests) == 1


async def test_a_call_that_twilio_does_not_know_is_made_again_and_says_it_may_be_a_repeat(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "lost-unplaced", "answered") as night:
        await night.start()
        await night.see("+---")

        assert await night.outcomes() == ["uncertain", "answered"]
        assert "このお知らせは二度目かもしれません。" in night.heard[0]


async def test_while_every_reply_is_an_error_calls_are_made_less_and_less_often(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "lost-unplaced") as night:
        await night.start()
        await night.see("+---")
        began = len(night.phone.requests)
        await night.see("-" * 10)

        assert 5 <= len(night.phone.requests) - began <= 10


async def test_where_others_call_from_our_number_a_lost_call_is_repeated_not_looked_up(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "lost", "answered") as night:
        night.voice.shared_from = True
        await night.start()
        await night.see("+---")

        assert await night.outcomes() == ["uncertain", "answered"]
        assert len(night.phone.requests) == 2


async def test_an_earlier_call_of_ours_is_not_mistaken_for_the_lost_one(tmp_path: Path) -> None:
    async with town(tmp_path, "answered", "lost") as night:
        await night.start()
        for marks in ("+---", "++---"):
            for mark in marks:
                await night.look(mark)
            await night.ring()

        assert await night.outcomes() == ["answered", "answered"]
        assert len(night.phone.requests) == 2


async def test_the_intent_is_written_down_before_twilio_is_asked(tmp_path: Path) -> None:
    written: list[str] = []

    class Witness(FakePhone):
        async def place(self, request: CallRequest) -> CallReport:
            (call,) = await night.store.calls(10)
            written.append(f"{call['outcome']}, attempt {call['attempt']}, sid {call['sid']}")
            return await super().place(request)

    async with town(tmp_path) as night:
        night.phone = Witness(night.clock)
        await night.start()
        await night.see("+---")

    assert written == ["pending, attempt 1, sid None"]


async def test_two_unknown_calls_are_not_guessed_between(tmp_path: Path) -> None:
    """Nobody can tell which of them is ours, so ours is made again."""
    async with town(tmp_path, "answered", "lost", "answered") as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        await night.phone.place(STRANGERS)
        await night.ring()

        assert await night.outcomes() == ["uncertain", "answered"]


async def test_a_question_that_fails_is_never_an_outcome(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        night.phone.deaf = 5
        await night.see("+---")

        assert await night.outcomes() == ["answered"]


async def test_a_call_without_an_end_is_stuck(tmp_path: Path) -> None:
    async with town(tmp_path, "ringing") as night:
        await night.start()
        await night.see("+---")

        assert await night.outcomes() == ["stuck"]


async def test_a_recovery_goes_to_the_person_who_was_reached(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.see("+---++")

        assert [request.to for request in night.phone.requests] == [ALICE.phone, ALICE.phone]


async def test_a_recovery_is_tried_once(tmp_path: Path) -> None:
    async with town(tmp_path, "answered", "busy") as night:
        await night.start(channels=telling())
        await night.see("+---++++")

        assert await night.outcomes() == ["answered", "busy"]


async def test_a_failure_that_nobody_could_be_called_about_has_no_recovery_call(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "reject:21211", "answered") as night:
        await night.start(channels=telling())
        await night.see("+---++")

        assert await night.outcomes() == ["rejected"]


async def test_a_crash_between_post_and_reply_adopts_the_call_that_rings(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        await _die_while_posting(night, placed=True)
        await night.restart(off_for=timedelta(seconds=20))
        await night.ring()

        assert await night.outcomes() == ["answered"]
        assert len(night.heard) == 1


async def test_a_crash_before_the_post_arrived_calls_after_the_start(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        await _die_while_posting(night, placed=False)
        await night.restart(off_for=timedelta(seconds=20))
        await night.ring()

        assert await night.outcomes() == ["uncertain", "answered"]
        assert len(night.heard) == 1


async def _die_while_posting(night: Town, *, placed: bool) -> None:
    """Leave the database as a kill -9 between the POST and its answer leaves it."""
    (page,) = await night.store.pages("phone")
    now = night.clock.now().utc
    planned = Attempt(
        id="a-1",
        notification=page.id,
        channel="phone",
        contact=ALICE.name,
        to=ALICE.phone,
        nth=1,
        planned_at=now,
        due_at=now,
    )
    await night.store.save(attempts.post(planned, now))
    if placed:
        await night.phone.place(replace(STRANGERS, to=ALICE.phone))


THEIRS = replace(
    PHONE,
    twiml_url="https://example.com/words.xml",
    status_callback="https://example.com/status",
)


async def test_an_operators_url_and_callback_reach_twilio(tmp_path: Path) -> None:
    async with town(tmp_path, "answered") as night:
        night.voice.public_url = "https://watch.example.com"
        await night.start(channels=(THEIRS,))
        await night.see("+---")

        (asked,) = night.phone.requests
        assert (asked.twiml_url, asked.status_callback) == (
            "https://example.com/words.xml",
            "https://example.com/status",
        )


async def test_our_callback_is_told_where_the_operator_has_none(tmp_path: Path) -> None:
    async with town(tmp_path, "answered") as night:
        night.voice.public_url = "https://watch.example.com"
        await night.start()
        await night.see("+---")

        (asked,) = night.phone.requests
        assert asked.twiml_url is None
        assert (asked.status_callback or "").startswith("https://watch.example.com/twilio/status/")


async def test_after_twilio_refused_the_urls_the_words_are_said_without_them(
    tmp_path: Path,
) -> None:
    """Better a call that says our words than none because of somebody's URL."""
    async with town(tmp_path, "reject:21609", "answered") as night:
        await night.start(channels=(THEIRS,))
        await night.see("+---")

        first, second = night.phone.requests
        assert first.twiml_url is not None
        assert (second.twiml_url, second.status_callback) == (None, None)
        assert "httpd" in second.speech.text
