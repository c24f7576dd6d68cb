"""What a scan costs: processes plus checks, never their product. Counted, not timed."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.probes.test_process_scan import Made, Opaque
from watchcall.core.check import Check, ProcessTarget
from watchcall.probes import procfs
from watchcall.probes.matching import all_hold, find, matchers_of
from watchcall.probes.patterns import Budget
from watchcall.probes.process import ProcessProbe
from watchcall.probes.procfs import Seen, Table

FIRST = 1_000_000  # numbers that no real process has

KINDS: dict[str, Callable[[int], ProcessTarget]] = {
    "name": lambda n: ProcessTarget(process=f"daemon-{n}"),
    "exe": lambda n: ProcessTarget(exe=Path(f"/opt/daemon-{n}")),
    "unit": lambda n: ProcessTarget(unit=f"daemon-{n}.service"),
    "name and line": lambda n: ProcessTarget(process=f"daemon-{n}", cmdline=re.compile("600")),
}


class Asked(Made):
    """A process that counts how often it is asked something."""

    asked: ClassVar[Counter[str]] = Counter()

    def __getattribute__(self, name: str) -> Any:
        if name in ("comm", "argv", "cmdline", "exe", "link", "cgroups", "uid"):
            Asked.asked[name] += 1
        return super().__getattribute__(name)


def asked(kind: str, processes: int, checks: int) -> int:
    """How often any process was asked anything, in one scan."""
    Asked.asked.clear()
    table = Table(
        Asked(
            FIRST + n,
            comm=f"daemon-{n}",
            argv=[f"/opt/daemon-{n}", "600"],
            exe=f"/opt/daemon-{n}",
            cgroups=[f"/system.slice/daemon-{n}.service"],
        )
        for n in range(processes)
    )
    for n in range(checks):
        assert [seen.pid for seen in find(KINDS[kind](n), table, Budget(60)).matched] == [FIRST + n]
    return Asked.asked.total()


@pytest.mark.parametrize("kind", KINDS)
def test_a_check_asks_its_own_processes_and_not_all(kind: str) -> None:
    few = asked(kind, processes=300, checks=10)
    many = asked(kind, processes=300, checks=200)
    crowd = asked(kind, processes=600, checks=200)

    assert many - few <= 12 * 190
    assert crowd - many <= 12 * 300


async def test_files_are_read_once_for_all_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[tuple[int, str]] = Counter()
    raw = procfs._raw

    def counting(pid: int, name: str) -> bytes:
        read[pid, name] += 1
        return raw(pid, name)

    monkeypatch.setattr(procfs, "_raw", counting)
    probe = ProcessProbe()
    by_line: dict[str, Callable[[int], ProcessTarget]] = {
        "line": lambda n: ProcessTarget(cmdline=re.compile(f"no such line {n}"))
    }
    checks = [
        Check(name=f"{kind} {n}", target=target(n))
        for n in range(25)
        for kind, target in {**KINDS, **by_line}.items()
    ]
    await asyncio.gather(*(probe.look(check) for check in checks))

    del read[1, "comm"]  # also asked whether anything is hidden
    there = (count for (pid, _), count in read.items() if Path(f"/proc/{pid}").exists())
    assert max(there) == 1


WORDS = st.sampled_from(["httpd", "http", "a-name-of-more-than-15", "a-name-of-more-", "x"])


@st.composite
def machines(draw: st.DrawFn) -> list[Seen]:
    return [_process(draw, FIRST + n) for n in range(draw(st.integers(0, 6)))]


def _process(draw: st.DrawFn, pid: int) -> Seen:
    path = draw(st.sampled_from(["/usr/sbin/", "/opt/", ""]))
    words = draw(st.lists(WORDS, max_size=2))
    attributes: dict[str, Any] = {
        "comm": draw(WORDS)[:15],
        "argv": [f"{path}{word}" for word in words],
        "cgroups": draw(st.sampled_from([[], ["/system.slice/x.service/worker"], ["/x.scope"]])),
        "uid": draw(st.integers(0, 1)),
    }
    if draw(st.booleans()):
        return Opaque(pid, **attributes)
    return Made(pid, exe=f"{path}{draw(WORDS)}", **attributes)


TARGETS = st.builds(
    ProcessTarget,
    process=st.none() | WORDS,
    exe=st.none() | WORDS.map(lambda word: Path(f"/usr/sbin/{word}")),
    unit=st.none() | st.sampled_from(["x", "x.scope", "system.slice"]),
    user=st.none() | st.sampled_from(["0", "1"]),
    cmdline=st.none() | WORDS.map(re.compile),
)


@settings(deadline=None)
@given(machines(), TARGETS)
def test_the_sieve_loses_nobody(there: list[Seen], target: ProcessTarget) -> None:
    found, held = find(target, Table(there), Budget(60)), dict(_held(there, target))

    assert [seen.pid for seen in found.matched] == [pid for pid, one in held.items() if one]
    assert found.unreadable == [pid for pid, one in held.items() if one is None]


def _held(there: list[Seen], target: ProcessTarget) -> Iterator[tuple[int, bool | None]]:
    """Ask everybody."""
    matchers = matchers_of(target, Budget(60))
    for seen in there:
        if (held := all_hold(matchers, seen)) is not False:
            yield seen.pid, held


class Closed(Made):
    """A process whose cgroup may not be read."""

    @property
    def cgroups(self) -> list[str]:
        raise psutil.AccessDenied(self.pid)


def test_what_may_not_be_read_stays_in_every_sieve() -> None:
    found = find(ProcessTarget(unit="x"), Table([Closed(FIRST)]), Budget(60))

    assert found.unreadable == [FIRST]
