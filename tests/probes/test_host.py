"""What a host check sees of this machine, and of one that hangs."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from watchcall.core.check import HOST_RULES, Check, HostTarget, HttpTarget, Limits
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes.host import HostProbe, Measured, disk_used, load, memory_used, swap_used

NEVER, ALWAYS = Limits(critical=1_000_000), Limits(critical=0)
SOON = timedelta(milliseconds=200)


def check(within: timedelta = timedelta(seconds=20), /, **target: Any) -> Check:
    return Check(name="host", target=HostTarget(**target), timeout=within)


def rules(seen: Observation) -> dict[str, dict[str, Any]]:
    found = seen.evidence["rules"]
    assert isinstance(found, list)
    return {rule["rule"]: rule for rule in found}


@pytest.mark.parametrize("rule", HOST_RULES)
@pytest.mark.parametrize(
    ("limits", "level"),
    [
        pytest.param(NEVER, Level.OK, id="below"),
        pytest.param(Limits(warning=0, critical=1_000_000), Level.WARNING, id="above the softer"),
        pytest.param(ALWAYS, Level.CRITICAL, id="above both"),
    ],
)
async def test_each_quantity_has_limits(rule: str, limits: Limits, level: Level) -> None:
    seen = await HostProbe().look(check(**{rule: limits}))

    assert (seen.level, list(rules(seen))) == (level, [rule])
    assert seen.reason.code == (f"host.{rule}.ok" if level is Level.OK else f"host.{rule}")


async def test_the_worst_speaks_and_all_are_shown() -> None:
    seen = await HostProbe().look(check(load=NEVER, memory_used=ALWAYS, disk_used=NEVER))

    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "host.memory_used")
    assert list(rules(seen)) == ["load", "memory_used", "disk_used"]


@pytest.mark.parametrize(
    ("measure", "patched", "value", "percent"),
    [
        pytest.param(
            memory_used,
            "virtual_memory",
            SimpleNamespace(total=8000, available=2000, used=5000, free=100),
            75,
            id="memory that no program could have",
        ),
        pytest.param(swap_used, "swap_memory", SimpleNamespace(total=0, used=0), 0, id="no swap"),
        pytest.param(
            swap_used, "swap_memory", SimpleNamespace(total=400, used=100), 25, id="some swap"
        ),
        pytest.param(
            lambda: disk_used("/"),
            "disk_usage",
            SimpleNamespace(total=1000, used=720, free=180),
            80,
            id="a disk without what root keeps",
        ),
        pytest.param(
            lambda: disk_used("/"),
            "disk_usage",
            SimpleNamespace(total=0, used=0, free=0),
            0,
            id="a disk of nothing, such as /proc",
        ),
    ],
)
def test_how_full_something_is(
    measure: Callable[[], Measured],
    patched: str,
    value: object,
    percent: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(psutil, patched, lambda *_: value)

    assert measure().percent == percent


def test_the_load_is_of_five_minutes_and_per_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (9.0, 6.0, 1.0))
    monkeypatch.setattr(psutil, "cpu_count", lambda: 4)

    assert load() == Measured(150, {"load": [9.0, 6.0, 1.0], "cores": 4})


async def test_a_disk_is_that_of_its_path() -> None:
    seen = await HostProbe().look(check(disk_used=NEVER, path=Path("/dev/shm")))

    shown = rules(seen)["disk_used"]
    assert shown["total"] == os.statvfs("/dev/shm").f_blocks * os.statvfs("/dev/shm").f_frsize
    assert seen.reason["path"] == "/dev/shm"


async def test_a_path_that_does_not_exist_is_unknown(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    seen = await HostProbe().look(check(disk_used=ALWAYS, path=gone))

    assert (seen.level, seen.reason) == (Level.UNKNOWN, Reason.of("host.no_path", path=str(gone)))


@pytest.mark.parametrize("rule", HOST_RULES)
async def test_what_cannot_be_read_is_unknown(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError(5, "Input/output error")

    for owner, name in (
        (os, "getloadavg"),
        (psutil, "virtual_memory"),
        (psutil, "swap_memory"),
        (psutil, "disk_usage"),
    ):
        monkeypatch.setattr(owner, name, fails)
    seen = await HostProbe().look(check(**{rule: ALWAYS}))

    why = Reason.of("host.cannot_look", error="Input/output error")
    assert (seen.level, seen.reason) == (Level.UNKNOWN, why)


class Stuck:
    """A disk that hangs until it may go on."""

    def __init__(self) -> None:
        self.asked = 0
        self.was_asked, self.may_end = threading.Event(), threading.Event()

    def __call__(self, path: str) -> Measured:
        if path != "/stuck":
            return Measured(50, {})
        self.asked += 1
        self.was_asked.set()
        assert self.may_end.wait(20)
        return Measured(60, {})


async def test_a_disk_that_hangs_is_unknown_at_the_deadline_and_holds_one_thread() -> None:
    stuck = Stuck()
    probe = HostProbe(stuck)
    hung = check(SOON, disk_used=NEVER, path=Path("/stuck"))
    looks = [await probe.look(hung) for _ in range(3)]
    other = await probe.look(check(disk_used=NEVER, path=Path("/")))

    late = Reason.of("host.disk_hangs", path="/stuck", seconds=0.2)
    assert {(one.level, one.reason) for one in looks} == {(Level.UNKNOWN, late)}
    assert other.level is Level.OK
    assert stuck.asked == 1
    stuck.may_end.set()


async def test_a_disk_that_hung_is_looked_at_again() -> None:
    stuck = Stuck()
    probe = HostProbe(stuck)
    hung = check(SOON, disk_used=NEVER, path=Path("/stuck"))
    await probe.look(hung)
    stuck.may_end.set()

    async with asyncio.timeout(10):
        while (await probe.look(hung)).level is not Level.OK:
            pass


async def test_what_is_full_is_told_while_a_disk_hangs() -> None:
    stuck = Stuck()
    seen = await HostProbe(stuck).look(
        check(SOON, memory_used=ALWAYS, disk_used=ALWAYS, path=Path("/stuck"))
    )
    stuck.may_end.set()

    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "host.memory_used")
    assert rules(seen)["disk_used"]["level"] == "unknown"


async def test_checks_of_one_disk_share_an_answer() -> None:
    stuck = Stuck()
    probe = HostProbe(stuck)
    one = check(disk_used=NEVER, path=Path("/stuck"))
    looks = [asyncio.create_task(probe.look(replace(one, name=str(n)))) for n in range(5)]
    await asyncio.to_thread(stuck.was_asked.wait, 20)
    stuck.may_end.set()

    assert {seen.level for seen in await asyncio.gather(*looks)} == {Level.OK}
    assert stuck.asked == 1


async def test_a_check_of_another_type_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        await HostProbe().look(replace(check(), target=HttpTarget(url="http://127.0.0.1/")))
