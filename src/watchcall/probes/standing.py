"""What the state of a unit means: fine, failing, or on its way and not to be judged yet.

A unit that starts, stops or is restarted by systemd is given time: as long as `fail_after` looks
take. So a `systemctl restart` is no failure, and what hangs on the way is one.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace

from watchcall.core.health import Level
from watchcall.core.reason import Reason
from watchcall.ports import UnitState
from watchcall.probes.verdict import Finding, clean

WELL = ("active", "reloading", "refreshing")
MOVING = ("activating", "deactivating")
STARTS = ("start", "restart", "try-restart", "reload-or-start")  # types of jobs
# systemd 254 and newer say for a moment that it failed, and then start it again.
PASSING = ("dead-before-auto-restart", "failed-before-auto-restart")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What earlier looks left behind.

    restarts: how often systemd had restarted the unit when it last stood well, None if it did not
    left:     when it was first seen on its way since then, by CLOCK_MONOTONIC in seconds
    """

    restarts: int | None = None
    left: float | None = None


def judge(
    state: UnitState, past: Past, patience: float, now: float, plain: Level
) -> tuple[Finding, Past]:
    """Return what a look saw, and what the next one must know.

    patience: seconds that a unit may be on its way
    plain:    the level of a failure
    """
    if state.active in WELL and not _on_trial(state, past, patience):
        return _found(state, Level.OK, "unit.active"), Past(restarts=state.restarts)
    if not _on_its_way(state):
        return _down(state, plain), Past()
    left = now if past.left is None else past.left
    if state.active in MOVING:
        left = min(left, now - (state.for_s or 0.0))
    past = replace(past, left=left)
    return _moving(state, past, patience, now, plain), past


def _on_trial(state: UnitState, past: Past, patience: float) -> bool:
    """Restarted by systemd since it last stood well, it must first stand for some time."""
    again = past.restarts is not None and state.restarts > past.restarts
    return again and (state.for_s or 0.0) < patience


def _on_its_way(state: UnitState) -> bool:
    return state.active in (*WELL, *MOVING) or state.job in STARTS or state.sub in PASSING


def _moving(state: UnitState, past: Past, patience: float, now: float, plain: Level) -> Finding:
    late = past.left is not None and now - past.left >= patience
    loops = state.restarts - (past.restarts or 0) >= 2
    if state.active in WELL:  # on trial
        failing = late and loops
        return _found(state, *(plain, "unit.loop") if failing else (Level.UNKNOWN, "unit.again"))
    if late and past.restarts is not None and loops:
        return _found(state, plain, "unit.loop")
    if state.active == "deactivating":
        way, stuck = "unit.stopping", "unit.stopping_long"
    elif state.sub.startswith("auto-restart") or state.sub in PASSING:
        way, stuck = "unit.ended", "unit.ended_long"
    else:
        way, stuck = "unit.starting", "unit.starting_long"
    return _found(state, *(plain, stuck) if late else (Level.UNKNOWN, way))


def _down(state: UnitState, plain: Level) -> Finding:
    if state.missing:
        return _found(state, Level.UNKNOWN, "unit.missing")
    if state.load == "masked":
        return _found(state, plain, "unit.masked")
    if state.load not in ("loaded", "not-found"):
        return _found(state, plain, "unit.broken")
    if state.active != "failed":
        return _found(state, plain, "unit.stopped")
    return Finding(rule="state", level=plain, reason=_why_failed(state))


def _why_failed(state: UnitState) -> Reason:
    unit = clean(state.unit)
    match state.result, state.ended_by:
        case "exit-code", "exited" if state.status:
            return Reason.of("unit.exit_code", unit=unit, status=state.status)
        case "signal", "killed":
            return Reason.of("unit.signal", unit=unit, signal=_signal(state.status))
        case "core-dump", _:
            return Reason.of("unit.core_dump", unit=unit)
        case "oom-kill", _:
            return Reason.of("unit.oom_kill", unit=unit)
        case "watchdog", _:
            return Reason.of("unit.watchdog", unit=unit)
        case "timeout", _:
            return Reason.of("unit.timeout", unit=unit)
        case "start-limit-hit", _:
            return Reason.of("unit.start_limit", unit=unit)
        case "resources", _:
            return Reason.of("unit.resources", unit=unit)
    return Reason.of("unit.failed", unit=unit)


def _found(state: UnitState, level: Level, code: str) -> Finding:
    return Finding(rule="state", level=level, reason=Reason.of(code, unit=clean(state.unit)))


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
