"""Which services are offered as checks: decided on what systemd lists, without asking it."""

from __future__ import annotations

from collections.abc import Iterable

from watchcall.events.services import Service
from watchcall.init.answers import Offer
from watchcall.init.discovery.known import MINE, known_unit

OPERATORS = ("/etc/systemd/system/", "/usr/local/lib/systemd/system/")  # no package writes there
ENABLED = ("enabled", "enabled-runtime")


def service_offers(services: Iterable[Service]) -> list[Offer]:
    """Return the services of interest: servers that are known, and the operator's own.

    Those that run come first. One that is enabled and does not run is offered, but not usual: the
    phone would ring at once.
    """
    offers = [_offer(one) for one in services if _interesting(one)]
    return sorted(offers, key=lambda one: (not one.usual, not one.runs, one.name))


def _interesting(service: Service) -> bool:
    """What ran once and is over (`exited`) only stands for others, as Debian's postgresql does."""
    if service.unit in MINE or service.sub == "exited":
        return False
    runs, enabled = service.active in ("active", "reloading"), service.enabled in ENABLED
    if known_unit(service.unit):
        return runs or enabled
    return enabled and service.path.startswith(OPERATORS)


def _offer(service: Service) -> Offer:
    known = known_unit(service.unit)
    runs = service.active in ("active", "reloading")
    return Offer(
        name=service.unit.removesuffix(".service").replace("@", "-"),
        kind="unit",
        target=service.unit,
        usual=runs and (known is None or known.usual),
        runs=runs,
    )
