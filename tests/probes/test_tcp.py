"""What a TCP check sees of servers on loopback, of good and of bad manners."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.probes.certificates import Certificates
from tests.probes.servers import Act, Drip, Hang, Reset, serving
from watchcall.core.check import Check, HttpTarget, Limits, TcpTarget
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes import beside
from watchcall.probes.line import alternating, most_telling
from watchcall.probes.tcp import MOST, TcpProbe, decoded

SOON = timedelta(milliseconds=300)  # for what never comes
SMTP = b"220 mail.example.com ESMTP\r\n"


def check(
    port: int,
    timeout: timedelta = timedelta(seconds=20),
    level: Level = Level.CRITICAL,
    **rest: Any,
) -> Check:
    expect = rest.pop("expect", None)
    target = TcpTarget(
        host=rest.pop("host", "127.0.0.1"),
        port=port,
        expect=re.compile(expect) if expect else None,
        **rest,
    )
    return Check(name="port", target=target, timeout=timeout, level=level)


async def look(tcp: TcpProbe, acts: Sequence[Act], **rest: Any) -> Observation:
    async with serving(acts, greets=True) as server:
        return await tcp.look(check(server.port, **rest))


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


# -- the connection


async def test_a_port_that_takes_connections_is_ok(tcp: TcpProbe) -> None:
    async with serving([Hang()], greets=True) as server:
        seen = await tcp.look(check(server.port))

    assert (seen.level, seen.reason.code) == (Level.OK, "tcp.ok")
    assert seen.evidence["remote"] == f"127.0.0.1 port {server.port}"
    assert {"dns", "connect", "total"} <= seen.evidence["ms"].keys()  # type: ignore[attr-defined]


@pytest.mark.parametrize("level", [Level.WARNING, Level.CRITICAL])
async def test_a_refused_connection_is_a_plain_failure(
    tcp: TcpProbe, closed_port: int, level: Level
) -> None:
    seen = await tcp.look(check(closed_port, level=level))

    refused = Reason.of("http.refused", host="127.0.0.1", port=closed_port)
    assert (seen.level, seen.reason) == (level, refused)


async def test_localhost_is_found_on_ipv4_where_ipv6_refuses() -> None:
    probe = TcpProbe(lambda _: ["::1", "127.0.0.1"])
    async with serving([Hang()], greets=True) as server:
        seen = await probe.look(check(server.port, host="localhost"))

    assert seen.level is Level.OK


async def test_an_ipv6_server_is_reached(tcp: TcpProbe) -> None:
    async with serving([Hang()], host="::1", greets=True) as server:
        seen = await tcp.look(check(server.port, host="::1"))

    assert (seen.level, seen.evidence["remote"]) == (Level.OK, f"::1 port {server.port}")


@contextmanager
def full(host: str, port: int = 0) -> Iterator[int]:
    """A listener that takes no more connections: the next attempt hangs."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener, callers = socket.socket(family), [socket.socket(family) for _ in range(3)]
    try:
        listener.bind((host, port))
        listener.listen(0)
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
    finally:
        for sock in (listener, *callers):
            sock.close()


async def test_an_ipv6_address_that_hangs_keeps_nobody_from_ipv4() -> None:
    probe = TcpProbe(lambda _: ["::1", "127.0.0.1"])
    async with serving([Hang()], greets=True) as server:
        with full("::1", server.port):
            seen = await probe.look(check(server.port, host="localhost"))

    assert (seen.level, seen.evidence["remote"]) == (Level.OK, f"127.0.0.1 port {server.port}")


@pytest.mark.parametrize(
    ("addresses", "order"),
    [
        (["::1", "::2", "10.0.0.1", "10.0.0.2"], ["::1", "10.0.0.1", "::2", "10.0.0.2"]),
        (["10.0.0.1", "::1", "::2"], ["10.0.0.1", "::1", "::2"]),
        (["10.0.0.1"], ["10.0.0.1"]),
    ],
)
def test_families_are_tried_in_turn(addresses: list[str], order: list[str]) -> None:
    assert alternating(addresses) == order


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        pytest.param([99, 111], 111, id="refused, where there is no IPv6 here"),
        pytest.param([101, 111], 111, id="refused, where one network has no route"),
        pytest.param([99, 113], 113, id="no route, where there is no IPv6 here"),
        pytest.param([111, 24], 24, id="without descriptors nobody was asked"),
        pytest.param([99], 99, id="ours, where there is nothing else"),
    ],
)
def test_of_several_errors_the_most_telling_is_told(errors: list[int], told: int) -> None:
    assert most_telling(OSError(number, "") for number in errors).errno == told


async def test_what_only_this_machine_did_is_unknown(
    tcp: TcpProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dial(*_: object) -> None:
        raise OSError(99, "Cannot assign requested address")

    monkeypatch.setattr("watchcall.probes.tcp.dial", dial)
    seen = await tcp.look(check(1))

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "tcp.cannot_look")


