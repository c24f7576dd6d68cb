"""Probe: units of systemd."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from watchcall.core.check import Check, UnitTarget
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.errors import CannotAsk
from watchcall.ports import Units, UnitState
from watchcall.probes.standing import Past, judge
from watchcall.probes.verdict import clean, observation


class UnitProbe:
    """Looks at units. Remembers of each check since when its unit is on its way.

    clock: CLOCK_MONOTONIC in seconds
    """

    def __init__(self, units: Units, clock: Callable[[], float] = time.monotonic) -> None:
        self._units = units
        self._clock = clock
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
        return observation([finding], _evidence(state, check.target))

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
