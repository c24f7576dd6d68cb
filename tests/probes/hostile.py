"""Every bad manner of a server that we know, and what a look makes of it.

`docs/reference/looks.md` shows this table to operators; test_hostile.py holds both to the probe.
"""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.probes.servers import OK, Act, Drip, Hang, Reset, answer, redirect
from watchcall.core.check import JsonRule, Limits
from watchcall.core.health import Level

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = "Content-Encoding: gzip"
MIB = 1024 * 1024
BOMB = gzip.compress(bytes(100 * MIB))  # 100 kB on the wire
# The same in brotli, with its largest window, and in zstd: 800 blocks of one byte 128 Ki times.
BROTLI, ZSTD = "Content-Encoding: br", "Content-Encoding: zstd"
BROTLI_BOMB = base64.b64decode(
    "z///f/gnAOKxQCD3/p/////wTwDEYQGA7v0/////4Z8AiMMiAN37f/7//8M/ARCHBQC69//8//+HfwIg"
    "DgsAdO//+f//D/8EQBwWAOje/+f//w/+CYA4LADQvf8B"
)
ZSTD_BOMB = b"\x28\xb5\x2f\xfd\0\x58" + b"\x02\0\x10\0" * 799 + b"\x03\0\x10\0"
EVIL = "a" * (1000 * 1000) + "!"

AT_ONCE, AT_TIMEOUT, SOON = "at once", "at `timeout`", "after a second"


@dataclass(frozen=True)
class Row:
    """name: what the server does; code: of the reason; greedy: its memory is measured, too."""

    name: str
    script: Sequence[Act] | Callable[[bytes], Sequence[Act]]
    level: Level
    code: str
    after: str = AT_ONCE
    target: dict[str, Any] = field(default_factory=dict)
    greedy: bool = False


def _loop(head: bytes) -> Sequence[Act]:
    return [redirect("/again")]


DOWN, FINE, BLIND = Level.CRITICAL, Level.OK, Level.UNKNOWN
FOLLOW = {"follow_redirects": True}

