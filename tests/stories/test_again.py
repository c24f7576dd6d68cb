"""Reminders and word of a check that is unstable: told as a failure is, by the whole ladder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.nights import tell, why_quiet
from tests.stories.town import BOB, CAROL, LADDER, PHONE, check, town
from watchcall.core.contact import Event

BOTH = (check("httpd"), check("db"))
OTHER = replace(PHONE, name="other", to=(CAROL,), default=False)
AGAIN = pytest.mark.parametrize("event", [Event.REMINDER, Event.FLAPPING])


@AGAIN
async def test_it_goes_through_the_ladder(tmp_path: Path, event: Event) -> None:
    async with town(tmp_path, "human", "no-answer", "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        await tell(night, event)
        await night.wait(120)

        assert night.called == ["alice", "alice", "bob"]


@AGAIN
async def test_nobody_hears_what_has_an_owner(tmp_path: Path, event: Event) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        await tell(night, event)
        await night.acknowledge()
        await night.ring()

        assert night.called == ["alice"]
        assert "it was acknowledged" in await why_quiet(night)


@pytest.mark.parametrize(
    ("event", "calls"),
    [
        pytest.param(Event.REMINDER, 0, id="there is nothing to remind of"),
        pytest.param(Event.FLAPPING, 1, id="that it is unstable holds nevertheless"),
    ],
)
async def test_it_recovers_before_the_call(tmp_path: Path, event: Event, calls: int) -> None:
    async with town(tmp_path) as night:
        await night.start(check("httpd"), channels=(replace(PHONE, default=False),))
        for _ in range(2):
            await night.fail()
            await night.recover()
        await night.fail()  # for the third time: it is unstable
        await tell(night, event)
        await night.recover()
        await night.ring()

        assert len(night.called) == calls


@AGAIN
async def test_the_fallback_stands_in_although_it_told_the_failure(
    tmp_path: Path, event: Event
) -> None:
    async with town(tmp_path) as night:
        night.people.update(alice=["no-answer"])
        await night.start(channels=(replace(PHONE, fallback="other"), OTHER))
        await night.fail()
        await night.ring()
        assert night.called == ["alice", "carol"]
        await night.wait(60)
        await tell(night, event)
        await night.wait(120)

        assert night.called == ["alice", "carol"] * 2


async def test_what_the_fallback_said_of_an_unstable_check_is_no_word_of_a_failure(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        night.people.update(alice=["no-answer"])
        phone = replace(PHONE, fallback="other", default=False)
        await night.start(channels=(phone, OTHER))
        await night.fail()
        for event in (Event.FLAPPING, Event.FAILURE):
            await tell(night, event)
            await night.wait(120)

        assert night.called == ["alice", "carol"] * 2


@AGAIN
async def test_the_command_is_run_for_it_too(tmp_path: Path, event: Event) -> None:
    async with town(tmp_path, "human", "no-answer") as night:
        await night.start(channels=(replace(LADDER, to=(BOB,), rounds=1),))
        await night.fail()
        await night.ring()
        await tell(night, event)
        await night.wait(120)

        assert len(await night.store.undelivered()) == 1


@pytest.mark.parametrize("event", [Event.REMINDER, Event.FLAPPING, Event.UNKNOWN])
async def test_what_comes_while_it_is_told_in_vain_joins(tmp_path: Path, event: Event) -> None:
    channel = replace(LADDER, to=(BOB,), round_delay=timedelta(minutes=5), default=False)
    async with town(tmp_path, "no-answer", "human") as night:
        await night.start(*BOTH, channels=(channel,))
        await night.fail("httpd", "db")
        await tell(night, event, "httpd")
        await night.wait(30)
        await tell(night, event, "db")
        await night.wait(900)

        assert night.called == ["bob", "bob"]
        assert all(name in night.heard[1] for name in ("httpd", "db"))


async def test_a_text_of_a_reminder_says_how_to_take_it(tmp_path: Path) -> None:
    texts = replace(PHONE, type="sms", to=(BOB,))
    async with town(tmp_path) as night:
        await night.start(channels=(texts,))
        await night.fail()
        await night.wait(60)
        await tell(night, Event.REMINDER)
        await night.wait(60)

        assert [night.incident().code in body for body in night.texts.read] == [True, True]
