"""Each bad manner of a server ends in time, with the right reason, and in bounded memory."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.probes.hostile import AT_TIMEOUT, HANDSHAKES, MIB, OURS, ROWS, WAYS, Row, Shown
from tests.probes.servers import OK, listening, serving
from watchcall.clock import SystemClock
from watchcall.core.check import Check, HttpTarget
from watchcall.core.health import Level
from watchcall.core.words.en import ENGLISH
from watchcall.looks import look
from watchcall.probes.http import HttpProbe

MOST_MIB = 10  # how far one look may raise the memory of the process; a body may have 1 MiB

# Looks at one server after the other; says by how many bytes the peak was above the beginning.
LOOKER = """
import asyncio, json, re, sys
from datetime import timedelta
from pathlib import Path
from tests.probes.hostile import AT_TIMEOUT, ROWS
from watchcall.core.check import Check, HttpTarget
from watchcall.probes.http import HttpProbe

def memory(name):
    found = re.search(name + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024

async def main():
    probe = HttpProbe()
    for number, url in json.load(sys.stdin):
        row = ROWS[number]
        seconds = timedelta(seconds=1 if row.after == AT_TIMEOUT else 20)
        check = Check(name="web", target=HttpTarget(url=url, **row.target), timeout=seconds)
        Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets VmHWM
        before = memory("VmRSS")
        seen = await probe.look(check)
        print(json.dumps([seen.reason.code, memory("VmHWM") - before]), flush=True)
    probe.close()

asyncio.run(main())
"""

DOCUMENT = Path(__file__).parents[2] / "docs/reference/looks.md"
SHORT, LONG = timedelta(milliseconds=500), timedelta(seconds=30)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS])
async def test_what_a_look_makes_of_it(http: HttpProbe, row: Row) -> None:
    timeout = SHORT if row.after == AT_TIMEOUT else LONG
    async with serving(row.script) as server:
        target = HttpTarget(url=server.url(), **row.target)
        check = Check(name="web", target=target, timeout=timeout)
        taken = await look(http, check, SystemClock())

    assert (taken.seen.level, taken.seen.reason.code) == (row.level, row.code)
    if row.after == AT_TIMEOUT:
        assert timedelta(milliseconds=450) <= taken.took < LONG
    else:
        assert taken.took < LONG / 2


async def test_memory_is_bounded_whatever_is_sent() -> None:
    greedy = [number for number, row in enumerate(ROWS) if row.greedy]
    async with AsyncExitStack() as servers:
        urls = [
            (number, (await servers.enter_async_context(serving(ROWS[number].script))).url())
            for number in greedy
        ]
        looker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", LOOKER), stdin=PIPE, stdout=PIPE, env=dict(os.environ)
        )
        out, _ = await looker.communicate(json.dumps(urls).encode())

    said = [json.loads(line) for line in out.splitlines()]
    assert [code for code, _ in said] == [ROWS[number].code for number in greedy]
    grown = {
        ROWS[at].name: round(bytes_ / MIB, 1) for at, (_, bytes_) in zip(greedy, said, strict=True)
    }
    assert {name: mib for name, mib in grown.items() if mib > MOST_MIB} == {}


# -- TLS


class Handshake:
    """Says so much of a handshake, a byte at a time, and then nothing more."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in self._said:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)
        await reader.read()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param(b"", "http.timeout.tls", id="says nothing"),
        pytest.param(b"\x16\x03\x03\x40\x00" + b"\x02" * 9, "http.timeout.tls", id="drips"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", "http.tls.failed", id="speaks without TLS"),
        pytest.param(b"\x15\3\3\0\2\2\x78", "http.tls.failed", id="speaks HTTP/2 only, it says"),
    ],
)
async def test_a_handshake_that_comes_to_nothing(http: HttpProbe, said: bytes, code: str) -> None:
    async with listening(Handshake(said).talk) as port:
        target = HttpTarget(url=f"https://127.0.0.1:{port}/")
        seen = await http.look(Check(name="web", target=target, timeout=SHORT))

    assert (seen.level, seen.reason.code) == (Level.CRITICAL, code)


# -- addresses


