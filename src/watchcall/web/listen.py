"""The servers: uvicorn, kept quiet; and on TCP, where strangers call, impatient."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from watchcall.errors import StartError
from watchcall.web.rarely import Rarely

log = logging.getLogger(__name__)
wire = logging.getLogger("watchcall.web.wire")  # what uvicorn has to say of requests
wire.addFilter(Rarely())

PATIENCE_S = 10.0  # from the connection to the last byte of its request
MOST_CONNECTIONS = 64
MOST_HEAD = 16 * 1024  # bytes of the request line and the headers together
HEADERS = [
    ("Connection", "close"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


class QuietServer(uvicorn.Server):
    """Serves on a socket that listens, logs nothing, and leaves the signals to the daemon."""

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        quiet: dict[str, Any] = {
            "interface": "asgi3",
            "http": "h11",
            "ws": "none",
            "lifespan": "off",
            "log_config": None,
            "access_log": False,
            "server_header": False,
            "timeout_graceful_shutdown": 1,
        }
        config = uvicorn.Config(app, **{**quiet, **options})
        config.load()  # what it imports: later there may be no descriptor left to read a file
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HooksServer:
    """Serves an application on HOST:PORT, to anybody.

    One request per connection, in full within PATIENCE_S; what is slower is cut off, and so is
    who comes while MOST_CONNECTIONS are open.

    app:  may be exchanged while it runs
    port: 0 takes any; `port` is the one that was taken, once it has started
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self.app = app
        self.host, self.port = host, port
        self._server: QuietServer | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen from now on; raise StartError where that is impossible."""
        listening = _bind(self.host, self.port)
        self.port = listening.getsockname()[1]
        self._server = QuietServer(
            self._answer,
            http=_Impatient,
            proxy_headers=False,  # what X-Forwarded-… say is never believed
            h11_max_incomplete_event_size=MOST_HEAD,
            headers=HEADERS,
            backlog=MOST_CONNECTIONS,
        )
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        self._serving.add_done_callback(_log_crash)

    async def stop(self) -> None:
        """Answer what was asked, for a second at most, and listen no more."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await asyncio.wait([self._serving])
        self._server = self._serving = None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class _Impatient(H11Protocol):
    """uvicorn itself would wait for a request for ever, and take any number of connections."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.logger = wire
        self._deadline = self.loop.call_later(PATIENCE_S, transport.abort)
        if len(self.connections) > MOST_CONNECTIONS:
            wire.warning("web.listen: %s connections are open, more are refused", MOST_CONNECTIONS)
            transport.abort()

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is not None and not self.cycle.more_body:
            self._deadline.cancel()

    def send_400_response(self, msg: str) -> None:
        """The application may be about to answer a request that turned out to be no HTTP."""
        if self.cycle is not None:
            self.cycle.disconnected = True
        super().send_400_response(msg)

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        super().connection_lost(exc)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=MOST_CONNECTIONS)
    except OSError as error:
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise StartError(
            f"web.listen: cannot listen at {where}: {error.strerror or error}; "
            "name an address of this server and a port that is free"
        ) from None


def _log_crash(done: asyncio.Task[None]) -> None:
    error = None if done.cancelled() else done.exception()
    if error is not None:
        log.error("the server for Twilio's requests ended", exc_info=error)
