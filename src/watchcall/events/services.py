"""The services of this machine, as systemd lists them: asked once, for who sets WatchCall up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from jeepney import new_method_call

from watchcall.events.bus import Bus
from watchcall.events.manager import MANAGER

TEMPLATE = "@.service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service: org.freedesktop.systemd1(5), words as systemd spells them.

    enabled: "enabled", "static", "generated" and so on; "" where it has no file
    path:    its unit file, that of its template for an instance; "" where it has none
    """

    unit: str
    active: str = "inactive"
    sub: str = "dead"
    enabled: str = ""
    path: str = ""


async def services() -> tuple[Sequence[Service], frozenset[str]]:
    """Return the services, by their own names; and the names of all units. Raises CannotAsk."""
    bus = await Bus.open(lambda _: None)
    try:
        (files,), (loaded,) = await asyncio.gather(
            bus.ask(new_method_call(MANAGER, "ListUnitFiles")),
            bus.ask(new_method_call(MANAGER, "ListUnits")),
        )
    finally:
        await bus.close()
    paths = {path.rpartition("/")[2]: (path, state) for path, state in files}
    there = {name: (active, sub) for name, _, load, active, sub, *_ in loaded if load == "loaded"}
    own = [name for name, (_, state) in paths.items() if state != "alias"]
    names = sorted(name for name in {*own, *there} if _is_service(name))
    return [_service(name, there, paths) for name in names], frozenset({*paths, *there})


def _is_service(name: str) -> bool:
    return name.endswith(".service") and not name.endswith(TEMPLATE)


def _service(
    name: str, there: dict[str, tuple[str, str]], paths: dict[str, tuple[str, str]]
) -> Service:
    active, sub = there.get(name, ("inactive", "dead"))
    template = f"{name.partition('@')[0]}{TEMPLATE}"
    path, enabled = paths.get(name) or paths.get(template) or ("", "")
    return Service(unit=name, active=active, sub=sub, enabled=enabled, path=path)