async def test_no_route_is_a_failure(tcp: TcpProbe, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dial(*_: object) -> None:
        raise OSError(113, "No route to host")

    monkeypatch.setattr("watchcall.probes.tcp.dial", dial)
    seen = await tcp.look(check(7))

    why = Reason.of("http.no_connection", host="127.0.0.1", port=7, error="No route to host")
    assert (seen.level, seen.reason) == (Level.CRITICAL, why)


async def test_a_name_without_an_address_is_a_failure(closed_port: int) -> None:
    def lookup(_: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "")

    seen = await TcpProbe(lookup).look(check(closed_port, host="db.example"))

    assert (seen.level, seen.reason) == (Level.CRITICAL, Reason.of("http.dns", host="db.example"))


async def test_a_name_server_that_hangs_holds_neither_the_loop_nor_the_look() -> None:
    may_end = threading.Event()

    def lookup(_: str) -> list[str]:
        may_end.wait(20)
        return []

    look = asyncio.create_task(TcpProbe(lookup).look(check(1, SOON, host="db.example")))
    turns = [await asyncio.sleep(0, number) for number in range(100)]
    seen = await look
    may_end.set()

    assert len(turns) == 100
    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "http.timeout.dns")


# -- what is said


@pytest.mark.parametrize(
    ("acts", "expect"),
    [
        pytest.param([SMTP], "^220 ", id="at once"),
        pytest.param([b"22", b"0 ", b"x"], "^220 x", id="in pieces"),
        pytest.param([SMTP, Hang()], "ESMTP", id="and the server waits"),
        pytest.param([b"\xff\xfb\x01 login:"], r"\xff\xfb\x01", id="bytes that are no text"),
        pytest.param(["ありがとう".encode(), Hang()], "ありがとう$", id="UTF-8"),
        pytest.param([b"x" * MOST], "x$", id="as much as is read"),
    ],
)
async def test_what_is_expected_has_come(tcp: TcpProbe, acts: list[Act], expect: str) -> None:
    seen = await look(tcp, acts, expect=expect)

    assert seen.level is Level.OK


async def test_what_is_sent_is_answered(tcp: TcpProbe) -> None:
    def answer(head: bytes) -> list[Act]:
        return [b"+PONG\r\n" if head == b"PING\r\n\r\n" else b"-ERR\r\n"]

    async with serving(answer) as server:
        seen = await tcp.look(check(server.port, send="PING\r\n\r\n", expect=r"^\+PONG"))

    assert seen.level is Level.OK
    assert seen.evidence["received"] == "+PONG"


async def test_an_expression_that_never_ends_holds_nothing_up(
    tcp: TcpProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "SLOW_S", 0.3)
    late: list[float] = []

    async def others() -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.01)
            late.append(loop.time() - before)

    ticking = asyncio.create_task(others())
    seen = await look(tcp, [b"a" * 3000 + b"!", Hang()], expect="^(a|aa)+$")
    ticking.cancel()

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "look.too_hard")
    assert len(late) > 5  # the loop went on meanwhile


@pytest.mark.parametrize(
    ("acts", "within", "reason"),
    [
        pytest.param([], None, Reason.of("http.empty"), id="closed without a word"),
        pytest.param([Reset()], None, Reason.of("http.empty"), id="reset without a word"),
        pytest.param(
            [b"550 no"], None, Reason.of("tcp.closed", pattern="^220"), id="closed after another"
        ),
        pytest.param(
            [Hang()], SOON, Reason.of("http.timeout.first_byte", seconds=0.3), id="silence"
        ),
        pytest.param(
            [b"550 no", Hang()],
            SOON,
            Reason.of("tcp.timeout.expected", pattern="^220", seconds=0.3),
            id="another, and nothing more",
        ),
        pytest.param(
            [Drip()],
            SOON,
            Reason.of("tcp.timeout.expected", pattern="^220", seconds=0.3),
            id="byte by byte for ever",
        ),
        pytest.param(
            [b"x" * (2 * MOST), Hang()],
            None,
            Reason.of("http.body_limit", limit=MOST),
            id="more than is read",
        ),
    ],
)
async def test_what_is_expected_does_not_come(
    tcp: TcpProbe, acts: list[Act], within: timedelta | None, reason: Reason
) -> None:
    given = {"timeout": within} if within else {}
    seen = await look(tcp, acts, expect="^220", **given)

    assert (seen.level, seen.reason) == (Level.CRITICAL, reason)
    assert seen.evidence["bytes"] <= MOST  # type: ignore[operator]


async def test_a_server_that_reads_nothing_holds_no_look(tcp: TcpProbe) -> None:
    with full("127.0.0.1") as port:
        seen = await tcp.look(check(port, SOON, send="x"))

    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "http.timeout.connect")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"abc", "abc"),
        ("é".encode(), "é"),
        ("né".encode()[:-1], "n"),
        (b"n\xe9", "n"),
        (b"n\xe9e", "née"),
        (b"\xff\x00", "\xff\x00"),
    ],
    ids=repr,
)
def test_bytes_are_utf8_or_latin1(data: bytes, text: str) -> None:
    assert decoded(data) == text


