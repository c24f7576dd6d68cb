"""systemd's manager, as it speaks on the bus: org.freedesktop.systemd1(5)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from jeepney import DBusAddress, MatchRule, Message, Properties, new_method_call
from jeepney.bus_messages import message_bus

from watchcall.errors import CannotAsk
from watchcall.events.bus import Bus
from watchcall.ports import UnitState

NAME = "org.freedesktop.systemd1"
PATH = "/org/freedesktop/systemd1"
MANAGER = DBusAddress(PATH, bus_name=NAME, interface=f"{NAME}.Manager")
UNIT = f"{NAME}.Unit"
DBUS = "org.freedesktop.DBus"
PROPERTIES = f"{DBUS}.Properties"
# The kinds of units that have a Result, and the interface that has it.
KINDS = {
    kind: f"{NAME}.{kind.capitalize()}"
    for kind in "service socket mount automount swap timer path scope".split()
}
ENDED = {1: "exited", 2: "killed", 3: "dumped"}  # wait(2), CLD_EXITED and so on
NEVER = (0, 2**64 - 1)  # how systemd writes that there is no instant


async def state(bus: Bus, unit: str, clock: Callable[[], float] = time.monotonic) -> UnitState:
    """Return how a unit is. Raises CannotAsk.

    clock: CLOCK_MONOTONIC in seconds, by which systemd stamps what happens
    """
    (found,) = await bus.ask(new_method_call(MANAGER, "ListUnitsByNames", "as", ([unit],)))
    if not found:  # not a name that a unit could have
        return UnitState(unit=unit, load="not-found")
    name, _, load, active, sub, _, path, _, job, _ = found[0]
    seen = UnitState(unit=name, load=load, active=active, sub=sub, job=job)
    return seen if seen.missing else await _completed(bus, seen, path, clock)


async def _completed(bus: Bus, seen: UnitState, path: str, clock: Callable[[], float]) -> UnitState:
    interface = KINDS.get(seen.unit.rpartition(".")[2])
    wanted = [(UNIT, "StateChangeTimestamp"), (UNIT, "StateChangeTimestampMonotonic")]
    if interface:
        wanted.append((interface, "Result"))
    if interface == KINDS["service"]:
        main = ("MainPID", "ExecMainCode", "ExecMainStatus", "NRestarts", "ControlGroup")
        wanted += [(interface, name) for name in main]
    values = await asyncio.gather(*(_get(bus, path, *one) for one in wanted))
    got = {name: value for (_, name), value in zip(wanted, values, strict=True)}
    at, stamp = got["StateChangeTimestamp"], got["StateChangeTimestampMonotonic"]
    return UnitState(
        unit=seen.unit,
        load=seen.load,
        active=seen.active,
        sub=seen.sub,
        job=seen.job,
        for_s=None if stamp in NEVER else max(0.0, clock() - stamp / 1e6),
        since=None if at in NEVER else datetime.fromtimestamp(at / 1e6, UTC),
        result=got.get("Result", ""),
        main_pid=got.get("MainPID", 0),
        ended_by=ENDED.get(got.get("ExecMainCode", 0), ""),
        status=got.get("ExecMainStatus", 0),
        restarts=got.get("NRestarts", 0),
        cgroup=got.get("ControlGroup", ""),
    )


async def properties(bus: Bus, unit: str, wanted: Sequence[str]) -> dict[str, str]:
    """Return properties of a unit as `systemctl show` writes them; of what is no service, those
    that are common to all kinds. Raises CannotAsk.
    """
    (found,) = await bus.ask(new_method_call(MANAGER, "ListUnitsByNames", "as", ([unit],)))
    if not found:  # not a name that a unit could have
        return {"LoadState": "not-found"}
    name, _, load, active, sub, _, path, *_ = found[0]
    common = {"LoadState": load, "ActiveState": active, "SubState": sub}
    interface = KINDS.get(name.rpartition(".")[2])
    if interface is None or load == "not-found":
        return common
    own = set(wanted) - common.keys() if interface == KINDS["service"] else {"Result"}
    values = await asyncio.gather(*(_get(bus, path, interface, one) for one in own))
    return common | dict(zip(own, map(str, values), strict=True))


async def _get(bus: Bus, path: str, interface: str, name: str) -> Any:
    address = DBusAddress(path, bus_name=NAME, interface=interface)
    ((_, value),) = await bus.ask(Properties(address).get(name))
    return value


async def names(bus: Bus) -> Sequence[str]:
    """Return the units that there are: those that have a file, and those that are loaded."""
    listed = new_method_call(MANAGER, "ListUnits")
    (files,), (loaded,) = await asyncio.gather(
        bus.ask(new_method_call(MANAGER, "ListUnitFiles")), bus.ask(listed)
    )
    units = {path.rpartition("/")[2] for path, _ in files}
    return sorted(units | {name for name, _, load, *_ in loaded if load != "not-found"})


async def path_of(bus: Bus, unit: str) -> str | None:
    """Return where a unit's signals come from; an alias has the path of what it stands for.

    None for what cannot be a unit, or cannot be loaded. Raises CannotAsk.
    """
    try:
        (path,) = await bus.ask(new_method_call(MANAGER, "LoadUnit", "s", (unit,)))
    except CannotAsk:
        if bus.closed.is_set():
            raise
        return None
    return str(path)


async def listen(bus: Bus) -> None:
    """Let the bus pass on what concerns all units."""
    reloading = _signals(f"{NAME}.Manager", "Reloading", PATH)
    replaced = MatchRule(type="signal", interface=DBUS, member="NameOwnerChanged", sender=DBUS)
    replaced.add_arg_condition(0, NAME)
    for rule in (reloading, replaced):
        await bus.ask(message_bus.AddMatch(rule))


async def subscribe(bus: Bus) -> None:
    """Let systemd send signals of units. Raises CannotAsk; being subscribed already is fine."""
    try:
        await bus.ask(new_method_call(MANAGER, "Subscribe"))
    except CannotAsk as error:
        if "AlreadySubscribed" not in str(error):
            raise


async def follow(bus: Bus, path: str) -> None:
    """Let the bus pass on the signals of a unit."""
    await bus.ask(message_bus.AddMatch(_signals(PROPERTIES, "PropertiesChanged", path)))


async def leave(bus: Bus, path: str) -> None:
    """Take `follow` back."""
    await bus.ask(message_bus.RemoveMatch(_signals(PROPERTIES, "PropertiesChanged", path)))


def _signals(interface: str, member: str, path: str) -> MatchRule:
    """Anybody may send signals on the system bus: only systemd's are meant."""
    return MatchRule(type="signal", sender=NAME, interface=interface, member=member, path=path)


def changed(signal: Message) -> dict[str, Any]:
    """Return which of the properties that make a state a PropertiesChanged gives, and as what."""
    if len(signal.body) != 3 or signal.body[0] != UNIT:
        return {}
    values = {name: value for name, (_, value) in signal.body[1].items()}
    return {name: values[name] for name in ("ActiveState", "SubState", "Job") if name in values}


def began_anew(member: str, body: tuple[Any, ...]) -> bool:
    """Whether a signal says that systemd has read its units again, or that there is a new one."""
    if member == "Reloading":
        return body == (False,)
    return member == "NameOwnerChanged" and len(body) == 3 and body[2] != ""
