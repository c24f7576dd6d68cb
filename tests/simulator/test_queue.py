"""Calls that wait to be dialed, and phones that are in use already."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from tests.simulator.caller import ME, SPEED, YOU, Caller, calling


def dialed(caller: Caller) -> list[tuple[str, float]]:
    """Return the SIDs in the order in which they left the queue, and when, in phones' seconds."""
    moves = [entry for entry in caller.simulator.entries("call") if entry["was"] == "queued"]
    return [(entry["sid"], entry["monotonic"] * SPEED) for entry in moves]


async def test_calls_beyond_the_rate_are_queued_and_dialed_in_order() -> None:
    async with calling("busy", cps=1) as caller:
        for _ in range(4):
            assert (await caller.create()).json()["status"] == "queued"
        await caller.ended(3)
        sids, times = zip(*dialed(caller), strict=True)

        assert list(sids) == [call.sid for call in caller.simulator.calls]
        assert all(later - earlier > 0.5 for earlier, later in itertools.pairwise(times))


async def test_without_a_rate_nothing_waits_for_another_call() -> None:
    async with calling("busy", queued=1) as caller:
        calls = [(await caller.create()).json() for _ in range(3)]

        assert {"1000"} == {call["queue_time"] for call in calls}


async def test_queue_time_tells_what_is_ahead_in_the_queue() -> None:
    async with calling("busy", cps=0.001) as caller:
        for _ in range(2):
            await caller.create()
        await caller.ended()
        third = (await caller.create()).json()

        assert 1_900_000 < int(third["queue_time"]) < 2_000_000


async def test_a_canceled_call_gives_its_place_to_the_next() -> None:
    async with calling("busy", cps=0.001) as caller:
        await caller.create()
        await caller.ended()
        for _ in range(2):
            waiting = (await caller.create()).json()["sid"]
        await caller.ask("POST", f"/Calls/{waiting}.json", data={"Status": "canceled"})
        last = (await caller.create()).json()

        assert 1_900_000 < int(last["queue_time"]) < 2_000_000


async def test_the_next_one_is_dialed_although_one_was_canceled() -> None:
    async with calling("busy", cps=5) as caller:
        sids = [(await caller.create()).json()["sid"] for _ in range(3)]
        await asyncio.gather(
            caller.ask("POST", f"/Calls/{sids[1]}.json", data={"Status": "canceled"}),
            caller.ended(2),
        )

        assert caller.simulator.calls[2].status == "busy"


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param({"does": "answer", "queue": 500}, id="of a phone that answers"),
        pytest.param({"does": "no-answer", "queue": 500}, id="of a phone that does not"),
        pytest.param({"does": "lost", "queue": 500, "phone": "busy"}, id="whose reply is lost"),
    ],
)
async def test_one_call_can_be_held_in_the_queue(behaviour: Any) -> None:
    async with calling(behaviour) as caller:
        await asyncio.gather(caller.create(), return_exceptions=True)
        await caller.create(To=YOU)
        await caller.ended(1)
        held = await caller.fetch()

        assert (held.status, held.queue_time, held.start_time) == ("queued", "500000", None)


async def test_a_held_call_is_dialed_in_the_end() -> None:
    async with calling({"does": "busy", "queue": 2}) as caller:
        await caller.create()
        await caller.ended()
        queued, busy = caller.simulator.entries("call")

        assert (busy["monotonic"] - queued["monotonic"]) * SPEED > 1.99


async def test_a_held_call_can_be_canceled() -> None:
    async with calling({"does": "answer", "queue": 500}) as caller:
        placed = (await caller.create()).json()
        path = f"/Calls/{placed['sid']}.json"
        ended = (await caller.ask("POST", path, data={"Status": "canceled"})).json()

        assert (ended["status"], ended["start_time"]) == ("canceled", None)


@pytest.mark.parametrize(
    ("call_waiting", "ends"),
    [
        pytest.param(True, ["completed", "completed"], id="with call waiting both ring"),
        pytest.param(False, ["completed", "busy"], id="without call waiting the second is busy"),
    ],
)
async def test_two_calls_to_one_phone(call_waiting: bool, ends: list[str]) -> None:
    async with calling({"does": "answer", "ring": 5}, call_waiting=call_waiting) as caller:
        for _ in range(2):
            await caller.create()

        assert ends == [(await caller.ended(nth)).status for nth in range(2)]


async def test_a_phone_is_free_again_when_its_call_is_over() -> None:
    async with calling(call_waiting=False) as caller:
        for nth in range(2):
            await caller.create()
            assert (await caller.ended(nth)).status == "completed"


async def test_a_call_that_is_not_dialed_yet_does_not_use_the_phone() -> None:
    async with calling({"does": "answer", "queue": 500}, "answer", call_waiting=False) as caller:
        await caller.create()
        await caller.create()

        assert (await caller.ended(1)).status == "completed"


async def test_another_phone_is_not_in_use() -> None:
    async with calling({"does": "answer", "ring": 500}, call_waiting=False) as caller:
        await caller.create(Timeout="600")
        await caller.create(To=YOU)

        assert (await caller.ended(1)).status == "completed"


async def test_the_ledger_counts_the_live_calls_to_a_number() -> None:
    async with calling({"does": "busy", "ring": 5}) as caller:
        await caller.create()
        await caller.create()
        await caller.create(To=YOU)
        for nth in range(3):
            await caller.ended(nth)
        entries = caller.simulator.entries("call")
        of_mine = [entry for entry in entries if entry["to"] == ME]

        assert [entry["live"] for entry in of_mine if entry["status"] == "queued"] == [1, 2]
        assert sorted(entry["live"] for entry in of_mine if entry["status"] == "busy") == [0, 1]
        assert max(entry["live"] for entry in entries if entry["to"] == YOU) == 1
