"""Flapping: a check that fails and recovers again and again (design, "Ruling").

Three incidents within half an hour are told as one "unstable"; then nothing, until the check has
been all right for ten minutes, except that a critical failure that lasts five minutes is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from watchcall.core.health import Health, State
from watchcall.core.moment import Moment

OFTEN = 3  # incidents
WITHIN = timedelta(minutes=30)
CALM = timedelta(minutes=10)
LASTING = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaps:
    """How often a check failed lately.

    opened: when its incidents opened, those of the last half hour
    since:  since when it is flapping; None while it is not
    warned: channels that were told so
    calm:   since when it is all right
    """

    opened: tuple[datetime, ...] = ()
    since: datetime | None = None
    warned: frozenset[str] = frozenset()
    calm: Moment | None = None

    @property
    def flapping(self) -> bool:
        return self.since is not None

    def calm_in(self, now: Moment) -> timedelta | None:
        """Return how long it must yet be all right; None while it is not, or is not flapping."""
        if self.since is None or self.calm is None:
            return None
        return max(timedelta(0), CALM - now.since(self.calm))

    def as_json(self) -> dict[str, Any] | None:
        """Return what survives a restart; how long it was calm does not."""
        if not self.opened and self.since is None:
            return None
        return {
            "opened": [at.isoformat() for at in self.opened],
            "since": self.since.isoformat() if self.since else None,
            "warned": sorted(self.warned),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> Flaps:
        if not data:
            return cls()
        return cls(
            opened=tuple(map(datetime.fromisoformat, data["opened"])),
            since=datetime.fromisoformat(data["since"]) if data["since"] else None,
            warned=frozenset(data["warned"]),
        )


def opens(flaps: Flaps, now: Moment) -> Flaps:
    """Return what follows from one more incident."""
    recent = tuple(at for at in flaps.opened if timedelta(0) <= now.utc - at < WITHIN)
    opened = (*recent, now.utc)
    since = flaps.since or (now.utc if len(opened) >= OFTEN else None)
    return replace(flaps, opened=opened[-OFTEN:], since=since, calm=None)


def passes(flaps: Flaps, health: Health, now: Moment) -> Flaps:
    """Return what follows from the time that passed with a check's health as it is."""
    if flaps.since is None:
        return flaps
    if health.state is not State.OK:
        return replace(flaps, calm=None) if flaps.calm else flaps
    if flaps.calm is None:
        return replace(flaps, calm=now)
    return Flaps() if now.since(flaps.calm) >= CALM else flaps
