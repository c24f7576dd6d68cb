"""Another script while the simulator runs, and a clock that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.caller import ME, SPEED, Caller, calling
from watchcall.errors import ConfigError
from watchcall.simulator.simulator import Simulator

HOUR = 3600


async def ended_as(caller: Caller, nth: int) -> str:
    await caller.create()
    return (await caller.ended(nth)).status


def script(*behaviours: Any, **settings: Any) -> dict[str, Any]:
    return {"speed": SPEED, "queued": 0, "phones": {ME: list(behaviours)}, **settings}


async def test_another_script_holds_for_the_next_call() -> None:
    async with calling("busy") as caller:
        assert await ended_as(caller, 0) == "busy"
        caller.simulator.rescript(script("fail"))

        assert await ended_as(caller, 1) == "failed"


async def test_phones_go_on_counting_their_calls() -> None:
    async with calling("busy", "busy") as caller:
        await ended_as(caller, 0)
        caller.simulator.rescript(script("busy", "fail", "answer"))

        assert await ended_as(caller, 1) == "failed"


async def test_a_live_call_goes_on_as_it_began() -> None:
    async with calling({"does": "busy", "ring": 10}) as caller:
        await caller.create()
        caller.simulator.rescript(script("answer"))

        assert (await caller.ended()).status == "busy"


async def test_a_file_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "phones.toml"
    async with calling("busy") as caller:
        path.write_text(f'speed = {SPEED}\nphones."{ME}" = "fail"\n')
        caller.simulator.rescript(path)

        assert await ended_as(caller, 0) == "failed"


async def test_a_wrong_script_changes_nothing_and_the_ledger_says_why() -> None:
    async with calling("busy") as caller:
        with pytest.raises(ConfigError):
            caller.simulator.rescript(script("bussy"))
        [noted] = caller.simulator.entries("script")

        assert "bussy" in noted["problems"][0]
        assert await ended_as(caller, 0) == "busy"


async def test_the_speed_of_the_command_line_stays() -> None:
    async with Simulator({"speed": 1}, speed=9) as simulator:
        simulator.rescript({"speed": 2})

        assert simulator.clock.speed == 9


async def test_every_setting_follows() -> None:
    async with calling() as caller:
        caller.simulator.rescript(script("busy", balance=3, clock_skew=HOUR))
        reply = await caller.ask("GET", "/Balance.json")

        assert reply.json()["balance"] == "3.00"
        assert off(reply.headers["Date"]) == pytest.approx(HOUR, abs=60)


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        pytest.param([{"does": "500"}], 200, id="one that stays goes on counting"),
        pytest.param([{"does": "429"}], 429, id="a new one begins"),
        pytest.param([{"does": "500"}, {"does": "401"}], 401, id="one that is added begins"),
        pytest.param([], 200, id="one that is gone strikes no more"),
    ],
)
async def test_faults_of_another_script(faults: list[Any], status: int) -> None:
    async with calling(faults=[{"does": "500"}]) as caller:
        assert (await caller.ask("GET", ".json")).status_code == 500
        caller.simulator.rescript(script("busy", faults=faults))

        assert (await caller.ask("GET", ".json")).status_code == status


def off(date: str) -> float:
    return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()


@pytest.mark.parametrize("path", [".json", "/nothing.json"], ids=["an answer", "a refusal"])
async def test_every_reply_has_a_date(path: str) -> None:
    async with calling() as caller:
        date = (await caller.ask("GET", path)).headers["Date"]

    assert date.endswith(" GMT")
    assert off(date) == pytest.approx(0, abs=60)


@pytest.mark.parametrize("skew", [-HOUR, HOUR])
async def test_a_wrong_clock_is_wrong_everywhere_but_in_the_ledger(skew: int) -> None:
    async with calling(clock_skew=skew) as caller:
        reply = await caller.create()
        await caller.ended()
        call = (await caller.ask("GET", f"/Calls/{reply.json()['sid']}.json")).json()
        at = datetime.fromisoformat(caller.simulator.ledger[-1]["at"])

    told = ("date_created", "date_updated", "start_time", "end_time")
    for date in (reply.headers["Date"], *(call[name] for name in told)):
        assert off(date) == pytest.approx(skew, abs=60)
    assert abs((at - datetime.now(UTC)).total_seconds()) < 60
