"""Puts the steps into the order of the flow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from watchcall.core.contact import Channel, Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.moment import Moment
from watchcall.core.page import Page
from watchcall.engine import Engine, Watch
from watchcall.explaining import looking, telling
from watchcall.explaining.step import Effect, Step
from watchcall.pager.switchboard import Switchboard
from watchcall.ports import Clock, Store

LAST = 5  # incidents that are shown
CANNOT = ("down",)  # states of the pager in which nobody is told


class Explainer:
    """Says of a check why a phone rings now, or why none does.

    pager: the pager's state and its reason, as `status --json` has them
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        engine: Engine,
        board: Switchboard,
        pager: Callable[[], dict[str, str]],
    ) -> None:
        self._store, self._clock = store, clock
        self._engine, self._board = engine, board
        self._pager = pager

    async def explain(self, watch: Watch) -> dict[str, Any]:
        """Return the contract's `explain --json`."""
        now = self._clock.now()
        steps = [*self._of_check(watch, now)]
        steps += [step async for step in self._of_channels(watch, now)]
        return {
            "check": watch.check.name,
            "steps": [step.as_json() for step in (*steps, self._of_pager())],
            "incidents": await self._store.incidents_of(watch.check.name, LAST),
        }

    def _of_check(self, watch: Watch, now: Moment) -> Iterator[Step]:
        about, _ = self._engine.rulings(watch)
        yield looking.look(watch)
        yield looking.streak(watch, now)
        yield looking.incident(watch)
        yield from looking.holds(watch, self._engine.holds, now)
        yield looking.flapping(watch, now)
        yield looking.owner(about)

    async def _of_channels(self, watch: Watch, now: Moment) -> AsyncIterator[Step]:
        about, rulings = self._engine.rulings(watch)
        imagined = watch.incident is None or watch.health.seen is Level.OK
        for channel, verdict in rulings:
            page = await self._page(channel, about)
            yield telling.ruled(channel, verdict, page, imagined=imagined)
            for step in self._people(channel, about, page, now):
                yield step
        for channel, before in self._fallbacks(watch):
            page = await self._page(channel, about)
            yield telling.standing_in(channel, before, page)
            for step in self._people(channel, about, page, now):
                yield step

    def _people(
        self, channel: Channel, about: Incident, page: Page | None, now: Moment
    ) -> Iterator[Step]:
        told = page or _first_page(channel, about, now)
        yield from telling.people(channel, told, self._board, now.utc)

    async def _page(self, channel: Channel, about: Incident) -> Page | None:
        """Return the page that tells of an incident on a channel and is not done, if any."""
        for page in await self._store.pages(channel.name):
            if about.id in [one.id for one in page.calling]:
                return page
        return None

    def _fallbacks(self, watch: Watch) -> Iterator[tuple[Channel, Channel]]:
        """Yield each channel that stands in for another, with that other one."""
        known = {channel.name: channel for channel in self._engine.channels}
        seen = {channel.name for channel in watch.channels}
        left = [*watch.channels]
        while left:
            before = left.pop(0)
            name = before.fallback
            if name is None or name in seen or name not in known:
                continue
            seen.add(name)
            left.append(known[name])
            yield known[name], before

    def _of_pager(self) -> Step:
        pager = self._pager()
        effect = Effect.HOLDS if pager["state"] in CANNOT else Effect.PASSES
        return Step(filter="pager", effect=effect, why=f"{pager['state']}: {pager['reason']}")


def _first_page(channel: Channel, about: Incident, now: Moment) -> Page:
    """Return the page that would tell of an incident, of which nothing is written down."""
    return Page(
        id="",
        channel=channel.name,
        event=Event.FAILURE,
        due_at=now.utc,
        created_at=now.utc,
        incidents=(about,),
    )
