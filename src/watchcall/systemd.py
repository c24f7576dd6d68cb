"""What the service manager is told (sd_notify(3)): one datagram per message."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping


class Notifier:
    """Talks to systemd where it listens; otherwise says nothing.

    watchdog_s: within how many seconds it wants to hear WATCHDOG=1; None where it does not
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):  # an abstract socket
            self._address = "\0" + self._address[1:]
        self.watchdog_s = _watchdog(environ)

    def send(self, *fields: str) -> None:
        """Send fields such as READY=1. A manager that does not listen is none of our trouble."""
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager,
        ):
            manager.connect(self._address)
            manager.sendall("\n".join(fields).encode())


def _watchdog(environ: Mapping[str, str]) -> float | None:
    """WATCHDOG_PID says for whom the watchdog is meant (sd_watchdog_enabled(3))."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if microseconds.isdigit() and int(microseconds) else None
