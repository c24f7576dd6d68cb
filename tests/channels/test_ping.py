"""A heartbeat: what is sent, and what is made of every answer."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.outlets import listening, saying
from tests.probes.certificates import Certificates
from watchcall.channels.ping import Ping

SECRET = "/T0K3N?key=s3cr3t"


async def wrong(url: str, seconds: float = 5) -> str | None:
    found = await Ping(f"{url}{SECRET}", url, timedelta(seconds=seconds)).send()
    assert "T0K3N" not in str(found)
    return found


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("200 OK", None),
        ("204 No Content", None),
        ("404 Not Found", "answers 404"),
        ("500 Oops", "answers 500"),
    ],
)
async def test_any_2xx_has_taken_it(status: str, said: str | None) -> None:
    async with listening(saying(status)) as watcher:
        found = await wrong(watcher.url)
        expected = said and f"{watcher.url} {said}"

    assert found == expected
    assert watcher.asked[0][0].startswith(f"GET {SECRET} HTTP/1.1\r\n")


async def test_no_redirect_is_followed() -> None:
    async with (
        listening(saying("200 OK")) as other,
        listening(saying("302 Found", f"Location: {other.url}\r\n")) as watcher,
    ):
        said = await wrong(watcher.url)

    assert said == f"{watcher.url} answers 302, and no redirect is followed"
    assert other.asked == []


async def test_an_answer_without_end_is_not_waited_for() -> None:
    began = time.monotonic()
    async with listening(b"HTTP/1.1 200 OK\r\nx: ", hangs=True) as watcher:
        assert await wrong(watcher.url, 0.3) == f"{watcher.url} did not answer within 0.3 s"
    assert time.monotonic() - began < 5


async def test_where_nobody_listens() -> None:
    async with listening(b"") as gone:
        url = gone.url

    assert await wrong(url) == f"{url} cannot be reached (Connection refused)"


async def test_who_cannot_prove_who_they_are_is_told_nothing(tmp_path: Path) -> None:
    context = Certificates(tmp_path).server("self-signed")
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    assert await wrong(url) == f"{url} cannot be trusted: its certificate is not in order"
    server.close()


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(saying("200 OK")) as proxy, listening(saying("200 OK")) as watcher:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        await wrong(watcher.url)

    assert (len(proxy.asked), len(watcher.asked)) == (0, 1)
