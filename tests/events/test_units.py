"""Units over a real bus, from a systemd that sends what a real one sends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.events.bus import PrivateBus, needs_dbus
from tests.events.follower import Follower
from tests.events.systemd import KILLED, RESTART, RUNNING, STOP, STOPPED, FakeSystemd, Now
from watchcall.errors import CannotAsk
from watchcall.events import bus as bus_module
from watchcall.events.units import SystemdUnits
from watchcall.ports import UnitState
from watchcall.witness.unit import PROPERTIES, facts_of

pytestmark = needs_dbus
HTTPD = "httpd.service"


async def test_how_a_unit_is(systemd: FakeSystemd, follower: Follower) -> None:
    await systemd.become(HTTPD, replace(KILLED, restarts=2))

    seen = await follower.units.state(HTTPD)

    assert seen.for_s is not None
    assert 0 <= seen.for_s < 60
    assert seen.since is not None
    assert abs(datetime.now(UTC) - seen.since) < timedelta(minutes=1)
    assert replace(seen, for_s=None, since=None) == UnitState(
        unit=HTTPD,
        active="failed",
        sub="failed",
        result="signal",
        ended_by="killed",
        status=9,
        restarts=2,
        cgroup=f"/system.slice/{HTTPD}",
    )


async def test_properties_are_those_of_systemctl_show(
    systemd: FakeSystemd, follower: Follower
) -> None:
    await systemd.become(HTTPD, replace(KILLED, result="oom-kill"))

    shown = await follower.units.properties(HTTPD, PROPERTIES)

    assert shown.keys() == set(PROPERTIES)
    assert facts_of(shown) | {"ended_s_ago": None} == {
        "state": "failed",
        "substate": "failed",
        "result": "oom-kill",
        "ended": "killed by signal 9 (SIGKILL)",
        "status": None,
        "signal": 9,
        "core_dumped": False,
        "pid": 812,
        "ended_s_ago": None,
        "restarts": 0,
    }
    assert (await follower.units.properties("nope.service", PROPERTIES))["LoadState"] == "not-found"
    assert facts_of(await follower.units.properties("no name", PROPERTIES))["state"] is None


async def test_of_what_is_no_service_less_is_told(systemd: FakeSystemd, follower: Follower) -> None:
    systemd.units["a.scope"] = systemd.units["a.slice"] = RUNNING

    shown = await follower.units.properties("a.scope", PROPERTIES)

    assert (shown["ActiveState"], shown["Result"]) == ("active", "success")
    assert "Result" not in await follower.units.properties("a.slice", PROPERTIES)


async def test_a_job_that_waits_is_seen(systemd: FakeSystemd, follower: Follower) -> None:
    await systemd.become(HTTPD, replace(STOPPED, job="start"))

    assert (await follower.units.state(HTTPD)).job == "start"


async def test_a_unit_that_does_not_exist_is_not_stopped_but_missing(
    systemd: FakeSystemd, follower: Follower
) -> None:
    assert (await follower.units.state("nope.service")).missing
    assert (await follower.units.state("no name at all")).missing
    assert not (await follower.units.state(HTTPD)).missing


async def test_units_that_there_are_can_be_listed(systemd: FakeSystemd, follower: Follower) -> None:
    systemd.units["web.socket"] = RUNNING

    assert await follower.units.names() == [HTTPD, "web.socket"]


@pytest.mark.parametrize(
    ("states", "told"),
    [
        pytest.param([RUNNING, RUNNING, RUNNING], 1, id="the same again is no change"),
        pytest.param(STOP, 4, id="a stop, which repeats itself"),
        pytest.param(RESTART, 6, id="a restart"),
    ],
)
async def test_each_change_of_a_unit_is_told_once(
    systemd: FakeSystemd, follower: Follower, states: list[Now], told: int
) -> None:
    await follower.follow(HTTPD, "last.service")

    await systemd.become(HTTPD, *states)
    await systemd.become("last.service", RUNNING)
    await follower.until(lambda: "last.service" in follower.told)

    assert [*[HTTPD] * told, "last.service"] == follower.told


async def test_an_alias_is_told_of_what_it_stands_for(
    systemd: FakeSystemd, follower: Follower
) -> None:
    systemd.aliases["web.service"] = HTTPD
    await follower.follow("web.service")

    await systemd.become(HTTPD, STOPPED)
    await follower.until(lambda: follower.told == ["web.service"])

    assert (await follower.units.state("web.service")).unit == HTTPD


async def test_after_a_reload_an_alias_may_stand_for_another_unit(
    systemd: FakeSystemd, follower: Follower
) -> None:
    systemd.units["nginx.service"] = RUNNING
    systemd.aliases["web.service"] = HTTPD
    await follower.follow("web.service")

    systemd.aliases["web.service"] = "nginx.service"
    await systemd.reload()
    await follower.until(lambda: follower.told == ["web.service"])
    await systemd.become(HTTPD, STOPPED)
    await systemd.become("nginx.service", STOPPED)
    await follower.until(lambda: len(follower.told) == 2)


async def test_a_unit_that_is_not_followed_any_more_is_not_told(
    systemd: FakeSystemd, follower: Follower
) -> None:
    await follower.follow(HTTPD, "b.service")
    follower.units.follow({"c.service"})
    await follower.until(lambda: follower.told == ["c.service"])

    await systemd.become(HTTPD, STOPPED)
    await systemd.become("c.service", STOPPED)
    await follower.until(lambda: len(follower.told) == 2)

    assert follower.told == ["c.service"] * 2


async def test_when_the_bus_comes_back_it_is_asked_anew(
    bus: PrivateBus, systemd: FakeSystemd, follower: Follower
) -> None:
    await follower.follow(HTTPD)
    await systemd.stop()
    await bus.stop()
    with pytest.raises(CannotAsk, match="there is no system bus"):
        await follower.units.state(HTTPD)
    await bus.start()
    await systemd.start()
    await follower.until(lambda: HTTPD in follower.told)  # nobody knows what it missed
    follower.told.clear()

    await systemd.become(HTTPD, STOPPED)
    await follower.until(lambda: HTTPD in follower.told)

    assert follower.units.trouble is None


async def test_when_systemd_comes_back_on_the_same_bus_it_is_subscribed_to_again(
    systemd: FakeSystemd, follower: Follower
) -> None:
    await follower.follow(HTTPD)
    await systemd.stop()
    with pytest.raises(CannotAsk):
        await follower.units.state(HTTPD)
    systemd.asked.clear()

    await systemd.start()
    await follower.until(lambda: HTTPD in follower.told)

    assert "Subscribe" in systemd.asked
    assert not follower.units.trouble


async def test_one_who_does_not_answer_is_not_waited_for(
    systemd: FakeSystemd, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    await follower.units.state(HTTPD)
    systemd.silent = True
    monkeypatch.setattr(bus_module, "DEADLINE_S", 0.05)

    with pytest.raises(CannotAsk, match=r"no answer within 0\.05 s"):
        await follower.units.state(HTTPD)

    systemd.silent = False
    monkeypatch.setattr(bus_module, "DEADLINE_S", 5.0)
    assert (await follower.units.state(HTTPD)).active == "active"


async def test_who_waits_for_an_answer_hears_that_the_bus_broke(
    bus: PrivateBus, systemd: FakeSystemd, follower: Follower
) -> None:
    await follower.units.state(HTTPD)
    systemd.silent = True
    asking = asyncio.create_task(follower.units.state(HTTPD))
    async with asyncio.timeout(20):
        await systemd.ignored.wait()
        await bus.stop()
        with pytest.raises(CannotAsk, match="the connection to the system bus"):
            await asking


@pytest.mark.parametrize(
    ("address", "why"),
    [
        pytest.param("unix:path=/nowhere/bus", "there is no system bus: No such file", id="no bus"),
        pytest.param("tcp:host=localhost,port=1", "names no Unix socket", id="not a socket"),
        pytest.param("nonsense", "names no Unix socket", id="no address"),
    ],
)
async def test_without_a_bus_it_says_why(
    monkeypatch: pytest.MonkeyPatch, address: str, why: str
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    units = SystemdUnits()

    with pytest.raises(CannotAsk, match=why):
        await units.state(HTTPD)
    with pytest.raises(CannotAsk, match=why):
        await units.names()
    await units.close()


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(b"", "it hung up", id="it hangs up"),
        pytest.param(b"REJECTED EXTERNAL\r\n", "Authentication failed", id="it refuses us"),
    ],
)
async def test_a_bus_that_lets_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: bytes, why: str
) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(reply)
        writer.close()

    server = await asyncio.start_unix_server(refuse, tmp_path / "bus")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
    units = SystemdUnits()

    async with server:
        with pytest.raises(CannotAsk, match=f"does not let us in: {why}"):
            await units.state(HTTPD)
    await units.close()
