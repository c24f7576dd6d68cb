"""The daemon's answer to `status --json` (contract, "JSON")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from watchcall import __version__
from watchcall.core.incident import Incident
from watchcall.core.ruling import Hold, Ruling
from watchcall.core.words.en import ENGLISH
from watchcall.engine import Engine, Watch


def status(
    host: str,
    started_at: datetime,
    engine: Engine,
    pager: dict[str, str],
    troubles: list[str],
    barred: Mapping[str, str],
    events: Mapping[str, str | None],
    looks: Mapping[str, float],
    heartbeat: Mapping[str, str | None] | None,
    confined: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what is watched and how it is.

    troubles: WatchCall's own, a sentence each
    barred:   by name, why people cannot be called (PagerState.barred)
    events:   by what, how it is noticed that something happens: by events, or "polling: why"
    looks:    how many came to nothing because this machine is too slow: Load.as_json
    heartbeat: Heartbeat.state
    confined: the security modules that are on, and what the daemon is to each
    Additions to the contract: `troubles`, `events`, `looks`, `heartbeat`, `confined`, `contacts`
    (those who are flagged) and, of a check, `acknowledged_by` (who owns its incident now) and
    `quiet` (what keeps quiet about it now, a sentence each).
    """
    return {
        "host": host,
        "version": __version__,
        "started_at": started_at.isoformat(),
        "pager": pager,
        "troubles": troubles,
        "events": dict(events),
        "looks": dict(looks),
        "heartbeat": heartbeat,
        "confined": list(confined),
        "contacts": [
            {"name": name, "state": "degraded", "reason": why} for name, why in barred.items()
        ],
        "checks": [_check(watch, engine.quiet(watch)) for watch in engine.watches.values()],
    }


def told_by(source: str, trouble: str | None) -> str:
    """Return how word of a change comes: from its source, else by asking from time to time."""
    return f"polling: {trouble}" if trouble else source


def _check(watch: Watch, quiet: Sequence[Hold]) -> dict[str, Any]:
    check, health, incident = watch.check, watch.health, watch.incident
    return {
        "name": check.name,
        "type": check.type,
        "state": health.state.value,
        "level": health.level.value,
        "since": health.since.isoformat() if health.since else None,
        "reason": ENGLISH.reason(health.reason),
        "failures": health.failures,
        "fail_after": check.needed.fail_after,
        "last_seen_at": health.seen_at.isoformat() if health.seen_at else None,
        "silenced": any(hold.ruling is Ruling.QUIET_SILENCED for hold in quiet),
        "quiet": [hold.said for hold in quiet],
        "incident": incident.number if incident else None,
        "acknowledged_by": _owner(incident),
    }


def _owner(incident: Incident | None) -> str | None:
    if incident is None or incident.acknowledgement is None or not incident.acknowledged:
        return None
    return incident.acknowledgement.by
