"""Eyes that see what the timeline says, opened when the daemon would open them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from watchcall.core.check import (
    HOST_RULES,
    Check,
    CommandTarget,
    HostTarget,
    HttpTarget,
    ProcessTarget,
    TcpTarget,
    phase,
)
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.simulate.world import World

FIRST_SPREAD = timedelta(seconds=1)  # as the daemon's schedule has it


class Eyes:
    """Implements ports.Probe for every type of check."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def look(self, check: Check) -> Observation:
        turned = self._world.turned.get(check.name)
        level = turned.level if turned else Level.OK
        if turned and turned.because:
            return Observation(level=level, reason=Reason.of("text", text=turned.because))
        return Observation(level=level, reason=plausible(check, level))

    def close(self) -> None:
        pass


def plausible(check: Check, level: Level) -> Reason:
    """Return what a look at such a check might give as its reason."""
    if level is Level.UNKNOWN:
        return Reason.of("look.timeout", seconds=f"{check.timeout.total_seconds():g}")
    match check.target:
        case ProcessTarget() as target if level is Level.OK:
            return Reason.of("process.running", name=target.named(), count=1)
        case ProcessTarget() as target:
            named = target.process or target.exe or target.pidfile
            code = "process.none" if named else "process.none_like"
            return Reason.of(code, name=target.named())
        case HttpTarget() if level is Level.OK:
            return Reason.of("http.ok", status=200, ms=20)
        case HttpTarget():
            return Reason.of("http.status", status=503)
        case TcpTarget() as target if level is Level.OK:
            return Reason.of("tcp.ok", host=target.host, port=target.port, ms=2)
        case TcpTarget() as target:
            return Reason.of("http.refused", host=target.host, port=target.port)
        case CommandTarget() as target:
            status = {Level.OK: 0, Level.WARNING: 1}.get(level, 2)
            return Reason.of("command.exit", name=target.named(), status=status)
        case HostTarget() as target:
            return _full(target, level)
    return Reason.of("text", text="as the timeline says")


def _full(target: HostTarget, level: Level) -> Reason:
    """Return what the first of a machine's limits might say."""
    rule = next(rule for rule in HOST_RULES if getattr(target, rule).given)
    path = {"path": str(target.path)} if rule == "disk_used" else {}
    if level is Level.OK:
        return Reason.of(f"host.{rule}.ok", percent=20, **path)
    limit = getattr(target, rule).crossed(level)
    return Reason.of(f"host.{rule}", percent=round(limit) + 1, limit=limit, **path)


class Rota:
    """Calls `look(name)` at each check's interval, as watchcall.schedule does on the wall clock.

    skip: until when (in the loop's time) looks at a check would decide nothing; None where they
          may decide something
    """

    def __init__(
        self, look: Callable[[str], Awaitable[None]], skip: Callable[[str], float | None]
    ) -> None:
        self._look, self._skip = look, skip
        self._gaps: dict[str, float] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}
        self._looking: set[asyncio.Task[None]] = set()

    def set(self, checks: Iterable[Check]) -> None:
        """Look at these checks; the first gap is shorter, so that looks spread out."""
        now = asyncio.get_running_loop().time()
        for check in checks:
            share = phase(check.name)
            spread = min(check.interval, FIRST_SPREAD).total_seconds() * share
            self._gaps[check.name] = check.interval.total_seconds()
            first_gap = self._gaps[check.name] * (0.5 + share / 2)
            self._at(now + spread, check.name, first_gap)

    def sooner(self, name: str, after: timedelta) -> None:
        """Look at a check again after this long, if it is not due before."""
        at = asyncio.get_running_loop().time() + after.total_seconds()
        if name in self._due and at < self._due[name].when():
            self._at(at, name, self._gaps[name])

    async def stop(self) -> None:
        for due in self._due.values():
            due.cancel()
        self._due.clear()
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)

    def _at(self, at: float, name: str, gap: float) -> None:
        if name in self._due:
            self._due[name].cancel()
        loop = asyncio.get_running_loop()
        self._due[name] = loop.call_at(at, self._fire, name, at, gap)

    def _fire(self, name: str, at: float, gap: float) -> None:
        self._at(at + gap, name, self._gaps[name])
        task = asyncio.ensure_future(self._take(name, at + gap))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _take(self, name: str, following: float) -> None:
        await self._look(name)
        until, gap = self._skip(name), self._gaps[name]
        if until is not None and until > following and name in self._due:
            turns = (until - following) // gap + 1
            if self._due[name].when() == following:  # else it is due sooner, for a reason
                self._at(following + turns * gap, name, gap)
