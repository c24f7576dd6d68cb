"""Keys of `type = "http"` in each other's company: what the contract says, a claim a line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.probes.certificates import Certificates
from tests.probes.servers import OK, Act, answer, listening, redirect, serving
from watchcall.core.check import Check, HttpTarget, JsonRule, Limits, StatusRule
from watchcall.core.health import Level
from watchcall.probes.http import HttpProbe


def check(url: str, **target: Any) -> Check:
    return Check(name="web", target=HttpTarget(url=url, **target), timeout=timedelta(seconds=20))


CLAIMS = [
    # keys, reply, code, claim
    ({"method": "HEAD", "contains": "x"}, b"", "http.lacks", "HEAD has no content to find"),
    ({"status": StatusRule(ok=((404, 404),)), "contains": "gone"}, answer("gone", status="404 No"),
     "http.ok", "content is judged whatever the status"),
    ({"contains": "x"}, answer("y", status="500 No"), "http.status",
     "of two failures the status is told"),
    ({"contains": "x", "latency": Limits(warning=0)}, answer("y"), "http.lacks",
     "a critical rule is told before a warning"),
    ({"matches": re.compile("^b$", re.MULTILINE)}, answer("a\nb\nc"), "http.ok",
     "flags of an expression hold"),
    ({"matches": re.compile("end$"), "max_body": 3}, answer("endless"), "http.body_limit",
     "what matches only because reading stopped does not match"),
    ({"matches": re.compile(r"\A[^x]*\Z"), "max_body": 3}, answer("aaax"), "http.body_limit",
     "nor what says that all is well to the end"),
    ({"matches": re.compile("a"), "max_body": 3}, answer("aaax"), "http.ok",
     "what matches whatever follows is enough"),
    ({"contains": "aa", "max_body": 3}, answer("aaax"), "http.ok", "so is what was found"),
    ({"json": JsonRule(path="$.a", equals=1)}, answer('\ufeff{"a": 1}'), "http.ok",
     "a byte order mark is no error"),
    ({"json": JsonRule(path="$.a", equals=1)}, answer('{"a": 1, "a": 2}'), "http.json_differs",
     "of a key that comes twice the last counts"),
    ({"json": JsonRule(path="$.a", equals=1)}, answer('{"a": NaN}'), "http.json_invalid",
     "NaN is no JSON"),
    ({"not_contains": "x", "contains": "a"}, answer("a"), "http.ok", "both content rules hold"),
    ({"certificate": Limits(warning=1), "contains": "x"}, answer("y"), "http.lacks",
     "a failure is told before what cannot be judged"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "reply", "code"), [pytest.param(*claim[:3], id=claim[3]) for claim in CLAIMS]
)
async def test_claims(http: HttpProbe, keys: dict[str, Any], reply: bytes, code: str) -> None:
    async with serving([reply or OK]) as server:
        seen = await http.look(check(server.url(), **keys))

    assert seen.reason.code == code


async def test_latency_is_that_of_all_redirects_together(http: HttpProbe) -> None:
    def script(head: bytes) -> Sequence[Act]:
        return [OK] if b" /there " in head else [redirect("/there")]

    async with serving(script) as server:
        seen = await http.look(
            check(server.url(), follow_redirects=True, latency=Limits(critical=60))
        )

    (latency,) = [one for one in seen.evidence["rules"] if one["rule"] == "latency"]  # type: ignore[attr-defined]  # JSON
    assert latency["saw"] > 0
    assert seen.evidence["took_ms"] == pytest.approx(latency["saw"] * 1000, abs=0.2)
    assert latency["saw"] * 1000 > seen.evidence["ms"]["total"]  # type: ignore[index]  # JSON


async def test_the_certificate_is_that_of_the_url_wherever_connect_to_leads(
    certificates: Certificates, http: HttpProbe
) -> None:
    for name, code in (("elsewhere", "http.ok"), ("good", "http.tls.wrong_name")):
        async with serving([OK], tls=certificates.server(name)) as server:
            seen = await http.look(
                check(
                    "https://elsewhere.example/",
                    ca_file=certificates.ca,
                    connect_to=("127.0.0.1", server.port),
                )
            )
        assert seen.reason.code == code


async def test_connect_to_takes_an_ipv6_address(http: HttpProbe) -> None:
    async with serving([OK], host="::1") as server:
        seen = await http.look(check("http://web.example/", connect_to=("::1", server.port)))

    assert seen.level is Level.OK


async def test_connect_to_holds_for_the_url_of_the_check_and_no_other(http: HttpProbe) -> None:
    async with serving([OK]) as other, serving([redirect(other.url())]) as home:
        seen = await http.look(
            check("http://web.example/", connect_to=("127.0.0.1", home.port), follow_redirects=True)
        )

    assert (seen.level, seen.evidence["url"]) == (Level.OK, other.url())


async def test_credentials_of_a_url_stay_with_its_host_too(http: HttpProbe) -> None:
    async with serving([OK]) as other, serving([redirect(other.url())]) as home:
        url = home.url().replace("//", "//me:secret@")
        seen = await http.look(check(url, follow_redirects=True))

    assert seen.level is Level.OK
    assert b"Authorization: Basic" in home.requests[0]
    assert b"Authorization" not in other.requests[0]


async def test_a_password_may_hold_anything(http: HttpProbe, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("pä:ss word\n")
    async with serving([OK]) as server:
        await http.look(check(server.url(), username="me", password_file=tmp_path / "password"))

    assert b"Authorization: Basic bWU6cMOkOnNzIHdvcmQ=\r\n" in server.requests[0]


@asynccontextmanager
async def tunnel() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A proxy that does CONNECT, and to 127.0.0.1 whatever it is asked for."""
    asked: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
            writer.write_eof()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head)
        port = int(head.split()[1].rpartition(b":")[2])
        there, back = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        try:
            await asyncio.gather(pump(reader, back), pump(there, writer))
        finally:
            back.close()

    async with listening(talk) as port:
        yield port, asked


async def test_a_proxy_sees_no_secret_of_an_https_check(
    certificates: Certificates, http: HttpProbe, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("secret")
    async with (
        serving([OK], tls=certificates.server("elsewhere")) as server,
        tunnel() as (port, asked),
    ):
        seen = await http.look(
            check(
                f"https://elsewhere.example:{server.port}/",
                proxy=f"http://127.0.0.1:{port}",
                ca_file=certificates.ca,
                bearer_token_file=tmp_path / "token",
                headers=(("X-Key", "secret"),),
            )
        )

    assert seen.level is Level.OK
    assert server.requests[0].count(b"secret") == 2
    assert b"secret" not in asked[0]
