"""Everything that is found, as one list of offers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from watchcall.errors import CannotAsk
from watchcall.init.answers import Offer
from watchcall.init.discovery.disk import disk_offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is on this machine.

    units: all units that systemd knows, None where it could not be asked
    """

    offers: tuple[Offer, ...]
    units: frozenset[str] | None = None


def discover(without: Iterable[int] = ()) -> Found:
    """Look around. without: ports that are not asked, such as the simulator's."""
    return asyncio.run(_discover(tuple(without)))


async def _discover(without: tuple[int, ...]) -> Found:
    from watchcall.init.discovery.servers import server_offers

    (running, units), servers = await asyncio.gather(_running(), server_offers(without))
    return Found(offers=(*running, *servers, disk_offer()), units=units)


async def _running() -> tuple[list[Offer], frozenset[str] | None]:
    """Return the services; where systemd cannot be asked, known processes instead."""
    from watchcall.events.services import services
    from watchcall.init.discovery.processes import process_offers
    from watchcall.init.discovery.services import service_offers

    try:
        listed, units = await services()
    except CannotAsk:
        return process_offers(), None
    return service_offers(listed), units
