"""An outage, from the first failed look to the recovery."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.stories.town import ALICE, BOB, PHONE, check, telling, town
from watchcall.core.health import Level


async def test_a_confirmed_failure_calls_the_first_contact_in_her_language(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+---")

        assert [request.to for request in night.phone.requests] == [ALICE.phone]
        assert night.heard == [
            "ウォッチコールです、サーバー web1 の httpd に、午後9時3分から障害が発生しています。"
            "httpd という名前のプロセスが動いていません。"
            "折り返しこの番号にお電話いただくと、確認済みになります。"
        ]


async def test_the_same_in_english(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(replace(PHONE, to=(BOB,)),))
        await night.see("+---")

        assert night.heard == [
            "WatchCall on server web1: httpd has been failing since 9:03 PM. "
            "No process named httpd is running. To acknowledge, call this number back."
        ]


async def test_a_blip_rings_nobody(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+--+--+--+")

        assert night.heard == []


async def test_a_first_success_is_silent(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling())
        await night.see("++++")

        assert night.phone.requests == []


async def test_however_long_it_lasts_one_call_tells_it(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+" + "-" * 120)

        assert len(night.heard) == 1


async def test_the_recovery_is_silent_by_default(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+---++++")

        assert len(night.heard) == 1


async def test_the_recovery_is_told_where_the_flag_says_so(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling(replace(PHONE, to=(BOB,))))
        await night.see("+---++++")

        assert night.heard[1:] == [
            "WatchCall on server web1: httpd recovered at 9:05 PM. It had failed for 2 minutes."
        ]


async def test_a_second_outage_calls_again_though_the_recovery_was_silent(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.see("+---++---++---")

        assert len(night.heard) == 3


async def test_a_warning_that_becomes_critical_is_told_and_easing_is_not(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(replace(PHONE, to=(BOB,)),))
        await night.see("+wwwcccwwwccc")

        assert [("a warning" in text, "critical" in text) for text in night.heard] == [
            (True, False),
            (False, True),
        ]


async def test_a_channel_for_critical_stays_quiet_about_warnings_and_says_why(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(replace(PHONE, level=Level.CRITICAL),))
        await night.see("+wwww")
        assert night.heard == []

        await night.see("ccc")
        assert len(night.heard) == 1


async def test_failures_of_one_burst_are_one_call(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(
            check("httpd"),
            check("db"),
            channels=(replace(PHONE, to=(BOB,)),),
            group_wait=timedelta(seconds=3),
        )
        for mark in "---":
            await night.look(mark, "httpd")
            await night.look(mark, "db")
        await night.ring()
        assert night.heard == []

        night.clock.advance(3)
        await night.ring()
        assert night.heard == [
            "WatchCall on server web1: 2 checks are failing: db and httpd. "
            "db, since 9 PM: no process named db is running. "
            "httpd, since 9 PM: no process named httpd is running. "
            "To acknowledge, call this number back."
        ]


async def test_of_several_the_worst_is_said_first(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(
            check("a-disk"),
            check("httpd"),
            channels=(replace(PHONE, to=(BOB,)),),
            group_wait=timedelta(seconds=3),
        )
        for warning, critical in zip("www", "---", strict=True):
            await night.look(warning, "a-disk")
            await night.look(critical, "httpd")
        night.clock.advance(3)
        await night.ring()

        assert "2 checks are failing: httpd and a-disk." in night.heard[0]


async def test_recoveries_of_one_burst_are_one_call_too(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(
            check("httpd"),
            check("db"),
            channels=telling(replace(PHONE, to=(BOB,))),
            group_wait=timedelta(seconds=3),
        )
        for marks in ("---", "++"):
            for mark in marks:
                await night.look(mark, "httpd")
                await night.look(mark, "db")
            night.clock.advance(3)
            await night.ring()

        assert night.heard[1:] == ["WatchCall on server web1: 2 checks recovered: db and httpd."]


async def test_what_recovers_while_it_waits_for_companions_is_not_told(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=telling(), group_wait=timedelta(seconds=3))
        for mark in "+---":
            await night.look(mark)
        for mark in "++":
            await night.look(mark)
        night.clock.advance(3)
        await night.ring()

        assert night.phone.requests == []


async def test_a_custom_message_is_said_as_written(tmp_path: Path) -> None:
    message = "{host}/{check}: {reason}, {count} since {since} ({level}, {event})"
    async with town(tmp_path) as night:
        await night.start(channels=(replace(PHONE, to=(BOB,), message=message),))
        await night.see("+---")

        assert night.heard == [
            "web1/httpd: no process named httpd is running, 1 since 9:03 PM (critical, failure)"
        ]
