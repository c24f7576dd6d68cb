"""Silences: looking goes on, and at the end what still fails is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.stories.town import BOB, MINUTE, PHONE, check, telling, town
from watchcall.core.health import State

HOUR = timedelta(hours=1)


async def test_nobody_is_called_about_what_is_silenced_and_the_incident_says_why(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.silence("httpd")
        await night.see("+-----")

        assert night.phone.requests == []
        assert night.engine.watches["httpd"].health.state is State.FAILING
        assert await night.quiet() == ["silenced: by alice until 2026-11-20 13:00 UTC"]


async def test_what_still_fails_at_its_end_is_told_then(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.silence("httpd")
        await night.see("-" * 60)
        assert night.phone.requests == []
        await night.see("-" * 2)
        assert len(night.heard) == 1
        await night.see("-" * 100)
        assert len(night.heard) == 1


async def test_at_its_end_and_not_only_with_the_next_look(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.silence("httpd", last=10 * MINUTE)
        await night.fail()
        await night.wait(10 * MINUTE, step=1)

        assert len(night.heard) == 1


async def test_what_opened_and_closed_inside_is_never_told(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.silence("httpd")
        await night.see("+---++" + "+" * 70)

        assert night.phone.requests == []


async def test_what_was_told_before_and_recovered_inside_is_told_at_the_end(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.see("---")
        await night.silence("httpd")
        await night.see("+" * 59)
        assert len(night.heard) == 1
        await night.see("+++")
        assert [call["event"] for call in await night.store.calls(9)] == ["recovery", "failure"]
        await night.see("+" * 30)
        assert len(night.heard) == 2


async def test_unless_it_has_failed_again_by_then(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.see("---")
        await night.silence("httpd")
        await night.see("++" + "-" * 62)

        calls = await night.store.calls(9)
        assert [call["event"] for call in calls] == ["failure", "failure"]
        (_, first) = await night.store.incidents(9)
        assert first["quiet"][-1]["why"] == "it has failed again since"


async def test_one_that_is_taken_back_ends_at_once(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        silence = await night.silence("httpd")
        await night.see("----")
        await night.unsilence(silence)

        assert len(night.heard) == 1


async def test_others_are_told_as_ever(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(check("web-1"), check("web-2"), check("db"))
        await night.silence("web-*")
        await night.fail("web-1", "web-2", "db")
        await night.ring()

        assert len(night.heard) == 1
        assert "db" in night.heard[0]
        assert "web" not in night.heard[0].removeprefix("ウォッチコールです、サーバー web1")


async def test_of_two_the_longer_one_counts(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.silence("httpd", last=2 * HOUR)
        await night.silence("*", last=HOUR, by="bob")
        await night.see("-" * 90)

        assert night.phone.requests == []


async def test_it_survives_a_restart(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.silence("httpd")
        await night.see("---")
        await night.restart()
        await night.see("---")
        assert night.phone.requests == []
        assert len(await night.quiet()) == 1, "the reason is written down once"

        await night.see("-" * 60)
        assert len(night.heard) == 1


async def test_a_rise_inside_is_told_at_the_end_as_it_is_then(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.see("www")
        await night.silence("httpd", last=10 * MINUTE)
        await night.see("---" + "-" * 10)

        levels = [one["level"] for one in await night.store.incidents(9)]
        assert (len(night.heard), levels) == (2, ["critical"])


async def test_who_acknowledges_inside_is_not_called_at_the_end(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.silence("httpd", last=10 * MINUTE)
        await night.see("---")
        await night.acknowledge()
        await night.see("-" * 30)
        assert night.phone.requests == []

        await night.see("-" * 120)
        assert len(night.heard) == 1, "but when the acknowledgement has run out"


async def test_where_the_last_look_was_good_the_end_waits_for_the_next(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.silence("httpd", last=10 * MINUTE)
        await night.see("-" * 9 + "+")
        await night.wait(MINUTE)
        assert night.phone.requests == []
        await night.see("+")
        assert night.phone.requests == []


def test_bob_is_somebody_else() -> None:
    assert BOB not in PHONE.to
