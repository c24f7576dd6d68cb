"""A burst of failures is one call, and to whom it reached one text with the list of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.nights import tell, warn
from tests.stories.town import ALICE, BOB, CAROL, LADDER, PHONE, Town, check, only, telling, town
from watchcall.core.account import AccountReport
from watchcall.core.contact import Channel, Event
from watchcall.pager.monitor import Monitor
from watchcall.ports import TextRequest

WAIT = timedelta(seconds=3)
TWENTY = [f"web-{number:02}" for number in range(20)]
THREE = TWENTY[:3]
PERSON = replace(LADDER, to=(BOB,))
TEXTS = replace(PHONE, name="texts", type="sms", to=(BOB,))


async def burst(night: Town, *names: str, channels: tuple[Channel, ...] = (PERSON,)) -> None:
    """Start, and let checks fail within one moment; nobody is called yet."""
    await night.start(*map(check, TWENTY), channels=channels, group_wait=WAIT)
    await night.fail(*(names or THREE))


async def types(night: Town) -> list[str]:
    return [call["type"] for call in reversed(await night.store.calls(100))]


async def test_twenty_failures_are_one_call_and_one_text_with_the_list(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await night.start(*map(check, TWENTY), channels=(PERSON,), group_wait=WAIT)
        await warn(night, *TWENTY[:19])
        await night.fail(TWENTY[19])
        await night.wait(60)

        assert night.called == ["bob"]
        assert "20 checks" in night.heard[0]
        assert night.texted == ["bob"]
        (body,) = night.texts.read
        lines = body.splitlines()
        assert "20 checks" in lines[0]
        assert "web-19" in lines[1], "the worst first"
        assert all(name in body for name in TWENTY[:10]), "six segments hold more than three"
        assert await night.outcomes() == ["human", "delivered"]


@pytest.mark.parametrize(("failed", "texts"), [(2, 0), (3, 1)])
async def test_what_the_call_details_needs_no_list(tmp_path: Path, failed: int, texts: int) -> None:
    async with town(tmp_path, "human") as night:
        await burst(night, *TWENTY[:failed])
        await night.wait(60)

        assert len(night.heard) == 1
        assert len(night.texted) == texts


async def test_only_who_heard_the_call_is_sent_it(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer", "machine", "human") as night:
        await burst(night, channels=(replace(LADDER, to=(ALICE, CAROL, BOB)),))
        await night.wait(60)

        assert night.called == ["alice", "carol", "bob"]
        assert night.texted == ["bob"]


async def test_who_reached_nobody_sends_no_list(tmp_path: Path) -> None:
    async with town(tmp_path, "no-answer") as night:
        await burst(night)
        await night.wait(600)

        assert night.texted == []


async def test_a_reminder_of_many_comes_with_the_list_and_a_recovery_does_not(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "human") as night:
        await burst(night, channels=telling(PERSON))
        await night.wait(120)
        for name in THREE:
            await tell(night, Event.REMINDER, name)
        await night.wait(120)
        assert (len(night.called), len(night.texted)) == (2, 2)

        await night.recover(*THREE)
        await night.wait(120)
        assert (len(night.called), len(night.texted)) == (3, 2)


# Who can have none


async def test_a_number_that_takes_no_texts_is_sent_none(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await burst(night, channels=(replace(PERSON, to=(replace(BOB, takes_texts=False),)),))
        await night.wait(60)

        assert (night.called, night.texted) == (["bob"], [])


@pytest.mark.parametrize(
    ("others", "texts"),
    [
        pytest.param((TEXTS,), 1, id="that text is enough"),
        pytest.param((replace(TEXTS, to=(CAROL,)),), 2, id="it goes to somebody else"),
        pytest.param((replace(TEXTS, default=False),), 1, id="it does not tell these"),
    ],
)
async def test_who_reads_of_it_on_another_channel_needs_no_list(
    tmp_path: Path, others: tuple[Channel, ...], texts: int
) -> None:
    async with town(tmp_path, "human") as night:
        await burst(night, channels=(PERSON, *others))
        await night.wait(60)

        assert len(night.texted) == texts


@pytest.mark.parametrize(("sms", "texts"), [(True, 1), (False, 0), (None, 1)])
async def test_a_number_of_ours_that_can_send_no_texts_is_not_tried(
    tmp_path: Path, sms: bool | None, texts: int
) -> None:
    async with town(tmp_path, "human") as night:
        await burst(night)
        night.desk.account = AccountReport(sms=sms)
        await Monitor(night.desk, night.board, night.engine, (PERSON,), ()).turn()
        await night.wait(60)

        assert len(night.texted) == texts


# What becomes of it changes nothing


@pytest.mark.parametrize(
    "behaviour",
    ["reject:21610", "reject:21606", "reject:20003", "undelivered:30006", "failed:30008"],
)
async def test_that_it_fails_is_no_trouble_of_the_pager_and_is_not_repeated(
    tmp_path: Path, behaviour: str
) -> None:
    async with town(tmp_path, "human") as night:
        night.texts.behaviours[:] = [behaviour]
        await burst(night)
        await night.wait(900, step=30)

        assert len(night.texts.requests) == 1
        assert night.called == ["bob"]
        assert night.board.state.state == "ok"
        assert night.board.state.barred == {}
        await night.restart(*map(check, TWENTY), channels=(PERSON,))
        assert night.board.state.barred == {}


@pytest.mark.parametrize(
    ("behaviour", "again"),
    [
        pytest.param("reject:21610", False, id="they do not want any"),
        pytest.param("undelivered:30006", False, id="it is a landline"),
        pytest.param("reject:21606", False, id="our number cannot"),
        pytest.param("undelivered:30003", True, id="it was switched off"),
    ],
)
async def test_the_next_burst_tries_again_where_that_may_help(
    tmp_path: Path, behaviour: str, again: bool
) -> None:
    async with town(tmp_path, "human") as night:
        night.texts.behaviours[:] = [behaviour]
        await burst(night)
        await night.wait(900, step=30)
        await night.fail(*TWENTY[10:15])
        await night.wait(120)

        assert len(night.called) == 2
        assert len(night.texts.requests) == 1 + again


async def test_the_next_call_does_not_wait_for_it(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        night.texts.behaviours[:] = ["429"]
        await burst(night)
        await night.wait(30)
        before = night.clock.now()
        await night.fail(TWENTY[10])
        while len(night.called) < 2:
            await night.wait(1, step=1)
        assert night.clock.now().since(before) < timedelta(seconds=6)

        night.texts.behaviours[:] = ["delivered"]
        await night.wait(60)
        assert len(night.texts.read) == 1


async def test_what_joined_while_somebody_listened_is_called_about_all_the_same(
    tmp_path: Path,
) -> None:
    async def one_more(sid: str) -> None:
        await night.fail(TWENTY[10])
        night.phone.move(sid, "completed", "human")

    async with town(tmp_path, "in-progress", "human") as night:
        await burst(night)
        night.meanwhile[:] = [one_more]
        await night.wait(120)

        assert night.called == ["bob", "bob"]
        assert TWENTY[10] in night.heard[1]


async def test_who_took_it_upon_themselves_reads_of_it_too(tmp_path: Path) -> None:
    async def taken(sid: str) -> None:
        await night.acknowledge(*THREE, by="bob")
        night.phone.move(sid, "completed", "human")

    async with town(tmp_path, "in-progress") as night:
        await burst(night)
        night.meanwhile[:] = [taken]
        await night.wait(60)

        (body,) = night.texts.read
        assert all(name in body for name in THREE)
        assert night.incident(THREE[0]).code not in body, "there is nothing left to acknowledge"


async def test_what_is_over_before_it_is_sent_is_not_sent(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        night.texts.behaviours[:] = ["429", "delivered"]
        await burst(night)
        await night.wait(5, step=1)
        assert len(night.texts.requests) == 1
        await night.recover(*THREE)
        await night.wait(120)

        assert night.texts.read == []


# Crashes


async def test_a_stop_before_it_is_sent_does_not_lose_it(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        await burst(night)
        night.clock.advance(WAIT)
        while await night.store.pages("phone"):
            await night.turn()
        assert (night.called, night.texted) == (["bob"], [])
        await night.restart(*map(check, TWENTY), channels=(PERSON,))
        await night.wait(60)

        assert (night.called, night.texted) == (["bob"], ["bob"])


async def test_a_stop_between_its_plan_and_the_end_of_the_page_makes_it_no_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    async def dies(*_: object, **__: object) -> None:
        raise Killed

    async with town(tmp_path, "human") as night:
        await burst(night)
        monkeypatch.setattr(night.store, "settle", dies)
        night.clock.advance(WAIT)
        with pytest.raises(Killed):
            await night.wait(60)
        await night.restart(*map(check, TWENTY), channels=(PERSON,))
        await night.wait(60)

        assert (night.called, night.texted) == (["bob"], ["bob"])
        assert await types(night) == ["voice", "sms"]


@pytest.mark.parametrize("behaviour", ["lost", "500-placed", "lost-unplaced"])
async def test_one_whose_reply_was_lost_is_looked_for_and_not_sent_again(
    tmp_path: Path, behaviour: str
) -> None:
    async with town(tmp_path, "human") as night:
        night.texts.behaviours[:] = [behaviour]
        await burst(night)
        await night.wait(120)

        assert len(night.texts.requests) == 1
        arrived = behaviour != "lost-unplaced"
        assert await night.outcomes() == ["human", "delivered" if arrived else "uncertain"]
        assert night.board.state.state == "ok"


async def test_a_text_that_somebody_else_sent_is_not_taken_for_it(tmp_path: Path) -> None:
    async with town(tmp_path, "human") as night:
        night.texts.behaviours[:] = ["lost-unplaced", "delivered"]
        await burst(night)
        night.texts.behaviours.insert(0, "delivered")
        await night.texts.send(TextRequest(to=BOB.phone, body="something else"))
        await night.wait(120)

        assert await night.outcomes() == ["human", "uncertain"]
        assert only(night.texts.texts)
