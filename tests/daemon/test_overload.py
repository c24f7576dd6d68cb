"""Far more checks than this machine can take: looks are left out, and nobody is called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.daemon.server import server

CHECKS = 1500  # at 100 ms, 15,000 looks a second: no machine takes so many, one after the other
# A fast machine is late, too, but not by so much.
IMPATIENT = "import watchcall.core.shedding as shedding; shedding.LATE_S = 0.08"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Quick(asyncio.Protocol):
    """Answers whatever it is asked."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(REPLY)
        self._transport.close()


@asynccontextmanager
async def web() -> AsyncIterator[str]:
    listening = await asyncio.get_running_loop().create_server(Quick, "127.0.0.1", 0, backlog=1000)
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    listening.close()


def checks(url: str, count: int) -> str:
    return "".join(
        f'\n[[check]]\nname = "web-{n}"\ntype = "http"\nurl = "{url}{n}"\ninterval = "100ms"\n'
        for n in range(count)
    )


async def test_too_many_checks_call_nobody_and_once_there_are_fewer_all_is_looked_at_again(
    tmp_path: Path,
) -> None:
    async with server(tmp_path, hurry=IMPATIENT) as web1, web() as url:
        web1.configure(checks(url, CHECKS))
        await web1.start()
        await web1.logged("this machine is too slow")
        crowded = await web1.json("status")
        assert crowded["looks"]["shed"] > 0
        assert [one["name"] for one in crowded["checks"] if one["state"] == "failing"] == []

        web1.configure(checks(url, 3))
        code, _, err = await web1.run("reload")
        assert code == 0, err
        status = crowded
        while status["looks"]["share"] < 1 or any(one["state"] != "ok" for one in status["checks"]):
            status = await web1.json("status")
        assert web1.simulator.calls == []

        await web1.kill_httpd()
        await web1.until(lambda: web1.rung(1))
    assert "httpd" in web1.words[0]
