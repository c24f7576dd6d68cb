"""Why a phone rings, or why none does: the real engine, pager and store are asked."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.fakes import NOON
from tests.stories.town import ALICE, BOB, LADDER, MINUTE, PHONE, Town, check, town
from watchcall.core.calendar import QuietHours, Silence
from watchcall.core.contact import Channel, Event
from watchcall.core.health import Level
from watchcall.explaining import Effect, Explainer

HOUR = timedelta(hours=1)
OF_CHECK = (
    *("look", "streak", "incident", "boot grace", "silence", "maintenance", "dependencies"),
    *("flapping", "acknowledgement"),
)
OF_PERSON = ("quiet hours", "barred", "in use", "cost guard")
TEXT = Channel(name="text", type="sms", to=(BOB,), default=False)
QUIET = QuietHours(start=time(20), end=time(7), zone=ZoneInfo("Asia/Tokyo"))  # it is 21:00
Happens = Callable[[Town], Awaitable[None]]


async def explained(night: Town, name: str = "httpd") -> dict[str, Any]:
    state = night.board.state
    explainer = Explainer(
        *(night.store, night.clock, night.engine, night.board),
        pager=lambda: {"state": state.state, "reason": state.reason},
    )
    return await explainer.explain(night.engine.watches[name])


async def step(night: Town, filter_: str, name: str = "httpd", **about: str) -> tuple[str, str]:
    """Return verdict and why of the only step of a filter, about some channel or contact."""
    found = [
        (one["verdict"], one["why"])
        for one in (await explained(night, name))["steps"]
        if one["filter"] == filter_ and about.items() <= one.items()
    ]
    (only,) = found
    return only


async def test_the_steps_are_in_the_order_of_the_flow(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(channels=(PHONE,))
        answer = await explained(night)

    assert [one["filter"] for one in answer["steps"]] == [
        *OF_CHECK,
        "channel",
        *OF_PERSON,
        "pager",
    ]
    assert [(one["channel"], one["contact"]) for one in answer["steps"]][-6:] == [
        ("phone", None),
        *[("phone", "alice")] * 4,
        (None, None),
    ]
    assert {one["verdict"] for one in answer["steps"]} <= {effect.value for effect in Effect}
    assert (answer["check"], answer["incidents"]) == ("httpd", [])


# What was seen


@pytest.mark.parametrize(
    ("marks", "look", "streak"),
    [
        pytest.param("", "holds", ("holds", "nothing confirmed yet"), id="nobody has looked"),
        pytest.param(
            "+", "stops", ("stops", "ok since .*; 3 failures in a row would"), id="all well"
        ),
        pytest.param("+--", "passes", ("holds", "failure 2 of 3; still ok"), id="two failures"),
        pytest.param(
            "--", "passes", ("holds", "failure 2 of 3; still nothing"), id="from the start"
        ),
        pytest.param(
            "+----",
            "passes",
            ("passes", "critical since .*; 4 failures, 3 confirm it"),
            id="failing",
        ),
        pytest.param(
            "+---+", "stops", ("holds", "success 1 of 2; still critical"), id="recovering"
        ),
        pytest.param("+wwwc", "passes", ("holds", "critical failure 1 of 3"), id="getting worse"),
        pytest.param("+---w", "passes", ("holds", "warning 1 of 3; still critical"), id="easing"),
        pytest.param("+??", "passes", ("holds", "nobody could look for 1m, 10m"), id="blind"),
        pytest.param("+---?", "passes", ("passes", "nobody could look"), id="blind while failing"),
        pytest.param("+" + "?" * 11, "passes", ("passes", "unknown since"), id="blind for long"),
    ],
)
async def test_what_was_seen_and_what_of_it_is_confirmed(
    tmp_path: Path, marks: str, look: str, streak: tuple[str, str]
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for mark in marks[:-1]:
            await night.look(mark)
            night.clock.advance(MINUTE)
        for mark in marks[-1:]:
            await night.look(mark)
        seen, confirmed = await step(night, "look"), await step(night, "streak")

    assert seen[0] == look
    assert confirmed[0] == streak[0]
    assert re.search(streak[1], confirmed[1]), confirmed[1]


async def test_the_look_says_what_when_and_by_which_probe(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.look("-")
        _, why = await step(night, "look")

    assert why == (
        "critical: no process named httpd is running; process probe, 2026-11-20 12:00:00 UTC"
    )


# What keeps quiet about the check


async def fails(night: Town) -> None:
    await night.fail()


async def blips(night: Town) -> None:
    await night.look("+")
    await night.look("-")


async def silenced(night: Town) -> None:
    await night.silence("http*", last=HOUR)
    await night.fail()


async def maintained(night: Town) -> None:
    night.calendar.plan("httpd", NOON, HOUR)
    await night.fail()


async def booting(night: Town) -> None:
    night.engine.holds.grace = night.clock.now().elapsed + 60
    await night.fail()


async def below(night: Town) -> None:
    await night.fail("db")
    await night.fail()


async def flapping(night: Town) -> None:
    for _ in range(3):
        await night.fail()
        await night.ring()
        await night.recover()
    await night.fail()


async def owned(night: Town) -> None:
    await night.fail()
    await night.acknowledge(by="kei")


async def owned_for_good(night: Town) -> None:
    night.engine.rules.ack_timeout = timedelta(0)
    await owned(night)


@pytest.mark.parametrize(
    ("happens", "filter_", "verdict", "why"),
    [
        pytest.param(
            *(silenced, "silence", "holds", "silence 1 by alice until 2026-11-20 13:00 UTC"),
            id="silenced",
        ),
        pytest.param(fails, "silence", "passes", "no silence is about it", id="not silenced"),
        pytest.param(
            *(maintained, "maintenance", "holds", "upgrade until 2026-11-20 13:00 UTC"),
            id="maintenance",
        ),
        pytest.param(
            *(booting, "boot grace", "holds"),
            "the machine has just booted, until 2026-11-20 12:01:00 UTC",
            id="boot grace",
        ),
        pytest.param(
            *(below, "dependencies", "holds", "it depends on db, which is failing"),
            id="what it depends on fails",
        ),
        pytest.param(fails, "dependencies", "passes", "db: all right", id="db is well"),
        pytest.param(flapping, "flapping", "holds", "since 2026-11-20 12:", id="flapping"),
        pytest.param(
            fails, "flapping", "passes", "1 of 3 incidents within 30 minutes", id="not flapping"
        ),
        pytest.param(
            *(owned, "acknowledgement", "holds"),
            "kei owns it since 2026-11-20 12:00:00 UTC (cli), until 2026-11-20 14:00:00 UTC",
            id="owned",
        ),
        pytest.param(
            *(owned_for_good, "acknowledgement", "stops"),
            "kei owns it since 2026-11-20 12:00:00 UTC (cli), until it recovers",
            id="owned until it recovers",
        ),
        pytest.param(fails, "incident", "passes", "incident 1 is open since", id="an incident"),
    ],
)
async def test_what_keeps_quiet_about_a_check(
    tmp_path: Path, happens: Happens, filter_: str, verdict: str, why: str
) -> None:
    async with town(tmp_path) as night:
        await night.start(check("httpd", None, "db"), check("db"))
        await night.look("+", "db")
        await happens(night)
        found = await step(night, filter_)

    assert found[0] == verdict
    assert why in found[1]


async def test_what_failed_long_ago_is_no_flapping(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.fail()
        await night.recover()
        night.clock.advance(HOUR)

        assert await step(night, "flapping") == ("passes", "0 of 3 incidents within 30 minutes")


# What the channels do


@pytest.mark.parametrize(
    ("happens", "verdict", "why"),
    [
        pytest.param(
            *(Town.recover, "tells", "if it failed now: a failure is confirmed"), id="all well"
        ),
        pytest.param(
            *(blips, "tells", "if it failed now: a failure is confirmed"), id="not confirmed yet"
        ),
        pytest.param(
            *(fails, "tells", "it is being told: its turn comes at 2026-11-20 12:00:00 UTC"),
            id="its turn comes",
        ),
        pytest.param(
            *(silenced, "holds", "silenced: by alice until 2026-11-20 13:00 UTC"), id="silenced"
        ),
        pytest.param(owned, "holds", "somebody has acknowledged it", id="owned"),
    ],
)
async def test_a_channel_is_ruled_as_the_engine_rules(
    tmp_path: Path, happens: Happens, verdict: str, why: str
) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await happens(night)

        assert await step(night, "channel") == (verdict, why)


async def test_a_failure_that_would_make_it_flapping_is_told_as_that(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        for _ in range(2):
            await night.fail()
            await night.ring()
            await night.recover()
        why = "if it failed now: it fails and recovers again and again"

        assert await step(night, "channel") == ("tells", why)


@pytest.mark.parametrize(
    ("remind_every", "verdict", "why"),
    [
        pytest.param(timedelta(0), "stops", "already told", id="no reminders"),
        pytest.param(
            *(timedelta(minutes=30), "holds"),
            "already told; a reminder is due at 2026-11-20 12:30:00 UTC",
            id="a reminder is due",
        ),
    ],
)
async def test_what_was_told_is_not_told_again_until_a_reminder_is_due(
    tmp_path: Path, remind_every: timedelta, verdict: str, why: str
) -> None:
    async with town(tmp_path) as night:
        night.remind_every = remind_every
        await night.start()
        await night.fail()
        await night.ring()

        assert await step(night, "channel") == (verdict, why)


async def test_what_is_being_told_of_another_check_is_none_of_its_business(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(check(), check("db"))
        await night.fail("httpd")
        await night.ring()
        await night.fail("db")

        assert await step(night, "channel") == ("stops", "already told")
        assert (await step(night, "channel", "db"))[0] == "tells"


@pytest.mark.parametrize(
    ("channel", "why"),
    [
        pytest.param(
            replace(PHONE, level=Level.CRITICAL),
            "if it failed now: below the channel's level: it is for critical; "
            "failure, recovery, reminder, flapping",
            id="its level",
        ),
        pytest.param(
            replace(PHONE, events=frozenset({Event.RECOVERY, Event.SELF})),
            "if it failed now: the channel does not want this event: it is for "
            "warning and critical; recovery, self",
            id="its events",
        ),
    ],
)
async def test_a_channel_that_does_not_want_it(tmp_path: Path, channel: Channel, why: str) -> None:
    async with town(tmp_path) as night:
        await night.start(replace(check(), level=Level.WARNING), channels=(channel,))
        await night.look("+")

        assert await step(night, "channel") == ("stops", why)


async def test_a_fallback_waits_and_then_stands_in(tmp_path: Path) -> None:
    phone = replace(PHONE, fallback="text")
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(phone, TEXT))
        await night.fail()
        before = await step(night, "fallback", channel="text")
        await night.turn()
        for _ in range(20):  # until the phone is exhausted, and no text is sent yet
            await night.turn()
        after = await step(night, "fallback", channel="text")
        now = night.clock.now().utc
        await night.engine.silence(
            Silence(checks=("*",), reason="", by="kei", start=now, end=now + HOUR)
        )
        held = await step(night, "fallback", channel="text")

    assert before == held == ("holds", "it stands in where phone reaches nobody")
    assert after[0] == "tells"
    assert after[1].startswith("it stands in for phone: ")


# What keeps a channel from a person


def sleeping(*, critical: bool) -> Channel:
    return replace(PHONE, to=(replace(ALICE, quiet_hours=replace(QUIET, critical=critical)),))


@pytest.mark.parametrize(
    ("channel", "level", "verdict", "why"),
    [
        pytest.param(PHONE, Level.CRITICAL, "passes", "has none", id="none"),
        pytest.param(
            *(sleeping(critical=False), Level.CRITICAL, "holds"),
            "until 2026-11-20 22:00:00 UTC",
            id="asleep",
        ),
        pytest.param(
            *(sleeping(critical=True), Level.CRITICAL, "passes"),
            "until 2026-11-20 22:00:00 UTC, but what is critical may ring",
            id="except for what is critical",
        ),
        pytest.param(
            *(sleeping(critical=True), Level.WARNING, "holds"),
            "until 2026-11-20 22:00:00 UTC",
            id="which this is not",
        ),
    ],
)
async def test_quiet_hours_of_a_person(
    tmp_path: Path, channel: Channel, level: Level, verdict: str, why: str
) -> None:
    async with town(tmp_path) as night:
        await night.start(replace(check(), level=level), channels=(channel,))

        assert await step(night, "quiet hours") == (verdict, why)


async def test_a_person_whose_phone_rings(tmp_path: Path) -> None:
    async with town(tmp_path, "ringing") as night:
        found: list[Any] = []

        async def asked(_sid: str) -> None:
            found.append([await step(night, "in use", contact=one) for one in ("alice", "bob")])
            night.phone.behaviours = ["answered"]

        await night.start(channels=(LADDER,))
        night.meanwhile.append(asked)
        night.people["alice"] = ["human"]
        await night.fail()
        await night.ring()

    assert found == [
        [("tells", "call 1 is under way"), ("passes", "no call to this number is under way")]
    ]


async def test_the_cost_guard_holds_back_a_reminder(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        night.voice.max_calls_per_hour = 1
        night.remind_every = 5 * MINUTE
        await night.start()
        first = await step(night, "cost guard")
        await night.see("-" * 9)

        assert first == ("passes", "a call to this number is within the limits")
        assert await step(night, "cost guard") == (
            "holds",
            "max_calls_per_hour; until 2026-11-20 13:02:00 UTC",
        )
        verdict, why = await step(night, "channel")
        assert (verdict, why[:44]) == ("tells", "it is being told: call 2 to alice is due at ")
        assert why.endswith("(held back: max_calls_per_hour)")


async def test_a_number_that_twilio_refuses(tmp_path: Path) -> None:
    async with town(tmp_path, "reject:21214") as night:
        await night.start()
        before = await step(night, "barred")
        await night.fail()
        await night.ring()
        verdict, why = await step(night, "barred")

    assert before == ("passes", "nothing is known against it")
    assert verdict == "passes"  # its page is done, and the next one tries again
    assert why.startswith("alice cannot be called: Twilio's error 21214")
    assert why.endswith("the next page tries it all the same")


# Whether anybody can be told at all


@pytest.mark.parametrize(
    ("behaviour", "verdict", "why"),
    [
        pytest.param("answered", "passes", "ok: calls are placed", id="ok"),
        pytest.param("reject:20003", "holds", "down: ", id="the account is refused"),
    ],
)
async def test_the_pager(tmp_path: Path, behaviour: str, verdict: str, why: str) -> None:
    async with town(tmp_path, behaviour) as night:
        await night.start()
        await night.fail()
        await night.turn()
        await night.turn()
        found = await step(night, "pager")

    assert (found[0], found[1][: len(why)]) == (verdict, why)


# What became of the last nights


async def test_the_last_incidents_as_incidents_has_them(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(check(), check("db"))
        for _ in range(6):
            await night.fail()
            await night.recover()
            night.clock.advance(HOUR)
        await night.fail("db")
        answer = await explained(night)

        assert [one["id"] for one in answer["incidents"]] == [6, 5, 4, 3, 2]
        assert answer["incidents"] == (await night.store.incidents(6))[1:]


async def test_asking_changes_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start()
        await night.look("+")
        before = (replace(night.engine.watches["httpd"].flaps), await night.store.incidents(9))
        await explained(night)

        assert night.engine.watches["httpd"].incident is None
        assert (night.engine.watches["httpd"].flaps, await night.store.incidents(9)) == before
        assert await night.store.pages("phone") == []
