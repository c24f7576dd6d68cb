"""What the running daemon does for the command line (web.control.Operations)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

from watchcall.config.hints import nearest
from watchcall.core.incident import How, Incident
from watchcall.engine import Engine, Watch
from watchcall.errors import TooLate, UnknownThing
from watchcall.ports import Store
from watchcall.silencing import Silencing


class Operations:
    """Answers questions from the store, and passes orders on to the engine.

    status: the daemon's answer to `status --json`
    reload: reads the configuration again; raises ConfigError where it is wrong
    explain: the answer to `explain --json` about a check that is watched
    kept:   whether what is said now reaches the disk, and is known after a restart
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        status: Callable[[], dict[str, Any]],
        reload: Callable[[], Coroutine[Any, Any, list[str]]],
        silencing: Silencing,
        explain: Callable[[Watch], Awaitable[dict[str, Any]]],
        kept: Callable[[], bool],
    ) -> None:
        self._store, self._engine = store, engine
        self._silencing, self._explain = silencing, explain
        self.status, self.reload = status, reload
        self._kept = kept

    async def calls(self, limit: int) -> list[dict[str, Any]]:
        return await self._store.calls(limit)

    async def incidents(self, limit: int) -> list[dict[str, Any]]:
        return await self._store.incidents(limit)

    async def incident(self, named: str) -> dict[str, Any]:
        found = await self._store.incident(named)
        if found is None:
            raise _no_incident(named)
        return found

    async def stats(self, since: datetime, until: datetime) -> dict[str, Any]:
        return await self._store.stats(since, until)

    async def acknowledge(self, incident: str, by: str) -> dict[str, Any]:
        found = next((one for one in self._engine.open if _is(one, incident)), None)
        if found is None:
            raise await self._why_not(incident)
        owned = await self._engine.acknowledge([found.id], by, How.CLI)
        if not owned:  # it closed while we looked
            raise await self._why_not(incident)
        return {**_owned(owned[0], already=found.acknowledged), "kept": self._kept()}

    async def silence(
        self, checks: Sequence[str], reason: str | None, by: str, until: datetime
    ) -> dict[str, Any]:
        made = await self._silencing.begin(checks, reason, by, until)
        return {**made, "kept": self._kept()}

    async def unsilence(self, number: int) -> dict[str, Any]:
        return {**await self._silencing.end(number), "kept": self._kept()}

    async def silences(self) -> list[dict[str, Any]]:
        return await self._silencing.list()

    async def explain(self, check: str) -> dict[str, Any]:
        watch = self._engine.watches.get(check)
        if watch is None:
            near = nearest(check, self._engine.watches)
            hint = f"did you mean {near}?" if near else "watchcall status lists them"
            raise UnknownThing(f"no check is called {check!r}, {hint}")
        return await self._explain(watch)

    async def _why_not(self, named: str) -> UnknownThing | TooLate:
        one = await self._store.incident(named)
        if one is None:
            return _no_incident(named)
        return TooLate(f"incident {one['id']} of {one['check']} is closed already")


def _no_incident(named: str) -> UnknownThing:
    return UnknownThing(f"there is no incident {named}; watchcall incidents lists them")


def _is(incident: Incident, named: str) -> bool:
    return named in (str(incident.number), incident.code)


def _owned(incident: Incident, *, already: bool) -> dict[str, Any]:
    owner = incident.acknowledgement
    if owner is None:
        raise TooLate(f"incident {incident.number} is not acknowledged any more")
    return {
        "id": incident.number,
        "check": incident.check,
        "acknowledged_by": owner.by,
        "acknowledged_at": owner.at.isoformat(),
        "acknowledged_until": owner.until.isoformat() if owner.until else None,
        "already": already,
    }
