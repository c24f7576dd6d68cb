"""What depends on something else is quiet while that is failing, or may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from watchcall.core.health import Health, State
from watchcall.core.moment import Moment
from watchcall.core.ruling import Hold, Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a check, as far as others depend on it.

    looked:  when it was last looked at
    failing: since when all its looks failed; None where the last one did not
    well:    since when it is confirmed to be all right; None where it is not
    """

    name: str
    health: Health
    looked: Moment | None = None
    failing: Moment | None = None
    well: Moment | None = None


def ancestors(check: str, depends_on: Mapping[str, Iterable[str]]) -> list[str]:
    """Return all that a check depends on, the nearest first; circles do no harm."""
    found: list[str] = []
    left = list(depends_on.get(check, ()))
    while left:
        name = left.pop(0)
        if name != check and name not in found:
            found.append(name)
            left += depends_on.get(name, ())
    return found


def dependency(child: Seen, above: Iterable[Seen]) -> Hold | None:
    """Return what a check has to wait for among those it depends on, None where nothing.

    What was last looked at before the child began to fail may have failed with it: it is looked
    at first. Once it is well again the child may be, too, until a new look says otherwise.
    """
    for parent in above:
        why = _undecided(child, parent)
        if why is not None:
            recovered = why is RECOVERED
            return Hold(
                ruling=Ruling.QUIET_DEPENDENCY,
                why=f"it depends on {parent.name}, {why}",
                waits_for=child.name if recovered else parent.name,
            )
    return None


FAILING = "which is failing"
OPEN = "which is not decided yet"
UNSEEN = "which nobody has looked at since"
RECOVERED = "which has just recovered"


def _undecided(child: Seen, parent: Seen) -> str | None:
    if parent.health.state is State.FAILING:
        return FAILING
    if parent.health.state is State.PENDING or parent.failing is not None:
        return OPEN
    if _before(parent.looked, child.failing):
        return UNSEEN
    if _before(child.looked, parent.well):
        return RECOVERED
    return None


def _before(one: Moment | None, other: Moment | None) -> bool:
    """Whether one thing was before another; what never was is before everything."""
    if other is None:
        return False
    return one is None or one.elapsed < other.elapsed