def free_port() -> int:
    """Return a port that nobody has, of either family."""
    for _ in range(50):
        with socket.socket(socket.AF_INET6) as both:
            both.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            with suppress(OSError):
                both.bind(("::", 0))
                return int(both.getsockname()[1])
    raise AssertionError("no port is free")


@contextmanager
def black_hole(family: socket.AddressFamily, host: str) -> Iterator[int]:
    """A port whose queue is full: whoever connects hears nothing, not even a refusal."""
    with ExitStack() as held:
        listener = held.enter_context(socket.socket(family))
        listener.bind((host, free_port()))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        for _ in range(4):
            waiting = held.enter_context(socket.socket(family))
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
        yield port


V4, V6 = "127.0.0.1", "::1"


@pytest.mark.parametrize(
    ("hangs", "works", "ip", "code"),
    [
        pytest.param(V6, V4, "any", "http.ok", id="IPv6 hangs, IPv4 works"),
        pytest.param(V4, V6, "any", "http.ok", id="IPv4 hangs, IPv6 works"),
        pytest.param(V6, V4, "4", "http.ok", id="only the one that works is asked"),
        pytest.param(V6, V4, "6", "http.timeout.connect", id="only the one that hangs is asked"),
    ],
)
async def test_an_address_that_hangs_does_not_hide_one_that_works(
    hangs: str, works: str, ip: Any, code: str
) -> None:
    families = {V4: socket.AF_INET, V6: socket.AF_INET6}
    probe = HttpProbe(lookup=lambda host: [hangs, works])
    with black_hole(families[hangs], hangs) as port:
        async with serving([OK], host=works, port=port):
            target = HttpTarget(url=f"http://web.example:{port}/", ip=ip)
            timeout = timedelta(seconds=1) if code.startswith("http.timeout") else LONG
            taken = await look(
                probe, Check(name="web", target=target, timeout=timeout), SystemClock()
            )
    probe.close()

    assert taken.seen.reason.code == code
    if code == "http.ok":
        assert works in str(taken.seen.evidence["remote"])
        assert taken.took < timedelta(seconds=10)


async def test_hung_and_greedy_looks_delay_no_other(http: HttpProbe) -> None:
    """A server of each kind at once, and one that is well beside them."""
    async with AsyncExitStack() as servers:
        bad = []
        for row in ROWS:
            if row.code == "look.too_hard":  # takes what CPU there is: see test_http_hard
                continue
            server = await servers.enter_async_context(serving(row.script))
            target = HttpTarget(url=server.url(), **row.target)
            check = Check(name="web", target=target, timeout=timedelta(seconds=5))
            bad.append(asyncio.create_task(http.look(check)))
        fine = await servers.enter_async_context(serving([OK]))
        check = Check(name="web", target=HttpTarget(url=fine.url()), timeout=LONG)
        took = [(await look(http, check, SystemClock())).took for _ in range(20)]
        await asyncio.gather(*bad)

    assert sorted(took)[10] < timedelta(seconds=1)


# -- the documentation


def table(rows: Sequence[Row | Shown]) -> str:
    lines = [
        f"| {row.name} | {row.level.value} | {ENGLISH.reasons[row.code]} | {row.after} |"
        for row in rows
    ]
    return "\n".join(lines)


TABLES: list[Sequence[Row | Shown]] = [ROWS, HANDSHAKES, WAYS, OURS]


@pytest.mark.parametrize("rows", TABLES, ids=["servers", "handshakes", "ways", "ours"])
def test_the_documentation_says_what_happens(rows: Sequence[Row | Shown]) -> None:
    """Run this file as a program for the tables as they should be."""
    assert table(rows) in DOCUMENT.read_text()


@pytest.mark.parametrize("row", [*HANDSHAKES, *WAYS, *OURS], ids=lambda row: row.name)
def test_what_the_documentation_says_is_shown_by_a_test(row: Shown) -> None:
    file, _, name = row.test.partition("::")
    written = (Path(__file__).parent / file).read_text()

    assert f"def {name}(" in written
    assert row.code in written or row.code.rpartition(".")[2] in written


if __name__ == "__main__":
    print(*(table(rows) for rows in TABLES), sep="\n\n")  # noqa: T201 - asked for by hand
