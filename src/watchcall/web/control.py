"""The control API: what the command line asks the running daemon, on a Unix socket.

GET  /status  /calls?limit=  /incidents?limit=  /incident?id=12 (or its code)
     /stats?since=&until=  /silences  /explain?check=
POST /ack {"incident": "12" or its code, "by": name}   /reload
     /silence {"checks": [name, glob or "tag:NAME"], "reason": text or null, "by": name,
               "until": time}
     /unsilence {"id": 3}
Errors: {"error": sentence} with 400 (not understood), 404 (no such thing), 409 (over already),
500; of a reload {"problems": [sentence]} with 422.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from watchcall.errors import ConfigError, StartError, TooLate, UnknownThing, WatchCallError
from watchcall.web.door import Door
from watchcall.web.listen import QuietServer

log = logging.getLogger(__name__)

SEEN_TO_S = 5.0  # until it is looked whether the socket is still where commands look for it
MOST = 1000  # calls or incidents in one answer
LONGEST_NAME = 200  # characters, as in the configuration
LONGEST_REASON = 500  # characters
MOST_PATTERNS = 100  # of one silence
LONGEST_SILENCE = timedelta(days=365)  # what is never to be told again is no silence
STATUS_OF: dict[type[WatchCallError], HTTPStatus] = {
    UnknownThing: HTTPStatus.NOT_FOUND,
    TooLate: HTTPStatus.CONFLICT,
}


class Operations(Protocol):
    """What the daemon does for the command line; the shapes are the contract's (§3)."""

    def status(self) -> dict[str, Any]: ...

    async def calls(self, limit: int) -> list[dict[str, Any]]: ...

    async def incidents(self, limit: int) -> list[dict[str, Any]]: ...

    async def incident(self, named: str) -> dict[str, Any]:
        """Return one incident, by its number or its code; raise UnknownThing for no such one."""
        ...

    async def stats(self, since: datetime, until: datetime) -> dict[str, Any]: ...

    async def acknowledge(self, incident: str, by: str) -> dict[str, Any]:
        """Let a person own an incident, given by its number or its code; what is owned stays so.

        Returns {"id": number, "check", "acknowledged_by", "acknowledged_at",
        "acknowledged_until" (None: until it recovers), "already": whether somebody owned it,
        "kept": whether a restart will know it: the disk may take nothing}.
        Raises UnknownThing where there is no such incident, TooLate where it is closed.
        """
        ...

    async def silence(
        self, checks: Sequence[str], reason: str | None, by: str, until: datetime
    ) -> dict[str, Any]:
        """Be quiet about some checks until an instant.

        Returns it as `silences` does, with "stops": what somebody was being told of until now,
        [{"check", "incident": number}], and "kept", as of `acknowledge`. Raises UnknownThing
        where one of `checks` means none.
        """
        ...

    async def unsilence(self, number: int) -> dict[str, Any]:
        """End a silence.

        Returns it as `silences` does, with "tells": what is told now, [{"check", "incident"}],
        "quiet": what still fails and is held back by something else, with "why": [sentence], and
        "kept", as of `acknowledge`.
        Raises UnknownThing where there is none, TooLate where it is over.
        """
        ...

    async def silences(self) -> list[dict[str, Any]]:
        """Return the silences that hold."""
        ...

    async def explain(self, check: str) -> dict[str, Any]:
        """Return every filter between a look and a phone; raise UnknownThing for no check."""
        ...

    async def reload(self) -> list[str]:
        """Return the warnings of the new configuration, and which incidents ended with the old
        one; raise ConfigError where it is wrong."""
        ...


def control_app(operations: Operations) -> Starlette:
    """Return the application over what the daemon offers."""
    ask = _Questions(operations)
    return Starlette(
        routes=[
            Route("/status", ask.status),
            Route("/calls", ask.calls),
            Route("/incidents", ask.incidents),
            Route("/incident", ask.incident),
            Route("/stats", ask.stats),
            Route("/silences", ask.silences),
            Route("/explain", ask.explain),
            Route("/ack", ask.ack, methods=["POST"]),
            Route("/silence", ask.silence, methods=["POST"]),
            Route("/unsilence", ask.unsilence, methods=["POST"]),
            Route("/reload", ask.reload, methods=["POST"]),
        ],
        exception_handlers={WatchCallError: _failed, HTTPException: _not_understood},
    )


