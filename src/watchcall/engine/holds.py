"""What keeps quiet about a check for now: boot, silences, maintenance, what it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from watchcall.core.calendar import Silence, Window
from watchcall.core.check import Check
from watchcall.core.contact import selects
from watchcall.core.dependency import ancestors, dependency
from watchcall.core.moment import Moment
from watchcall.core.ruling import Hold, Ruling
from watchcall.engine.watch import Watch
from watchcall.ports import Calendar


class NoMaintenance:
    """A calendar without any."""

    def holding(self, check: str, tags: Iterable[str], at: datetime) -> Window | None:
        return None


class Holds:
    """Answers why a check is quiet, if it is.

    watches:  every check, by name
    silences: those that are not over, as far as is known
    calendar: planned maintenance
    grace:    seconds of the monotonic clock at which the machine counts as booted
    """

    def __init__(self) -> None:
        self.silences: list[Silence] = []
        self.calendar: Calendar = NoMaintenance()
        self.grace = 0.0
        self.watches: Mapping[str, Watch] = {}
        self._above: dict[str, list[Watch]] = {}
        self._below: dict[str, list[Watch]] = {}

    def arrange(self, watches: Mapping[str, Watch]) -> None:
        """Learn which check depends on which."""
        self.watches = watches
        known = {name: one.check.depends_on for name, one in watches.items()}
        self._above = {
            name: [watches[above] for above in ancestors(name, known) if above in watches]
            for name, depends_on in known.items()
            if depends_on
        }
        self._below = {}
        for name, above in self._above.items():
            for parent in above:
                self._below.setdefault(parent.check.name, []).append(watches[name])

    def above(self, watch: Watch) -> list[Watch]:
        """Return all that a check depends on, the nearest first."""
        return self._above.get(watch.check.name, [])

    def below(self, watch: Watch) -> list[Watch]:
        """Return all that depends on a check."""
        return self._below.get(watch.check.name, [])

    def hold(self, watch: Watch, now: Moment) -> Hold | None:
        """Return the first reason to be quiet, None where there is none."""
        return next((hold for _, hold in self.each(watch, now) if hold), None)

    def each(self, watch: Watch, now: Moment) -> Iterator[tuple[str, Hold | None]]:
        """Yield every filter by its name, with what it holds back."""
        yield "boot grace", self.booting(now)
        yield "silence", self._silenced(watch.check, now)
        yield "maintenance", self._maintained(watch.check, now)
        yield "dependencies", dependency(watch.seen, [one.seen for one in self.above(watch)])

    def booting(self, now: Moment) -> Hold | None:
        left = self.grace - now.elapsed
        if left <= 0:
            return None
        until = now.utc + timedelta(seconds=left)
        return Hold(ruling=Ruling.QUIET_BOOT_GRACE, why="", until=until)

    def silence_of(self, check: Check, now: Moment) -> Silence | None:
        """Return the silence of a check that ends last."""
        mine = [
            one
            for one in self.silences
            if one.holds(now.utc) and any(selects(p, check.name, check.tags) for p in one.checks)
        ]
        return max(mine, key=lambda one: one.end, default=None)

    def _silenced(self, check: Check, now: Moment) -> Hold | None:
        silence = self.silence_of(check, now)
        if silence is None:
            return None
        because = f" ({silence.reason})" if silence.reason else ""
        why = f"by {silence.by} until {silence.end:%Y-%m-%d %H:%M} UTC{because}"
        return Hold(ruling=Ruling.QUIET_SILENCED, why=why, until=silence.end)

    def _maintained(self, check: Check, now: Moment) -> Hold | None:
        window = self.calendar.holding(check.name, check.tags, now.utc)
        if window is None:
            return None
        why = f"{window.name} until {window.end:%Y-%m-%d %H:%M} UTC"
        return Hold(ruling=Ruling.QUIET_MAINTENANCE, why=why, until=window.end)
