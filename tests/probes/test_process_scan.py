"""One scan for all looks that are due, and what it costs to ask at the wrong time."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.probes.victims import Victims
from watchcall.core.check import Check, Limits, ProcessTarget, Range
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes import hanging, pidfile, process, procfs
from watchcall.probes.census import judge
from watchcall.probes.cpu import CpuMeter
from watchcall.probes.matching import Found, find, matchers_of
from watchcall.probes.patterns import Budget
from watchcall.probes.process import ProcessProbe
from watchcall.probes.procfs import Seen, Table


class Made(Seen):
    """A process as a test wants it; what is not given is empty."""

    def __init__(self, pid: int, **attributes: Any) -> None:
        super().__init__(pid)
        given = {"comm": "", "argv": [], "exe": "", "cgroups": [], "_stat": ["S", "1"]}
        self.__dict__.update(given | attributes)
        self.__dict__["link"] = self.__dict__["exe"]
        self._stat += ["0"] * 18  # up to the start time


class Opaque(Made):
    """A process of another user, whose exe may not be read."""

    def __init__(self, pid: int, **attributes: Any) -> None:
        super().__init__(pid, **attributes)
        del self.__dict__["exe"]
        self.__dict__["link"] = None


class Vanished(Made):
    """A process that was listed and is gone when it is read."""

    @property
    def comm(self) -> str:
        raise psutil.NoSuchProcess(self.pid)


class Scanner:
    """A scan that takes as long as the test wants."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.scans = 0

    def __call__(self) -> Table:
        self.scans += 1
        self.begun.release()
        assert self.may_end.acquire(timeout=20)
        return Table([])

    async def has_begun(self) -> None:
        assert await asyncio.to_thread(self.begun.acquire, timeout=20)


def check(name: str = "httpd", **target: Any) -> Check:
    return Check(name=name, target=ProcessTarget(**{"process": name, **target}))


def look(probe: ProcessProbe, name: str = "httpd") -> asyncio.Task[Observation]:
    return asyncio.create_task(probe.look(check(name)))


async def test_looks_that_are_due_together_share_a_scan() -> None:
    scan = Scanner()
    probe = ProcessProbe(scan)
    scan.may_end.release()

    seen = await asyncio.gather(*(look(probe, f"p{number}") for number in range(50)))

    assert scan.scans == 1
    assert {one.reason["name"] for one in seen} == {f"p{number}" for number in range(50)}


async def test_a_look_never_gets_a_scan_that_began_before_it() -> None:
    scan = Scanner()
    probe = ProcessProbe(scan)
    first = look(probe)
    await scan.has_begun()
    late = [look(probe), look(probe)]
    scan.may_end.release()
    await first
    await scan.has_begun()

    assert not any(one.done() for one in late)
    scan.may_end.release()
    await asyncio.gather(*late)
    assert scan.scans == 2


async def test_a_scan_does_not_hold_the_loop() -> None:
    scan = Scanner()
    probe = ProcessProbe(scan)
    task = look(probe)
    await scan.has_begun()

    turns = [await asyncio.sleep(0, number) for number in range(100)]

    assert len(turns) == 100
    assert not task.done()
    scan.may_end.release()
    await task


async def test_a_look_that_was_given_up_is_not_looked_for() -> None:
    scan = Scanner()
    probe = ProcessProbe(scan)
    first = look(probe)
    await scan.has_begun()
    given_up = look(probe)
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    scan.may_end.release()
    await first

    assert scan.scans == 1


EVIL = re.compile(r"(a+)+$")
LONG = Made(1 << 30, comm="evil", argv=["evil", "a" * 5000 + "!"])


