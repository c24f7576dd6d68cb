"""The port is open to anybody: what is malformed, huge or slow ends early and harms nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.twilio import (
    KEYS,
    STATUS,
    Night,
    Params,
    Reply,
    Twilio,
    form,
    parsed,
    reachable,
    sign,
)
from watchcall.core.attempt import Attempt
from watchcall.errors import StartError
from watchcall.web import listen
from watchcall.web.hooks import MOST_BODY, MOST_FIELDS
from watchcall.web.listen import HooksServer

PRESSED = form(Digits="1")
PATH = "/pager" + KEYS
FORM = "application/x-www-form-urlencoded"
MARK = "Zq7marker"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param("Digits=1\xff", 400, id="not ASCII"),
        pytest.param("Digits=%ED%A0%80", 400, id="half a character"),
        pytest.param("Digits=%FF", 400, id="not UTF-8"),
        pytest.param("Digits=1%00", 400, id="a NUL in a value"),
        pytest.param("Digits%00=1", 400, id="a NUL in a name"),
        pytest.param("&".join(["a=1"] * (MOST_FIELDS + 1)), 400, id="too many fields"),
        pytest.param("a" * (MOST_BODY + 1), 413, id="too much"),
        pytest.param("Digits=" + "1" * 60_000, 403, id="one giant field, not signed"),
        pytest.param("", 403, id="nothing"),
        pytest.param("&&=&=", 403, id="no names"),
        pytest.param("%", 403, id="half an escape"),
    ],
)
async def test_a_form_that_makes_no_sense_is_refused(body: str, status: int) -> None:
    async with reachable() as twilio:
        reply = await twilio.post(KEYS, PRESSED, body=body.encode("latin-1"))

    assert (reply.status, reply.body) == (status, "")
    assert twilio.night.untouched


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("Content-Type", "application/json")], id="JSON"),
        pytest.param([("Content-Type", "multipart/form-data; boundary=x")], id="multipart"),
        pytest.param([("Content-Type", "")], id="nothing"),
        pytest.param([("Content-Type", FORM + "; charset=utf-16")], id="another charset"),
        pytest.param([("Content-Type", FORM), ("Content-Encoding", "gzip")], id="compressed"),
    ],
)
async def test_only_a_form_is_read(headers: Params) -> None:
    signature = ("X-Twilio-Signature", sign(Night().public_url + KEYS, PRESSED))
    async with reachable() as twilio:
        reply = await twilio.send("POST", PATH, [*headers, signature], b"Digits=1")

    assert (reply.status, reply.body) == (415, "")
    assert twilio.night.untouched


async def test_a_form_of_64_kib_is_read() -> None:
    fields = form(Digits="1", Padding="")
    fields = form(Digits="1", Padding="x" * (MOST_BODY - len(urlencode(fields))))
    async with reachable() as twilio:
        assert len(urlencode(fields)) == MOST_BODY
        assert (await twilio.post(KEYS, fields)).said == "ACKNOWLEDGED"


@pytest.mark.parametrize(
    ("header", "body"),
    [
        pytest.param("Content-Length: 65537", b"", id="announced"),
        pytest.param("Content-Length: 99999999999999999999", b"", id="announced, absurdly"),
        pytest.param("Transfer-Encoding: chunked", b"10001\r\n" + b"x" * 0x10001, id="in chunks"),
    ],
)
async def test_what_is_too_long_is_not_read_to_its_end(header: str, body: bytes) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n{header}\r\n\r\n"
    async with reachable() as twilio:
        reply = parsed(await twilio.raw(head.encode() + body))

    assert reply.status == 413


@pytest.mark.parametrize("path", ["/nowhere", PATH], ids=["of nothing", "of a call"])
@pytest.mark.parametrize("first", ["", "3\r\nabc\r\n"], ids=["at once", "after a good part"])
async def test_a_broken_body_is_refused_once(
    path: str, first: str, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
    async with reachable() as twilio:
        data = await twilio.raw(f"{head}Transfer-Encoding: chunked\r\n\r\n{first}zz\r\n".encode())

    assert parsed(data).status == 400
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_headers_without_end_are_refused() -> None:
    async with reachable() as twilio:
        data = await twilio.raw(b"GET /healthz HTTP/1.1\r\nX: " + b"x" * (listen.MOST_HEAD + 1))

    assert data == b"" or parsed(data).status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", [KEYS, STATUS], ids=["keys", "status"])
async def test_callbacks_are_posted(method: str, path: str) -> None:
    async with reachable() as twilio:
        assert (await twilio.send(method, "/pager" + path)).status == 405


async def test_the_health_is_that_it_answers() -> None:
    async with reachable() as twilio:
        reply = await twilio.send("GET", "/healthz")

    assert (reply.status, reply.body) == (200, "ok")
    assert "server" not in reply.headers
    assert reply.headers["connection"] == "close"
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/", id="the root"),
        pytest.param("/status", id="what the control socket answers"),
        pytest.param("/healthz/", id="a slash too many"),
        pytest.param(f"/{MARK}", id="anything"),
        pytest.param(f"/{MARK}%0d%0aSet-Cookie:%20x", id="line ends"),
        pytest.param(f"http://{MARK}.example.com/healthz", id="another host's"),
        pytest.param("/pager/twilio/keys/", id="no call"),
        pytest.param(PATH + "/", id="a slash after the call"),
        pytest.param(f"/{MARK}{KEYS}", id="another path in front"),
        pytest.param(f"/pager/pager{KEYS}", id="the path twice"),
        pytest.param(f"/pager/../pager{KEYS}", id="dots"),
        pytest.param(f"/%70ager{KEYS}", id="written differently"),
        pytest.param(PATH.replace("6", "%36", 1), id="a call written differently"),
        pytest.param("//" + PATH, id="slashes in front"),
    ],
)
async def test_anything_else_is_not_found(path: str) -> None:
    async with reachable() as twilio:
        signature = ("X-Twilio-Signature", sign("https://watchcall.example.com" + path, PRESSED))
        kind = ("Content-Type", FORM)
        reply = await twilio.send("POST", path, [("Host", MARK), signature, kind])
        shown = f"{reply.headers} {reply.body}"

    expected = 405 if path.endswith("example.com/healthz") else 404
    assert reply.status in (404, expected)
    assert MARK.lower() not in shown.lower()
    assert twilio.night.untouched


@pytest.mark.parametrize(
    ("first", "more"),
    [
        pytest.param("", "", id="who says nothing"),
        pytest.param("POST /pager HTT", "", id="who stops in the middle of a line"),
        pytest.param("GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", "x", id="a header in drops"),
        pytest.param(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
            "Content-Length: 9000\r\n\r\n",
            "x",
            id="a body in drops",
        ),
    ],
)
async def test_who_is_slow_is_cut_off(
    first: str, more: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listen, "PATIENCE_S", 0.2)
    async with reachable() as twilio, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", twilio.port)
        writer.write(first.encode())
        cut = asyncio.ensure_future(reader.read())
        while not cut.done():
            writer.write(more.encode())
            await asyncio.wait([cut], timeout=0.02)
        writer.close()

    assert isinstance(cut.exception(), ConnectionError) or cut.result() == b""
    assert caplog.records == []


async def test_who_was_quick_is_answered_however_long_that_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(Night):
        async def attempt(self, id_: str) -> Attempt | None:
            await asyncio.sleep(0.2)  # twice as long as anybody may be slow
            return await super().attempt(id_)

    monkeypatch.setattr(listen, "PATIENCE_S", 0.1)
    async with reachable(Slow()) as twilio:
        assert (await twilio.press("1")).said == "ACKNOWLEDGED"


async def test_connections_are_few(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listen, "MOST_CONNECTIONS", 3)
    async with reachable() as twilio, asyncio.timeout(20):
        idle = [await asyncio.open_connection("127.0.0.1", twilio.port) for _ in range(3)]
        refused = [await twilio.raw(b"") for _ in range(5)]
        idle[0][1].close()
        while not (data := await twilio.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")):
            pass  # the server has not noticed yet that one has left
        for _, writer in idle:
            writer.close()

    assert refused == [b""] * 5
    assert parsed(data).body == "ok"
    [record] = caplog.records
    assert "web.listen: 3 connections" in record.getMessage()


async def test_a_port_in_use_is_named() -> None:
    async with reachable() as twilio:
        second = HooksServer(_never, "127.0.0.1", twilio.port)
        with pytest.raises(StartError, match=rf"web\.listen: .* 127\.0\.0\.1:{twilio.port}: .*use"):
            await second.start()
        await second.stop()


async def test_an_address_of_another_server_is_named() -> None:
    with pytest.raises(StartError, match=r"web\.listen: .* \[2001:db8::1\]:9911: "):
        await HooksServer(_never, "2001:db8::1", 9911).start()


async def _never(*_: object) -> None:
    raise AssertionError("nobody asks")


async def test_a_port_is_free_again_after_the_end() -> None:
    async with reachable() as twilio:
        await twilio.press("1")
    again = HooksServer(_never, "127.0.0.1", twilio.port)
    await again.start()
    await again.stop()


async def test_the_application_can_be_exchanged_under_the_open_port() -> None:
    async def other(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body"})  # type: ignore[operator]

    server = HooksServer(_never, "127.0.0.1", 0)
    await server.start()
    server.app = other
    assert (await Twilio(server.port, Night()).send("GET", "/")).status == 204
    await server.stop()


# Anything at all


@dataclass
class Stage:
    """One server for many examples, on a loop of its own."""

    runner: asyncio.Runner
    twilio: Twilio
    errors: list[logging.LogRecord] = field(default_factory=list)

    def post(self, path: str, params: Params, signature: str | None) -> Reply:
        return self.runner.run(self.twilio.post(path, params, signature=signature))

    def raw(self, data: bytes) -> bytes:
        return self.runner.run(self.twilio.raw(data, ends=True))


class _Errors(logging.Handler):
    def __init__(self, found: list[logging.LogRecord]) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        self._found.append(record)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        twilio = runner.run(stack.enter_async_context(reachable()))
        stage = Stage(runner, twilio)
        handler = _Errors(stage.errors)
        logging.getLogger().addHandler(handler)
        yield stage
        logging.getLogger().removeHandler(handler)
        runner.run(stack.aclose())


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.sampled_from(["Digits", "CallSid", "AccountSid", "CallStatus", ""]) | TEXT
FORMS = st.lists(st.tuples(NAMES, st.sampled_from(["1", "2", "*"]) | TEXT), max_size=6)
HEADER = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40)
PIECES = [
    *(b"POST ", b"GET ", b"HEAD ", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", PATH.encode(), b"/healthz"),
    *(b"Host: x\r\n", b"\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n"),
    *(f"Content-Type: {FORM}\r\n".encode(), b"X-Twilio-Signature: x\r\n", b"Digits=1", b"12345"),
    *(b"Connection: upgrade\r\nUpgrade: websocket\r\n", b"Expect: 100-continue\r\n"),
    *(b"5\r\nabcde\r\n", b"0\r\n\r\n", b"zz\r\n", b"POST /x HTTP/1.1\r\nHost: x\r\n"),
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
]
HEADS = st.sampled_from(
    [
        b"",
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n".encode(),
        b"POST /nowhere HTTP/1.1\r\nHost: x\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
    ]
)
BYTES = st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=8).map(b"".join)


@given(head=HEADS, rest=BYTES)
def test_any_bytes_at_all_are_survived(stage: Stage, head: bytes, rest: bytes) -> None:
    data = stage.raw(head + rest)

    while data.startswith(b"HTTP/1.1 100"):
        data = data.partition(b"\r\n\r\n")[2]
    assert not data or data.startswith((b"HTTP/1.1 4", b"HTTP/1.1 200"))
    assert stage.twilio.night.untouched
    assert stage.errors == []


@given(path=st.sampled_from([KEYS, STATUS]), params=FORMS, signature=HEADER)
def test_no_form_does_anything_without_the_signature(
    stage: Stage, path: str, params: Params, signature: str
) -> None:
    assert stage.post(path, params, signature).status in (400, 403)
    assert stage.twilio.night.untouched
    assert stage.errors == []


@given(more=FORMS)
def test_no_form_that_is_signed_does_more_than_it_says(stage: Stage, more: Params) -> None:
    night = stage.twilio.night
    params = [*form(), *more]
    try:
        reply = stage.post(KEYS, params, "")

        assert reply.status in (200, 400, 403)
        assert bool(night.acknowledged) == (reply.status == 200 and reply.said == "ACKNOWLEDGED")
        assert not night.acknowledged or ("Digits", "1") in more
        assert stage.errors == []
    finally:
        stage.twilio.night.__init__()  # type: ignore[misc]  # a new night for each example
