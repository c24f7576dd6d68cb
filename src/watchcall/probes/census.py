"""What is right about the processes that were found: their number, memory and CPU."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psutil

from watchcall.cgroups import above, oom_kills, unit_of
from watchcall.core.check import Check, Limits, ProcessTarget
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes.cpu import CpuMeter
from watchcall.probes.matching import Found
from watchcall.probes.memory import Sighting
from watchcall.probes.procfs import Seen
from watchcall.probes.verdict import Finding, clean, observation

MIB = 1024 * 1024
SHOWN = 20  # processes whose details are shown; a web server may have hundreds


def judge(
    check: Check,
    target: ProcessTarget,
    found: Found,
    meter: CpuMeter,
    last: Sighting | None = None,
) -> Observation:
    """Return the verdict on what was found, and the evidence for it.

    last: the processes that were there before
    """
    findings = [_count(check, target, found, last)]
    if _is_set(target.memory):
        findings.append(_memory(target, found.matched))
    if _is_set(target.cpu):
        findings.append(_cpu(check, target, found.matched, meter))
    groups = _groups(found.matched[:SHOWN])
    evidence: dict[str, Any] = {
        "count": len(found.matched),
        "pids": [seen.pid for seen in found.matched],
        "identities": [one for seen in found.matched if (one := _identity(seen))],
        "matched": [shown for seen in found.matched[:SHOWN] if (shown := _shown(seen))],
        "oom_kills": oom_kills(groups),  # where these processes live
        "oom_kills_above": oom_kills(above(groups)),
        "zombies": [seen.pid for seen in found.zombies],
        "ended": ends(found.zombies),
        "unreadable": len(found.unreadable),
    }
    if last is not None and not found.matched:
        evidence["last"] = {"pids": list(last.pids[:SHOWN]), "ago_s": round(last.ago_s, 1)}
    return observation(findings, evidence)


def _count(check: Check, target: ProcessTarget, found: Found, last: Sighting | None) -> Finding:
    count = len(found.matched)
    facts = {
        "saw": count,
        "min": target.count.min,
        "max": target.count.max,
        "warning": {"min": target.warning.min, "max": target.warning.max},
    }
    level, reason = _counted(check, target, found, last)
    return Finding(rule="count", level=level, reason=reason, facts=facts)


def _counted(
    check: Check, target: ProcessTarget, found: Found, last: Sighting | None
) -> tuple[Level, Reason]:
    name, count = clean(target.named()), len(found.matched)
    for level, wanted in ((check.level, target.count), (Level.WARNING, target.warning)):
        if wanted.min is not None and count < wanted.min:
            if count + len(found.unreadable) >= wanted.min:
                unread = len(found.unreadable)
                return Level.UNKNOWN, Reason.of("process.unreadable", name=name, count=unread)
            return level, _too_few(target, wanted.min, found, last)
        if wanted.max is not None and count > wanted.max:
            many = Reason.of("process.too_many", name=name, count=count, max=wanted.max)
            return level, many
    return Level.OK, Reason.of("process.running", name=name, count=count)


def _too_few(target: ProcessTarget, least: int, found: Found, last: Sighting | None) -> Reason:
    name = clean(target.named())
    if found.matched:
        return Reason.of("process.too_few", name=name, count=len(found.matched), min=least)
    if found.zombies:
        return Reason.of("process.zombie", name=name, count=len(found.zombies))
    code = _none(target)
    if last is None:
        return Reason.of(code, name=name)
    return Reason.of(f"{code}.last", name=name, pid=last.pids[0], ago=round(last.ago_s))


def _none(target: ProcessTarget) -> str:
    if target.process or target.exe or target.pidfile:
        return "process.none"
    if target.unit or (target.user and not target.cmdline):
        return "process.none_of"
    return "process.none_like"


def _memory(target: ProcessTarget, matched: list[Seen]) -> Finding:
    used = 0
    for seen in matched:
        with suppress(psutil.NoSuchProcess):
            used += seen.rss
    level = target.memory.above(used)
    reason = Reason.of(
        "process.memory",
        name=clean(target.named()),
        used=round(used / MIB),
        limit=round(_crossed(target.memory, level) / MIB),
    )
    return Finding(rule="memory", level=level, reason=reason, facts=_facts(used, target.memory))


def _cpu(check: Check, target: ProcessTarget, matched: list[Seen], meter: CpuMeter) -> Finding:
    spent = {}
    for seen in matched:
        with suppress(psutil.NoSuchProcess):
            spent[seen.pid, seen.born] = seen.cpu_seconds
    percent = meter.percent(check.name, spent)
    level = Level.OK if percent is None else target.cpu.above(percent)
    reason = Reason.of(
        "process.cpu",
        name=clean(target.named()),
        percent=round(percent or 0),
        limit=round(_crossed(target.cpu, level)),
    )
    return Finding(rule="cpu", level=level, reason=reason, facts=_facts(percent, target.cpu))


def _is_set(limits: Limits) -> bool:
    return limits.warning is not None or limits.critical is not None


def _crossed(limits: Limits, level: Level) -> float:
    """Return the limit that a level means."""
    return (limits.critical if level is Level.CRITICAL else limits.warning) or 0


def _facts(saw: float | None, limits: Limits) -> dict[str, Any]:
    return {"saw": saw, "warning": limits.warning, "critical": limits.critical}


def _identity(seen: Seen) -> list[int] | None:
    """PID and start time, by which its death can be waited for (events/pidfd.py)."""
    try:
        return [seen.pid, seen.began]
    except psutil.Error:
        return None


def _groups(matched: list[Seen]) -> list[str]:
    return sorted({group for seen in matched if (group := _group(seen))})


def _group(seen: Seen) -> str | None:
    try:
        return seen.cgroup
    except psutil.Error:  # gone, or a kernel without control groups
        return None


def ends(zombies: list[Seen]) -> list[dict[str, Any]]:
    """Return how zombies ended: of those of which it is known."""
    return [how for zombie in zombies[:SHOWN] if (how := _how_ended(zombie))]


def _how_ended(zombie: Seen) -> dict[str, Any] | None:
    try:
        how = zombie.ended
    except (psutil.Error, ValueError):  # reaped since it was counted
        return None
    return {"pid": zombie.pid, **how} if how else None


def _shown(seen: Seen) -> dict[str, Any] | None:
    try:
        return {
            "pid": seen.pid,
            "name": clean(seen.comm),
            "user": seen.user,
            "cmdline": clean(seen.cmdline),
            "rss": seen.rss,
            "cgroup": (group := _group(seen)),
            "unit": unit_of(group or ""),
        }
    except psutil.Error:  # gone since it was counted
        return None
