"""Web servers on this machine: found by the sockets that listen, proven by a GET on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from watchcall.init.answers import Offer

DEADLINE_S = 2.0  # of one question
MOST = 64  # sockets that are asked; a machine with more has a list of its own
AT_ONCE = 8
LINE = 4096  # bytes within which an answer says what it is
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r\n]")
PASSING = Path("/proc/sys/net/ipv4/ip_local_port_range")  # from there on ports are anybody's
# These answer no GET, and some take one for an attack and say so in their logs.
NOT_HTTP = {
    *(21, 22, 23, 25, 53, 88, 110, 111, 119, 123, 139, 143, 389, 445, 464, 465, 514, 587, 636),
    *(853, 873, 990, 993, 995, 1433, 1521, 1883, 2049, 3306, 3389, 4369, 5432, 5433, 5671, 5672),
    *(5900, 6379, 6380, 6432, 8883, 9042, 9092, 11211, 11214, 16379, 25672, 26379, 27017, 33060),
}
NOT_HTTP_PROCESSES = {
    *("sshd", "postgres", "mysqld", "mariadbd", "redis-server", "valkey-server", "memcached"),
    *("mongod", "master", "exim4", "dovecot", "named", "systemd-resolved", "rpcbind", "chronyd"),
    *("beam.smp", "epmd", "mosquitto", "smbd", "slapd", "unbound", "dnsmasq"),
}


@dataclass(frozen=True, slots=True, order=True)
class Listener:
    """A socket that listens where loopback leads to.

    owner: the name of its process, "" where that cannot be seen
    """

    port: int
    host: str  # 127.0.0.1 or another of loopback, ::1
    owner: str = ""


def listeners(without: Iterable[int] = ()) -> list[Listener]:
    """Return what may be a web server, one for each port. `without`: ports that are known."""
    names: dict[int | None, str] = {}
    found: dict[int, Listener] = {}
    with contextlib.suppress(psutil.Error, OSError):  # what cannot be seen is not found
        for one in psutil.net_connections(kind="tcp"):
            if one.status != psutil.CONN_LISTEN or not one.laddr:
                continue
            if one.laddr.port in {*NOT_HTTP, *without}:
                continue
            host = _reached_at(one.laddr.ip)
            owner = names.setdefault(one.pid, _name(one.pid))
            if host is None or owner in NOT_HTTP_PROCESSES:
                continue
            here = Listener(one.laddr.port, host, owner)
            found[here.port] = min(here, found.get(here.port, here))
    return [found[port] for port in sorted(found)][:MOST]


def _reached_at(address: str) -> str | None:
    """Return where on loopback a listening address is reached, None where it is not."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_unspecified:
        # A socket of IPv6 takes IPv4 as well, unless it was told not to: see `_ask`.
        return "127.0.0.1"
    return str(ip) if ip.is_loopback else None


def _name(pid: int | None) -> str:
    try:
        return "" if pid is None else psutil.Process(pid).name()
    except psutil.Error:
        return ""


async def server_offers(without: Iterable[int] = ()) -> list[Offer]:
    """Return the web servers that answer."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(listener: Listener) -> Offer | None:
        async with gate:
            return await _ask(listener)

    asked = await asyncio.gather(*map(one, listeners(without)))
    return [offer for offer in asked if offer]


async def _ask(listener: Listener) -> Offer | None:
    """A server of https may say 400 to plain words; then it is asked once more, in secret."""
    for host in dict.fromkeys((listener.host, "::1")):
        plain = await _get(host, listener.port, tls=False)
        if plain and plain != 400:
            return _offer(listener, host, plain, tls=False)
        if secret := await _get(host, listener.port, tls=True):
            return _offer(listener, host, secret, tls=True)
        if plain:
            return _offer(listener, host, plain, tls=False)
    return None


def _offer(listener: Listener, host: str, status: int, *, tls: bool) -> Offer:
    scheme, usual_port = ("https", 443) if tls else ("http", 80)
    place = f"[{host}]" if ":" in host else host
    port = "" if listener.port == usual_port else f":{listener.port}"
    return Offer(
        name=f"web-{listener.port}",
        kind="http",
        target=f"{scheme}://{place}{port}/",
        usual=status < 500 and listener.port < _first_passing(),
        runs=status < 500,
        status=status,
        owner=listener.owner,
    )


def _first_passing() -> int:
    """Return from which port on the kernel gives ports to whoever asks for any."""
    try:
        return int(PASSING.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 32768


async def _get(host: str, port: int, *, tls: bool) -> int | None:
    """Return the status of `GET /`, None where what answers is not HTTP, or nothing is."""
    with contextlib.suppress(OSError, EOFError, ValueError, asyncio.LimitOverrunError):
        async with asyncio.timeout(DEADLINE_S):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=_anybody() if tls else None, limit=LINE
            )
            try:
                name = f"[{host}]" if ":" in host else host
                words = f"GET / HTTP/1.1\r\nHost: {name}:{port}\r\nUser-Agent: watchcall-init\r\n"
                writer.write(f"{words}Connection: close\r\n\r\n".encode())
                found = STATUS_LINE.match(await reader.readuntil(b"\n"))
                return int(found[1]) if found else None
            finally:
                writer.transport.abort()  # no farewell that could hang
    return None


def _anybody() -> ssl.SSLContext:
    """Trust whoever answers: we only look, and loopback is in no certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
