"""What is found: decided on what systemd lists, and on real sockets of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from tests.probes.certificates import Certificates
from watchcall.events.services import Service
from watchcall.init.answers import Offer
from watchcall.init.discovery import discover, servers
from watchcall.init.discovery.disk import disk_offer
from watchcall.init.discovery.processes import process_offers
from watchcall.init.discovery.servers import Listener, listeners, server_offers
from watchcall.init.discovery.services import service_offers

USR, ETC = "/usr/lib/systemd/system/", "/etc/systemd/system/"


def service(name: str, state: str = "running enabled", path: str = USR) -> Service:
    sub, enabled = state.split()
    active = {"running": "active", "exited": "active", "dead": "inactive", "failed": "failed"}[sub]
    unit = f"{name}.service"
    return Service(unit=unit, active=active, sub=sub, enabled=enabled, path=f"{path}{unit}")


@pytest.mark.parametrize(
    ("one", "offered"),
    [
        pytest.param(service("httpd"), "usual", id="a web server"),
        pytest.param(service("nginx", "running disabled"), "usual", id="started by hand"),
        pytest.param(service("postgresql@15-main", "running enabled-runtime"), "usual", id="db"),
        pytest.param(service("postgresql-16"), "usual", id="RHEL's name of it"),
        pytest.param(service("postgresql", "exited enabled"), None, id="Debian's stand-in"),
        pytest.param(service("php8.2-fpm"), "usual", id="a version in its name"),
        pytest.param(service("sshd"), "possible", id="seldom worth a call"),
        pytest.param(service("nginx", "dead enabled"), "possible", id="enabled and stopped"),
        pytest.param(service("nginx", "failed enabled"), "possible", id="enabled and failed"),
        pytest.param(service("nginx", "dead disabled"), None, id="installed and not used"),
        pytest.param(service("shop", path=ETC), "usual", id="the operator's own"),
        pytest.param(service("shop", "running static", ETC), None, id="started by another unit"),
        pytest.param(service("systemd-logind", "running static"), None, id="systemd's own"),
        pytest.param(service("polkit"), None, id="a package's that nobody is called for"),
        pytest.param(service("watchcall", path=ETC), None, id="who cannot watch itself"),
    ],
)
def test_which_services_are_offered(one: Service, offered: str | None) -> None:
    offers = service_offers([one])

    assert [("possible", "usual")[offer.usual] for offer in offers] == (
        [offered] if offered else []
    )


def test_what_is_usual_comes_first() -> None:
    listed = [service("sshd"), service("nginx", "dead enabled"), service("redis"), service("httpd")]

    assert [offer.name for offer in service_offers(listed)] == ["httpd", "redis", "sshd", "nginx"]


def test_an_instance_has_a_name_that_can_be_said() -> None:
    (offer,) = service_offers([service("postgresql@15-main")])

    assert (offer.name, offer.target) == ("postgresql-15-main", "postgresql@15-main.service")


# Sockets


@contextlib.asynccontextmanager
async def answering(
    reply: bytes, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Answer every line with these bytes; give the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await reader.readuntil(b"\n")
            writer.write(reply)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, host, 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def found_on(port: int) -> list[Offer]:
    """Return what is found there; servers of tests that run beside us count who asks them."""
    real = psutil.net_connections

    def one_alone(kind: str) -> list[Any]:
        return [one for one in real(kind) if one.laddr and one.laddr.port == port]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psutil, "net_connections", one_alone)
        return await server_offers()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        pytest.param(OK, 200, id="HTTP"),
        pytest.param(b"HTTP/1.0 404 Not Found\r\n\r\n", 404, id="old HTTP"),
        pytest.param(b"HTTP/1.1 503\r\n\r\n", 503, id="a status without words"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", 400, id="a refusal"),
    ],
)
async def test_a_web_server_is_proven_by_its_answer(reply: bytes, status: int) -> None:
    async with answering(reply) as port:
        (offer,) = await found_on(port)

    assert (offer.name, offer.kind, offer.status) == (f"web-{port}", "http", status)
    assert offer.target == f"http://127.0.0.1:{port}/"
    assert offer.runs is (status < 500)
    assert offer.owner  # our own process is nobody's secret


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="another protocol"),
        pytest.param(b"", id="a farewell"),
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x46", id="bytes"),
        pytest.param(b"HTTP/1.1 " + b"9" * 100_000, id="a line without an end"),
        pytest.param(b"HTTP/1.1 999 what\r\n", id="a status that is none"),
    ],
)
async def test_what_speaks_otherwise_is_no_web_server(reply: bytes) -> None:
    async with answering(reply) as port:
        assert await found_on(port) == []


async def test_who_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "DEADLINE_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert await found_on(silent.getsockname()[1]) == []


async def test_https_is_found_whoever_vouches_for_it(tmp_path: Path) -> None:
    tls = Certificates(tmp_path).server()
    async with answering(OK, tls=tls) as port:
        (offer,) = await found_on(port)

    assert offer.target == f"https://127.0.0.1:{port}/"


async def test_https_is_found_where_plain_words_are_refused_with_400(tmp_path: Path) -> None:
    """As nginx and Apache do it: one port, and a sentence for who does not encrypt."""
    tls = Certificates(tmp_path).server()
    refusal = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):  # closed: the test is over
                while True:
                    peer, _ = server.accept()
                    encrypted = peer.recv(1, socket.MSG_PEEK) == b"\x16"
                    with tls.wrap_socket(peer, server_side=True) if encrypted else peer as one:
                        one.recv(4096)
                        one.sendall(OK if encrypted else refusal)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        (offer,) = await found_on(port)
        server.shutdown(socket.SHUT_RDWR)
        await asyncio.to_thread(thread.join)

    assert (offer.target, offer.status) == (f"https://127.0.0.1:{port}/", 200)


async def test_ipv6_alone_is_found_too() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    async with answering(OK, host="::1") as port:
        (offer,) = await found_on(port)

    assert offer.target == f"http://[::1]:{port}/"


def test_ports_of_databases_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some take a GET for an attack, and say so in their logs."""

    def connection(ip: str, port: int, status: str = psutil.CONN_LISTEN) -> SimpleNamespace:
        return SimpleNamespace(laddr=SimpleNamespace(ip=ip, port=port), status=status, pid=None)

    there = [
        connection("0.0.0.0", 80),
        connection("::", 80),
        connection("127.0.0.1", 6379),
        connection("127.0.0.1", 5432),
        connection("192.0.2.1", 8080),
        connection("::1", 8081),
        connection("::ffff:127.0.0.1", 8082),
        connection("127.0.0.1", 8083, psutil.CONN_ESTABLISHED),
        connection("127.0.0.1", 8129),
    ]
    monkeypatch.setattr(psutil, "net_connections", lambda kind: there)

    assert listeners([8129]) == [
        Listener(80, "127.0.0.1"),
        Listener(8081, "::1"),
        Listener(8082, "127.0.0.1"),
    ]


# A machine without systemd


def test_without_systemd_known_servers_are_found_by_their_processes() -> None:
    program = os.path.realpath(sys.executable)
    code = "open('/proc/self/comm', 'w').write('nginx'); print(flush=True); input()"
    with subprocess.Popen(
        ["nginx", "-c", code], executable=program, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as nginx:
        assert nginx.stdout is not None
        nginx.stdout.readline()
        found = {offer.name: offer for offer in process_offers()}
        nginx.kill()

    assert found["nginx"] == Offer(name="nginx", kind="process", target="nginx")


@pytest.mark.parametrize(("percent", "usual"), [(0, True), (94, True), (95, False), (100, False)])
def test_a_disk_that_is_full_already_would_ring_at_once(
    percent: int, usual: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = SimpleNamespace(used=percent, free=100 - percent)
    monkeypatch.setattr("shutil.disk_usage", lambda path: taken)

    assert disk_offer().usual is usual


def test_where_nothing_can_be_asked_there_is_still_the_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
    monkeypatch.setattr(psutil, "net_connections", lambda kind: [])
    found = discover()

    assert found.units is None
    assert found.offers[-1] == disk_offer()
    assert {offer.kind for offer in found.offers} <= {"process", "host"}
