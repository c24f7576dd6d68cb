"""What a restart, a kill and a reload change: nothing that was told, nothing that was not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.town import PHONE, check, telling, town
from watchcall.core.calendar import Silence

HOUR = timedelta(hours=1)


async def test_what_was_told_before_a_restart_is_not_told_again(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+---")
        await night.restart()
        await night.see("-----")

        assert len(night.heard) == 1


async def test_a_failure_that_begins_while_the_daemon_is_off_is_called_after_its_start(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("++")
        await night.restart(off_for=timedelta(hours=3))
        await night.see("---")

        assert len(night.heard) == 1


async def test_a_recovery_while_it_was_off_closes_the_incident_so_the_next_one_calls(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+---")
        await night.restart()
        await night.see("++---")

        assert len(night.heard) == 2


async def test_a_decision_that_was_committed_but_not_called_is_called_after_the_crash(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        await night.restart()
        await night.ring()

        assert len(night.heard) == 1


async def test_a_call_that_was_never_made_because_it_recovered_is_not_made_up_for(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for mark in "+---++":
            await night.look(mark)
        await night.ring()

        assert night.phone.requests == []


async def test_a_reload_keeps_streaks_health_and_incidents(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+--")
        await night.reload()
        await night.see("-")
        assert len(night.heard) == 1

        await night.reload()
        await night.see("---")
        assert len(night.heard) == 1


async def test_a_reload_keeps_the_streak_of_a_check_that_was_never_settled(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("--")
        await night.reload()
        await night.see("-")

        assert len(night.heard) == 1


async def test_what_a_removed_channel_was_to_tell_is_dropped_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        await night.pager.serve({})
        await night.ring()

        assert night.phone.requests == []
        assert "failure of incident 1 on channel 'phone' is not told" in caplog.text


async def test_an_open_incident_whose_channel_was_renamed_before_the_call_is_told_on_the_new_one(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for mark in "+---":
            await night.look(mark)
        renamed = (replace(PHONE, name="telephone"),)
        await night.reload(channels=renamed)
        stray = await night.pager.serve({})
        await night.engine.retell([one for page in stray for one in page.incidents])
        await night.ring()

        assert len(night.heard) == 1


async def test_an_incident_that_was_told_is_not_told_again_on_a_renamed_channel(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+---")
        await night.reload(channels=(replace(PHONE, name="telephone"),))
        await night.see("---")

        assert len(night.heard) == 1


async def test_a_changed_target_starts_anew(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(check("web", process="httpd"), channels=telling())
        await night.see("+---", "web")
        await night.reload(check("web", process="nginx"), channels=telling())
        assert night.engine.watches["web"].incident is None

        await night.see("---", "web")
        assert len(night.heard) == 2


async def test_a_removed_checks_incident_is_closed_without_a_word(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(check("httpd"), check("db"), channels=telling())
        await night.see("+---")
        await night.reload(check("db"), channels=telling())
        await night.ring()
        assert len(night.heard) == 1

        await night.reload(check("httpd"), check("db"), channels=telling())
        await night.see("---")
        assert len(night.heard) == 2


async def test_and_it_says_so(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(check("httpd"), check("db"), channels=telling())
        await night.see("+---")
        removed = await night.reload(check("db"), channels=telling())
        await night.see("---", "db")
        changed = await night.reload(check("db", process="nginx"), channels=telling())
        listed = await night.store.incidents(9)

    why = "the check was removed from the configuration"
    assert removed == [f"incident 1 of check 'httpd' closed: {why}"]
    assert changed == ["incident 2 of check 'db' closed: the check now looks at something else"]
    assert [one["closed_why"] for one in listed] == ["the check now looks at something else", why]


async def test_a_call_that_a_reload_interrupts_is_followed_before_the_next_is_made(
    tmp_path: Path,
) -> None:
    """Silenced and not, while it went on: so the next page is for the same phone, and is due."""

    async def interrupt(sid: str) -> None:
        now = night.clock.now().utc
        made = Silence(checks=("httpd",), reason="", by="alice", start=now, end=now + HOUR)
        kept = await night.engine.silence(made)
        await night.engine.silence(replace(kept, ended_at=now))
        raise asyncio.CancelledError

    async with town(tmp_path) as night:
        await night.start()
        await night.fail()
        night.meanwhile[:] = [interrupt]
        with pytest.raises(asyncio.CancelledError):
            await night.ring()
        night.clock.advance(5)
        await night.ring()

        assert "pending" not in await night.outcomes()
        assert night.heard
