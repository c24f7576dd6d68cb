"""A process or a path that hangs whoever reads it: one thread is lost, and nobody waits for it."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.probes.victims import Victims
from watchcall.core.check import Check, ProcessTarget
from watchcall.core.health import Level, Observation
from watchcall.probes import pidfile, process, procfs
from watchcall.probes.process import ProcessProbe, Round


class Memory:
    """Whoever reads the command line of `pid`, or the PID file, waits until it may go on."""

    def __init__(self) -> None:
        self.pid = 0
        self.readers = 0
        self.may_go_on = threading.Event()
        self._raw, self._beginning = procfs._raw, pidfile._beginning

    def raw(self, pid: int, name: str) -> bytes:
        if (pid, name) == (self.pid, "cmdline"):
            self.wait()
        return self._raw(pid, name)

    def beginning(self, path: Path) -> bytes:
        self.wait()
        return self._beginning(path)

    def wait(self) -> None:
        self.readers += 1
        assert self.may_go_on.wait(60)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = Memory()
    monkeypatch.setattr(procfs, "_raw", memory.raw)
    monkeypatch.setattr(process, "PATIENCE_S", 0.1)
    yield memory
    memory.may_go_on.set()


def check(name: str = "x", **target: Any) -> Check:
    return Check(name=name, target=ProcessTarget(**target))


async def test_a_process_that_hangs_whoever_reads_it_hides_no_other(
    processes: ProcessProbe, victims: Victims, memory: Memory
) -> None:
    hung, other = victims.name(), victims.name()
    memory.pid = victims.start(victims.program(hung))
    victims.start(victims.program(other))
    checks = {
        "another": check("another", process=other),
        "itself, by name": check("itself, by name", process=hung),
        "gone": check("gone", process="no-such-program"),
        "by line": check("by line", cmdline=re.compile("no such line")),
        "another by line": check("another by line", cmdline=re.compile(f"{other} 600")),
    }
    async with asyncio.timeout(30):
        seen = await asyncio.gather(*(processes.look(one) for one in checks.values()))
        again = await processes.look(checks["another"])

    levels = dict(zip(checks, [one.level for one in seen], strict=True))
    assert levels == {
        "another": Level.OK,
        "itself, by name": Level.OK,
        "gone": Level.CRITICAL,
        "by line": Level.UNKNOWN,  # it may be the one that hangs
        "another by line": Level.OK,
    }
    assert again.level is Level.OK
    assert memory.readers == 1


async def test_a_process_that_hung_is_read_again(
    processes: ProcessProbe, victims: Victims, memory: Memory
) -> None:
    name = victims.name()
    memory.pid = victims.start(victims.program(name))
    one = check(cmdline=re.compile(f"{name} 600"))
    async with asyncio.timeout(30):
        first = await processes.look(one)
        memory.may_go_on.set()
        while (await processes.look(one)).level is not Level.OK:
            pass

    assert first.level is Level.UNKNOWN


async def test_a_pidfile_that_hangs_holds_nobody_else(
    processes: ProcessProbe, memory: Memory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pidfile, "_beginning", memory.beginning)
    looks = [check("hangs", pidfile=tmp_path / "pid"), check("other", process="no-such-program")]
    async with asyncio.timeout(30):
        hung, other = await asyncio.gather(*(processes.look(one) for one in looks))

    assert (hung.level, hung.reason.code) == (Level.UNKNOWN, "process.pidfile_unreadable")
    assert other.level is Level.CRITICAL


async def test_a_scan_that_takes_long_is_not_given_up(
    processes: ProcessProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many processes are no reason to begin again."""
    monkeypatch.setattr(process, "PATIENCE_S", 0.0001)
    rounds: list[Round] = []
    look_all = processes._look_all

    def counted(one: Round) -> list[Observation | Exception]:
        rounds.append(one)
        return look_all(one)

    monkeypatch.setattr(processes, "_look_all", counted)
    me = check(process=Path(f"/proc/{os.getppid()}/comm").read_text().rstrip())
    await processes.look(me)

    assert len(rounds) == 1