async def test_a_search_without_end_delays_no_other_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may give a process a command line that some expression breaks on."""
    monkeypatch.setattr(process, "SLOW_S", 2)
    probe = ProcessProbe(lambda: Table([LONG]))
    hard = asyncio.create_task(probe.look(Check(name="x", target=ProcessTarget(cmdline=EVIL))))
    for _ in range(3):
        seen = await asyncio.wait_for(look(probe, "evil"), 20)
        assert seen.level is Level.OK
        assert not hard.done()

    given_up = await hard

    assert given_up.level is Level.UNKNOWN
    assert given_up.reason == Reason.of("look.too_hard", text="(a+)+$")


class Pipes:
    """Files of /proc that hang when they are opened, until somebody lets go."""

    def __init__(self, folder: Path, *hung: tuple[int, str]) -> None:
        self.paths = {key: folder / f"{key[0]}-{key[1]}" for key in hung}
        for path in self.paths.values():
            os.mkfifo(path)

    def place(self, pid: int, name: str) -> str:
        return str(self.paths.get((pid, name), f"/proc/{pid}/{name}"))

    def let_go(self) -> None:
        for path in self.paths.values():
            with suppress(OSError):  # nobody waits there
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


async def test_a_scan_that_hangs_is_left_behind_and_what_it_hangs_at_is_passed_by(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, victims: Victims
) -> None:
    """Reading /proc/PID/cmdline waits for the memory of a process, perhaps for ever."""
    monkeypatch.setattr(process, "SHORTEST_SCAN_S", 0.1)
    names = victims.name(), victims.name()
    pids = [victims.start(victims.program(name)) for name in names]
    pipes = Pipes(tmp_path, (pids[0], "cmdline"))
    monkeypatch.setattr(procfs, "_place", pipes.place)
    probe = ProcessProbe(lambda: Table(map(Seen, pids)))
    short = timedelta(seconds=0.2)

    def asked(**target: Any) -> asyncio.Task[Observation]:
        wanted = Check(name="x", target=ProcessTarget(**target), timeout=short)
        return asyncio.create_task(probe.look(wanted))

    try:
        by_name, of_stuck, none, by_cmdline, twice = await asyncio.wait_for(
            asyncio.gather(
                asked(process=names[1]),
                asked(process=names[0]),
                asked(process="no-such"),
                asked(cmdline=re.compile("no-such-thing")),
                asked(cmdline=re.compile(names[1])),
            ),
            20,
        )
        later = await asyncio.wait_for(asked(process=names[1]), 20)
    finally:
        pipes.let_go()

    assert (by_name.level, later.level, twice.level) == (Level.OK, Level.OK, Level.OK)
    assert of_stuck.level is Level.OK, "its name can be read"
    assert none.reason.code == "process.none"
    assert by_cmdline.reason.code == "process.unreadable", "it may be the one that hangs"
    hung = probe._left_behind
    for thread in hung:
        await asyncio.to_thread(thread.join, 20)
    assert hung
    assert not hanging._stuck, "what came back is read again"


async def test_a_pid_file_that_hangs_blinds_its_own_check_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "SHORTEST_SCAN_S", 0.1)
    answers = threading.Event()

    def read(path: Path) -> bytes | None:
        assert answers.wait(20)
        return b"1"

    monkeypatch.setattr(pidfile, "_read", read)
    probe = ProcessProbe(lambda: Table([LONG]))
    short = timedelta(seconds=0.2)
    on_nfs = ProcessTarget(pidfile=tmp_path / "nfs.pid")
    try:
        hung, fine = await asyncio.wait_for(
            asyncio.gather(
                probe.look(Check(name="x", target=on_nfs, timeout=short)), look(probe, "evil")
            ),
            20,
        )
    finally:
        answers.set()
    for thread in probe._left_behind:
        await asyncio.to_thread(thread.join, 20)

    assert fine.level is Level.OK
    path = str(on_nfs.pidfile)
    why = Reason.of("process.pidfile_unreadable", path=path, error="reading it hangs")
    assert (hung.level, hung.reason) == (Level.UNKNOWN, why)


async def test_when_too_many_scans_hang_no_more_are_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SHORTEST_SCAN_S", 0.01)
    scan = Scanner()
    probe = ProcessProbe(scan)
    waiting = asyncio.create_task(
        probe.look(Check(name="x", target=ProcessTarget(process="x"), timeout=timedelta(0)))
    )
    await asyncio.sleep(1)
    begun = scan.scans
    for _ in range(begun):
        scan.may_end.release()
    await asyncio.wait_for(waiting, 20)

    assert begun == process.MOST_LEFT_BEHIND + 1


async def test_a_closed_probe_leaves_nobody_waiting() -> None:
    scan = Scanner()
    probe = ProcessProbe(scan)
    first = look(probe)
    await scan.has_begun()
    waiting = look(probe)
    await asyncio.sleep(0)

    probe.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    scan.may_end.release()
    await first


async def test_a_scan_that_fails_is_unknown_for_all() -> None:
    def scan() -> Table:
        raise OSError(5, "Input/output error")

    seen = await ProcessProbe(scan).look(check())

    assert (seen.level, seen.reason["error"]) == (Level.UNKNOWN, "Input/output error")


async def test_a_mistake_in_a_scan_reaches_whoever_looked() -> None:
    def scan() -> Table:
        raise ZeroDivisionError

    probe = ProcessProbe(scan)

    with pytest.raises(ZeroDivisionError):
        await probe.look(check())
    with pytest.raises(ZeroDivisionError):  # and the next scan takes place
        await probe.look(check())


@contextmanager
def without_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_without_descriptors_nothing_is_down() -> None:
    probe = ProcessProbe()
    await probe.look(check())

    with without_descriptors():
        seen = await probe.look(check())

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "process.cannot_look")


def test_what_vanishes_during_a_scan_was_not_there() -> None:
    table = Table([Vanished(41), Made(42, comm="httpd")])

    found = find(ProcessTarget(process="httpd"), table, Budget(9))

    assert [seen.pid for seen in found.matched] == [42]


@pytest.mark.parametrize(
    ("processes", "least", "level", "code"),
    [
        pytest.param(
            [Opaque(3, comm="x")], 1, Level.UNKNOWN, "unreadable", id="called so, it may be the one"
        ),
        pytest.param(
            [Opaque(2, argv=["x: worker"])], 1, Level.UNKNOWN, "unreadable", id="titled so, too"
        ),
        pytest.param(
            [Opaque(2, argv=["/sbin/x"])], 1, Level.UNKNOWN, "unreadable", id="started so, too"
        ),
        pytest.param(
            [Opaque(2, comm="init", argv=["init"])], 1, Level.CRITICAL, "none", id="PID 1 is not it"
        ),
        pytest.param(
            [Made(2, exe="/sbin/x"), Opaque(3, comm="x")], 1, Level.OK, "running", id="one is seen"
        ),
        pytest.param(
            [Made(2, exe="/sbin/x"), Opaque(3, comm="x")],
            2,
            Level.UNKNOWN,
            "unreadable",
            id="one too few",
        ),
        pytest.param(
            [Made(2, exe="/sbin/x"), Opaque(3, comm="x")],
            3,
            Level.CRITICAL,
            "too_few",
            id="too few anyhow",
        ),
        pytest.param([Made(2, exe="/sbin/y")], 1, Level.CRITICAL, "none", id="it is another"),
    ],
)
def test_what_may_not_be_read_is_no_outage(
    processes: list[Seen], least: int, level: Level, code: str
) -> None:
    target = ProcessTarget(exe=Path("/sbin/x"), count=Range(min=least))
    found = find(target, Table(processes), Budget(9))

    seen = judge(Check(name="x", target=target), target, found, CpuMeter())

    assert (seen.level, seen.reason.code) == (level, f"process.{code}")


@pytest.mark.parametrize(
    ("cgroup", "unit", "belongs"),
    [
        pytest.param("/system.slice/httpd.service", "httpd.service", True, id="as systemd says"),
        pytest.param("/system.slice/httpd.service", "httpd", True, id="without its type"),
        pytest.param("/system.slice/httpd.service/worker", "httpd", True, id="in a group below"),
        pytest.param("/system.slice/php8.2-fpm.service", "php8.2-fpm", True, id="with a dot"),
        pytest.param("/system.slice/my-httpd.service", "httpd", False, id="not a longer name"),
        pytest.param("/system.slice/httpd.socket", "httpd", False, id="not another type"),
        pytest.param("/system.slice", "system.slice", True, id="a slice"),
        pytest.param("/", "httpd", False, id="outside"),
    ],
)
def test_a_process_belongs_to_a_unit(cgroup: str, unit: str, belongs: bool) -> None:
    (matcher,) = matchers_of(ProcessTarget(unit=unit), Budget(9))

    assert matcher(Made(2, cgroups=[cgroup])) is belongs


def test_the_unit_is_read_from_the_unified_hierarchy_and_from_systemds_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = Seen(os.getpid())
    (tmp_path / str(mine.pid)).mkdir()
    lines = "9:name=systemd:/a.service\n4:memory:/elsewhere\n0::/b:c.service\n"
    (tmp_path / str(mine.pid) / "cgroup").write_text(lines)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))

    assert mine.cgroups == ["/a.service", "/b:c.service"]


def test_what_runs_no_program_is_asked_for_no_command_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "77").mkdir()
    (tmp_path / "77" / "comm").write_text("kworker/0:1\n")
    (tmp_path / "77" / "stat").write_text(f"77 (kworker/0:1) S 2{' 0' * 30}")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))

    found = find(ProcessTarget(process="kworker/0:1"), Table([Seen(77)]), Budget(9))

    assert [seen.pid for seen in found.matched] == [77]


def test_what_a_child_of_watchcall_started_is_watchcalls_too() -> None:
    me = Made(psutil.Process().pid)
    child = Made(900001, _stat=["S", str(me.pid)])
    grandchild = Made(900002, comm="httpd", _stat=["S", "900001"])
    other = Made(900003, comm="httpd")

    found = find(ProcessTarget(process="httpd"), Table([me, child, grandchild, other]), Budget(9))

    assert [seen.pid for seen in found.matched] == [900003]


def test_the_shell_around_watchcall_does_not_match_by_its_command_line() -> None:
    me = Made(os.getpid(), _stat=["S", "900001"])
    shell = Made(900001, argv=["sh", "-c", "watchcall probe httpd"], _stat=["S", "900002"])
    sshd = Made(900002, argv=["sshd: httpd@pts/0"], comm="sshd")
    table = Table([me, shell, sshd])
    table.wrappers = {900001}

    by_cmdline = find(ProcessTarget(cmdline=re.compile("httpd")), table, Budget(9))

    assert [seen.pid for seen in by_cmdline.matched] == [900002]


def test_what_wraps_watchcall_carries_its_name_or_is_of_its_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    me = Made(os.getpid(), _stat=["S", "900001"])
    shell = Made(900001, argv=["sh"], _stat=["S", "900002"])
    sudo = Made(900002, argv=["sudo", "watchcall", "probe", "x"], _stat=["S", "900003"])
    sshd = Made(900003, argv=["sshd: root@pts/0"], _stat=["S", "0"])
    sessions = {0: 900001, 900001: 900001, 900002: 900002, 900003: 900003}
    monkeypatch.setattr(os, "getsid", lambda pid: sessions.get(pid, -1))

    assert Table([me, shell, sudo, sshd]).wrappers == {900001, 900002}


def test_cpu_is_told_from_the_second_look_on() -> None:
    clock = Clock()
    meter = CpuMeter(clock.monotonic, clock.wall)
    born = 1.0

    first = meter.percent("x", {(7, born): 10.0})
    clock.advance(2)
    second = meter.percent("x", {(7, born): 11.0})

    assert (first, second) == (None, 50.0)


@pytest.mark.parametrize(
    ("later", "percent"),
    [
        pytest.param({(7, 1.0): 12.0, (8, 1.0): 11.0}, 150.0, id="all processes are summed"),
        pytest.param({(7, 1.0): 12.0}, 100.0, id="one that ended takes its time along"),
        pytest.param({(7, 1.0): 10.0, (9, 1001.0): 1.0}, 50.0, id="a new one spent all since"),
        pytest.param({(7, 1.0): 10.0, (9, 5.0): 99.0}, 0.0, id="one new to the check did not"),
        pytest.param({(7, 1001.0): 1.0}, 50.0, id="a PID used again is a new process"),
        pytest.param({}, 0.0, id="nothing is left"),
    ],
)
def test_cpu_between_two_looks(later: dict[tuple[int, float], float], percent: float) -> None:
    clock = Clock()
    meter = CpuMeter(clock.monotonic, clock.wall)
    meter.percent("x", {(7, 1.0): 10.0, (8, 1.0): 10.0})
    clock.advance(2)

    assert meter.percent("x", later) == percent


def test_a_look_right_after_another_repeats_its_cpu_value() -> None:
    clock = Clock()
    meter = CpuMeter(clock.monotonic, clock.wall)
    meter.percent("x", {(7, 1.0): 10.0})
    clock.advance(2)
    told = meter.percent("x", {(7, 1.0): 11.0})
    clock.advance(0.001)

    assert meter.percent("x", {(7, 1.0): 11.01}) == told


def test_cpu_has_limits() -> None:
    clock = Clock()
    meter = CpuMeter(clock.monotonic, clock.wall)
    target = ProcessTarget(process="x", cpu=Limits(warning=80, critical=95))
    levels = []
    for spent in (0.0, 0.5, 1.4, 2.4):
        found = Found(matched=[Made(7, born=1.0, cpu_seconds=spent, uid=0, rss=0)])
        levels.append(judge(Check(name="x", target=target), target, found, meter).level)
        clock.advance(1)

    assert levels == [Level.OK, Level.OK, Level.WARNING, Level.CRITICAL]


class Clock:
    """Both clocks, moved by hand."""

    def __init__(self) -> None:
        self._passed = 0.0

    def monotonic(self) -> float:
        return self._passed

    def wall(self) -> float:
        return 1000.0 + self._passed

    def advance(self, seconds: float) -> None:
        self._passed += seconds


# -- the number in a PID file


async def looked_at(probe: ProcessProbe, path: Path) -> tuple[Level, str]:
    target = ProcessTarget(pidfile=path)
    seen = await probe.look(Check(name="web", target=target, timeout=timedelta(seconds=20)))
    return seen.level, seen.reason.code


@pytest.mark.parametrize(
    ("rewritten", "expected"),
    [
        pytest.param(False, (Level.CRITICAL, "process.pidfile_other"), id="the same file"),
        pytest.param(True, (Level.OK, "process.running"), id="one that was written anew"),
    ],
)
async def test_a_number_that_another_process_was_given(
    tmp_path: Path, rewritten: bool, expected: tuple[Level, str]
) -> None:
    path = tmp_path / "httpd.pid"
    path.write_text("4242\n")
    processes = [Made(4242, _stat=["S", "1"])]
    probe = ProcessProbe(lambda: Table(processes))

    assert await looked_at(probe, path) == (Level.OK, "process.running")
    later = Made(4242, _stat=["S", "1"])
    later._stat[19] = "777"
    processes[:] = [later]
    if rewritten:
        os.utime(path, ns=(0, 0))

    assert await looked_at(probe, path) == expected
    assert await looked_at(probe, path) == expected
