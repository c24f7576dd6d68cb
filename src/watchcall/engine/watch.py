"""One check as the engine sees it: what is believed now, and who hears of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from watchcall.core.check import Check
from watchcall.core.contact import Channel
from watchcall.core.dependency import Seen
from watchcall.core.evidence import Kills, Traces, counted, earlier, traces_of
from watchcall.core.flapping import Flaps
from watchcall.core.health import Health, Level, Observation, State, restart
from watchcall.core.incident import Incident
from watchcall.core.moment import Moment


@dataclass(slots=True)
class Watch:
    """What the engine knows of a check.

    unsaved: what follows from its health could not be written down yet
    debt:    an incident that is over, which is still to be told on some channels
    noted:   by channel, the reason to be quiet that was last written down
    again:   when to judge anew at the latest; None: once something happens
    paused:  a silence or maintenance holds, and what rang because of it was stopped
    traces:  what its processes left behind when all was well with them
    kills:   how often the out-of-memory killer had been at work among them by then
    looked, failing, well: see core.dependency.Seen
    """

    check: Check
    channels: tuple[Channel, ...]
    health: Health = field(default_factory=Health)
    incident: Incident | None = None
    unsaved: bool = False
    flaps: Flaps = field(default_factory=Flaps)
    debt: Incident | None = None
    noted: dict[str, str] = field(default_factory=dict)
    again: datetime | None = None
    paused: bool = False
    looked: Moment | None = None
    failing: Moment | None = None
    well: Moment | None = None
    traces: Traces | None = None
    kills: tuple[Kills, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether to look again soon."""
        return self.health.undecided or self.unsaved

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be written down or told, apart from an open incident."""
        return not (self.unsaved or self.flaps.flapping or self.debt)

    @property
    def seen(self) -> Seen:
        return Seen(
            name=self.check.name,
            health=self.health,
            looked=self.looked,
            failing=self.failing,
            well=self.well,
        )

    def look(self, seen: Observation, now: Moment) -> None:
        """Note when it was looked at, and since when it fails."""
        self.looked = now
        if seen.level is Level.OK:
            self.failing = None
            self._leave(traces_of(seen.evidence), now)
        elif seen.level.failing and self.failing is None:
            self.failing = now

    def _leave(self, traces: Traces | None, now: Moment) -> None:
        if traces is not None:
            self.traces = traces
            self.kills = counted(self.kills, traces, now.elapsed)

    def before(self, seen: Observation, now: Moment) -> Traces | None:
        """Return what the processes left behind before they failed, as a look sees now."""
        if self.traces is None:
            return traces_of(seen.evidence)  # some of them may still be there
        since = (self.failing or now).elapsed
        return replace(self.traces, oom_kills_earlier=earlier(self.kills, since))

    def becomes(self, health: Health, now: Moment) -> None:
        """Take over what is believed from now on."""
        was, self.health = self.health.state, health
        if health.state is not State.OK:
            self.well = None
        elif was is not State.OK:
            self.well = now

    def slept(self, now: Moment) -> None:
        """Nobody looked for a while and may not conclude anything from before."""
        self.health = restart(self.health)
        self.failing = None
        if self.flaps.calm is not None:
            self.flaps = replace(self.flaps, calm=now)

    def goes_on_from(self, before: Watch) -> None:
        """Take over all that another watch of the same target knows; it may be told to others."""
        for name in ("health", "incident", "unsaved", "flaps", "debt", "paused"):
            setattr(self, name, getattr(before, name))
        for name in ("looked", "failing", "well", "traces", "kills"):
            setattr(self, name, getattr(before, name))
        self.noted = dict(before.noted)
        self.again = self.looked.utc if self.looked else None  # other rules may hold now
