"""Probe: units of systemd."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchcall.cgroups import ROOT, above, oom_kills
from watchcall.core.check import Check, UnitTarget
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.errors import CannotAsk
from watchcall.ports import Units, UnitState
from watchcall.probes.standing import Past, judge
from watchcall.probes.verdict import clean, observation


class UnitProbe:
    """Looks at units. Remembers of each check since when its unit is on its way.

    clock:   CLOCK_MONOTONIC in seconds
    cgroups: the root of their hierarchy
    """

    def __init__(
        self, units: Units, clock: Callable[[], float] = time.monotonic, cgroups: Path = ROOT
    ) -> None:
        self._units = units
        self._clock = clock
        self._cgroups = cgroups
        self._past: dict[tuple[str, str], Past] = {}  # by check and unit

    async def look(self, check: Check) -> Observation:
        if not isinstance(check.target, UnitTarget):
            raise TypeError(f"check {check.name!r} is not about a unit")
        try:
            state = await self._units.state(check.target.unit)
        except CannotAsk as error:
            reason = Reason.of("unit.cannot_look", error=clean(str(error)))
            return Observation(level=Level.UNKNOWN, reason=reason)
        key = check.name, check.target.unit
        past = self._past.get(key, Past())
        finding, self._past[key] = judge(state, past, _patience(check), self._clock(), check.level)
        evidence = _evidence(state, check.target)
        if state.main_pid and state.cgroup:
            evidence |= await asyncio.to_thread(self._lives, state)
        return observation([finding], evidence)

    def _lives(self, state: UnitState) -> dict[str, Any]:
        """What tells later why it ended, where systemd will say no more than signal 9; as of a
        process check."""
        groups = [state.cgroup]
        return {
            "pids": [state.main_pid],
            "matched": [{"pid": state.main_pid, "cgroup": state.cgroup, "unit": state.unit}],
            "oom_kills": oom_kills(groups, self._cgroups),
            "oom_kills_above": oom_kills(above(groups), self._cgroups),
        }

    def close(self) -> None:
        """The connection is whose it was."""


def _patience(check: Check) -> float:
    """Return for how many seconds a unit may start or stop: as long as `fail_after` looks take."""
    return check.needed.fail_after * check.retry_interval.total_seconds()


def _evidence(state: UnitState, target: UnitTarget) -> dict[str, Any]:
    """What systemd says, in its own words."""
    seen: dict[str, Any] = {
        "unit": state.unit,
        "alias": target.unit if target.unit != state.unit else None,
        "load": state.load,
        "active": state.active,
        "sub": state.sub,
        "since": state.since.isoformat() if state.since else None,
        "job": state.job or None,
        "result": state.result or None,
        "main_pid": state.main_pid or None,
        "ended_by": state.ended_by or None,
        "status": state.status if state.ended_by else None,
        "restarts": state.restarts,
    }
    return seen
