"""What an HTTPS check sees of certificates; and what it sees without file descriptors."""

from __future__ import annotations

import asyncio
import os
import resource
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.probes.certificates import Certificates
from tests.probes.servers import OK, Hang, listening, redirect, serving
from watchcall.core.check import Check, HttpTarget, Limits
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes.http import HttpProbe
from watchcall.probes.visit import parse_expiry

DAY = 86400


# The beginning of what a server says in HTTP/2: its settings.
HTTP_2 = b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0d\0\4\0@\0\0\0\2\0\0\0\0"


def check(url: str, timeout: timedelta = timedelta(seconds=20), **target: Any) -> Check:
    return Check(name="web", target=HttpTarget(url=url, **target), timeout=timeout)


async def look(certificates: Certificates, name: str = "good", **target: Any) -> Observation:
    probe = HttpProbe()
    async with serving([OK], tls=certificates.server(name)) as server:
        seen = await probe.look(check(server.url(), **{"ca_file": certificates.ca, **target}))
    probe.close()
    return seen


async def test_a_good_certificate_is_ok(certificates: Certificates) -> None:
    seen = await look(certificates)

    assert seen.level is Level.OK
    assert seen.evidence["certificate_days"] == pytest.approx(30, abs=0.1)


@pytest.mark.parametrize(
    ("speaks", "says", "chosen", "level", "code"),
    [
        pytest.param(["h2", "http/1.1"], OK, "http/1.1", Level.OK, "http.ok", id="can, too"),
        pytest.param(["http/1.1"], OK, "http/1.1", Level.OK, "http.ok", id="cannot"),
        pytest.param(["h2"], HTTP_2, None, Level.CRITICAL, "http.garbage", id="can nothing else"),
    ],
)
async def test_http_2_is_not_offered_to_a_server_that(
    certificates: Certificates,
    speaks: list[str],
    says: bytes,
    chosen: str | None,
    level: Level,
    code: str,
) -> None:
    context, agreed = certificates.server(), list[str | None]()
    context.set_alpn_protocols(speaks)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agreed.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(says)
        await writer.drain()

    probe = HttpProbe()
    async with listening(talk, context) as port:
        seen = await probe.look(check(f"https://127.0.0.1:{port}/", ca_file=certificates.ca))
    probe.close()

    assert (seen.level, seen.reason.code) == (level, code)
    assert agreed == [chosen]


@pytest.mark.parametrize(
    ("name", "target", "reason"),
    [
        pytest.param("expired", {}, Reason.of("http.tls.expired"), id="expired"),
        pytest.param("not-yet", {}, Reason.of("http.tls.not_yet_valid"), id="not valid yet"),
        pytest.param("self-signed", {}, Reason.of("http.tls.self_signed"), id="self-signed"),
        pytest.param(
            "elsewhere", {}, Reason.of("http.tls.wrong_name", host="127.0.0.1"), id="not for us"
        ),
        pytest.param(
            "good", {"ca_file": None}, Reason.of("http.tls.untrusted"), id="of nobody we know"
        ),
    ],
)
async def test_a_bad_certificate_is_a_failure(
    certificates: Certificates, name: str, target: dict[str, Any], reason: Reason
) -> None:
    seen = await look(certificates, name, **target)

    assert (seen.level, seen.reason) == (Level.CRITICAL, reason)


@pytest.mark.parametrize("name", ["expired", "self-signed", "elsewhere"])
async def test_a_bad_certificate_is_ok_where_nobody_verifies(
    certificates: Certificates, name: str
) -> None:
    assert (await look(certificates, name, verify_tls=False)).level is Level.OK


@pytest.mark.parametrize(
    ("name", "days", "limits", "level", "code"),
    [
        pytest.param("good", 0, Limits(warning=21 * DAY), Level.OK, "http.ok", id="time enough"),
        pytest.param(
            "good", 15, Limits(warning=21 * DAY), Level.WARNING, "http.certificate.days", id="soon"
        ),
        pytest.param(
            "good",
            28.5,
            Limits(warning=21 * DAY, critical=7 * DAY),
            Level.CRITICAL,
            "http.certificate.hours",
            id="tomorrow",
        ),
        pytest.param(
            "expired",
            0,
            Limits(critical=7 * DAY),
            Level.CRITICAL,
            "http.certificate.expired",
            id="yesterday",
        ),
    ],
)
async def test_a_certificate_has_time_left(
    certificates: Certificates, name: str, days: float, limits: Limits, level: Level, code: str
) -> None:
    probe = HttpProbe(now=lambda: datetime.now(UTC) + timedelta(days=days))
    async with serving([OK], tls=certificates.server(name)) as server:
        seen = await probe.look(check(server.url(), verify_tls=False, certificate=limits))
    probe.close()

    assert (seen.level, seen.reason.code) == (level, code)


