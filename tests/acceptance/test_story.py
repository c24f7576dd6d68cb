"""A web server is stopped, and a phone rings: the real daemon, a real systemd, a Twilio here."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from pathlib import Path

import pytest

from tests.acceptance.testbed import IN_TESTBED, Testbed
from tests.daemon.server import Server, server

log = logging.getLogger(__name__)

pytestmark = IN_TESTBED
UNIT = 'type = "unit"\nunit = "httpd"\n'
PROCESS = 'type = "process"\nprocess = "httpd"\ncmdline = "{victim}"\n'


def watch_the_unit(web1: Server, *, looks: int, every: str) -> None:
    web1.configure(
        **{
            PROCESS.format(victim=web1.victim): UNIT,
            'interval = "200ms"\nretry_interval = "100ms"\nfail_after = 2': (
                f'interval = "1h"\nretry_interval = "{every}"\nfail_after = {looks}'
            ),
        }
    )


async def test_a_phone_rings_when_a_service_dies_long_before_the_next_look(
    tmp_path: Path, testbed: Testbed
) -> None:
    async with server(tmp_path) as web1:
        watch_the_unit(web1, looks=1, every="5s")
        await web1.start(DBUS_SYSTEM_BUS_ADDRESS=testbed.bus)
        await web1.logged("check 'httpd' is ok")
        began = time.monotonic()
        await asyncio.to_thread(
            testbed.systemctl, "kill", "--signal=KILL", "--kill-who=main", "httpd"
        )
        await web1.until(lambda: web1.asked("POST"))
        log.info("systemctl to POST: %.1f ms", (time.monotonic() - began) * 1000)
        await web1.until(lambda: web1.rung(1))

        (said,) = web1.words
        assert "Httpd service was ended by the signal SIGKILL." in said
        status = json.loads((await web1.run("status", "--json"))[1])
        assert status["events"]["units"] == "dbus"


async def test_nobody_is_called_for_a_restart(tmp_path: Path, testbed: Testbed) -> None:
    async with server(tmp_path) as web1:
        watch_the_unit(web1, looks=1, every="5s")
        await web1.start(DBUS_SYSTEM_BUS_ADDRESS=testbed.bus)
        await web1.logged("check 'httpd' is ok")
        for _ in range(3):
            await asyncio.to_thread(testbed.restart)
        await asyncio.to_thread(testbed.systemctl, "reload", "httpd")
        status = json.loads((await web1.run("status", "--json"))[1])
        await web1.stop()

        assert status["checks"][0]["state"] == "ok"
        assert not web1.asked("POST")


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        pytest.param("htpd", 'no unit "htpd.service", did you mean "httpd.service"?', id="a typo"),
        pytest.param("zzzzzz", "systemctl list-unit-files names them all", id="nothing alike"),
    ],
)
async def test_a_unit_that_does_not_exist_is_exit_78(
    tmp_path: Path, testbed: Testbed, unit: str, said: str
) -> None:
    async with server(tmp_path) as web1:
        watch_the_unit(web1, looks=1, every="5s")
        web1.config.write_text(
            web1.config.read_text().replace('unit = "httpd"', f'unit = "{unit}"')
        )
        for command in ("run", "validate"):
            code, _, err = await web1.run(command, DBUS_SYSTEM_BUS_ADDRESS=testbed.bus)
            assert code == 78
            assert 'check "httpd": unit: systemd knows' in err
            assert said in err
