"""Checks of units, with the real daemon and a systemd that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tests.daemon.server import WITHIN, Server, server
from tests.events.bus import PrivateBus, needs_dbus
from tests.events.systemd import KILLED, RESTART, RUNNING, STOP, STOPPED, FakeSystemd, Now

HTTPD = "httpd.service"


@asynccontextmanager
async def town(folder: Path, *, looks: int = 1) -> AsyncIterator[tuple[Server, FakeSystemd]]:
    """A server whose checks are looked at once an hour, unless something happens."""
    async with server(folder) as web1:
        bus = PrivateBus(folder)
        systemd = FakeSystemd(bus.address)
        await bus.start()
        await systemd.start()
        configure(web1, looks)
        try:
            yield web1, systemd
        finally:
            await systemd.stop()
            await bus.stop()


def configure(web1: Server, looks: int) -> None:
    web1.configure(
        **{
            f'type = "process"\nprocess = "httpd"\ncmdline = "{web1.victim}"': (
                f'type = "unit"\nunit = "{HTTPD}"'
            ),
            'interval = "200ms"\nretry_interval = "100ms"\nfail_after = 2': (
                f'interval = "1h"\nretry_interval = "60s"\nfail_after = {looks}\nrecover_after = 1'
            ),
        }
    )


def bus_of(web1: Server) -> dict[str, str]:
    return {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={web1.folder}/bus"}


@needs_dbus
async def test_a_stopped_unit_is_told_at_once(tmp_path: Path) -> None:
    async with town(tmp_path) as (web1, systemd):
        await web1.start(**bus_of(web1))
        await web1.logged("check 'httpd' is ok")
        assert (await web1.json("status"))["events"]["units"] == "dbus"
        assert "polling" not in (await web1.run("status"))[1]

        await systemd.become(HTTPD, *STOP)
        await web1.until(lambda: web1.rung(1))

        assert "Httpd service is stopped." in web1.words[0]


@needs_dbus
async def test_a_restart_and_a_crash_that_systemd_mends_call_nobody(tmp_path: Path) -> None:
    async with town(tmp_path) as (web1, systemd):
        await web1.start(**bus_of(web1))
        await web1.logged("check 'httpd' is ok")
        waiting = Now(active="activating", sub="auto-restart", restarts=1, pid=0)
        for states in (RESTART, (waiting, replace(RUNNING, restarts=1)), RESTART):
            await systemd.become(HTTPD, *states)
        await systemd.become(HTTPD, KILLED)
        await web1.until(lambda: web1.rung(1))

        assert len(web1.simulator.calls) == 1
        assert "SIGKILL" in web1.words[0]
        assert sum("incident" in line and "opened" in line for line in web1.log) <= 1


@needs_dbus
async def test_many_events_are_one_failure(tmp_path: Path) -> None:
    async with town(tmp_path, looks=3) as (web1, systemd):
        await web1.start(**bus_of(web1))
        await web1.logged("check 'httpd' is ok")
        for state in (STOPPED, replace(STOPPED, job="stop")) * 3:
            systemd.asked.clear()
            await systemd.become(HTTPD, state)
            await web1.until(lambda: "ListUnitsByNames" in systemd.asked)

        (check,) = (await web1.json("status"))["checks"]
        assert (check["state"], check["failures"]) == ("ok", 1)


@needs_dbus
async def test_a_unit_that_systemd_does_not_know_is_exit_78(tmp_path: Path) -> None:
    async with town(tmp_path) as (web1, systemd):
        systemd.units = {"nginx.service": RUNNING, "httpx.service": RUNNING}
        for command in ("run", "validate"):
            code, _, err = await web1.run(command, **bus_of(web1))

            assert code == 78
            assert err == (
                f'{web1.config}: check "httpd": unit: systemd knows no unit "httpd.service", did '
                'you mean "httpx.service"?\n'
            )
        assert not (tmp_path / "state").exists()


@needs_dbus
async def test_a_reload_refuses_it_too_and_goes_on(tmp_path: Path) -> None:
    async with town(tmp_path) as (web1, systemd):
        await web1.start(**bus_of(web1))
        await web1.logged("check 'httpd' is ok")
        good = web1.config.read_text()
        web1.config.write_text(good.replace(HTTPD, "htpd.service"))

        code, _, err = await web1.run("reload")

        assert code == 78
        assert 'did you mean "httpd.service"?' in err
        await systemd.become(HTTPD, *STOP)
        await web1.until(lambda: web1.rung(1))


async def test_without_systemd_it_is_unknown_and_never_down(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        configure(web1, looks=1)
        await web1.start(**bus_of(web1))
        await web1.logged("systemd tells nothing of units")
        async with asyncio.timeout(WITHIN):
            while (check := (await web1.json("status"))["checks"][0])["last_seen_at"] is None:
                pass
        code, out, _ = await web1.run("status")

        assert code == 0
        assert "units: polling: there is no system bus" in out
        assert check["reason"].startswith("systemd cannot be asked: there is no system bus")
        assert (check["state"], check["level"]) == ("pending", "unknown")
        assert (await web1.json("probe", "httpd"))["level"] == "unknown"
        assert not web1.simulator.calls
