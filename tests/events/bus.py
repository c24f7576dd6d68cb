"""A bus of one's own: a real dbus-daemon on a socket in a folder."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

DAEMON = shutil.which("dbus-daemon")
needs_dbus = pytest.mark.skipif(DAEMON is None, reason="needs dbus-daemon (Debian: dbus-daemon)")

CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="*"/>
    <allow receive_type="*"/>
  </policy>
</busconfig>
"""


class PrivateBus:
    """Runs a dbus-daemon between `start` and `stop`; it may be started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "bus"
        self.address = f"unix:path={self.socket}"
        self._config = folder / "bus.conf"
        self._config.write_text(CONFIG.format(socket=self.socket))
        self._daemon: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        assert DAEMON is not None
        self.socket.unlink(missing_ok=True)
        self._daemon = await asyncio.create_subprocess_exec(
            *(DAEMON, f"--config-file={self._config}", "--nofork", "--print-address"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._daemon.stdout is not None
        assert await self._daemon.stdout.readline(), "dbus-daemon did not start"

    async def stop(self) -> None:
        if self._daemon is not None:
            self._daemon.kill()
            await self._daemon.communicate()
            self._daemon = None
