"""What is believed about a check: confirmed by streaks, never by a single look.

The whole policy is `advance`. Its rules (design, "Health"):

- `fail_after` failures in a row confirm a failure, `recover_after` successes clear it.
- A worse level counts a streak of its own and also feeds the lower one:
  critical, critical, warning is a confirmed warning at three.
- "Could not look" neither advances nor resets a streak; once it has lasted `unknown_after`
  it becomes a state of its own.
- The first success of all is a silent baseline: it settles a check at once.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from watchcall.core.moment import Moment
from watchcall.core.reason import NOTHING_SEEN, Reason


class Level(enum.Enum):
    """How bad; in the order of `rank`."""

    OK = "ok"
    UNKNOWN = "unknown"  # could not look: says nothing about the target
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Level).index(self)

    @property
    def failing(self) -> bool:
        return self in (Level.WARNING, Level.CRITICAL)


class State(enum.Enum):
    """What is confirmed."""

    PENDING = "pending"  # nothing confirmed yet
    OK = "ok"
    FAILING = "failing"
    UNKNOWN = "unknown"  # nobody could look for `unknown_after`


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at a target: what was seen, why it counts as that, and the evidence for it.

    blind: where it is unknown: for how long nobody had looked already
    """

    level: Level
    reason: Reason
    evidence: dict[str, object] = field(default_factory=dict)  # JSON values only
    blind: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How much must be seen before it is believed."""

    fail_after: int = 3
    recover_after: int = 2
    unknown_after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The confirmed state of one check, and the streaks that may change it."""

    state: State = State.PENDING
    level: Level = Level.UNKNOWN
    since: datetime | None = None  # when the confirmed state began
    reason: Reason = NOTHING_SEEN  # of the last look
    seen: Level | None = None  # the last look
    seen_at: datetime | None = None
    failures: int = 0  # looks in a row that were warning or worse
    criticals: int = 0  # looks in a row that were critical
    warnings: int = 0  # looks in a row that were warning and no worse
    successes: int = 0  # looks in a row that were ok
    blind_since: Moment | None = None  # since when nobody could look

    @property
    def broken(self) -> bool:
        """Whether it is confirmed that something is wrong."""
        return self.state in (State.FAILING, State.UNKNOWN)

    @property
    def undecided(self) -> bool:
        """The last look differs from what is confirmed, so the next one should come soon."""
        return self.seen is not None and self.seen is not self.level


def advance(health: Health, seen: Observation, needed: Thresholds, now: Moment) -> Health:
    """Return the health that follows from one more observation."""
    counted = _count(health, seen, now)
    state, level = _settle(counted, needed, now)
    if (state, level) == (health.state, health.level):
        return counted
    since = health.since if state is health.state else now.utc
    return replace(counted, state=state, level=level, since=since)


def restart(health: Health) -> Health:
    """Return the health after a time in which nobody could look, and nobody knows what happened:
    what is confirmed stays, what was about to be confirmed begins anew."""
    return replace(health, failures=0, criticals=0, warnings=0, successes=0, blind_since=None)


def _count(health: Health, seen: Observation, now: Moment) -> Health:
    looked: dict[str, Any] = {"seen": seen.level, "seen_at": now.utc, "reason": seen.reason}
    if seen.level is Level.UNKNOWN:
        return replace(health, **looked, blind_since=health.blind_since or now.before(seen.blind))
    if seen.level is Level.OK:
        return replace(
            health,
            **looked,
            failures=0,
            criticals=0,
            warnings=0,
            successes=health.successes + 1,
            blind_since=None,
        )
    critical = seen.level is Level.CRITICAL
    return replace(
        health,
        **looked,
        failures=health.failures + 1,
        criticals=health.criticals + 1 if critical else 0,
        warnings=0 if critical else health.warnings + 1,
        successes=0,
        blind_since=None,
    )


def _settle(health: Health, needed: Thresholds, now: Moment) -> tuple[State, Level]:
    if health.seen is Level.UNKNOWN:
        # No streak has grown: one that settled the check long ago must not settle it again.
        blind = _blind_for_long(health, needed, now)
        return (State.UNKNOWN, Level.UNKNOWN) if blind else (health.state, health.level)
    if health.criticals >= needed.fail_after:
        return State.FAILING, Level.CRITICAL
    if health.failures >= needed.fail_after:
        return State.FAILING, _failing_level(health, needed)
    if health.successes >= (1 if health.state is State.PENDING else needed.recover_after):
        return State.OK, Level.OK
    return health.state, health.level


def _failing_level(health: Health, needed: Thresholds) -> Level:
    """Critical eases to warning only when as many warnings in a row say so."""
    if health.level is Level.CRITICAL and health.warnings < needed.fail_after:
        return Level.CRITICAL
    return Level.WARNING


def _blind_for_long(health: Health, needed: Thresholds, now: Moment) -> bool:
    """An open failure stays a failure while nobody can look: it was not seen to end."""
    if health.blind_since is None or health.state is State.FAILING:
        return False
    return now.since(health.blind_since) >= needed.unknown_after
