"""An org.freedesktop.systemd1 that does as it is told: as much of it as WatchCall asks for.

What it sends, and in which order, was written down from a real one (systemd 252).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus
from jeepney.io.asyncio import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.systemd1"
NO_JOB = (0, "/")
JOB = (7, "/org/freedesktop/systemd1/job/7")


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How a unit is."""

    active: str = "active"
    sub: str = "running"
    job: str = ""
    load: str = "loaded"
    result: str = "success"
    pid: int = 812
    code: int = 0  # of waitid(2): 1 exited, 2 killed, 3 dumped
    status: int = 0
    restarts: int = 0
    at: float = field(default_factory=time.monotonic)


RUNNING = Now()
STOPPED = Now(active="inactive", sub="dead", pid=0, code=1)
KILLED = Now(active="failed", sub="failed", result="signal", pid=0, code=2, status=9)

# What `systemctl stop` and `systemctl restart` of httpd.service did, signal by signal.
STOPPING = Now(active="deactivating", sub="stop-sigterm", job="stop")
STOP = (replace(RUNNING, job="stop"), STOPPING, STOPPING, replace(STOPPED, job="stop"), STOPPED)
RESTART = (
    replace(RUNNING, job="restart"),
    replace(STOPPING, job="restart"),
    replace(STOPPED, job="start"),
    Now(active="activating", sub="start", job="start"),
    replace(RUNNING, job="start"),
    RUNNING,
)


class FakeSystemd:
    """Owns systemd's name on a bus, and its units.

    asked:  the methods that were called
    silent:  it hears, and answers nothing; `ignored` is set then
    """

    def __init__(self, address: str) -> None:
        self.units: dict[str, Now] = {"httpd.service": RUNNING}
        self.aliases: dict[str, str] = {}
        self.asked: list[str] = []
        self.ignored = asyncio.Event()
        self.silent = False
        self._address = address
        self._bus: DBusConnection
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._bus = await open_dbus_connection(self._address)
        await self._bus.send(message_bus.RequestName(NAME))
        self._serving = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
            await asyncio.gather(self._bus.close(), return_exceptions=True)
            self._serving = None

    async def become(self, unit: str, *states: Now) -> None:
        """Go through states, and tell of each: first what is common to units, then the service."""
        for state in states:
            self.units[unit] = replace(state, at=time.monotonic())
            common = {
                "ActiveState": ("s", state.active),
                "SubState": ("s", state.sub),
                "Job": ("(uo)", JOB if state.job else NO_JOB),
            }
            await self._signal(_path(unit), f"{NAME}.Service", {"MainPID": ("u", state.pid)})
            await self._signal(_path(unit), f"{NAME}.Unit", common)

    async def reload(self) -> None:
        """As `systemctl daemon-reload` does: unit files were read again."""
        for going_on in (True, False):
            await self._send("/org/freedesktop/systemd1", "Reloading", "b", (going_on,))

    async def _signal(self, path: str, interface: str, changed: dict[str, Any]) -> None:
        emitter = DBusAddress(path, interface="org.freedesktop.DBus.Properties")
        body = (interface, changed, ["Conditions"])
        await self._bus.send(new_signal(emitter, "PropertiesChanged", "sa{sv}as", body))

    async def _send(self, path: str, member: str, signature: str, body: tuple[Any, ...]) -> None:
        emitter = DBusAddress(path, interface=f"{NAME}.Manager")
        await self._bus.send(new_signal(emitter, member, signature, body))

    async def _serve(self) -> None:
        while True:
            message = await self._bus.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            member = message.header.fields[HeaderFields.member]
            self.asked.append(member)
            if self.silent:
                self.ignored.set()
            else:
                await self._bus.send(self._answer(message, member))

    def _answer(self, call: Message, member: str) -> Message:
        if member == "Get":
            path = call.header.fields[HeaderFields.path]
            value = self._property(_unit(path), call.body[1])
            return new_method_return(call, "v", (value,))
        if member == "Subscribe":
            return new_method_return(call)
        if member == "LoadUnit":
            return new_method_return(call, "o", (_path(self._real(call.body[0])),))
        if member == "ListUnitsByNames":
            return new_method_return(call, "a(ssssssouso)", (self._list(call.body[0]),))
        if member == "ListUnits":
            return new_method_return(call, "a(ssssssouso)", (self._list(self.units),))
        if member == "ListUnitFiles":
            files = [(f"/lib/systemd/system/{unit}", "enabled") for unit in self.units]
            return new_method_return(call, "a(ss)", (files,))
        return new_error(call, "org.freedesktop.DBus.Error.UnknownMethod", "s", (member,))

    def _real(self, unit: str) -> str:
        return self.aliases.get(unit, unit)

    def _list(self, units: Iterable[str]) -> list[tuple[Any, ...]]:
        """What cannot be the name of a unit is passed over."""
        return [self._row(self._real(unit)) for unit in units if "." in unit]

    def _row(self, unit: str) -> tuple[Any, ...]:
        now = self.units.get(unit, Now(load="not-found", active="inactive", sub="dead"))
        number, path = JOB if now.job else NO_JOB
        return (
            *(unit, unit, now.load, now.active, now.sub, "", _path(unit)),
            *(number, now.job, path),
        )

    def _property(self, unit: str, name: str) -> tuple[str, Any]:
        now = self.units[unit]
        passed = time.monotonic() - now.at
        return {
            "StateChangeTimestamp": ("t", round((time.time() - passed) * 1e6)),
            "StateChangeTimestampMonotonic": ("t", round(now.at * 1e6)),
            "Result": ("s", now.result),
            "MainPID": ("u", now.pid),
            "ExecMainCode": ("i", now.code),
            "ExecMainStatus": ("i", now.status),
            "NRestarts": ("u", now.restarts),
            "ExecMainPID": ("u", 812),
            "ExecMainExitTimestampMonotonic": ("t", round(now.at * 1e6)),
            "ControlGroup": ("s", f"/system.slice/{unit}"),
        }[name]


def _path(unit: str) -> str:
    escaped = re.sub(r"[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):02x}", unit)
    return f"/org/freedesktop/systemd1/unit/{escaped}"


def _unit(path: str) -> str:
    name = path.rpartition("/")[2]
    return re.sub("_([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), name)