async def test_what_is_received_is_shown_clean(tcp: TcpProbe) -> None:
    seen = await look(tcp, [b"\x1b[31m220\r\n"], expect="220")

    assert seen.evidence["received"] == "[31m220"


@pytest.mark.parametrize(
    ("limits", "level"),
    [
        pytest.param(Limits(warning=0, critical=60), Level.WARNING, id="above the softer"),
        pytest.param(Limits(warning=0, critical=0), Level.CRITICAL, id="above both"),
        pytest.param(Limits(warning=60), Level.OK, id="below"),
    ],
)
async def test_latency_has_limits(tcp: TcpProbe, limits: Limits, level: Level) -> None:
    seen = await look(tcp, [SMTP], expect="220", latency=limits)

    assert seen.level is level
    assert seen.reason.code == ("tcp.ok" if level is Level.OK else "tcp.latency")


# -- TLS


async def secured(tcp: TcpProbe, tls: Any, **rest: Any) -> Observation:
    async with serving([SMTP, Hang()], tls=tls, greets=True) as server:
        return await tcp.look(check(server.port, tls=True, **rest))


async def test_a_good_certificate_is_ok(tcp: TcpProbe, certificates: Certificates) -> None:
    seen = await secured(tcp, certificates.server(), ca_file=certificates.ca, expect="^220")

    assert seen.level is Level.OK
    assert seen.evidence["tls"] == "TLSv1.3"


@pytest.mark.parametrize(
    ("name", "target", "reason"),
    [
        pytest.param("expired", {}, Reason.of("http.tls.expired"), id="expired"),
        pytest.param("self-signed", {}, Reason.of("http.tls.self_signed"), id="self-signed"),
        pytest.param(
            "elsewhere", {}, Reason.of("http.tls.wrong_name", host="127.0.0.1"), id="not for us"
        ),
        pytest.param(
            "elsewhere",
            {"host": "localhost"},
            Reason.of("http.tls.wrong_name", host="localhost"),
            id="not for our name",
        ),
        pytest.param(
            "good", {"ca_file": None}, Reason.of("http.tls.untrusted"), id="of nobody we know"
        ),
    ],
)
async def test_a_bad_certificate_is_a_failure(
    certificates: Certificates, name: str, target: dict[str, Any], reason: Reason
) -> None:
    probe = TcpProbe(lambda _: ["127.0.0.1"])
    seen = await secured(probe, certificates.server(name), **{"ca_file": certificates.ca, **target})

    assert (seen.level, seen.reason) == (Level.CRITICAL, reason)


@pytest.mark.parametrize("name", ["expired", "self-signed", "elsewhere"])
async def test_without_verification_any_certificate_will_do(
    tcp: TcpProbe, certificates: Certificates, name: str
) -> None:
    seen = await secured(tcp, certificates.server(name), verify_tls=False, expect="220")

    assert seen.level is Level.OK


@pytest.mark.parametrize(
    ("acts", "reason"),
    [
        pytest.param([Hang()], Reason.of("http.timeout.tls", seconds=0.3), id="silence"),
        pytest.param([Drip()], None, id="no TLS at all"),
        pytest.param([], None, id="closed"),
        pytest.param([Reset()], None, id="reset"),
    ],
)
async def test_a_handshake_that_fails_is_a_failure(
    tcp: TcpProbe, acts: list[Act], reason: Reason | None
) -> None:
    seen = await look(tcp, acts, tls=True, verify_tls=False, timeout=SOON)

    assert seen.level is Level.CRITICAL
    assert seen.reason == reason if reason else seen.reason.code == "http.tls.failed"


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_ca_file_that_is_no_good_is_our_trouble(
    tcp: TcpProbe, certificates: Certificates, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    seen = await secured(tcp, certificates.server(), ca_file=path)

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "http.file_unreadable")
    assert seen.reason["path"] == str(path)


# -- what is left behind


def sockets() -> int:
    found = Path("/proc/self/fd").iterdir()
    return sum(str(fd.readlink()).startswith("socket:") for fd in found if fd.is_symlink())


@pytest.mark.parametrize("tls", [False, True])
async def test_a_look_leaves_no_socket_however_it_ends(tcp: TcpProbe, tls: bool) -> None:
    async with serving([Drip()], greets=True) as server:
        before = sockets()
        looks = [
            asyncio.create_task(
                tcp.look(check(server.port, SOON, tls=tls, verify_tls=False, expect="y"))
            )
            for _ in range(5)
        ]
        await server.asked.wait()
        looks[0].cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        for _ in range(200):  # until the server has noticed too
            if sockets() <= before:
                break
            await asyncio.sleep(0.01)

        assert sockets() <= before


async def test_a_check_of_another_type_is_a_mistake_of_ours(tcp: TcpProbe) -> None:
    with pytest.raises(TypeError):
        await tcp.look(replace(check(1), target=HttpTarget(url="http://127.0.0.1/")))