ROWS = [
    # Time
    Row("never answers", [Hang()], DOWN, "http.timeout.first_byte", AT_TIMEOUT),
    Row("accepts, and never reads a long request", [Hang()], DOWN, "http.timeout.first_byte",
        AT_TIMEOUT, {"method": "POST", "body": "x" * 8 * MIB}),
    Row("drips its header", [HEAD, Drip(b"X")], DOWN, "http.timeout.reading", AT_TIMEOUT),
    Row("drips its body", [HEAD + b"Content-Length: 99999\r\n\r\n", Drip()], DOWN,
        "http.timeout.reading", AT_TIMEOUT),
    Row("drips chunks", [CHUNKED, Drip(b"1\r\nx\r\n")], DOWN, "http.timeout.reading", AT_TIMEOUT),
    Row("stops in the middle of the body", [HEAD + b"Content-Length: 9\r\n\r\nx", Hang()], DOWN,
        "http.timeout.reading", AT_TIMEOUT),
    Row("answers whole and keeps the connection", [OK, Hang()], FINE, "http.ok"),
    # What is cut
    Row("closes without a word", [], DOWN, "http.empty"),
    Row("resets the connection without a word", [Reset()], DOWN, "http.broken"),
    Row("resets it in the middle of the body",
        [HEAD + b"Content-Length: 9\r\n\r\na", Reset()], DOWN, "http.broken"),
    Row("closes after the status line", [HEAD], DOWN, "http.cut"),
    Row("closes in the header", [HEAD + b"Server: x\r\nCont"], DOWN, "http.cut"),
    Row("closes before its Content-Length is reached",
        [HEAD + b"Content-Length: 100\r\n\r\nabc"], DOWN, "http.cut"),
    Row("closes before the last chunk", [CHUNKED + b"3\r\nabc\r\n"], DOWN, "http.cut"),
    Row("closes after an empty reply that announced neither length nor end",
        [HEAD + b"\r\n"], DOWN, "http.cut"),
    # What is no HTTP
    Row("speaks another protocol", [b"SSH-2.0-OpenSSH_9\r\n"], DOWN, "http.garbage"),
    Row("sends noise", [bytes(range(256)) * 40], DOWN, "http.garbage"),
    Row("speaks HTTP/0.9", [b"<html>all is well</html>"], DOWN, "http.garbage"),
    Row("speaks HTTP/2 only",
        [b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0d\0\4\0@\0\0\0\2\0\0\0\0"], DOWN, "http.garbage"),
    Row("sends a length beyond all bounds",
        [HEAD + b"Content-Length: 9" + b"9" * 22 + b"\r\n\r\nok"], DOWN, "http.garbage"),
    Row("sends a status of four digits", [b"HTTP/1.1 2000 Odd\r\nContent-Length: 2\r\n\r\nok"],
        DOWN, "http.garbage"),
    Row("sends a length that is none", [HEAD + b"Content-Length: -1\r\n\r\n"], DOWN,
        "http.garbage"),
    Row("sends chunks that are none", [CHUNKED + b"zz\r\nx"], DOWN, "http.broken"),
    # What has no end
    Row("sends a body without end", [HEAD + b"\r\n", Drip(b"x" * 60_000, 0)], FINE, "http.ok",
        greedy=True),
    Row("sends a body without end where content is looked for",
        [HEAD + b"\r\n", Drip(b"x" * 60_000, 0)], DOWN, "http.body_limit",
        target={"contains": "y"}, greedy=True),
    Row("sends chunks without end", [CHUNKED, Drip(b"ea60\r\n" + b"x" * 60_000 + b"\r\n", 0)],
        FINE, "http.ok", greedy=True),
    Row("sends a chunk's extension without end", [CHUNKED + b"1;", Drip(b"x" * 60_000, 0)], DOWN,
        "http.timeout.reading", AT_TIMEOUT, greedy=True),
    Row("sends 10,000 headers", [HEAD, b"X-A: 1\r\n" * 10_000 + b"\r\n"], DOWN,
        "http.header_too_long"),
    Row("sends headers without end", [HEAD, Drip(b"X-A: 1\r\n" * 5000, 0)], DOWN,
        "http.header_too_long", greedy=True),
    Row("sends one header line without end", [HEAD + b"X-A: ", Drip(b"x" * 60_000, 0)], DOWN,
        "http.header_too_long", greedy=True),
    Row("sends a status line without end", [b"HTTP/1.1 200 ", Drip(b"x" * 60_000, 0)], DOWN,
        "http.header_too_long", greedy=True),
    Row("sends trailers without end", [CHUNKED + b"0\r\n", Drip(b"X-A: 1\r\n" * 5000, 0)], DOWN,
        "http.header_too_long", greedy=True),
    Row("sends interim replies (1xx) without end",
        [Drip(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 500, 0)], DOWN, "http.header_too_long",
        greedy=True),
    # What is compressed, though nobody asked
    Row("sends a gzip bomb", [answer(BOMB, GZIP)], FINE, "http.ok", greedy=True),
    Row("sends a gzip bomb where content is looked for", [answer(BOMB, GZIP)], DOWN,
        "http.body_limit", target={"contains": "x"}, greedy=True),
    Row("sends a gzip bomb in a gzip bomb",
        [answer(gzip.compress(BOMB), "Content-Encoding: gzip, gzip")], DOWN,
        "http.body_limit", target={"contains": "x"}, greedy=True),
    Row("sends a brotli bomb", [answer(BROTLI_BOMB, BROTLI)], FINE, "http.ok", greedy=True),
    Row("sends a brotli bomb where content is looked for", [answer(BROTLI_BOMB, BROTLI)], DOWN,
        "http.garbage", target={"contains": "x"}, greedy=True),
    Row("sends a zstd bomb", [answer(ZSTD_BOMB, ZSTD)], FINE, "http.ok", greedy=True),
    Row("sends a zstd bomb where content is looked for", [answer(ZSTD_BOMB, ZSTD)], DOWN,
        "http.garbage", target={"contains": "x"}, greedy=True),
    Row("compresses what is looked for", [answer(gzip.compress(b"all is well"), GZIP)], FINE,
        "http.ok", target={"contains": "well"}),
    Row("says gzip and sends something else", [answer(b"all is well", GZIP)], DOWN,
        "http.garbage", target={"contains": "well"}),
    Row("compresses in a way that nobody knows", [answer(b"\1\2", "Content-Encoding: x-own")],
        DOWN, "http.garbage", target={"contains": "well"}),
    # Redirects
    Row("redirects", [redirect("/there")], DOWN, "http.status"),
    Row("redirects in a circle, and redirects are followed", _loop, DOWN, "http.redirects",
        target=FOLLOW),
    Row("redirects to a file or another protocol", [redirect("file:///etc/passwd")], DOWN,
        "http.status", target=FOLLOW),
    Row("redirects to what is no URL", [redirect("http://[x/")], DOWN, "http.redirect_invalid",
        target=FOLLOW),
    # What is hard to judge
    Row("sends what a regular expression breaks on", [answer(EVIL)], BLIND, "look.too_hard", SOON,
        target={"matches": re.compile("(a+)+$")}, greedy=True),
    Row("sends JSON that is nested 100,000 deep", [answer("[" * 100_000)], DOWN, "http.json_deep",
        target={"json": JsonRule(path="$.a", equals=1)}, greedy=True),
    Row("sends JSON with a number of a million digits", [answer("1" * MIB)], DOWN,
        "http.json_invalid", target={"json": JsonRule(path="$", equals=1)}, greedy=True),
    Row("sends JSON in which a path has too many ways",
        [answer("[" * 90 + "1" + "]" * 90)], BLIND, "look.too_hard", SOON,
        target={"json": JsonRule(path="$..*..*..*..*..*.no", equals=1)}, greedy=True),
    Row("has no certificate to judge", [OK], BLIND, "http.no_certificate",
        target={"certificate": Limits(critical=1)}),
]  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What another test shows; `test` is its file and its name."""

    name: str
    level: Level
    code: str
    after: str
    test: str


TLS = "test_http_tls.py::test_a_bad_certificate_is_a_failure"
HALTED = "../test_looks.py::test_a_look_during_which_nothing_ran_invents_no_outage"

HANDSHAKES = [
    Shown("is expired", DOWN, "http.tls.expired", AT_ONCE, TLS),
    Shown("is not valid yet", DOWN, "http.tls.not_yet_valid", AT_ONCE, TLS),
    Shown("is self-signed", DOWN, "http.tls.self_signed", AT_ONCE, TLS),
    Shown("is for another name", DOWN, "http.tls.wrong_name", AT_ONCE, TLS),
    Shown("is of an authority that nobody knows", DOWN, "http.tls.untrusted", AT_ONCE, TLS),
    Shown("any of these, and `verify_tls = false`", FINE, "http.ok", AT_ONCE,
          "test_http_tls.py::test_a_bad_certificate_is_ok_where_nobody_verifies"),
    Shown("does not come: the handshake hangs or drips", DOWN, "http.timeout.tls", AT_TIMEOUT,
          "test_hostile.py::test_a_handshake_that_comes_to_nothing"),
    Shown("does not come: the server speaks without TLS", DOWN, "http.tls.failed", AT_ONCE,
          "test_hostile.py::test_a_handshake_that_comes_to_nothing"),
]  # fmt: skip
ADDRESS = "test_hostile.py::test_an_address_that_hangs_does_not_hide_one_that_works"
WAYS = [
    Shown("IPv6 hangs and IPv4 works, or the other way round", FINE, "http.ok",
          "after 0.2 seconds", ADDRESS),
    Shown('the same, and `ip` names the one that hangs', DOWN, "http.timeout.connect", AT_TIMEOUT,
          ADDRESS),
    Shown("the name has no address of the version that `ip` names", DOWN, "http.no_address",
          AT_ONCE, "test_http.py::test_the_ip_version_is_kept"),
    Shown("the port is closed", DOWN, "http.refused", AT_ONCE,
          "test_http.py::test_a_closed_port_refuses"),
    Shown("the name server says that there is no such name", DOWN, "http.dns", AT_ONCE,
          "test_http.py::test_a_name_nobody_knows_is_a_failure"),
    Shown("the name server hangs", DOWN, "http.timeout.dns", AT_TIMEOUT,
          "test_http.py::test_a_hung_name_server_fails_at_the_deadline_and_holds_nobody"),
    Shown("the name server hangs, and 64 names wait for it", BLIND, "http.lookups", AT_ONCE,
          "test_http.py::test_too_many_hung_names_are_our_trouble"),
    Shown("the proxy (`proxy`) is dead or wants a password", BLIND, "http.proxy", AT_ONCE,
          "test_http.py::test_a_dead_proxy_says_nothing_about_the_target"),
]  # fmt: skip
OURS = [
    Shown("a look hangs", BLIND, "look.timeout", AT_TIMEOUT,
          "../test_looks.py::test_what_hangs_is_unknown_after_its_deadline_not_down"),
    Shown("a look crashes", BLIND, "look.crashed", AT_ONCE,
          "../test_looks.py::test_a_bug_of_ours_is_unknown_not_down"),
    Shown("a look fails, and WatchCall was stopped or the machine slept meanwhile", BLIND,
          "look.halted", "when it goes on", HALTED),
    Shown("no file descriptors are left", BLIND, "http.descriptors", AT_ONCE,
          "test_http_tls.py::test_without_descriptors_nothing_is_down"),
    Shown("a file that the check names cannot be read", BLIND, "http.file_unreadable", AT_ONCE,
          "test_http.py::test_a_file_that_cannot_be_read_is_unknown"),
    Shown("a command line breaks `cmdline` or `exclude`", BLIND, "look.too_hard", SOON,
          "test_process_scan.py::test_a_search_without_end_delays_no_other_check"),
    Shown("a process that hangs may be the one, as far as can be read", BLIND,
          "process.unreadable", "after half of `timeout`, at most 5 s",
          "test_process_scan.py::"
          "test_a_scan_that_hangs_is_left_behind_and_what_it_hangs_at_is_passed_by"),
    Shown("a PID file lies on a file server that hangs", BLIND, "process.pidfile_unreadable",
          "after half of `timeout`, at most 5 s",
          "test_process_scan.py::test_a_pid_file_that_hangs_blinds_its_own_check_alone"),
]  # fmt: skip
