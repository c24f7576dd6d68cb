"""A check is silenced while its page waits, rings or goes through the ladder: the calls stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.nights import tell, why_quiet
from tests.stories.town import BOB, CAROL, LADDER, MINUTE, PHONE, Town, check, telling, town
from watchcall.core.calendar import Silence
from watchcall.core.contact import Event

BOTH = (check("httpd"), check("db"))
WHY = "silenced by bob: the database moves"
WAIT = timedelta(seconds=30)


async def silence(night: Town, *names: str) -> dict[str, set[str]]:
    """Hold what is to be told of some checks; return on which channels that is owed."""
    ids = {night.incident(name).id: name for name in names or ("httpd",)}
    owed = await night.store.hold(list(ids), WHY, night.clock.now().utc)
    night.pager.wake()
    return {ids[one]: set(channels) for one, channels in owed.items()}


async def test_a_page_that_waits_is_not_told_and_is_owed(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(group_wait=WAIT)
        await night.fail()
        owed = await silence(night)
        await night.wait(600)

        assert owed == {"httpd": {"phone"}}
        assert night.called == []
        assert await night.store.pages("phone") == []
        assert await why_quiet(night) == [WHY]


async def test_a_phone_that_rings_is_taken_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    async def silenced(_sid: str) -> None:
        await silence(night)

    async with town(tmp_path, "ringing") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        night.meanwhile[:] = [silenced]
        await night.ring()
        await night.wait(600)

        assert night.called == ["alice"]
        assert await night.outcomes() == ["canceled"]
        assert any("taken back: its check is to be quiet" in said for said in caplog.messages)


async def test_who_listens_already_is_not_cut_off_and_was_told(tmp_path: Path) -> None:
    async def silenced(sid: str) -> None:
        await silence(night)
        night.phone.move(sid, "completed", "human")

    async with town(tmp_path, "in-progress") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        night.meanwhile[:] = [silenced]
        await night.ring()

        assert await night.outcomes() == ["human"]
        assert set((await night.store.retold(night.incident())).told) == {"phone"}


async def test_the_ladder_stops_between_two_people(tmp_path: Path) -> None:
    async def silenced(sid: str) -> None:
        night.phone.move(sid, "no-answer")
        await silence(night)

    async with town(tmp_path, "ringing", "human") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        night.meanwhile[:] = [silenced]
        await night.wait(600)

        assert night.called == ["alice"]
        assert (await night.store.retold(night.incident())).told == {}, (
            "it is told again afterwards"
        )
        assert await night.store.undelivered() == []


async def test_between_two_rounds_nobody_is_called_any_more(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(LADDER,))
        await night.fail()
        await night.ring()
        assert night.called == ["alice", "bob"]
        await silence(night)
        await night.wait(600)

        assert night.called == ["alice", "bob"]


async def test_what_is_told_afterwards_is_a_page_of_its_own(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*BOTH, group_wait=WAIT)
        await night.fail("httpd", "db")
        await silence(night, "httpd")
        await tell(night, Event.FAILURE, "httpd")
        await night.wait(60)

        assert [name in said for said in night.heard for name in ("httpd", "db")] == [
            *(False, True),  # what was not silenced
            *(True, False),
        ]


async def test_what_else_is_on_the_page_is_told(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(*BOTH, group_wait=WAIT)
        await night.fail("httpd", "db")
        owed = await silence(night, "httpd")
        await night.wait(60)

        assert owed == {"httpd": {"phone"}}
        assert len(night.heard) == 1
        assert "httpd" not in night.heard[0]
        assert set((await night.store.retold(night.incident("db"))).told) == {"phone"}
        assert (await night.store.retold(night.incident("httpd"))).told == {}


async def test_what_somebody_was_told_is_owed_no_more(tmp_path: Path) -> None:
    texts = replace(PHONE, name="texts", type="sms", to=(BOB, CAROL))
    async with town(tmp_path, "answered") as night:
        night.texts.behaviours[:] = ["delivered", "sending"]
        await night.start(channels=(PHONE, texts))
        await night.fail()
        await night.ring()
        owed = await silence(night)

        assert owed == {}
        assert set((await night.store.retold(night.incident())).told) == {"phone", "texts"}


async def test_texts_that_wait_are_not_sent(tmp_path: Path) -> None:
    texts = replace(PHONE, name="texts", type="sms", to=(BOB, CAROL))
    async with town(tmp_path) as night:
        night.texts.behaviours[:] = ["429"]
        await night.start(channels=(texts,))
        await night.fail()
        await night.ring()
        owed = await silence(night)
        await night.wait(600)

        assert owed == {"httpd": {"texts"}}
        assert len(night.texts.requests) == 2, "each was refused once"


async def test_a_recovery_is_told_although_the_check_is_silenced_now(tmp_path: Path) -> None:
    """Whether recoveries are told in a silence is for the engine to say, not for the page."""
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.fail()
        await night.ring()
        about = night.incident()
        await night.recover()
        assert await night.store.hold([about.id], WHY, night.clock.now().utc) == {}
        await night.ring()

        assert night.called == ["alice", "alice"]


async def test_the_fallback_stops_too_and_owes_nothing_of_its_own(tmp_path: Path) -> None:
    other = replace(PHONE, name="other", to=(BOB,), default=False, rounds=3)
    async with town(tmp_path) as night:
        night.people.update(alice=["reject:20003"], bob=["no-answer"])
        await night.start(channels=(replace(PHONE, fallback="other"), other))
        await night.fail()
        await night.ring()
        assert night.called == ["alice", "bob"]
        owed = await silence(night)
        await night.wait(900)

        assert owed == {"httpd": {"phone"}}
        assert night.called == ["alice", "bob"]


@pytest.mark.parametrize(
    ("end", "told"),
    [
        pytest.param(
            "completed", ["recovery", "failure"], id="who heard it all is told it is over"
        ),
        pytest.param("no-answer", ["failure"], id="who heard nothing is not"),
    ],
)
async def test_it_recovers_while_it_is_silenced_and_somebody_may_be_listening(
    tmp_path: Path, end: str, told: list[str]
) -> None:
    async def is_silenced(_sid: str) -> None:
        now = night.clock.now().utc
        silence = Silence(checks=("httpd",), reason="", by="kei", start=now, end=now + 10 * MINUTE)
        await night.engine.silence(silence)

    async def recovers(_sid: str) -> None:
        await night.recover()

    async def ends(sid: str) -> None:
        night.phone.move(sid, end)

    async with town(tmp_path, "in-progress") as night:
        await night.start(channels=telling())
        await night.fail()
        night.meanwhile[:] = [None, is_silenced, None, recovers, None, ends]
        await night.ring()
        await night.wait(20 * MINUTE, step=10)
        await night.see("+")
        await night.ring()

        assert [call["event"] for call in await night.store.calls(9)] == told
