"""Which events make which looks early."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.events.test_canary import Site, running
from watchcall.core.check import Check, HttpTarget, ProcessTarget, Range
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.events import Events
from watchcall.events.pidfd import _started

WITHIN = 10.0  # seconds, for what takes a millisecond
FINE = Reason.of("text", text="fine")
HTTPD = Check(name="httpd", target=ProcessTarget(process="httpd"))
SITE = Check(name="site", target=HttpTarget(url="http://web1/"))


class Early:
    """Takes the looks that events ask for."""

    def __init__(self, *checks: Check, canary: bool = True) -> None:
        self.looks: list[str] = []
        self.events = Events(self._look)
        self.events.watch(checks, canary=canary)
        self._more = asyncio.Event()

    def _look(self, name: str) -> None:
        self.looks.append(name)
        self._more.set()

    async def until(self, name: str) -> None:
        async with asyncio.timeout(WITHIN):
            while name not in self.looks:
                self._more.clear()
                await self._more.wait()

    def saw(self, check: Check, level: Level = Level.OK, **evidence: object) -> None:
        self.events.seen(check, Observation(level=level, reason=FINE, evidence=evidence))


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    code = "import signal; signal.pause()"
    started = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    yield started
    for one in started:
        one.kill()
        one.wait()


def identities(processes: list[subprocess.Popen[bytes]]) -> list[list[int | None]]:
    return [[one.pid, _started(one.pid)] for one in processes]


async def test_a_death_makes_the_check_look(workers: list[subprocess.Popen[bytes]]) -> None:
    early = Early(HTTPD)
    early.saw(HTTPD, identities=identities(workers[:1]))
    assert early.events.state() == {"processes": "pidfd", "servers": None}

    workers[0].kill()
    await early.until("httpd")
    early.events.close()

    assert early.looks == ["httpd"]


@pytest.mark.parametrize(
    ("target", "level", "early"),
    [
        pytest.param({}, Level.OK, False, id="enough are left: workers come and go"),
        pytest.param({"count": Range(min=3)}, Level.OK, True, id="fewer than must be"),
        pytest.param({"warning": Range(min=3)}, Level.OK, True, id="fewer than should be"),
        pytest.param({"count": Range(max=2)}, Level.CRITICAL, True, id="there were too many"),
    ],
)
async def test_when_one_of_three_dies(
    workers: list[subprocess.Popen[bytes]],
    target: dict[str, Range],
    level: Level,
    early: bool,
) -> None:
    check = replace(HTTPD, target=ProcessTarget(process="httpd", **target))  # type: ignore[arg-type]  # a table of keywords
    watching = Early(check, replace(HTTPD, name="witness"))
    watching.saw(check, level, identities=identities(workers))
    watching.saw(replace(HTTPD, name="witness"), identities=identities(workers[:1]))

    workers[0].kill()
    await watching.until("witness")
    await asyncio.sleep(0)
    watching.events.close()

    assert ("httpd" in watching.looks) is early


async def test_a_death_makes_the_servers_of_this_machine_be_looked_at(
    workers: list[subprocess.Popen[bytes]],
) -> None:
    far, twin = replace(SITE, name="far"), replace(SITE, name="twin")
    early = Early(HTTPD, SITE, twin, far, canary=False)
    early.saw(HTTPD, identities=identities(workers[:1]))
    early.saw(SITE, remote="127.0.0.1 port 9", url="http://web1/")
    early.saw(twin, remote="127.0.0.1 port 9", url="http://web1/")
    early.saw(far, remote="192.0.2.1 port 80", url="http://far/")

    workers[0].kill()
    await early.until("twin")  # each server once
    early.events.close()

    assert early.looks == ["httpd", "twin"]


async def test_a_server_that_begins_to_fail_is_looked_at_by_its_other_checks() -> None:
    twin = replace(SITE, name="twin")
    early = Early(SITE, twin, canary=False)
    for one in (SITE, twin):
        early.saw(one, remote="127.0.0.1 port 9", url="http://web1/")

    early.saw(SITE, Level.CRITICAL, url="http://web1/")
    early.saw(SITE, Level.CRITICAL, url="http://web1/")
    early.events.close()

    assert early.looks == ["twin"]


async def test_the_end_of_a_held_connection_makes_its_check_look() -> None:
    async with running(Site()) as site:
        early = Early(SITE)
        host, port = site.endpoint
        url = f"http://{host}:{port}/"
        early.saw(SITE, remote=f"{host} port {port}", url=url)
        await _opened(early.events)
        assert early.events.state()["servers"] == "connections"

        site.hang_up()
        await early.until("site")
        early.events.close()

    assert early.looks == ["site"]


@pytest.mark.parametrize(
    ("target", "url", "canary"),
    [
        pytest.param({}, "http://{}:{}/", False, id="switched off"),
        pytest.param({}, "https://{}:{}/", True, id="TLS"),
        pytest.param({"method": "POST"}, "http://{}:{}/", True, id="not a harmless method"),
        pytest.param({"proxy": "http://proxy:1"}, "http://{}:{}/", True, id="through a proxy"),
    ],
)
async def test_no_connection_is_held(target: dict[str, str], url: str, canary: bool) -> None:
    async with running(Site()) as site:
        check = replace(SITE, target=HttpTarget(url=url.format(*site.endpoint), **target))  # type: ignore[arg-type]  # a table of keywords
        early = Early(check, canary=canary)
        host, port = site.endpoint
        early.saw(check, remote=f"{host} port {port}", url=url.format(host, port))

        assert str(early.events.state()["servers"]).startswith("polling: ")
        assert early.events._canaries._servers == {}
        early.events.close()


async def test_what_is_no_longer_watched_is_let_go_of(
    workers: list[subprocess.Popen[bytes]],
) -> None:
    early = Early(HTTPD, replace(HTTPD, name="other"))
    early.saw(HTTPD, identities=identities(workers[:1]))
    early.saw(replace(HTTPD, name="other"), identities=identities(workers[:1]))
    early.events.watch([replace(HTTPD, name="other")], canary=True)
    early.saw(HTTPD, identities=identities(workers[:1]))  # a look that was under way

    workers[0].kill()
    await early.until("other")
    early.events.close()

    assert early.looks == ["other"]


async def test_a_process_that_dies_again_and_again_is_no_storm(
    workers: list[subprocess.Popen[bytes]],
) -> None:
    """What was found is gone whenever it is to be held."""
    early = Early(HTTPD)
    gone = [[workers[0].pid, 1]]  # another start time: another process

    for _ in range(1000):
        early.saw(HTTPD, identities=gone)
    early.events.close()

    assert early.looks == ["httpd"]


async def _opened(events: Events) -> None:
    async with asyncio.timeout(WITHIN):
        for server in events._canaries._servers.values():
            if server.opening is not None:
                await server.opening
