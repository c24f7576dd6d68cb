"""What an HTTP check sees, on a real socket."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.probes.servers import OK, Act, Drip, Hang, Reset, answer, redirect, serving
from watchcall import __version__
from watchcall.core.check import Check, HttpTarget, JsonRule, Limits, ProcessTarget, StatusRule
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes.http import HttpProbe

SHORT = timedelta(milliseconds=300)
LONG = timedelta(seconds=20)  # never waited for


def check(
    url: str, timeout: timedelta = LONG, level: Level = Level.CRITICAL, **target: Any
) -> Check:
    return Check(name="web", target=HttpTarget(url=url, **target), timeout=timeout, level=level)


async def look(script: Sequence[Act], within: timedelta = LONG, **target: Any) -> Observation:
    """Look once at a server that does this."""
    probe = HttpProbe()
    try:
        async with serving(script) as server:
            return await probe.look(check(server.url(), within, **target))
    finally:
        probe.close()


def verdict(seen: Observation) -> tuple[Level, str]:
    return seen.level, seen.reason.code


async def test_a_good_answer_is_ok() -> None:
    seen = await look([OK])

    assert verdict(seen) == (Level.OK, "http.ok")
    assert seen.reason["status"] == 200


# -- status


@pytest.mark.parametrize(
    ("status", "rule", "level"),
    [
        pytest.param("204 No Content", StatusRule(), Level.OK, id="2xx is fine"),
        pytest.param("302 Found", StatusRule(), Level.CRITICAL, id="a redirect is not"),
        pytest.param("404 Not Found", StatusRule(), Level.CRITICAL, id="404 is not"),
        pytest.param("503 Busy", StatusRule(), Level.CRITICAL, id="503 is not"),
        pytest.param("401 Who", StatusRule(ok=((401, 401),)), Level.OK, id="unless it is wanted"),
        pytest.param("200 OK", StatusRule(ok=((401, 401),)), Level.CRITICAL, id="instead of 200"),
        pytest.param(
            "503 Busy", StatusRule(warning=((500, 599),)), Level.WARNING, id="or is a warning"
        ),
        pytest.param(
            "200 OK", StatusRule(critical=((200, 200),)), Level.CRITICAL, id="the worse rule wins"
        ),
    ],
)
async def test_the_status_is_judged(status: str, rule: StatusRule, level: Level) -> None:
    assert (await look([answer(b"", status=status)], status=rule)).level is level


async def test_a_plain_failure_has_the_level_of_its_check() -> None:
    seen = await look([answer(b"", status="500 Oops")], level=Level.WARNING)

    assert seen.level is Level.WARNING
    assert seen.reason == Reason.of("http.status", status=500)


# -- content


@pytest.mark.parametrize(
    ("body", "rules", "code"),
    [
        pytest.param("all is well", {"contains": "well"}, "http.ok", id="it is there"),
        pytest.param("all is ill", {"contains": "well"}, "http.lacks", id="it is not there"),
        pytest.param("error", {"not_contains": "error"}, "http.contains", id="it should not be"),
        pytest.param("fine", {"not_contains": "error"}, "http.ok", id="and is not"),
        pytest.param("v1.25", {"matches": re.compile(r"^v\d+\.\d+$")}, "http.ok", id="it matches"),
        pytest.param("v1.x", {"matches": re.compile(r"^v\d+\.\d+$")}, "http.unmatched", id="no"),
        pytest.param("正常", {"contains": "正常"}, "http.ok", id="UTF-8"),
        pytest.param("", {"contains": "x"}, "http.lacks", id="nothing is there"),
        pytest.param(
            "ok error", {"contains": "ok", "not_contains": "error"}, "http.contains", id="both rule"
        ),
    ],
)
async def test_content_is_judged(body: str, rules: dict[str, Any], code: str) -> None:
    assert (await look([answer(body)], **rules)).reason.code == code


@pytest.mark.parametrize("charset", ["Shift_JIS", '"euc-jp"', "utf-8"])
async def test_content_is_read_in_the_charset_it_names(charset: str) -> None:
    body = "正常".encode(charset.strip('"'))

    seen = await look(
        [answer(body, f"Content-Type: text/html; charset={charset}")], contains="正常"
    )

    assert seen.level is Level.OK


@pytest.mark.parametrize("charset", ["no-such", "zlib", "idna", "punycode", ""])
async def test_a_charset_that_is_none_is_taken_for_utf8(charset: str) -> None:
    kind = f"Content-Type: text/html; charset={charset}"

    assert (await look([answer("正常", kind)], contains="正常")).level is Level.OK


@pytest.mark.parametrize(
    ("body", "path", "equals", "code"),
    [
        pytest.param({"status": "ok"}, "$.status", "ok", "http.ok", id="equal"),
        pytest.param({"status": "ko"}, "$.status", "ok", "http.json_differs", id="another"),
        pytest.param({}, "$.status", "ok", "http.json_missing", id="missing"),
        pytest.param({"up": True}, "$.up", True, "http.ok", id="true is true"),
        pytest.param({"up": 1}, "$.up", True, "http.json_differs", id="one is not true"),
        pytest.param({"n": 1.0}, "$.n", 1, "http.ok", id="1.0 is 1"),
        pytest.param({"n": None}, "$.n", None, "http.ok", id="null is null"),
        pytest.param({"a": [1, 2]}, "$.a", [1, 2], "http.ok", id="an array"),
        pytest.param({"a": [1, 2]}, "$.a", [1], "http.json_differs", id="a longer array"),
        pytest.param(
            [{"s": "ok"}, {"s": "ok"}], "$[*].s", "ok", "http.ok", id="all of several are"
        ),
        pytest.param(
            [{"s": "ok"}, {"s": "no"}], "$[*].s", "ok", "http.json_differs", id="one of them not"
        ),
    ],
)
async def test_json_is_judged(body: Any, path: str, equals: Any, code: str) -> None:
    seen = await look([answer(json.dumps(body))], json=JsonRule(path=path, equals=equals))

    assert seen.reason.code == code


@pytest.mark.parametrize(
    "body",
    ["", "<html>", '{"status": "ok"', b"\xff\xfe\xff"],
    ids=["nothing", "html", "cut", "no text"],
)
async def test_what_is_no_json_is_a_failure(body: str | bytes) -> None:
    seen = await look([answer(body)], json=JsonRule(path="$.status", equals="ok"))

    assert verdict(seen) == (Level.CRITICAL, "http.json_invalid")


@pytest.mark.parametrize("depth", [150, 1000, 100_000])
async def test_json_that_is_too_deep_is_a_failure(depth: int) -> None:
    rule = JsonRule(path="$..status", equals="ok")

    seen = await look([answer("[" * depth + "]" * depth)], json=rule)

    assert verdict(seen) == (Level.CRITICAL, "http.json_deep")


async def test_a_json_path_that_is_none_is_unknown() -> None:
    seen = await look([answer("{}")], json=JsonRule(path="status", equals="ok"))

    assert verdict(seen) == (Level.UNKNOWN, "http.json_path")


# -- max_body


@pytest.mark.parametrize(
    ("size", "rules", "code"),
    [
        pytest.param(100, {}, "http.ok", id="as long as allowed"),
        pytest.param(101, {}, "http.ok", id="longer, and nobody cares"),
        pytest.param(100, {"contains": "end"}, "http.ok", id="found at the limit"),
        pytest.param(101, {"contains": "end"}, "http.body_limit", id="may come later"),
        pytest.param(101, {"contains": "xxx"}, "http.ok", id="was found before"),
        pytest.param(101, {"not_contains": "d"}, "http.body_limit", id="nobody can say"),
        pytest.param(101, {"not_contains": "x"}, "http.contains", id="bad already"),
        pytest.param(101, {"matches": re.compile("d")}, "http.body_limit", id="may match later"),
        pytest.param(
            101, {"json": JsonRule(path="$", equals=1)}, "http.body_limit", id="half a document"
        ),
    ],
)
async def test_reading_stops_at_max_body(size: int, rules: dict[str, Any], code: str) -> None:
    body = "x" * (size - 3) + "end"

    seen = await look([answer(body)], max_body=100, **rules)

    assert seen.reason.code == code
    assert seen.evidence["bytes"] == 100
    assert seen.evidence["body_truncated"] is (size > 100)


async def test_an_endless_body_ends_at_max_body() -> None:
    seen = await look([b"HTTP/1.1 200 OK\r\n\r\n", Drip(b"x" * 60_000, 0)], max_body=1_000_000)

    assert (verdict(seen), seen.evidence["bytes"]) == ((Level.OK, "http.ok"), 1_000_000)


async def test_a_gzip_bomb_is_bounded_after_decoding() -> None:
    bomb = gzip.compress(bytes(20_000_000))

    seen = await look([answer(bomb, "Content-Encoding: gzip")], contains="x", max_body=1000)

    assert (seen.reason.code, seen.evidence["bytes"]) == ("http.body_limit", 1000)


async def test_content_that_comes_encoded_unasked_is_decoded() -> None:
    body = gzip.compress(b"all is well")

    seen = await look([answer(body, "Content-Encoding: gzip")], contains="well")

    assert seen.level is Level.OK


# -- replies that are none


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param([], "http.empty", id="closed without a word"),
        pytest.param([HEAD.strip()], "http.empty", id="cut in the status line"),
        pytest.param([HEAD], "http.cut", id="cut after the status line"),
        pytest.param([HEAD + b"Server: x\r\nCont"], "http.cut", id="cut in the header"),
        pytest.param([b"HTTP/1.0 200 OK\r\n"], "http.cut", id="even in HTTP/1.0"),
        pytest.param([HEAD + b"Content-Length: 0\r\n"], "http.cut", id="cut after its length"),
        pytest.param([HEAD + b"\r\n"], "http.cut", id="no length, no body, no farewell"),
        pytest.param(
            [HEAD + b"Content-Length: 100\r\n\r\nabc"], "http.cut", id="shorter than it said"
        ),
        pytest.param(
            [HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"],
            "http.cut",
            id="without its last chunk",
        ),
        pytest.param([HEAD + b"Content-Length: 9\r\n\r\na", Reset()], "http.broken", id="reset"),
        pytest.param([b"SSH-2.0-OpenSSH_9\r\n"], "http.garbage", id="another protocol"),
        pytest.param([HEAD + b"Content-Length: -1\r\n\r\n"], "http.garbage", id="nonsense"),
        pytest.param(
            [HEAD, b"X-A: 1\r\n" * 1000], "http.header_too_long", id="headers without number"
        ),
        pytest.param(
            [HEAD, (b"X-A: " + b"a" * 9000 + b"\r\n") * 10],
            "http.header_too_long",
            id="headers without measure",
        ),
        pytest.param(
            [b"HTTP/1.1 100 Continue\r\n\r\n" * 1000], "http.header_too_long", id="never begins"
        ),
    ],
)
async def test_half_a_reply_is_a_failure(script: list[Act], code: str) -> None:
    assert verdict(await look(script)) == (Level.CRITICAL, code)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([b"HTTP/1.0 200 OK\r\n\r\n"], id="HTTP/1.0 ends where it closes"),
        pytest.param([HEAD + b"Connection: close\r\n\r\n"], id="so does who says so"),
        pytest.param([HEAD + b"\r\nok"], id="and who sent something"),
        pytest.param([b"HTTP/1.1 204 No Content\r\n\r\n"], id="204 has no body"),
        pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n" + OK], id="an interim reply is none"),
        pytest.param(
            [HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n"],
            id="with trailers",
        ),
    ],
)
async def test_an_unusual_reply_is_no_failure(script: list[Act]) -> None:
    assert verdict(await look(script)) == (Level.OK, "http.ok")


# -- time


@pytest.mark.parametrize(
    ("script", "phase"),
    [
        pytest.param([Hang()], "first_byte", id="no answer"),
        pytest.param([HEAD, Drip(b"X")], "reading", id="a header that drips"),
        pytest.param(
            [HEAD + b"Content-Length: 1000000\r\n\r\n", Drip()], "reading", id="a body that drips"
        ),
        pytest.param([HEAD + b"Content-Length: 9\r\n\r\nx", Hang()], "reading", id="half a body"),
    ],
)
async def test_a_slow_server_fails_at_the_deadline(script: list[Act], phase: str) -> None:
    seen = await look(script, SHORT)

    assert verdict(seen) == (Level.CRITICAL, f"http.timeout.{phase}")
    assert seen.reason["seconds"] == 0.3


async def test_the_deadline_is_the_callers_or_a_little_less(http: HttpProbe) -> None:
    async with serving([Hang()]) as server:
        async with asyncio.timeout(SHORT.total_seconds()):
            seen = await http.look(check(server.url(), SHORT))

    assert seen.reason.code == "http.timeout.first_byte"
    took_ms = seen.evidence["took_ms"]
    assert isinstance(took_ms, float)
    assert took_ms < 300


@pytest.mark.parametrize(
    ("limits", "level"),
    [
        pytest.param(Limits(warning=0), Level.WARNING, id="over the softer"),
        pytest.param(Limits(warning=0, critical=0), Level.CRITICAL, id="over both"),
        pytest.param(Limits(warning=60), Level.OK, id="under"),
    ],
)
async def test_latency_is_judged(limits: Limits, level: Level) -> None:
    seen = await look([OK], latency=limits)

    assert verdict(seen) == (level, "http.ok" if level is Level.OK else "http.latency")


async def test_a_cancelled_look_hangs_up(http: HttpProbe) -> None:
    async with serving([Hang()]) as server:
        task = asyncio.create_task(http.look(check(server.url())))
        await asyncio.wait_for(server.asked.wait(), 20)

        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.left.wait(), 20)


async def test_a_closed_probe_hangs_up() -> None:
    probe = HttpProbe()
    async with serving([Hang()]) as server:
        task = asyncio.create_task(probe.look(check(server.url())))
        await asyncio.wait_for(server.asked.wait(), 20)

        probe.close()

        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.left.wait(), 20)


async def test_hung_servers_do_not_delay_others(http: HttpProbe) -> None:
    async with serving([Hang()]) as hung, serving([OK]) as fine:
        waiting = [asyncio.create_task(http.look(check(hung.url()))) for _ in range(100)]
        await asyncio.wait_for(hung.asked.wait(), 20)

        seen = await asyncio.wait_for(http.look(check(fine.url())), 10)

        assert seen.level is Level.OK
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


# -- connections


async def test_a_closed_port_refuses(http: HttpProbe) -> None:
    async with serving([OK]) as server:
        url, port = server.url(), server.port

    seen = await http.look(check(url))

    assert seen.reason == Reason.of("http.refused", host="127.0.0.1", port=port)
    assert seen.level is Level.CRITICAL


async def test_each_look_connects_anew(http: HttpProbe) -> None:
    async with serving([OK, OK]) as server:
        for _ in range(3):
            assert (await http.look(check(server.url()))).level is Level.OK

    assert len(server.requests) == 3


async def test_no_connection_outlives_its_look(http: HttpProbe) -> None:
    async with serving([OK, Hang()]) as server:
        await http.look(check(server.url()))

        await asyncio.wait_for(server.left.wait(), 20)


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy", "ALL_PROXY"])
async def test_the_proxy_of_the_environment_is_ignored(
    http: HttpProbe, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    async with serving([OK]) as server:
        assert (await http.look(check(server.url()))).level is Level.OK


async def test_a_proxy_is_asked_if_one_is_given(
    http: HttpProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    async with serving([OK]) as proxy:
        seen = await http.look(check("http://web.example/x", proxy=proxy.url("")))

    assert seen.level is Level.OK
    assert proxy.requests[0].startswith(b"GET http://web.example/x HTTP/1.1\r\n")


@pytest.mark.parametrize("url", ["http://web.example/", "https://web.example/"])
async def test_a_dead_proxy_says_nothing_about_the_target(http: HttpProbe, url: str) -> None:
    seen = await http.look(check(url, proxy="http://127.0.0.1:1"))

    assert verdict(seen) == (Level.UNKNOWN, "http.proxy")


async def test_a_proxy_that_wants_a_password_says_nothing_about_the_target(
    http: HttpProbe,
) -> None:
    async with serving([answer(b"", status="407 Who")]) as proxy:
        seen = await http.look(check("https://web.example/", proxy=proxy.url("")))

    assert verdict(seen) == (Level.UNKNOWN, "http.proxy")


async def test_connect_to_goes_elsewhere_under_the_same_name(http: HttpProbe) -> None:
    async with serving([OK]) as server:
        seen = await http.look(
            check("http://web.example:8000/", connect_to=("127.0.0.1", server.port))
        )

    assert seen.level is Level.OK
    assert b"Host: web.example:8000\r\n" in server.requests[0]


async def test_ipv6_is_asked_for(http: HttpProbe) -> None:
    async with serving([OK], host="::1") as server:
        seen = await http.look(check(server.url(host="[::1]"), ip="6"))

    assert seen.level is Level.OK
    assert seen.evidence["remote"] == f"::1 port {server.port}"


# -- names


def names(**known: list[str]) -> HttpProbe:
    def lookup(host: str) -> list[str]:
        if host.replace(".", "_") not in known:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return known[host.replace(".", "_")]

    return HttpProbe(lookup=lookup)


async def test_a_name_is_looked_up_each_time() -> None:
    addresses = ["127.0.0.2"]
    probe = names(web_example=addresses)
    async with serving([OK]) as server:
        url = server.url(host="web.example")
        refused = await probe.look(check(url))
        addresses[:] = ["127.0.0.1"]
        moved = await probe.look(check(url))
    probe.close()

    assert (refused.reason.code, moved.reason.code) == ("http.refused", "http.ok")


async def test_a_name_nobody_knows_is_a_failure() -> None:
    seen = await names().look(check("http://web.example/"))

    assert (seen.level, seen.reason) == (Level.CRITICAL, Reason.of("http.dns", host="web.example"))


@pytest.mark.parametrize(
    ("addresses", "ip", "code"),
    [
        pytest.param(["127.0.0.1"], "4", "http.ok", id="IPv4 is there"),
        pytest.param(["127.0.0.1"], "6", "http.no_address", id="IPv6 is not"),
        pytest.param(["::1", "127.0.0.1"], "4", "http.ok", id="IPv6 is passed over"),
        pytest.param(["::1", "127.0.0.1"], "6", "http.refused", id="IPv4 is passed over"),
        pytest.param(["::1", "127.0.0.1"], "any", "http.ok", id="whichever answers"),
    ],
)
async def test_the_ip_version_is_kept(addresses: list[str], ip: str, code: str) -> None:
    probe = names(web_example=addresses)
    async with serving([OK]) as server:
        seen = await probe.look(check(server.url(host="web.example"), ip=ip))
    probe.close()

    assert seen.reason.code == code


async def test_a_hung_name_server_fails_at_the_deadline_and_holds_nobody() -> None:
    answered = threading.Event()

    def lookup(host: str) -> list[str]:
        if host.startswith("hung"):
            assert answered.wait(20)
        return ["127.0.0.1"]

    probe = HttpProbe(lookup=lookup)
    async with serving([OK]) as server:
        hung = [
            asyncio.create_task(probe.look(check(f"http://hung{number}.example/", SHORT)))
            for number in range(40)
        ]
        await asyncio.sleep(0)
        fine = await probe.look(check(server.url(host="web.example")))
        late = await asyncio.gather(*hung)
    answered.set()
    probe.close()

    assert fine.level is Level.OK
    assert {verdict(one) for one in late} == {(Level.CRITICAL, "http.timeout.dns")}


async def test_too_many_hung_names_are_our_trouble() -> None:
    answered = threading.Event()

    def lookup(_host: str) -> list[str]:
        assert answered.wait(20)
        return []

    probe = HttpProbe(lookup=lookup)
    hung = [
        asyncio.create_task(probe.look(check(f"http://hung{number}.example/")))
        for number in range(64)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    seen = await probe.look(check("http://one-more.example/"))
    for task in hung:
        task.cancel()
    await asyncio.gather(*hung, return_exceptions=True)
    answered.set()

    assert verdict(seen) == (Level.UNKNOWN, "http.lookups")


async def test_a_name_in_another_script_is_encoded() -> None:
    asked: list[str] = []

    def lookup(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    probe = HttpProbe(lookup=lookup)
    async with serving([OK]) as server:
        seen = await probe.look(check(server.url("/状態?q=é", host="例え.jp")))
    probe.close()

    assert seen.level is Level.OK
    assert asked == ["xn--r8jz45g.jp"]
    assert server.requests[0].startswith(b"GET /%E7%8A%B6%E6%85%8B?q=%C3%A9 HTTP/1.1\r\n")


# -- the request


async def request(**target: Any) -> bytes:
    """Return what a server is asked, head only."""
    probe = HttpProbe()
    async with serving([OK]) as server:
        await probe.look(check(server.url(), **target))
    probe.close()
    return server.requests[0]


@pytest.mark.parametrize(
    ("target", "line"),
    [
        pytest.param({}, b"GET / HTTP/1.1", id="GET by default"),
        pytest.param({"method": "HEAD"}, b"HEAD / HTTP/1.1", id="HEAD"),
        pytest.param({"method": "post"}, b"POST / HTTP/1.1", id="POST"),
        pytest.param({"method": "POST"}, b"Content-Length: 0", id="POST of nothing"),
        pytest.param({"method": "PUT", "body": "日"}, b"PUT / HTTP/1.1", id="PUT"),
        pytest.param({"method": "PUT", "body": "日"}, b"Content-Length: 3", id="a body is UTF-8"),
        pytest.param({"body": "x"}, b"GET / HTTP/1.1", id="even GET with a body"),
        pytest.param({}, f"User-Agent: WatchCall/{__version__}".encode(), id="who asks"),
        pytest.param({"headers": (("User-Agent", "me"),)}, b"User-Agent: me", id="or who else"),
        pytest.param({"headers": (("X-Key", "a: b"),)}, b"X-Key: a: b", id="a header"),
        pytest.param({"headers": (("X-Key", ""),)}, b"X-Key:", id="an empty header"),
        pytest.param({"headers": (("Host", "other"),)}, b"Host: other", id="another host"),
        pytest.param({"username": "a:b"}, b"Authorization: Basic YTpiOg==", id="a user"),
    ],
)
async def test_the_request_is_as_the_check_says(target: dict[str, Any], line: bytes) -> None:
    assert line in (await request(**target)).split(b"\r\n")


async def test_a_header_cannot_smuggle_another() -> None:
    lines = (await request(headers=(("X-Key", "a\r\nX-Evil: b"),))).split(b"\r\n")

    assert not any(line.startswith(b"X-Evil") for line in lines)


async def test_encodings_are_not_asked_for() -> None:
    assert b"Accept-Encoding: identity\r\n" in await request(contains="x")
    assert b"Accept-Encoding" not in await request()


async def test_secrets_are_read_from_their_files_at_each_look(
    http: HttpProbe, tmp_path: Path
) -> None:
    token, password = tmp_path / "token", tmp_path / "password"
    async with serving([OK]) as server:
        for secret in ("old", "new"):
            token.write_text(f"{secret}\n")
            await http.look(check(server.url(), bearer_token_file=token))
        password.write_text("pass\n")
        await http.look(check(server.url(), username="me", password_file=password))

    assert b"Authorization: Bearer old\r\n" in server.requests[0]
    assert b"Authorization: Bearer new\r\n" in server.requests[1]
    assert b"Authorization: Basic bWU6cGFzcw==\r\n" in server.requests[2]


@pytest.mark.parametrize("key", ["password_file", "bearer_token_file", "ca_file", "client_cert"])
async def test_a_file_that_cannot_be_read_is_unknown(
    http: HttpProbe, tmp_path: Path, key: str
) -> None:
    missing = tmp_path / "missing"

    target: dict[str, Any] = {key: missing}
    seen = await http.look(check("http://127.0.0.1:1/", **target))

    assert verdict(seen) == (Level.UNKNOWN, "http.file_unreadable")
    assert seen.reason["path"] == str(missing)


@pytest.mark.parametrize("text", ["", "\n", "a\nb"], ids=["empty", "a line end", "two lines"])
async def test_a_file_without_a_secret_is_unknown(
    http: HttpProbe, tmp_path: Path, text: str
) -> None:
    (tmp_path / "token").write_text(text)

    seen = await http.look(check("http://127.0.0.1:1/", bearer_token_file=tmp_path / "token"))

    assert verdict(seen) == (Level.UNKNOWN, "http.file_no_secret")


# -- redirects


async def test_a_redirect_is_not_followed_unasked() -> None:
    seen = await look([redirect("/there")])

    assert seen.reason == Reason.of("http.status", status=302)


async def test_a_redirect_is_followed_if_wanted(http: HttpProbe) -> None:
    def script(head: bytes) -> Sequence[Act]:
        return [redirect("/there?x=1")] if head.startswith(b"GET / ") else [OK]

    async with serving(script) as server:
        seen = await http.look(check(server.url(), follow_redirects=True))

    assert seen.level is Level.OK
    assert (seen.evidence["url"], seen.evidence["redirects"]) == (server.url("/there?x=1"), 1)


@pytest.mark.parametrize(
    ("hops", "code"),
    [pytest.param(5, "http.ok", id="five"), pytest.param(6, "http.redirects", id="six")],
)
async def test_five_redirects_are_enough(http: HttpProbe, hops: int, code: str) -> None:
    def script(head: bytes) -> Sequence[Act]:
        done = int(head.split(b" ")[1][1:] or b"0")
        return [OK] if done == hops else [redirect(f"/{done + 1}")]

    async with serving(script) as server:
        seen = await http.look(check(server.url(), follow_redirects=True))

    assert seen.reason.code == code


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        ("301 Moved", "POST", b"GET"),
        ("302 Found", "POST", b"GET"),
        ("303 See Other", "PUT", b"GET"),
        ("303 See Other", "HEAD", b"HEAD"),
        ("307 Temporary", "POST", b"POST"),
        ("308 Permanent", "PUT", b"PUT"),
    ],
)
async def test_a_redirect_keeps_or_changes_the_method(
    http: HttpProbe, status: str, method: str, then: bytes
) -> None:
    def script(head: bytes) -> Sequence[Act]:
        return [OK] if b" /there " in head else [redirect("/there", status)]

    async with serving(script) as server:
        await http.look(check(server.url(), method=method, follow_redirects=True))

    assert server.requests[1].split(b" ")[0] == then


async def test_secrets_do_not_follow_a_redirect_to_another_server(
    http: HttpProbe, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("secret")
    async with serving([OK]) as other, serving([redirect(other.url())]) as home:
        seen = await http.look(
            check(
                home.url(),
                follow_redirects=True,
                headers=(("X-Api-Key", "secret"),),
                bearer_token_file=tmp_path / "token",
            )
        )

    assert seen.level is Level.OK
    assert home.requests[0].count(b"secret") == 2
    assert b"secret" not in other.requests[0]


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/"])
async def test_a_redirect_out_of_http_is_judged_by_its_status(to: str) -> None:
    seen = await look([redirect(to)], follow_redirects=True)

    assert seen.reason == Reason.of("http.status", status=302)


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("http://[x/", id="half an IPv6 address"),
        pytest.param("//[x/", id="the same without a scheme"),
        pytest.param("http://[::ffff:1.2.3.4.5]/", id="no IPv6 address"),
        pytest.param("http://x:99999/", id="no port"),
        pytest.param("http:///", id="no host"),
        pytest.param("http://\x01/", id="control characters"),
        pytest.param("http://a b/", id="a space in the host"),
        pytest.param("http://%5b/", id="an escape in the host"),
        pytest.param("http://a\u2100.example/", id="no international name"),
        pytest.param("http://u\x01@127.0.0.1/", id="what only libcurl refuses"),
    ],
)
async def test_a_redirect_to_nowhere_is_a_failure(to: str) -> None:
    """Whatever status is wanted: who wants redirects followed wants to know."""
    any_status = StatusRule(ok=((100, 599),))

    seen = await look([redirect(to)], follow_redirects=True, status=any_status)

    assert verdict(seen) == (Level.CRITICAL, "http.redirect_invalid")


async def test_a_redirect_to_nowhere_is_told_without_its_password() -> None:
    seen = await look([redirect("http://me:canary@[x/y")], follow_redirects=True)

    assert seen.reason == Reason.of("http.redirect_invalid", url="http://[x/y")


async def test_a_redirect_to_an_international_name_is_followed() -> None:
    asked: list[str] = []

    def lookup(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    probe = HttpProbe(lookup=lookup)
    async with serving([OK]) as there, serving([redirect(there.url("/ä", "例え.jp"))]) as server:
        seen = await probe.look(check(server.url(), follow_redirects=True))
    probe.close()

    assert (seen.level, asked) == (Level.OK, ["xn--r8jz45g.jp"])


async def test_a_redirect_to_an_address_of_another_ip_version_is_a_failure() -> None:
    seen = await look([redirect("http://[::1]:1/")], follow_redirects=True, ip="4")

    assert seen.reason == Reason.of("http.no_address", host="::1", version="4")


async def test_a_redirect_loop_ends_at_the_deadline_too(http: HttpProbe) -> None:
    def script(head: bytes) -> Sequence[Act]:
        return [Hang()] if b" /2 " in head else [redirect("/2")]

    async with serving(script) as server:
        seen = await http.look(check(server.url(), SHORT, follow_redirects=True))

    assert seen.reason.code == "http.timeout.first_byte"


# -- evidence, and mistakes


async def test_the_evidence_shows_how_the_verdict_came_about(http: HttpProbe) -> None:
    async with serving([answer("all is well")]) as server:
        url = f"http://user:secret@127.0.0.1:{server.port}/"
        seen = await http.look(check(url, contains="well", latency=Limits(warning=60)))

    evidence = json.loads(json.dumps(seen.evidence))
    phases = evidence.pop("ms")
    assert set(phases) == {"dns", "connect", "tls", "first_byte", "total"}
    assert phases["tls"] is None
    assert 0 < phases["connect"] + phases["first_byte"] <= phases["total"]
    assert [rule["rule"] for rule in evidence.pop("rules")] == ["status", "contains", "latency"]
    assert evidence.pop("took_ms") == phases["total"]
    assert evidence == {
        "status": 200,
        "url": server.url(),
        "redirects": 0,
        "remote": f"127.0.0.1 port {server.port}",
        "bytes": 11,
        "body_truncated": False,
        "certificate_days": None,
    }


@pytest.mark.parametrize("url", ["http:///x", "http://", "http://[::1", "http://a:99999/"])
async def test_a_url_that_is_none_is_unknown(http: HttpProbe, url: str) -> None:
    assert verdict(await http.look(check(url))) == (Level.UNKNOWN, "http.cannot_look")


async def test_only_http_is_spoken(http: HttpProbe) -> None:
    seen = await http.look(check("file://localhost/etc/passwd"))

    assert seen.level is not Level.OK


async def test_a_check_of_another_type_is_a_mistake_of_ours(http: HttpProbe) -> None:
    with pytest.raises(TypeError):
        await http.look(Check(name="x", target=ProcessTarget(process="x")))


# -- the first of the body, where something is wrong


async def test_of_a_bad_answer_the_first_of_the_body_is_kept() -> None:
    seen = await look([answer("no\x1b[2J database\r\n" + "x" * 5000, status="500 Oops")])

    body = str(seen.evidence["body"])
    assert body.startswith(r"no\x1b[2J database\r\nxxx")
    assert len(body) == 512


async def test_of_a_good_one_nothing_is_kept() -> None:
    assert "body" not in (await look([OK])).evidence


async def test_an_answer_that_never_ended_is_kept_as_far_as_it_came() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    seen = await look([head + b"half a page"], SHORT)

    assert seen.level is Level.CRITICAL
    assert seen.evidence["body"] == "half a page"


async def test_the_body_is_read_in_its_charset() -> None:
    text = answer("障害".encode("shift_jis"), "Content-Type: text/plain; charset=Shift_JIS")
    seen = await look([text], contains="正常")

    assert seen.evidence["body"] == "障害"


async def test_what_was_sent_in_secret_is_not_kept_where_it_comes_back(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("hunter2")
    seen = await look(
        [answer("you sent hunter2, password=abc", status="401 No")], bearer_token_file=token
    )

    assert seen.evidence["body"] == "you sent ***, password=***"
