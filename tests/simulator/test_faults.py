"""Faults of Twilio's replies to any request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.simulator.caller import ME, Caller, calling
from watchcall.simulator.faults import GIANT


async def statuses(caller: Caller, count: int, path: str = ".json") -> list[int]:
    return [(await caller.ask("GET", path)).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        pytest.param({}, [500, 200, 200, 200], id="the first, if nothing else is said"),
        pytest.param({"nth": [2, 4]}, [200, 500, 200, 500], id="those that are counted out"),
        pytest.param({"nth": 2}, [200, 500, 200, 200], id="a single one"),
        pytest.param({"times": 2}, [500, 500, 200, 200], id="the first two"),
        pytest.param({"every": 2}, [200, 500, 200, 500], id="each second one"),
        pytest.param({"every": True}, [500, 500, 500, 500], id="all"),
        pytest.param({"every": True, "method": "POST"}, [200] * 4, id="none of another method"),
        pytest.param({"every": True, "path": "Calls/"}, [200] * 4, id="none of another path"),
        pytest.param({"every": True, "path": "/Accounts/"}, [500] * 4, id="those of a path"),
    ],
)
async def test_a_fault_strikes(fault: dict[str, Any], answers: list[int]) -> None:
    async with calling(faults=[{"does": "500", **fault}]) as caller:
        assert answers == await statuses(caller, 4)


async def test_faults_are_used_up_in_order() -> None:
    faults = [{"does": 500}, {"does": 429, "times": 2}, {"does": "401"}]
    async with calling(faults=faults) as caller:
        assert await statuses(caller, 5) == [500, 429, 429, 401, 200]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        pytest.param({"does": "401"}, 401, 20003, id="401"),
        pytest.param({"does": "403"}, 403, 20403, id="403"),
        pytest.param({"does": "429"}, 429, 20429, id="429"),
        pytest.param({"does": "500"}, 500, 20500, id="500"),
        pytest.param({"does": "500", "status": 503}, 503, 20503, id="503"),
        pytest.param({"does": "403", "code": 20005}, 403, 20005, id="a code of its own"),
    ],
)
async def test_a_refused_request_is_not_done(fault: dict[str, Any], status: int, code: int) -> None:
    async with calling("busy", "answer", faults=[fault]) as caller:
        with pytest.raises(TwilioRestException) as refused:
            await caller.place()
        assert (refused.value.status, refused.value.code) == (status, code)
        assert caller.simulator.calls == []
        await caller.place()

        assert (await caller.ended()).status == "busy"  # the phone's list was not used up


async def test_a_refused_request_may_be_done_nonetheless() -> None:
    async with calling(faults=[{"does": "500", "placed": True}]) as caller:
        assert (await caller.create()).status_code == 500
        assert len(caller.simulator.calls) == 1


async def test_a_lost_request_may_not_have_been_done() -> None:
    async with calling(faults=[{"does": "lost", "placed": False}]) as caller:
        with pytest.raises(requests.ConnectionError):
            await caller.create()

        assert caller.simulator.calls == []


async def test_a_call_is_canceled_although_the_reply_is_lost() -> None:
    faults = [{"does": "lost", "method": "POST", "path": "/Calls/"}]
    async with calling(queued=500, faults=faults) as caller:
        sid = (await caller.create()).json()["sid"]
        with pytest.raises(requests.ConnectionError):
            await caller.ask("POST", f"/Calls/{sid}.json", data={"Status": "canceled"})

        assert caller.simulator.calls[0].status == "canceled"


@pytest.mark.parametrize("does", ["429", "500"])
async def test_a_refusal_may_say_when_to_come_back(does: str) -> None:
    async with calling(faults=[{"does": does, "retry_after": 7}]) as caller:
        assert (await caller.ask("GET", ".json")).headers["Retry-After"] == "7"


async def test_a_cut_reply_breaks_off() -> None:
    async with calling(faults=[{"does": "cut"}]) as caller:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            await caller.ask("GET", ".json")


async def test_a_garbled_reply_is_no_json() -> None:
    async with calling(faults=[{"does": "garbage"}]) as caller:
        reply = await caller.ask("GET", ".json")

    assert reply.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        reply.json()


@pytest.mark.parametrize(
    ("fault", "delay"),
    [({"does": "slow", "delay": 0.2}, 0.2), ({"does": "500", "delay": 0.1}, 0.1)],
    ids=["a slow reply", "a slow refusal"],
)
async def test_a_reply_may_take_its_time(fault: dict[str, Any], delay: float) -> None:
    async with calling(faults=[fault]) as caller:
        await caller.ask("GET", ".json")
        [request], [reply] = (caller.simulator.entries(kind) for kind in ("request", "reply"))

        assert reply["monotonic"] - request["monotonic"] >= delay


async def test_a_giant_reply_begins_as_json_and_never_ends() -> None:
    async with calling(faults=[{"does": "giant"}]) as caller:
        reply = await caller.ask("GET", "/Calls.json")

    assert len(reply.content) == pytest.approx(GIANT, rel=0.001)
    assert reply.headers["Content-Type"].startswith("application/json")
    assert reply.content.startswith(b'{"calls": [{"sid": "CA')
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.content)


async def test_an_odd_reply_has_what_nobody_has_heard_of() -> None:
    async with calling("busy", faults=[{"does": "odd", "method": "GET", "times": 2}]) as caller:
        placed = (await caller.create()).json()
        await caller.ended()
        odd = (await caller.ask("GET", f"/Calls/{placed['sid']}.json")).json()
        [listed] = (await caller.ask("GET", "/Calls.json")).json()["calls"]

    assert placed["status"] == "queued"
    assert odd["status"] == listed["status"] == "teleporting"
    assert set(placed) < set(odd)


async def test_the_ledger_names_the_fault() -> None:
    async with calling(faults=[{"does": "429"}]) as caller:
        await statuses(caller, 2)
        first, second = caller.simulator.entries("reply")

    assert (first["fault"], first["status"], first["code"]) == ("429", 429, 20429)
    assert (second["fault"], second["status"]) == (None, 200)


async def test_the_controls_of_the_simulator_itself_are_spared() -> None:
    async with calling(faults=[{"does": "500", "every": True}]) as caller:
        form = {"From": ME, "To": "+15005550006"}
        url = caller.simulator.url + "/simulator/calls"
        reply = await asyncio.to_thread(requests.post, url, data=form, timeout=5)

        assert reply.status_code == 201


async def test_a_client_that_dies_in_the_middle_of_a_reply_harms_nobody() -> None:
    async with calling(faults=[{"does": "giant", "times": 1}]) as caller:
        port = int(caller.simulator.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            reset = struct.pack("ii", 1, 0)  # closing sends RST, as the kernel does for a kill
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            client.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            await caller.simulator.until(lambda: caller.simulator.entries("reply"))

        assert await statuses(caller, 1) == [200]


def received(client: socket.socket) -> int:
    """Return how many bytes still come until the connection is over."""
    count = 0
    with client, contextlib.suppress(ConnectionResetError):
        while some := client.recv(1 << 20):
            count += len(some)
    return count


async def test_a_client_that_reads_nothing_does_not_hold_up_the_end() -> None:
    async with calling(faults=[{"does": "giant", "times": 1}]) as caller:
        port = int(caller.simulator.url.rpartition(":")[2])
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        client.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        await caller.simulator.until(lambda: caller.simulator.entries("reply"))

    assert await asyncio.to_thread(received, client) < GIANT / 2
