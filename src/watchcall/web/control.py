"""The control API: what the command line asks the running daemon, on a Unix socket."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from watchcall.errors import ConfigError, StartError, WatchCallError

log = logging.getLogger(__name__)

MODE = 0o660  # the owner and the group, which is `watchcall` where that exists
MOST_CALLS = 1000

Answer = Callable[[Request], Awaitable[Any]]


def control_app(
    status: Callable[[], dict[str, Any]],
    calls: Callable[[int], Awaitable[list[dict[str, Any]]]],
    reload: Callable[[], Awaitable[list[str]]],
) -> Starlette:
    """Return the application; each argument answers one question.

    reload: returns the warnings of the new configuration, raises ConfigError where it is wrong
    """

    async def get_status(_request: Request) -> JSONResponse:
        return JSONResponse(status())

    async def get_calls(request: Request) -> JSONResponse:
        asked = request.query_params.get("limit", "100")
        limit = min(int(asked), MOST_CALLS) if asked.isdecimal() and len(asked) < 9 else 100
        return JSONResponse(await calls(limit))

    async def post_reload(_request: Request) -> JSONResponse:
        try:
            return JSONResponse({"warnings": await reload()})
        except ConfigError as error:
            return JSONResponse({"problems": list(error.problems)}, status_code=422)

    return Starlette(
        routes=[
            Route("/status", get_status),
            Route("/calls", get_calls),
            Route("/reload", post_reload, methods=["POST"]),
        ],
        exception_handlers={WatchCallError: _failed},
    )


async def _failed(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=500)


class ControlServer(uvicorn.Server):
    """Serves the application on a Unix socket; the daemon keeps the signals to itself."""

    def __init__(self, app: Starlette, path: Path) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._path = path
        self._socket = _bind(path)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def run_until_stopped(self) -> None:
        """Serve until `should_exit` is set, and take the socket's file away after that."""
        try:
            await self.serve(sockets=[self._socket])
        finally:
            self._path.unlink(missing_ok=True)


def _bind(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o777 & ~MODE)  # it must not be open to others even for a moment
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(path)
        listening.bind(str(path))
        listening.listen()
    except OSError as error:
        listening.close()
        raise StartError(
            f"cannot listen on the control socket {path}: {error.strerror or error}; "
            "set [daemon] control_socket to a place that can be written"
        ) from None
    finally:
        os.umask(before)
    _give_to_group(path)
    return listening


def _remove_stale(path: Path) -> None:
    """A socket that nobody listens on was left by a daemon that died."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        try:
            knock.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        else:
            raise StartError(f"another daemon listens on {path}")


def _give_to_group(path: Path) -> None:
    import grp

    with contextlib.suppress(KeyError, OSError):
        os.chown(path, -1, grp.getgrnam("watchcall").gr_gid)
