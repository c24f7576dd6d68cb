"""Which events concern which checks, and what becomes of them: early looks, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from watchcall.core.check import Check, HttpTarget, ProcessTarget
from watchcall.core.health import Level, Observation
from watchcall.events.canary import Canaries, Endpoint
from watchcall.events.local import is_own
from watchcall.events.pace import Pace
from watchcall.events.pidfd import Deaths

LONGEST_S = 10.0  # between two early looks at a check
SERVERS_S = 0.05  # after an event: what it is about is looked at, and told, first
NEIGHBOURS = 20  # checks that are looked at because of another; thousands would be a storm
OFF = "daemon.canary is off"


@dataclass(slots=True)
class _Watched:
    """One check.

    level:    as the last look saw it, None before the first
    endpoint: where on this machine the last look ended up, None for anything else
    """

    check: Check
    pace: Pace
    level: Level | None = None
    remote: object = None
    endpoint: Endpoint | None = None
    waiting: asyncio.TimerHandle | None = field(default=None)


class Events:
    """Holds what looks have found, and asks for a look where something happens to it.

    look: called with the name of a check that is to be looked at now
    """

    def __init__(self, look: Callable[[str], None]) -> None:
        self._look = look
        self._watched: dict[str, _Watched] = {}
        self._deaths = Deaths(self._died)
        self._canaries = Canaries(self._hung_up)
        self._holds_connections = True
        self._stirred: asyncio.TimerHandle | None = None  # since something happened

    def watch(self, checks: Iterable[Check], *, canary: bool) -> None:
        """Watch for these checks from now on; what is held for the others is let go of.

        canary: hold connections to local web servers
        """
        before, self._watched = self._watched, {}
        for check in checks:
            known = before.get(check.name)
            if known is not None and known.check == check:
                self._watched[check.name] = before.pop(check.name)
            else:
                longest = min(LONGEST_S, check.interval.total_seconds())
                self._watched[check.name] = _Watched(check, Pace(longest))
        for name, old in before.items():
            self._deaths.drop(name)
            _forget(old)
        self._holds_connections = canary
        self._keep_connections()

    def seen(self, check: Check, seen: Observation) -> None:
        """A look has ended: hold what it found."""
        watched = self._watched.get(check.name)
        if watched is None or watched.check != check:
            return
        before, watched.level = watched.level, seen.level
        watched.pace.looked(changed=seen.level is not before)
        if isinstance(check.target, ProcessTarget):
            self._hold(check.name, seen)
            return
        self._connect(watched, seen)
        if before is Level.OK and seen.level is not Level.OK and watched.endpoint is not None:
            self._at(watched.endpoint, but=check.name)

    def happened(self, name: str) -> None:
        """Something happened to what a check looks at: look at it, and at what is near."""
        self._ask(name)
        self.stir()

    def stir(self) -> None:
        """Look at what this machine serves, which may have gone too: at each server once."""
        if self._stirred is None:
            loop = asyncio.get_running_loop()
            self._stirred = loop.call_later(SERVERS_S, self._look_at_servers)

    def state(self) -> dict[str, str | None]:
        """Return by what processes and servers are watched; None where no check is about them."""
        return {"processes": self._processes(), "servers": self._servers()}

    def close(self) -> None:
        self._deaths.close()
        self._canaries.close()
        if self._stirred is not None:
            self._stirred.cancel()
        for watched in self._watched.values():
            _forget(watched)

    # Processes

    def _hold(self, name: str, seen: Observation) -> None:
        found = seen.evidence.get("identities")
        if isinstance(found, list):
            self._deaths.hold(name, [(pid, started) for pid, started in found])

    def _died(self, name: str) -> None:
        """One process less. Where enough are known to be left nothing can be wrong yet: workers
        come and go."""
        watched = self._watched.get(name)
        if watched is None:
            return
        if watched.level is Level.OK and self._deaths.alive(name) >= _needed(watched.check):
            return
        self.happened(name)

    def _processes(self) -> str | None:
        about = [
            one for one in self._watched.values() if isinstance(one.check.target, ProcessTarget)
        ]
        if not about:
            return None
        polled = self._deaths.polling
        if not polled:
            return "pidfd"
        names = ", ".join(sorted(polled)[:3]) + (" and others" if len(polled) > 3 else "")
        return f"polling: {names}: {polled[min(polled)]}"

    # Local servers

    def _connect(self, watched: _Watched, seen: Observation) -> None:
        if (remote := seen.evidence.get("remote")) is not None and remote != watched.remote:
            watched.remote, watched.endpoint = remote, _own_endpoint(remote)
        endpoint = watched.endpoint
        if endpoint is None:
            return
        if seen.level is not Level.OK:
            if not seen.evidence.get("status"):  # else it has answered, whatever it said
                self._canaries.unwell(endpoint)
        elif self._holds_connections:
            self._canaries.well(endpoint, partial(_greeting, watched.check, seen))

    def _look_at_servers(self) -> None:
        self._stirred = None
        servers = {one.endpoint: one for one in self._watched.values() if one.endpoint}
        for watched in tuple(servers.values())[:NEIGHBOURS]:
            self._ask(watched.check.name)

    def _hung_up(self, endpoint: Endpoint) -> None:
        """One look tells what the others would; where it fails they follow."""
        self._at(endpoint, most=1)

    def _at(self, endpoint: Endpoint, but: str = "", most: int = NEIGHBOURS) -> None:
        """Look at what else is looked at on one server."""
        there = [name for name, one in self._watched.items() if one.endpoint == endpoint]
        for name in [name for name in there if name != but][:most]:
            self._ask(name)

    def _keep_connections(self) -> None:
        wanted = {one.endpoint for one in self._watched.values() if one.endpoint}
        self._canaries.keep(wanted if self._holds_connections else set())

    def _servers(self) -> str | None:
        if not any(one.endpoint for one in self._watched.values()):
            return None
        if not self._holds_connections:
            return f"polling: {OFF}"
        held = self._canaries.held()
        return "connections" if held else "polling: no server keeps a connection open"

    # Looks

    def _ask(self, name: str) -> None:
        watched = self._watched.get(name)
        if watched is None:
            return
        loop = asyncio.get_running_loop()
        wait = watched.pace.ask(loop.time())
        if wait is None:
            return
        if wait <= 0:
            self._take(watched)
        else:
            watched.waiting = loop.call_later(wait, self._take, watched)

    def _take(self, watched: _Watched) -> None:
        watched.waiting = None
        watched.pace.take(asyncio.get_running_loop().time())
        self._look(watched.check.name)


def _needed(check: Check) -> int:
    """Return how many processes are surely enough for a check that is well."""
    target = check.target
    if not isinstance(target, ProcessTarget):
        return 0
    named = 1 if target.pidfile else 0
    return max(named, target.count.min or 0, target.warning.min or 0)


def _own_endpoint(remote: object) -> Endpoint | None:
    """Return where a look ended up, from its evidence, where that is on this machine."""
    address, _, port = str(remote).rpartition(" port ")
    return (address, int(port)) if is_own(address) else None


def _greeting(check: Check, seen: Observation) -> bytes | None:
    """Return a request that asks for nothing; None where it would not reach the same server
    plainly."""
    target, url = check.target, urlsplit(str(seen.evidence.get("url", "")))
    if not isinstance(target, HttpTarget) or target.proxy or url.scheme != "http":
        return None
    if target.method.upper() not in ("GET", "HEAD") or not url.geturl().isascii():
        return None
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = [f"HEAD {path} HTTP/1.1", f"Host: {url.netloc}", "User-Agent: WatchCall", "", ""]
    return "\r\n".join(lines).encode()


def _forget(watched: _Watched) -> None:
    if watched.waiting is not None:
        watched.waiting.cancel()
