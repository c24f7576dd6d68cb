"""Asks the running daemon, over its control socket."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any

from watchcall.config.locate import control_socket
from watchcall.errors import (
    ConfigError,
    TooLate,
    UnknownThing,
    UnreachableError,
    WatchCallError,
)

DEADLINE_S = 30.0  # a reload reads the configuration; nothing else takes long
REFUSED = 422
ERROR_OF = {
    http.client.NOT_FOUND: UnknownThing,
    http.client.CONFLICT: TooLate,
}


def ask(config: str | None, method: str, path: str, body: object = None) -> Any:
    """Return the daemon's answer.

    config: what `--config` said; the configuration names the socket
    body:   what is sent as JSON; None is nothing
    Raises UnreachableError where nobody answers, ConfigError with what the daemon found wrong,
    UnknownThing, TooLate, or WatchCallError where it could not do what was asked.
    """
    return ask_on(control_socket(Path(config) if config else None), method, path, body)


def ask_on(where: Path, method: str, path: str, body: object = None) -> Any:
    """Return what the daemon that listens on this socket answers; raises as `ask` does."""
    sent = None if body is None else json.dumps(body)
    return _read(*_exchange(where, method, path, sent))


def _exchange(where: Path, method: str, path: str, sent: str | None) -> tuple[int, Any]:
    """Return the reply's status and what its JSON says."""
    connection = _Connection(where)
    try:
        connection.request(method, path, sent)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise UnreachableError(
            f"the daemon cannot be reached on {where}: {why}; is it running?"
        ) from None
    finally:
        connection.close()


def _read(status: int, answer: Any) -> Any:
    if status == REFUSED:
        raise ConfigError(answer["problems"])
    if status != http.client.OK:
        raise ERROR_OF.get(status, WatchCallError)(answer["error"])
    return answer


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=DEADLINE_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
