"""Notices: channels that reach no phone, through the same outbox with the same promise."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.stories.town import BOB, CAROL, LADDER, PHONE, Town, check, town
from watchcall.core.account import AccountReport
from watchcall.core.attempt import Attempt
from watchcall.core.contact import Address, Channel, Contact, Event
from watchcall.core.health import Level
from watchcall.core.reason import Reason
from watchcall.errors import StoreError
from watchcall.pager.monitor import AGAIN_S, Monitor

SECRET = "https://example.com/hook/T0K3N"
HOOK = Address(shown="https://example.com", url=SECRET, headers=(("Authorization", "Bearer x"),))
CHAT = Channel(
    name="chat",
    type="webhook",
    address=HOOK,
    to=(Contact(name="chat", phone=""),),
    recovery=True,
)
SELF = replace(CHAT, events=frozenset({Event.FAILURE, Event.SELF}))
STANDS_IN = replace(CHAT, default=False)


def given(night: Town, nth: int = -1) -> dict[str, Any]:
    """What was given, as its JSON."""
    document: dict[str, Any] = json.loads(night.outlet.given[nth].document())
    return document


def events(night: Town) -> list[str]:
    return [one.event.value for one in night.outlet.taken]


async def test_a_failure_is_one_notice_and_so_is_the_recovery(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(CHAT,))
        await night.see("+---+++")

        assert events(night) == ["failure", "recovery"]
        assert await night.outcomes() == ["delivered", "delivered"]
        assert await night.store.pages("chat") == []


async def test_it_says_all_that_there_is_to_know(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.ring()
        (listed,) = await night.store.incidents(10)
        said = given(night)

    assert (said["event"], said["level"], said["host"]) == ("failure", "critical", "web1")
    assert said["channel"] == "chat"
    assert said["text"].startswith("web1: httpd failing since ")
    (incident,) = said["incidents"]
    assert {**incident, "told": None} == {**listed, "told": None}
    assert [(one["channel"], one["outcome"]) for one in incident["told"]] == [("chat", "pending")]
    assert str(uuid.UUID(said["attempt"])) == said["attempt"] != said["notification"]
    assert datetime.fromisoformat(said["at"]) == datetime.fromisoformat(incident["opened_at"])


async def test_it_speaks_the_channels_language_and_its_own_words(tmp_path: Path) -> None:
    japanese = replace(CHAT, language="ja-JP")
    own = replace(CHAT, name="own", message="{check} is {level}", recovery_message="{check} is up")
    async with town(tmp_path) as night:
        await night.start(channels=(japanese, own))
        await night.see("---++")
        texts = [one.text for one in night.outlet.taken]

    assert "障害" in texts[0] or "異常" in texts[0]
    assert [texts[1], texts[3]] == ["httpd is critical", "httpd is up"]


async def test_several_failures_of_a_burst_are_one_notice_the_worst_first(tmp_path: Path) -> None:
    wait = timedelta(seconds=3)
    async with town(tmp_path) as night:
        await night.start(check("disk"), check("httpd"), channels=(CHAT,), group_wait=wait)
        for _ in range(3):
            await night.look("w", "disk")
        await night.fail("httpd")
        await night.wait(4, step=1)

        assert len(night.outlet.taken) == 1
        assert [one["check"] for one in given(night)["incidents"]] == ["httpd", "disk"]


async def test_the_ledger_shows_the_channel_and_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["429", "delivered"]
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.wait(30)
        (call,) = await night.store.calls(10)

    assert (call["type"], call["contact"], call["to"]) == ("webhook", "chat", "https://example.com")
    assert (call["sid"], call["outcome"], call["attempt"]) == (None, "delivered", 1)
    assert call["placed_at"] == call["ended_at"] is not None
    assert "notice 1 to chat (https://example.com) on channel 'chat': delivered" in caplog.text
    assert "T0K3N" not in caplog.text + repr(CHAT)
    assert "Bearer" not in caplog.text + repr(CHAT)


async def test_statistics_count_it_apart_from_calls_and_texts(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.ring()
        now = night.clock.now().utc
        counted = await night.store.stats(now - timedelta(days=1), now + timedelta(days=1))

    assert counted["other"] == {"delivered": 1}
    assert not any(counted[name] for name in ("calls", "sms", "by_contact", "by_month"))
    assert counted["unpriced"] == 0


# What is not taken


async def test_what_was_not_taken_is_tried_again_when_it_was_asked_for(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["429", "delivered"]
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.ring()
        assert (len(night.outlet.given), night.board.state.state) == (1, "degraded")
        assert "channel chat: " in night.board.state.reason

        await night.wait(4, step=1)
        assert len(night.outlet.given) == 1
        await night.wait(4, step=1)
        assert events(night) == ["failure"]
        assert given(night, 0)["attempt"] == given(night, 1)["attempt"]
        assert await night.outcomes() == ["delivered"]
        assert "chat" not in night.board.state.reason


async def test_one_that_cannot_be_reached_is_told_as_soon_as_it_can(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["unreachable"]
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.wait(3600, step=10)
        tried = len(night.outlet.given)
        assert 60 < tried < 150

        night.outlet.behaviours = ["delivered"]
        await night.wait(40)
        assert events(night) == ["failure"]


async def test_what_nobody_knows_is_given_again_and_says_that_it_is_the_same(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["lost", "delivered"]
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.wait(10)
        first, second = night.outlet.taken

        assert first.notification == second.notification
        assert first.attempt != second.attempt
        assert await night.outcomes() == ["uncertain", "delivered"]


async def test_a_refusal_is_the_end_and_nobody_was_reached(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["reject:404"]
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.wait(600, step=10)
        (call,) = await night.store.calls(10)

        assert (call["outcome"], call["error_code"]) == ("rejected", 404)
        assert "nobody was reached about incident 1" in night.board.state.reason
        assert len(await night.store.undelivered()) == 1


async def test_a_status_that_twilio_uses_too_says_nothing_about_twilio(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["reject:401"]
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.wait(600, step=10)

        assert len(night.outlet.given) == 1
        assert night.board.state.state == "degraded", "not down: calls are another matter"
        assert night.board.state.barred == {}


async def test_a_recovery_is_not_told_where_the_failure_was_not(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["reject:404", "delivered"]
        await night.start(channels=(CHAT,))
        await night.see("---++")

        assert events(night) == []


async def test_a_recovery_is_told_where_the_failure_may_have_been(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["lost", "reject:404", "delivered"]
        await night.start(channels=(CHAT,))
        await night.see("---++")

        assert events(night) == ["failure", "recovery"]


async def test_what_recovered_before_it_was_taken_is_not_told(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["429", "delivered"]
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.ring()
        await night.recover()
        await night.wait(60)

        assert events(night) == []


# Beside each other


async def test_a_page_does_not_wait_for_the_one_before_it(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["hangs", "delivered"]
        await night.start(check("httpd"), check("db"), channels=(CHAT,))
        await night.fail("httpd")
        await until_given(night, 1)
        await night.fail("db")
        await until_given(night, 2)
        assert [one.incidents[0]["check"] for one in night.outlet.given] == ["httpd", "db"]

        night.outlet.answers.set()
        await night.ring()
        assert await night.outcomes() == ["delivered", "delivered"]


async def test_only_a_few_are_under_way_at_once(tmp_path: Path) -> None:
    names = [f"check-{number}" for number in range(6)]
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["hangs"]
        await night.start(*map(check, names), channels=(CHAT,))
        for name in names:
            await night.fail(name)
        await until_given(night, 4)
        for _ in range(20):
            await night.turn("chat")
        assert len(night.outlet.given) == 4

        night.outlet.answers.set()
        await night.ring()
        assert len(night.outlet.taken) == 6


async def test_the_end_of_a_notice_wakes_whoever_waits_for_it(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(CHAT,))
        woken = asyncio.Event()
        night.board.on_change = woken.set
        await night.fail()
        woken.clear()
        await until_given(night, 1)
        async with asyncio.timeout(5):
            await woken.wait()
            await night.pager.delivered()


async def until_given(night: Town, count: int) -> None:
    """Take turns until so many notices are under way."""
    async with asyncio.timeout(5):
        while len(night.outlet.given) < count:
            await night.turn("chat")


# Fallbacks


async def test_it_stands_in_where_nobody_answers(tmp_path: Path) -> None:
    phone = replace(LADDER, to=(BOB,), rounds=1, fallback="chat")
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(phone, STANDS_IN))
        await night.fail()
        await night.ring()
        assert (night.called, events(night)) == (["bob"], ["failure"])

        await night.recover()
        await night.ring()
        assert events(night) == ["failure", "recovery"]


@pytest.mark.parametrize(
    ("behaviour", "within"),
    [
        pytest.param("reject:404", 1, id="refused"),
        pytest.param("unreachable", 70, id="cannot be reached"),
        pytest.param("lost-untaken", 70, id="never answers"),
    ],
)
async def test_a_phone_stands_in_where_it_is_not_taken(
    tmp_path: Path, behaviour: str, within: float
) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = [behaviour]
        channels = (replace(CHAT, fallback="phone"), replace(PHONE, default=False))
        await night.start(channels=channels)
        await night.fail()
        await night.wait(within, step=1)
        assert night.called == ["alice"]

        tried = len(night.outlet.given)
        await night.wait(300, step=10)
        assert len(night.outlet.given) <= tried + 1, "the phone reached somebody"


async def test_its_trouble_is_over_when_the_channel_is_gone(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["unreachable"]
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.ring()
        assert "channel chat" in night.board.state.reason

        await night.pager.serve({})
        assert night.board.state.causes == {}


# WatchCall's own trouble


async def test_it_tells_that_twilio_is_down(tmp_path: Path) -> None:
    texts = Channel(name="texts", type="sms", to=(CAROL,), events=SELF.events)
    async with town(tmp_path) as night:
        await night.start(channels=(SELF, texts, replace(PHONE, events=SELF.events)))
        channels = [line.channel for line in night.lines]
        eyes = Monitor(night.desk, night.board, night.engine, channels, ["US"])
        night.desk.account = AccountReport(reachable=False, problem="no answer")
        assert await eyes.turn() == AGAIN_S
        await eyes.turn()
        await night.ring()

        assert events(night) == ["self"]
        assert (night.called, night.texted) == ([], [])


async def test_that_it_cannot_be_told_is_no_trouble_of_its_own(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["reject:404"]
        await night.start(channels=(SELF,))
        for _ in range(3):
            await night.engine.report_own(Level.CRITICAL, Reason.of("self.unreachable"))
            await night.ring()

        assert len(night.outlet.given) == 1
        assert "nobody was reached" not in night.board.state.reason


# Crashes


async def test_a_stop_in_the_middle_gives_it_again(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.outlet.behaviours = ["hangs", "delivered"]
        await night.start(channels=(CHAT,))
        await night.fail()
        await until_given(night, 1)
        await night.pager._notices.finish(0)
        await night.restart(channels=(CHAT,))
        await night.ring()

        assert [one.notification for one in night.outlet.given] == [
            given(night)["notification"]
        ] * 2
        assert await night.outcomes() == ["uncertain", "delivered"]


async def test_what_was_taken_and_not_written_down_is_given_again(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.turn("chat")
        save, broken = night.store.save, iter([False, True])

        async def full(made: Attempt) -> Attempt:
            if next(broken, False):
                raise StoreError("cannot write to the database: full")
            return await save(made)

        night.store.save = full  # type: ignore[method-assign]
        await night.turn("chat")
        await night.pager.delivered()
        with pytest.raises(StoreError):
            await night.turn("chat")
        await night.ring()

        assert len(night.outlet.taken) == 2
        assert await night.outcomes() == ["uncertain", "delivered"]


async def test_a_program_is_told_every_recovery_also_of_what_failed_again(tmp_path: Path) -> None:
    """It keeps count: an incident that never ended would stay open in its books."""
    async with town(tmp_path) as night:
        await night.start(channels=(CHAT,))
        await night.fail()
        await night.ring()
        night.outlet.behaviours = ["429", "delivered"]
        await night.recover()
        await night.ring()
        await night.fail()
        await night.wait(60)

        assert sorted(events(night)) == ["failure", "failure", "recovery"]
