"""Silences by hand: what they mean, what they stop, what is told at their end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import NOON
from tests.stories.town import MINUTE, Town, check, town
from watchcall.errors import TooLate, UnknownThing
from watchcall.silencing import Silencing

HOUR = timedelta(hours=1)
CHECKS = (
    replace(check("web-1"), tags=frozenset({"front"})),
    replace(check("web-2"), tags=frozenset({"front"})),
    check("db"),
)


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as stage:
        await stage.start(*CHECKS)
        for name in ("web-1", "web-2", "db"):
            await stage.look("+", name)
        yield stage


def silencing(night: Town) -> Silencing:
    return Silencing(night.store, night.engine, night.clock)


async def silenced(night: Town, *checks: str, last: timedelta = HOUR) -> dict[str, Any]:
    until = night.clock.now().utc + last
    return await silencing(night).begin(checks, "new kernel", "kei", until)


async def test_a_silence_in_full(night: Town) -> None:
    made = await silenced(night, "web-*")

    assert made.pop("stops") == []
    assert made == {
        "id": 1,
        "checks": ["web-*"],
        "matches": ["web-1", "web-2"],
        "reason": "new kernel",
        "by": "kei",
        "from": "2026-11-20T12:00:00+00:00",
        "until": "2026-11-20T13:00:00+00:00",
    }
    assert await silencing(night).list() == [made]


async def test_the_log_says_who_silenced_what(
    night: Town, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "watchcall.silencing"):
        made = await silenced(night, "web-*", "db")
        await silencing(night).end(made["id"])

    assert caplog.messages == [
        "silence 1 of web-*, db by kei until 2026-11-20 13:00 UTC: new kernel",
        "silence 1 of web-*, db was taken back",
    ]


async def test_no_reason_is_null(night: Town) -> None:
    made = await silencing(night).begin(["db"], None, "kei", NOON + HOUR)

    assert made["reason"] is None


@pytest.mark.parametrize(
    ("patterns", "matches"),
    [
        pytest.param(["db"], ["db"], id="a name"),
        pytest.param(["*"], ["web-1", "web-2", "db"], id="a glob"),
        pytest.param(["tag:front"], ["web-1", "web-2"], id="a tag"),
        pytest.param(["db", "web-2", "*-2"], ["web-2", "db"], id="several, each check once"),
    ],
)
async def test_names_globs_and_tags(night: Town, patterns: list[str], matches: list[str]) -> None:
    assert (await silenced(night, *patterns))["matches"] == matches


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        pytest.param("web1", r"did you mean web-1\?", id="a name that is near"),
        pytest.param("tag:frnt", r"did you mean tag:front\?", id="a tag that is near"),
        pytest.param("mail*", "watchcall status lists them", id="nothing near"),
    ],
)
async def test_where_one_matches_nothing_nothing_is_silenced(
    night: Town, pattern: str, hint: str
) -> None:
    with pytest.raises(UnknownThing, match=hint):
        await silenced(night, "db", pattern)

    assert await silencing(night).list() == []


async def test_what_is_over_is_not_listed(night: Town) -> None:
    await silenced(night, "db", last=MINUTE)
    night.clock.advance(MINUTE)

    assert await silencing(night).list() == []


async def test_a_check_that_is_gone_since_is_matched_no_more(night: Town) -> None:
    await silenced(night, "web-*")
    await night.reload(*CHECKS[1:])

    assert [one["matches"] for one in await silencing(night).list()] == [["web-2"]]


class TestCalls:
    """These stop what rings: they need the store's `hold`."""

    async def test_it_says_which_calls_stop(self, night: Town) -> None:
        await night.fail("db")

        assert (await silenced(night, "*"))["stops"] == [{"check": "db", "incident": 1}]

    async def test_what_was_told_does_not_stop(self, night: Town) -> None:
        await night.fail("db")
        await night.ring()

        assert (await silenced(night, "*"))["stops"] == []

    async def test_what_stands_still_already_does_not_stop_again(self, night: Town) -> None:
        await night.fail("db")
        await silenced(night, "db")

        assert (await silenced(night, "*"))["stops"] == []


class TestTheEnd:
    async def test_what_still_fails_is_told_at_once(self, night: Town) -> None:
        made = await silenced(night, "*")
        await night.fail("db")
        await night.ring()
        assert night.phone.requests == []

        night.clock.advance(MINUTE)
        ended = await silencing(night).end(made["id"])
        await night.ring()
        assert ended["tells"] == [{"check": "db", "incident": 1}]
        assert (ended["quiet"], ended["until"]) == ([], "2026-11-20T12:01:00+00:00")
        assert len(night.heard) == 1
        assert await silencing(night).list() == []

    async def test_what_something_else_holds_back_is_named(self, night: Town) -> None:
        first = await silenced(night, "db")
        await silenced(night, "*")
        await night.fail("db")

        ended = await silencing(night).end(first["id"])
        why = ["silenced: by kei until 2026-11-20 13:00 UTC (new kernel)"]
        assert ended["quiet"] == [{"check": "db", "incident": 1, "why": why}]
        assert ended["tells"] == []

    async def test_where_all_is_well_there_is_nothing_to_tell(self, night: Town) -> None:
        made = await silenced(night, "*")

        ended = await silencing(night).end(made["id"])
        assert (ended["tells"], ended["quiet"]) == ([], [])

    async def test_there_must_be_one(self, night: Town) -> None:
        with pytest.raises(UnknownThing, match="there is no silence 7; watchcall silences lists"):
            await silencing(night).end(7)

    @pytest.mark.parametrize("by_hand", [True, False], ids=["taken back", "run out"])
    async def test_it_must_not_be_over(self, night: Town, by_hand: bool) -> None:
        made = await silenced(night, "db", last=MINUTE)
        if by_hand:
            await silencing(night).end(made["id"])
        night.clock.advance(MINUTE)

        with pytest.raises(TooLate, match="silence 1 has ended already, at 2026-11-20 12:0"):
            await silencing(night).end(made["id"])

    async def test_a_restart_keeps_it(self, night: Town) -> None:
        made = await silenced(night, "db")
        await night.restart(*CHECKS)
        await night.fail("db")
        await night.ring()
        assert night.phone.requests == []

        await silencing(night).end(made["id"])
        await night.ring()
        assert len(night.heard) == 1
