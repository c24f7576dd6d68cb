"""Dependencies: nobody is called about what fails only because something else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.stories.town import PHONE, Town, check, telling, town
from watchcall.core.contact import Channel

GATEWAY, DB, SHOP = check("gateway"), check("db", None, "gateway"), check("shop", None, "db")


@asynccontextmanager
async def network(state: Path, *channels: Channel) -> AsyncIterator[Town]:
    async with town(state) as night:
        await night.start(GATEWAY, DB, SHOP, channels=channels or (PHONE,))
        for name in ("gateway", "db", "shop"):
            await night.look("+", name)
        night.clock.advance(30)
        yield night


async def looks(night: Town, **marks: str) -> None:
    """Look at several checks in turn, ten seconds apart, and do what is due."""
    for turn in zip(*marks.values(), strict=True):
        for name, mark in zip(marks, turn, strict=True):
            await night.look(mark, name)
        night.clock.advance(10)
        await night.engine.tick()
        await night.ring()


async def about(night: Town) -> list[str]:
    """What was called about, oldest first."""
    known = {one["id"]: one["check"] for one in await night.store.incidents(100)}
    return [
        f"{call['event']} of {' and '.join(known[id_] for id_ in call['incidents'])}"
        for call in reversed(await night.store.calls(100))
    ]


async def test_only_what_the_others_depend_on_is_told(tmp_path: Path) -> None:
    async with network(tmp_path) as night:
        await looks(night, gateway="----", db="----", shop="----")

        assert await about(night) == ["failure of gateway"]
        assert night.incident("db").open
        assert await night.quiet("db") == [
            "what it depends on is failing, or not decided yet: "
            "it depends on gateway, which is failing"
        ]


async def test_what_fails_first_waits_until_the_other_is_decided(tmp_path: Path) -> None:
    async with network(tmp_path) as night:
        await looks(night, db="---")
        assert await about(night) == [], "nobody has looked at the gateway since"
        assert night.sooner[:1] == ["gateway"], "it is looked at before its time"

        await looks(night, gateway="-", db="-")
        assert await about(night) == [], "it may be failing"
        await looks(night, gateway="--", db="--")
        assert await about(night) == ["failure of gateway"]


async def test_it_is_told_as_soon_as_the_other_is_seen_to_be_well(tmp_path: Path) -> None:
    async with network(tmp_path) as night:
        await looks(night, db="---")
        await looks(night, gateway="+")

        assert await about(night) == ["failure of db"]


async def test_a_blip_of_the_other_holds_it_back_only_for_as_long(tmp_path: Path) -> None:
    async with network(tmp_path) as night:
        await looks(night, gateway="-+", db="--")
        await looks(night, db="-")

        assert await about(night) == ["failure of db"]


async def test_what_still_fails_when_the_other_has_recovered_is_told(tmp_path: Path) -> None:
    async with network(tmp_path) as night:
        await looks(night, gateway="---", db="---")
        await looks(night, gateway="++")
        assert await about(night) == ["failure of gateway"], "it may have recovered with it"
        assert night.sooner[-1] == "db", "it is looked at before its time"

        await looks(night, db="-")
        assert await about(night) == ["failure of gateway", "failure of db"]


async def test_what_recovers_with_it_is_never_told(tmp_path: Path) -> None:
    async with network(tmp_path, *telling()) as night:
        await looks(night, gateway="---", db="---")
        await looks(night, gateway="++", db="++")

        assert await about(night) == ["failure of gateway", "recovery of gateway"]


async def test_a_recovery_is_told_though_the_other_fails(tmp_path: Path) -> None:
    async with network(tmp_path, *telling()) as night:
        await looks(night, gateway="+++", db="---")
        await looks(night, gateway="---")
        await looks(night, db="++")

        assert await about(night) == ["failure of db", "failure of gateway", "recovery of db"]


async def test_it_reaches_over_what_is_well_itself(tmp_path: Path) -> None:
    async with network(tmp_path) as night:
        await looks(night, gateway="---", db="+++", shop="---")

        assert await about(night) == ["failure of gateway"]


async def test_what_was_told_already_is_not_told_again_by_the_other(tmp_path: Path) -> None:
    async with network(tmp_path) as night:
        await looks(night, gateway="+++", db="---")
        await looks(night, gateway="---++", db="-----")
        await looks(night, db="---")

        assert await about(night) == ["failure of db", "failure of gateway"]


@pytest.mark.parametrize("mark", ["+", "?"])
async def test_that_nobody_could_look_is_no_failure(tmp_path: Path, mark: str) -> None:
    async with network(tmp_path) as night:
        await looks(night, gateway=mark * 3, db="---")

        assert await about(night) == ["failure of db"]


async def test_nothing_is_told_before_the_other_was_looked_at_at_all(tmp_path: Path) -> None:
    async with town(tmp_path) as night:
        await night.start(GATEWAY, DB)
        await looks(night, db="----")
        assert await about(night) == []
        await looks(night, gateway="+")
        await looks(night, db="-")
        assert await about(night) == ["failure of db"]


async def test_after_a_restart_it_still_waits(tmp_path: Path) -> None:
    async with network(tmp_path) as night:
        await looks(night, gateway="---", db="---")
        await night.restart(GATEWAY, DB, SHOP)
        await looks(night, db="-", gateway="-")
        assert await about(night) == ["failure of gateway"]