class _Questions:
    """One method for each route: what was asked, as arguments; the answer, as JSON."""

    def __init__(self, operations: Operations) -> None:
        self._do = operations

    async def status(self, _request: Request) -> JSONResponse:
        return JSONResponse(self._do.status())

    async def calls(self, request: Request) -> JSONResponse:
        return JSONResponse(await self._do.calls(_limit(request)))

    async def incidents(self, request: Request) -> JSONResponse:
        return JSONResponse(await self._do.incidents(_limit(request)))

    async def incident(self, request: Request) -> JSONResponse:
        named = _line("id", request.query_params.get("id"))
        return JSONResponse(await self._do.incident(named))

    async def stats(self, request: Request) -> JSONResponse:
        asked = request.query_params
        since, until = (_instant(name, asked.get(name)) for name in ("since", "until"))
        return JSONResponse(await self._do.stats(since, until))

    async def ack(self, request: Request) -> JSONResponse:
        asked = await _table(request)
        incident = asked.get("incident")
        if type(incident) is int:
            incident = str(incident)
        return JSONResponse(
            await self._do.acknowledge(_line("incident", incident), _line("by", asked.get("by")))
        )

    async def silences(self, _request: Request) -> JSONResponse:
        return JSONResponse(await self._do.silences())

    async def silence(self, request: Request) -> JSONResponse:
        asked = await _table(request)
        checks, reason = _patterns(asked.get("checks")), asked.get("reason")
        if reason is not None:
            reason = _line("reason", reason, LONGEST_REASON)
        by, until = _line("by", asked.get("by")), _soon("until", asked.get("until"))
        return JSONResponse(await self._do.silence(checks, reason, by, until))

    async def unsilence(self, request: Request) -> JSONResponse:
        asked = await _table(request)
        return JSONResponse(await self._do.unsilence(_number("id", asked.get("id"))))

    async def explain(self, request: Request) -> JSONResponse:
        check = _line("check", request.query_params.get("check"))
        return JSONResponse(await self._do.explain(check))

    async def reload(self, _request: Request) -> JSONResponse:
        try:
            return JSONResponse({"warnings": await self._do.reload()})
        except ConfigError as error:
            return JSONResponse({"problems": list(error.problems)}, status_code=422)


def _limit(request: Request) -> int:
    asked = request.query_params.get("limit", "100")
    return min(int(asked), MOST) if asked.isdecimal() and len(asked) < 9 else 100


def _instant(name: str, value: object) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise HTTPException(400, f"{name}: must be a time such as 2026-11-20T12:00:00Z")
    return at


def _soon(name: str, value: object) -> datetime:
    """Accept a time that is yet to come, and not in ages."""
    at, now = _instant(name, value), datetime.now(UTC)
    if not now < at <= now + LONGEST_SILENCE:
        raise HTTPException(400, f"{name}: must be later than now, by at most 365 days")
    return at.astimezone(UTC)


def _number(name: str, value: object) -> int:
    if type(value) is int and 0 < value < 10**9:
        return value
    raise HTTPException(400, f"{name}: must be a whole number, at least 1")


def _patterns(value: object) -> list[str]:
    if isinstance(value, list) and 0 < len(value) <= MOST_PATTERNS:
        return [_line("checks", one) for one in value]
    raise HTTPException(400, f"checks: must be a list of one to {MOST_PATTERNS} names")


async def _table(request: Request) -> dict[str, Any]:
    try:
        asked = await request.json()
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise HTTPException(400, "must be a JSON object")
    return asked


def _line(name: str, value: object, longest: int = LONGEST_NAME) -> str:
    """Accept a word or name that may stand in the log: one line, not empty, not endless."""
    if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= longest:
        return value.strip()
    raise HTTPException(400, f"{name}: must be one line of at most {longest} characters")


async def _failed(_request: Request, error: Exception) -> JSONResponse:
    kinds = (status for kind, status in STATUS_OF.items() if isinstance(error, kind))
    status = next(kinds, HTTPStatus.INTERNAL_SERVER_ERROR)
    return JSONResponse({"error": str(error)}, status_code=status)


async def _not_understood(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 400
    # 404 is what does not exist among the things, 400 what is no question at all
    status = 400 if status == HTTPStatus.NOT_FOUND else status
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    return JSONResponse({"error": detail}, status_code=status)


class ControlServer(QuietServer):
    """Serves the application on a Unix socket, and makes it again where somebody takes it away."""

    def __init__(self, app: Starlette, path: Path) -> None:
        super().__init__(app, date_header=False)
        self._path = path
        self._door = Door(path)
        self._stopped = asyncio.Event()
        self._lost: str | None = None  # why nobody gets to it, as the log knows it

    async def run_until_stopped(self) -> None:
        """Serve until `stop`, and take the socket's file away after that."""
        try:
            await self.serve(sockets=[self._door.listening])
        finally:
            self._door.remove()

    def stop(self) -> None:
        """Answer what was asked, for a second at most, and listen no more."""
        self.should_exit = True
        self._stopped.set()

    async def main_loop(self) -> None:
        """uvicorn's own wakes up ten times a second, to see whether it should exit and to renew
        the date that it sends: a tenth of what an idle daemon costs."""
        while not self._stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), SEEN_TO_S)
            if not self.should_exit and not self._door.there:
                await self._listen_again()

    async def _listen_again(self) -> None:
        try:
            self._door = Door(self._path)
        except StartError as error:
            if str(error) != self._lost:
                log.error("commands do not reach WatchCall, their socket is gone: %s", error)
            self._lost = str(error)
            return
        before = self.servers
        await self.startup(sockets=[self._door.listening])  # makes `servers` anew
        for server in before:
            server.close()
        self._lost = None
        log.warning("the control socket %s was gone, and is made again", self._path)
