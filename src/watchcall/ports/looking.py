"""Looking: at targets, at systemd, and at what explains a failure."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from watchcall.core.check import Check
from watchcall.core.evidence import Traces
from watchcall.core.health import Observation


class Probe(Protocol):
    """Looks at targets of one type.

    Returns what was seen; what could not be looked at is an observation with Level.UNKNOWN.
    Need not enforce the check's deadline (the caller does) and never changes state that
    another look depends on.
    """

    async def look(self, check: Check) -> Observation: ...

    def close(self) -> None:
        """Let go of threads and sockets; no look is under way any more."""
        ...


class Witness(Protocol):
    """Knows more of a failure than a look can see: what became of a unit, what it wrote."""

    def evidence(self, check: Check, before: Traces | None) -> AsyncGenerator[Mapping[str, Any]]:
        """Yield what is known, by who knows it ({"systemd": {...}}), each time in place of what
        was known before; nothing where it is none of its business. JSON values; may be long, and
        may hold anything: the caller bounds it.

        before: what the check's processes left behind when they were last seen
        Need not enforce a deadline (the caller does), and stops what it began when cancelled or
        closed. Asks few at once, however many failures it is asked about.
        Raises WitnessError where it cannot be asked.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """How systemd sees a unit: org.freedesktop.systemd1(5), words as systemd spells them.

    unit:     its own name, also where it was asked about by an alias
    load:     "loaded", "not-found", "masked", "bad-setting", "error"
    job:      the type of the job that waits or runs for it ("start", "restart", "stop"), or ""
    for_s:    seconds for which it has been in this state, None where it was never in another
    since:    the same as an instant
    result:   how the last run ended ("success", "exit-code", "oom-kill"); "" for kinds without one
    main_pid: of a service; 0 where there is no main process
    ended_by: how its last main process ended: "" (it runs, or never did), "exited", "killed",
              "dumped"; `status` is the exit status then, or the number of the signal
    restarts: how often systemd restarted it by itself since somebody started it
    cgroup:   where a service's processes live, below the root of the hierarchy; "" where none do
    """

    unit: str
    load: str = "loaded"
    active: str = "inactive"
    sub: str = "dead"
    job: str = ""
    for_s: float | None = None
    since: datetime | None = None
    result: str = ""
    main_pid: int = 0
    ended_by: str = ""
    status: int = 0
    restarts: int = 0
    cgroup: str = ""

    @property
    def missing(self) -> bool:
        """Whether systemd knows no such unit. One whose file was removed while it runs does."""
        return self.load == "not-found" and self.active == "inactive"


class Units(Protocol):
    """Asks systemd about its units, within a deadline."""

    async def state(self, unit: str) -> UnitState:
        """Return how a unit is; one that does not exist is `missing`. Raises CannotAsk."""
        ...

    async def names(self) -> Sequence[str]:
        """Return the units that there are, running or not. Raises CannotAsk."""
        ...


class UnitProperties(Protocol):
    """Asks systemd about one unit, within a deadline."""

    async def properties(self, unit: str, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of a unit's properties that it has, as `systemctl show` writes them.

        Raises CannotAsk.
        """
        ...
