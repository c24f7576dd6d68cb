"""Probe: how busy and how full this machine is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import psutil

from watchcall.core.check import Check, HostTarget, Limits
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes.apart import Apart
from watchcall.probes.deadline import own_limit, seconds_of
from watchcall.probes.ours import lacks_descriptors
from watchcall.probes.verdict import Finding, clean, observation
from watchcall.rights import explained


class Measured(NamedTuple):
    """One quantity: percent, and what it was made of."""

    percent: float
    facts: dict[str, Any]


Disks = Callable[[str], Measured]


class HostProbe:
    """Looks at the machine it runs on.

    disks: how full the disk of a path is, blocking; called in threads
    """

    def __init__(self, disks: Disks | None = None) -> None:
        self._measure = disks or disk_used
        self._disks = Apart[Measured]("disk-usage")  # a network file system may hang

    async def look(self, check: Check) -> Observation:
        target = check.target
        if not isinstance(target, HostTarget):
            raise TypeError(f"check {check.name!r} is not about this machine")
        found = [
            _judged(rule, limits, measure)
            for rule, limits, measure in (
                ("load", target.load, load),
                ("memory_used", target.memory_used, memory_used),
                ("swap_used", target.swap_used, swap_used),
            )
            if limits.given
        ]
        if target.disk_used.given:
            found.append(await self._disk(check, target))
        return observation(found, {})

    def close(self) -> None:
        """There is nothing to let go of: a thread that hangs ends with what it hangs on."""

    async def _disk(self, check: Check, target: HostTarget) -> Finding:
        """Other rules may have something to say while a disk hangs: it is only one finding."""
        path = str(target.path)
        try:
            async with asyncio.timeout(own_limit(check)):
                measured = await self._disks.ask(path, lambda: self._measure(path))
        except TimeoutError:
            late = Reason.of("host.disk_hangs", path=clean(path), seconds=seconds_of(check))
            return Finding(rule="disk_used", level=Level.UNKNOWN, reason=late)
        except FileNotFoundError:
            gone = Reason.of("host.no_path", path=clean(path))
            return Finding(rule="disk_used", level=Level.UNKNOWN, reason=gone)
        except OSError as error:
            return _unmeasured("disk_used", error)
        return _finding("disk_used", target.disk_used, measured, path=clean(path))


def load() -> Measured:
    """Five minutes' average of what runs or waits, per core: one minute's would tell of every
    backup, and what has lasted for fifteen is old news."""
    one, five, fifteen = os.getloadavg()
    cores = psutil.cpu_count() or 1
    facts = {"load": [round(value, 2) for value in (one, five, fifteen)], "cores": cores}
    return Measured(100 * five / cores, facts)


def memory_used() -> Measured:
    """What no program could be given: caches that can be dropped are free memory."""
    memory = psutil.virtual_memory()
    used = 100 * (memory.total - memory.available) / memory.total
    return Measured(used, {"total": memory.total, "available": memory.available})


def swap_used() -> Measured:
    """A machine without swap uses none of it."""
    swap = psutil.swap_memory()
    percent = 100 * swap.used / swap.total if swap.total else 0.0
    return Measured(percent, {"total": swap.total, "used": swap.used})


def disk_used(path: str) -> Measured:
    """As df counts: of what is there for everybody but root."""
    disk = psutil.disk_usage(path)
    there = disk.used + disk.free
    percent = 100 * disk.used / there if there else 0.0
    return Measured(percent, {"path": path, "total": disk.total, "free": disk.free})


def _judged(rule: str, limits: Limits, measure: Callable[[], Measured]) -> Finding:
    try:
        return _finding(rule, limits, measure())
    except OSError as error:
        return _unmeasured(rule, error)


def _finding(rule: str, limits: Limits, measured: Measured, **values: str) -> Finding:
    level, percent = limits.above(measured.percent), round(measured.percent)
    limit = limits.crossed(level)
    if level is Level.OK:
        reason = Reason.of(f"host.{rule}.ok", percent=percent, **values)
    else:
        reason = Reason.of(f"host.{rule}", percent=percent, limit=limit, **values)
    wanted = {"warning": limits.warning, "critical": limits.critical}
    facts = {"saw": round(measured.percent, 1), **wanted, **measured.facts}
    return Finding(rule=rule, level=level, reason=reason, facts=facts)


def _unmeasured(rule: str, error: OSError) -> Finding:
    reason = (
        Reason.of("http.descriptors")
        if lacks_descriptors()
        else Reason.of("host.cannot_look", error=clean(explained(error)))
    )
    return Finding(rule=rule, level=Level.UNKNOWN, reason=reason)