async def test_every_look_sees_the_certificate(certificates: Certificates, http: HttpProbe) -> None:
    """A resumed TLS session would show none, and would no longer verify the one it had."""
    limits = Limits(critical=DAY)
    async with serving([OK], tls=certificates.server()) as server:
        wanted = check(server.url(), ca_file=certificates.ca, certificate=limits)
        one_by_one = [await http.look(wanted) for _ in range(3)]
        together = await asyncio.gather(*(http.look(wanted) for _ in range(20)))

    assert {seen.reason.code for seen in [*one_by_one, *together]} == {"http.ok"}


async def test_without_tls_there_is_no_certificate_to_judge(http: HttpProbe) -> None:
    async with serving([OK]) as server:
        seen = await http.look(check(server.url(), certificate=Limits(critical=DAY)))

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "http.no_certificate")


async def test_an_authority_that_is_renewed_is_read_anew(
    certificates: Certificates, http: HttpProbe, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(certificates.pair("self-signed")[0].read_bytes())
    async with serving([OK], tls=certificates.server()) as server:
        before = await http.look(check(server.url(), ca_file=ca))
        ca.write_bytes(certificates.ca.read_bytes())
        after = await http.look(check(server.url(), ca_file=ca))

    assert (before.reason.code, after.level) == ("http.tls.untrusted", Level.OK)


async def test_an_authority_that_is_none_is_our_trouble(
    certificates: Certificates, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")

    seen = await look(certificates, ca_file=tmp_path / "ca.pem")

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "http.cannot_look")


async def test_a_client_shows_its_certificate(certificates: Certificates) -> None:
    probe, server_side = HttpProbe(), certificates.server()
    server_side.verify_mode = ssl.CERT_REQUIRED
    server_side.load_verify_locations(certificates.ca)
    certificate, key = certificates.pair()
    async with serving([OK], tls=server_side) as server:
        known = await probe.look(
            check(server.url(), ca_file=certificates.ca, client_cert=certificate, client_key=key)
        )
        unknown = await probe.look(check(server.url(), ca_file=certificates.ca))
    probe.close()

    assert known.level is Level.OK
    assert unknown.level is Level.CRITICAL


async def test_a_client_key_that_does_not_fit_is_our_trouble(certificates: Certificates) -> None:
    certificate, _ = certificates.pair()
    _, other_key = certificates.pair("elsewhere")

    seen = await look(certificates, client_cert=certificate, client_key=other_key)

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "http.cannot_look")


async def test_a_handshake_that_never_ends_is_told_from_a_slow_answer(http: HttpProbe) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]

    seen = await http.look(check(f"https://127.0.0.1:{port}/", timedelta(milliseconds=300)))

    listener.close()
    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "http.timeout.tls")


async def test_http_spoken_to_a_tls_port_is_a_failure(
    certificates: Certificates, http: HttpProbe
) -> None:
    async with serving([OK], tls=certificates.server()) as server:
        seen = await http.look(check(server.url().replace("https:", "http:")))

    assert seen.level is Level.CRITICAL


async def test_a_redirect_may_add_tls_but_not_take_it_away(
    certificates: Certificates, http: HttpProbe
) -> None:
    target: dict[str, Any] = {"follow_redirects": True, "ca_file": certificates.ca}
    async with (
        serving([OK]) as plain,
        serving([OK], tls=certificates.server()) as secure,
        serving([redirect(secure.url())]) as up,
        serving([redirect(plain.url())], tls=certificates.server()) as down,
    ):
        better = await http.look(check(up.url(), **target))
        worse = await http.look(check(down.url(), **target))

    assert better.level is Level.OK
    assert worse.reason == Reason.of("http.status", status=302)
    assert plain.requests == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param("Nov 19 13:01:17 2026 GMT", 19, id="as OpenSSL writes"),
        pytest.param("Nov  9 13:01:17 2026 GMT", 9, id="with one digit"),
        pytest.param("2026-11-19 13:01:17 GMT", 19, id="as GnuTLS writes"),
    ],
)
def test_dates_of_certificates_are_read(text: str, day: int) -> None:
    assert parse_expiry(text) == datetime(2026, 11, day, 13, 1, 17, tzinfo=UTC)


def test_a_date_that_is_none_is_none() -> None:
    assert parse_expiry("soon") is None


@contextmanager
def descriptors_left(number: int) -> Iterator[None]:
    """Use up all file descriptors but so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = max(int(fd.name) for fd in Path("/proc/self/fd").iterdir()) + 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    held: list[int] = []
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        for _ in range(number):
            os.close(held.pop())
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for fd in held:
            os.close(fd)


@pytest.mark.parametrize("left", [0, 1, 20])  # twenty are kept for others
async def test_without_descriptors_nothing_is_down(
    certificates: Certificates, http: HttpProbe, left: int
) -> None:
    async with serving([Hang()], tls=certificates.server()) as server:
        await http.look(check("http://127.0.0.1:1/"))
        with descriptors_left(left):
            address = await http.look(check(server.url(), timedelta(seconds=1)))
            name = await http.look(check("http://no-such-name.invalid/"))

    assert (address.level, name.level) == (Level.UNKNOWN, Level.UNKNOWN)
