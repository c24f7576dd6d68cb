"""What is over is taken back: nobody is called for nothing, and nobody is cut off."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.town import LADDER, Town, check, telling, town
from watchcall.core import attempt as attempts


async def _recovers(night: Town, _sid: str) -> None:
    await night.recover()


async def _is_acknowledged(night: Town, _sid: str) -> None:
    await night.acknowledge(by="carol")


ENDS = {"it recovers": _recovers, "somebody acknowledges it": _is_acknowledged}


@pytest.mark.parametrize("status", ["queued", "ringing"])
@pytest.mark.parametrize("end", ENDS)
async def test_a_call_that_nobody_has_answered_is_taken_back(
    tmp_path: Path, status: str, end: str
) -> None:
    async with town(tmp_path, status) as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        night.meanwhile[:] = [None, None, lambda sid: ENDS[end](night, sid)]
        await night.ring()
        await night.wait(600, step=30)

        assert night.called == ["alice"]
        assert night.phone.canceled == list(night.phone.calls)
        assert await night.outcomes() == ["canceled"]
        assert night.board.state.state == "ok"


@pytest.mark.parametrize("end", ENDS)
async def test_who_listens_is_never_cut_off(tmp_path: Path, end: str) -> None:
    async def hears_it_out(sid: str) -> None:
        night.phone.move(sid, "completed")

    async with town(tmp_path, "in-progress") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        ends = lambda sid: ENDS[end](night, sid)  # noqa: E731 - as long as its name
        night.meanwhile[:] = [None, ends, None, None, hears_it_out]
        await night.ring()
        await night.wait(600, step=30)

        assert night.called == ["alice"]
        assert (night.phone.canceled, night.phone.hung_up) == ([], [])
        assert await night.outcomes() == ["answered"]


async def test_who_answers_in_the_moment_of_the_recovery_is_not_cut_off(tmp_path: Path) -> None:
    """Twilio refuses to cancel a call that is in progress; and it is not hung up instead."""

    async def answers_and_recovers(sid: str) -> None:
        night.phone.move(sid, "in-progress")
        await night.recover()

    async def hears_it_out(sid: str) -> None:
        night.phone.move(sid, "completed", "human")

    async with town(tmp_path, "ringing") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        night.meanwhile[:] = [None, answers_and_recovers, None, hears_it_out]
        await night.ring()

        assert await night.outcomes() == ["human"]
        assert night.phone.hung_up == []


async def test_what_still_fails_beside_it_is_told_on(tmp_path: Path) -> None:
    async def half_of_it_recovers(_sid: str) -> None:
        await night.recover("db")

    async with town(tmp_path, "ringing", "human") as night:
        await night.start(check("httpd"), check("db"), channels=(LADDER,))
        await night.fail("httpd", "db")
        night.meanwhile[:] = [
            half_of_it_recovers,
            lambda sid: _moves(night, sid, "no-answer"),
        ]
        await night.ring()

        assert night.phone.canceled == []
        assert night.called == ["alice", "bob"]
        assert "db" not in night.heard[-1]


async def test_the_next_person_is_not_called_after_the_recovery(tmp_path: Path) -> None:
    async def recovers_unanswered(sid: str) -> None:
        night.phone.move(sid, "no-answer")
        await night.recover()

    async with town(tmp_path, "ringing") as night:
        await night.start(channels=telling(LADDER))
        await night.fail()
        night.meanwhile[:] = [recovers_unanswered]
        await night.turn()
        await night.turn()
        await night.turn()

        assert night.called == ["alice"]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        pytest.param("it recovers", "it recovered before the call", id="recovered"),
        pytest.param("somebody acknowledges it", "it was acknowledged", id="acknowledged"),
    ],
)
async def test_a_call_that_waits_for_the_next_round_is_dropped_and_is_no_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, end: str, said: str
) -> None:
    caplog.set_level(logging.INFO)
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(LADDER, rounds=2),))
        await night.fail()
        await night.ring()
        await ENDS[end](night, "")
        await night.ring()
        await night.wait(600, step=60)

        assert night.called == ["alice", "bob"]
        assert await night.outcomes() == ["no_answer", "no_answer"]
        assert f"failure of incident 1 on channel 'phone': {said}" in caplog.text


async def test_a_call_that_twilio_holds_for_a_minute_is_taken_back_and_made_again(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "queued", "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        before = night.clock.now()
        await night.ring()

        assert night.clock.now().since(before) < attempts.HELD_FOR + timedelta(seconds=10)
        assert night.called == ["alice", "alice"]
        assert await night.outcomes() == ["canceled", "human"]


async def test_a_call_that_twilio_holds_twice_goes_to_the_next_person(tmp_path: Path) -> None:
    async with town(tmp_path, "queued", "queued", "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.wait(300)

        assert night.called == ["alice", "alice", "bob"]


async def test_a_call_that_rings_for_a_minute_is_not_taken_for_one_that_is_held(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "ringing") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        rings_long = [None] * 35
        night.meanwhile[:] = [*rings_long, lambda sid: _moves(night, sid, "completed", "human")]
        await night.ring()

        assert night.phone.canceled == []
        assert await night.outcomes() == ["human"]


async def test_a_call_that_cannot_be_taken_back_is_asked_about_until_it_ends(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "ringing") as night:
        await night.start(channels=(LADDER,))
        await night.fail()

        async def recovers_and_twilio_is_deaf(_sid: str) -> None:
            await night.recover()
            night.phone.deaf = 3

        night.meanwhile[:] = [recovers_and_twilio_is_deaf]
        await night.ring()

        assert await night.outcomes() == ["canceled"]


async def _moves(night: Town, sid: str, status: str, answered_by: str | None = None) -> None:
    night.phone.move(sid, status, answered_by)


@pytest.mark.parametrize("end", ENDS)
async def test_what_is_over_when_the_call_is_about_to_be_placed_is_not_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        save = night.store.save

        async def and_then_it_ends(made: attempts.Attempt) -> attempts.Attempt:
            saved = await save(made)
            if made.phase is attempts.Phase.POSTING:
                await ENDS[end](night, "")
            return saved

        monkeypatch.setattr(night.store, "save", and_then_it_ends)
        await night.ring()

        assert night.called == []
        assert await night.outcomes() == [], "what was not sent is no call"
