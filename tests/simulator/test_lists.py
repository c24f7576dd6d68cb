"""Lists of calls: filters and pages."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulator.caller import ME, OURS, YOU, Caller, calling

NOW = datetime.now(UTC)
LATER, EARLIER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


async def shown(caller: Caller, **filters: Any) -> list[str]:
    listed = await asyncio.to_thread(lambda: caller.sdk.calls.list(**filters))
    return [call.sid or "" for call in listed]


async def test_a_list_shows_the_newest_first() -> None:
    async with calling() as caller:
        for _ in range(3):
            await caller.place()
        sids = [call.sid for call in caller.simulator.calls]

        assert sids[::-1] == await shown(caller)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param({"to": ME}, 1, id="to this number"),
        pytest.param({"to": ME, "from_": OURS}, 1, id="to this number from ours"),
        pytest.param({"from_": ME}, 0, id="from another number"),
        pytest.param({"status": "busy"}, 1, id="of this status"),
        pytest.param({"status": "ringing"}, 0, id="of a status that none has"),
        pytest.param({"parent_call_sid": "CA" + "0" * 32}, 0, id="of a parent that none has"),
        pytest.param({"start_time_after": EARLIER}, 2, id="dialed since"),
        pytest.param({"start_time_after": LATER}, 0, id="dialed in the future"),
        pytest.param({"end_time_before": LATER}, 2, id="ended before"),
        pytest.param({"end_time_before": EARLIER}, 0, id="ended long ago"),
    ],
)
async def test_a_list_shows_calls(filters: dict[str, Any], found: int) -> None:
    async with calling("busy") as caller:
        for nth, number in enumerate((ME, YOU)):
            await caller.place(number)
            await caller.ended(nth)

        assert found == len(await shown(caller, **filters))


async def test_a_start_time_filter_does_not_find_calls_that_are_not_dialed_yet() -> None:
    async with calling(queued=1000) as caller:
        await caller.place()

        assert len(await shown(caller)) == 1
        assert await shown(caller, start_time_after=EARLIER) == []


async def test_a_date_means_the_whole_day() -> None:
    async with calling("busy") as caller:
        await caller.place()
        call = await caller.ended()
        day = call.created.utc.date().isoformat()
        reply = await caller.ask("GET", "/Calls.json", params={"StartTime": day})

        assert len(reply.json()["calls"]) == 1


async def test_pages_hold_every_call_once() -> None:
    async with calling(queued=1000) as caller:
        for _ in range(5):
            await caller.place()
        sids = [call.sid for call in caller.simulator.calls]

        assert sids[::-1] == await shown(caller, page_size=2)


async def test_a_call_that_comes_between_two_pages_repeats_none() -> None:
    async with calling(queued=1000) as caller:
        for _ in range(2):
            await caller.place()
        first = (await caller.ask("GET", "/Calls.json", params={"PageSize": 1})).json()
        await caller.place()
        onward = first["next_page_uri"].removeprefix(caller.accounts)
        second = (await caller.ask("GET", onward)).json()

        assert first["calls"][0]["sid"] == caller.simulator.calls[1].sid
        assert second["calls"][0]["sid"] == caller.simulator.calls[0].sid
        assert second["next_page_uri"] is None


async def test_pages_keep_the_filters() -> None:
    async with calling(queued=1000) as caller:
        for number in (ME, YOU, ME):
            await caller.place(number)

        assert len(await shown(caller, to=ME, page_size=1)) == 2
