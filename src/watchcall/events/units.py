"""Units of systemd: how they are, and word of it at once when one changes."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from watchcall.errors import CannotAsk
from watchcall.events.bursts import Bursts
from watchcall.ports import UnitState

if TYPE_CHECKING:
    from jeepney import Message

    from watchcall.events.bus import Bus

log = logging.getLogger(__name__)

PAUSES_S = (0.05, 0.2, 1.0, 5.0, 30.0)  # before trying again to reach the bus; the last for ever
STARTING = "not connected yet"


class SystemdUnits:
    """Implements ports.Units. One connection for all; where it breaks, a new one takes its place
    and everything is told as changed, since nobody knows what was missed.

    changed: called with the name of a followed unit, as it was given
    trouble: why there are no events, None while there are
    """

    def __init__(self, changed: Callable[[str], None] = lambda _: None) -> None:
        self.trouble: str | None = STARTING
        self._changed = changed
        self._bursts: dict[str, Bursts] = {}  # by the name of a followed unit
        self._paths: dict[str, str] = {}  # by the name of a followed unit, where signals come from
        self._last: dict[str, dict[str, Any]] = {}  # by path, what was heard last
        self._stale = False  # names may stand for other units than they did
        self._bus: Bus | None = None
        self._opening = asyncio.Lock()
        self._stir = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def state(self, unit: str) -> UnitState:
        from watchcall.events import manager  # jeepney costs memory: only where it is needed

        return await manager.state(await self._connected(), unit)

    async def names(self) -> Sequence[str]:
        from watchcall.events import manager

        return await manager.names(await self._connected())

    async def properties(self, unit: str, names: Sequence[str]) -> Mapping[str, str]:
        """Implements ports.UnitProperties."""
        from watchcall.events import manager

        return await manager.properties(await self._connected(), unit, names)

    def follow(self, units: Collection[str]) -> None:
        """Tell of changes of these units from now on, and of no others; needs a running loop."""
        for gone in self._bursts.keys() - set(units):
            self._bursts.pop(gone).stop()
        for new in set(units) - self._bursts.keys():
            self._bursts[new] = Bursts(functools.partial(self._changed, new))
        self._stir.set()
        if self._bursts and self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name="systemd's units")

    async def close(self) -> None:
        """Follow nothing any more, and hang up."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        for bursts in self._bursts.values():
            bursts.stop()
        if self._bus is not None:
            await self._bus.close()

    async def _connected(self) -> Bus:
        from watchcall.events.bus import Bus

        async with self._opening:
            if self._bus is None or self._bus.closed.is_set():
                if self._bus is not None:
                    await self._bus.close()
                    self._bus = None
                self._bus = await Bus.open(self._heard)
                self._stir.set()  # the keeper may be waiting for this
            return self._bus

    async def _keep(self) -> None:
        """Subscribe to what is followed, on each connection anew."""
        tries = 0
        while True:
            try:
                await self._listen_until_closed()
                tries = 0
            except CannotAsk as error:
                self._has_trouble(str(error))
            except Exception as error:  # ours to mend; looks go on without events
                log.exception("events of units ended")
                self._has_trouble(f"a bug: {type(error).__name__}")
            pause = PAUSES_S[min(tries, len(PAUSES_S) - 1)]
            tries += 1
            await self._stirred(pause)

    async def _listen_until_closed(self) -> None:
        from watchcall.events import manager

        self._stir.clear()
        bus = await self._connected()
        self._paths, self._last, self._stale = {}, {}, False
        await manager.listen(bus)
        closed = asyncio.create_task(bus.closed.wait())
        try:
            while not closed.done():
                self._stir.clear()
                await self._arrange(bus)
                self._has_trouble(None)
                stirred = asyncio.create_task(self._stir.wait())
                await asyncio.wait([closed, stirred], return_when=asyncio.FIRST_COMPLETED)
                stirred.cancel()
        finally:
            closed.cancel()
        self._has_trouble("the connection to the system bus broke")

    async def _arrange(self, bus: Bus) -> None:
        """Follow what is to be followed, and leave the rest."""
        from watchcall.events import manager

        stale, self._stale = self._stale, False
        known = {} if stale else self._paths
        if stale or not self._paths:
            await manager.subscribe(bus)
        paths: dict[str, str] = {}
        for unit in list(self._bursts):
            if path := known.get(unit) or await manager.path_of(bus, unit):
                paths[unit] = path
        before, after = set(self._paths.values()), set(paths.values())
        self._paths = paths
        for path in after - before:
            await manager.follow(bus, path)
        for path in before - after:
            await manager.leave(bus, path)
        self._tell(paths.keys() - known.keys())  # nobody knows what happened before

    async def _stirred(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stir.wait()
        except TimeoutError:
            pass

    def _heard(self, signal: Message) -> None:
        from jeepney import HeaderFields

        from watchcall.events import manager

        path = signal.header.fields.get(HeaderFields.path)
        member = signal.header.fields.get(HeaderFields.member)
        if member == "PropertiesChanged":
            before = self._last.get(path, {})
            now = before | manager.changed(signal)
            if now != before:
                self._last[path] = now
                self._tell(unit for unit, where in self._paths.items() if where == path)
        elif manager.began_anew(member, signal.body):
            self._stale = True
            self._stir.set()

    def _tell(self, units: Iterable[str]) -> None:
        for unit in units:
            if unit in self._bursts:
                self._bursts[unit].happened()

    def _has_trouble(self, why: str | None) -> None:
        if why == self.trouble:
            return
        self.trouble = why
        if why is None:
            log.info("systemd tells at once when a unit changes")
        else:
            log.warning("systemd tells nothing of units, they are looked at by and by: %s", why)
