"""A process that ends is told at once, by the kernel; real processes, and no privileges."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from watchcall.events.pidfd import Deaths, Identity

WITHIN = 10.0  # seconds, for what takes a millisecond


class Told:
    """Who died, and a way to wait for it."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._more = asyncio.Event()

    def __call__(self, name: str) -> None:
        self.names.append(name)
        self._more.set()

    async def wait(self, count: int) -> None:
        async with asyncio.timeout(WITHIN):
            while len(self.names) < count:
                self._more.clear()
                await self._more.wait()


@pytest.fixture
async def victims() -> AsyncIterator[list[Process]]:
    """Three processes that wait to be killed."""
    code = "print('up', flush=True); import signal; signal.pause()"
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=PIPE) for _ in "123"
    ]
    for one in started:
        assert one.stdout is not None
        await one.stdout.readline()
    yield started
    for one in started:
        if one.returncode is None:
            one.kill()
        await one.wait()


def identity(process: Process) -> Identity:
    stat = Path(f"/proc/{process.pid}/stat").read_text()
    return process.pid, int(stat.rpartition(")")[2].split()[19])


def descriptors() -> int:
    """How many processes this one has open."""
    links = []
    for fd in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the listing's own
            links.append(str(fd.readlink()))
    return links.count("anon_inode:[pidfd]")


async def test_a_death_is_told_once_to_each_check(victims: list[Process]) -> None:
    told = Told()
    deaths = Deaths(told)
    deaths.hold("web", [identity(victims[0]), identity(victims[1])])
    deaths.hold("also", [identity(victims[0])])

    victims[0].kill()
    await told.wait(2)

    assert sorted(told.names) == ["also", "web"]
    assert (deaths.alive("web"), deaths.alive("also")) == (1, 0)
    deaths.close()


async def test_a_process_that_ended_since_the_look_is_told_at_once(victims: list[Process]) -> None:
    told, gone = Told(), identity(victims[0])
    victims[0].kill()
    await victims[0].wait()

    Deaths(told).hold("web", [gone])

    assert told.names == ["web"]


async def test_another_process_with_the_same_pid_is_not_it(victims: list[Process]) -> None:
    told, (pid, started) = Told(), identity(victims[0])
    before = descriptors()

    deaths = Deaths(told)
    deaths.hold("web", [(pid, started - 1)])

    assert (told.names, deaths.alive("web")) == (["web"], 0)
    assert descriptors() == before


async def test_who_is_no_longer_found_is_let_go_of(victims: list[Process]) -> None:
    told, (old, new, other) = Told(), map(identity, victims)
    before = descriptors()
    deaths = Deaths(told)
    deaths.hold("web", [old, new])
    deaths.hold("web", [new, other])
    assert descriptors() == before + 2

    victims[0].kill()
    victims[2].kill()
    await told.wait(1)
    deaths.close()

    assert told.names == ["web"]
    assert descriptors() <= before  # asyncio itself may have let go of who died


async def test_more_processes_than_descriptors_are_polled(victims: list[Process]) -> None:
    deaths = Deaths(Told(), most=2)
    before = descriptors()

    deaths.hold("web", map(identity, victims))
    assert deaths.polling == {"web": "3 processes, and 2 of at most 2 could be held"}
    assert descriptors() == before

    deaths.hold("web", map(identity, victims[:2]))
    assert (deaths.polling, deaths.alive("web")) == ({}, 2)
    deaths.close()


async def test_a_system_that_opens_no_process_is_polled(
    victims: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(pid: int, flags: int = 0) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "pidfd_open", refused)
    told = Told()
    deaths = Deaths(told)

    deaths.hold("web", [identity(victims[0])])

    assert deaths.polling == {"web": "pidfd_open: Operation not permitted"}
    assert told.names == []
