"""WatchCall is stopped for a while, as a debugger or a frozen cgroup does it: no outage follows."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from tests.daemon.server import server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
CHECK = """
[[check]]
name = "web"
type = "http"
url = "http://127.0.0.1:{port}/"
timeout = "500ms"
fail_after = 1
"""


class Site:
    """Answers at once, except while it is busy."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.asked = asyncio.Event()
        self.free.set()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.readline()).startswith(b"GET"):  # a look, and not a connection to be held
            self.asked.set()
            await self.free.wait()
        writer.write(OK)
        await writer.drain()
        writer.close()


async def test_a_look_that_was_stopped_in_its_middle_is_no_outage(tmp_path: Path) -> None:
    site = Site()
    listener = await asyncio.start_server(site.talk, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, server(tmp_path) as web1:
        web1.configure(CHECK.format(port=port))
        await web1.start()
        await web1.until(site.asked.is_set)
        site.free.clear()
        site.asked.clear()
        await web1.until(site.asked.is_set)  # a look is in its middle

        assert web1.daemon is not None
        web1.daemon.send_signal(signal.SIGSTOP)
        await asyncio.sleep(1.5)  # its deadline passes while it does not run
        web1.daemon.send_signal(signal.SIGCONT)
        await web1.logged("check 'web' could not look")
        site.free.set()
        await web1.kill_httpd()  # shows that looks go on
        await web1.logged("channel 'phone': reached")

        assert {one["check"] for one in await web1.json("incidents")} == {"httpd"}
