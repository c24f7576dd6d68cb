"""Replies that no Twilio should send: each is survived, and none is taken for an outcome."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.channels.asking import CALL, EVER, NOW, QUESTIONS_OF_A_PHONE, REQUEST, refused
from tests.channels.server import ME, account, answering, saying
from watchcall.channels.twilio import TwilioDesk, TwilioPhone, TwilioTexts
from watchcall.channels.twilio.http import LONGEST_REPLY, Reply
from watchcall.core.attempt import CallReport
from watchcall.errors import PhoneError, Unsure
from watchcall.ports import TextRequest
from watchcall.simulator.simulator import Simulator


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param("garbage", id="an unreadable 201"),
        pytest.param("cut", id="a reply that breaks off"),
        pytest.param({"does": "slow", "delay": 30}, id="a reply that does not come in time"),
    ],
)
async def test_a_reply_that_cannot_be_read_leaves_the_call_uncertain(behaviour: object) -> None:
    async with Simulator({"phones": {ME: [behaviour]}}) as simulator:
        error = await refused(simulator.url, timeout=timedelta(milliseconds=300))

    assert isinstance(error, Unsure)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 201 Created\r\nX-Drip: ", id="its head"),
        pytest.param(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n", id="its body"),
    ],
)
async def test_a_reply_that_drips_ends_at_the_deadline(head: bytes) -> None:
    """`requests` bounds each wait for bytes only; the whole is bounded from outside."""

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(head)
            for _ in range(1000):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(5):
        error = await refused(f"http://127.0.0.1:{port}", timeout=timedelta(milliseconds=200))
    server.close()

    assert isinstance(error, Unsure)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0" * 100, id="zeros"),
        pytest.param(b"HTTP/1.1 201 Created\r\n\r\n", id="no body"),
        pytest.param(b"HTTP/1.1 abc\r\n\r\n{}", id="no status"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}", id="200 headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n{}", id="a long one"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}", id="a bad chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
            id="gzip that is none",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nDate: \xff\xff\r\n\r\n\xff\xfe", id="no text"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 200_000, id="too deep"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b"9" * 100_000, id="too many digits"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n[]", id="a list"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\n\r\n", id="moved"),
    ],
)
async def test_what_is_no_answer_leaves_everything_uncertain(raw: bytes) -> None:
    async with saying(raw) as url:
        for ask in (None, *QUESTIONS_OF_A_PHONE):
            assert isinstance(await refused(url, ask), Unsure)


async def test_no_reply_makes_the_log_quote_a_number(caplog: pytest.LogCaptureFixture) -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding chunked\r\nX: y\r\n\r\n{}"
    async with saying(raw) as url:
        await refused(url, lambda phone: phone.placed_between(ME, *EVER))

    assert ME[1:] not in caplog.text


async def test_of_a_giant_reply_only_the_beginning_is_read() -> None:
    read = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal read
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n[")
            while read < 100 * LONGEST_REPLY:
                writer.write(b"1," * 32_768)
                await writer.drain()
                read += 65_536
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    error = await refused(url, lambda phone: phone.fetch(CALL))
    server.close()

    assert isinstance(error, Unsure)
    assert str(LONGEST_REPLY) in str(error)
    assert read < 8 * LONGEST_REPLY  # what the sockets hold comes on top


@pytest.mark.parametrize("does", ["giant", "lost", "cut", "garbage", "500", "slow"])
async def test_a_question_that_fails_is_not_an_outcome(does: str) -> None:
    faults = [{"method": "GET", "does": does}]
    async with Simulator({"faults": faults}) as simulator:
        phone = TwilioPhone(account(simulator.url, timeout=timedelta(seconds=1)), "test")
        sid = (await phone.place(REQUEST)).sid
        with pytest.raises(Unsure):
            await phone.fetch(sid)
        assert (await phone.fetch(sid)).sid == sid
        phone.close()


async def test_what_a_later_twilio_adds_harms_nothing() -> None:
    async with Simulator({"faults": [{"times": 3, "does": "odd"}]}) as simulator:
        phone = TwilioPhone(account(simulator.url), "test")
        placed = await phone.place(REQUEST)
        fetched = await phone.fetch(placed.sid)
        (listed,) = await phone.placed_between(ME, *EVER)
        phone.close()

    assert {one.status for one in (placed, fetched, listed)} == {"teleporting"}
    assert {one.sid for one in (placed, fetched, listed)} == {placed.sid}


async def test_anothers_call_is_not_ours() -> None:
    async with answering(200, json.dumps({"sid": "CA" + "1" * 32, "status": "busy"})) as url:
        assert isinstance(await refused(url, lambda phone: phone.fetch(CALL)), Unsure)


async def test_a_call_without_a_status_was_placed_all_the_same() -> None:
    async with answering(201, json.dumps({"sid": CALL, "status": 7})) as url:
        phone = TwilioPhone(account(url), "test")
        assert (await phone.place(REQUEST)).sid == CALL
        phone.close()


async def test_a_list_without_an_end_comes_to_one() -> None:
    page = {"calls": [], "next_page_uri": "/2010-04-01/Accounts/x/Calls.json?Page=1"}
    async with answering(200, json.dumps(page)) as url:
        phone = TwilioPhone(account(url), "test")
        assert await phone.placed_between(ME, *EVER) == []
        phone.close()


async def test_a_list_goes_on_to_the_next_page_and_ends_where_time_does() -> None:
    async with Simulator({"phones": {ME: ["busy"]}, "queued": 0}) as simulator:
        phone = TwilioPhone(account(simulator.url), "test")
        sids = [simulator.text(ME, "+15005550006", str(nth)).sid for nth in range(250)]
        desk = TwilioDesk(account(simulator.url), "desk")
        heard = await desk.texts_in(EVER[0])
        asked = len(simulator.entries("request"))
        assert await desk.texts_in(datetime.now(UTC) + timedelta(minutes=1)) == []
        assert len(simulator.entries("request")) == asked + 1
        phone.close()
        desk.close()

    assert [one.sid for one in heard] == sids[::-1]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["0", "-1", "NaN", "1e999", "sNaN", "²", "9" * 5000])
    | st.sampled_from(["Fri, 20 Nov 2026 12:00:00 +0000", "Mon, 01 Jan 0001 00:00:00 +2359"])
    | st.sampled_from([CALL, "completed", "inbound", "outbound-api", "2026-11-20T12:00:00Z"])
    | st.sampled_from(["/2010-04-01/x", "//example.com/", "https://example.com/\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
FIELDS = (
    "sid status answered_by date_created end_time duration price price_unit direction from body"
    " num_segments error_code error_message code message detail title message_text balance"
    " currency phone_number capabilities low_risk_numbers_enabled next_page_uri type"
).split()
RESOURCE = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON))
LISTS = ("calls", "messages", "notifications", "incoming_phone_numbers", "outgoing_caller_ids")
LISTED = st.fixed_dictionaries(
    {"next_page_uri": JSON}, optional=dict.fromkeys(LISTS, st.lists(RESOURCE | JSON, max_size=3))
)
STATUS = st.sampled_from([200, 201, 204, 302, 400, 401, 404, 429, 500, 503])


@dataclass
class Oracle:
    """A transport that answers everything alike."""

    reply: Reply

    def request(self, *_: object, **__: object) -> Reply:
        return self.reply


@given(status=STATUS, body=RESOURCE | LISTED | JSON, ahead=st.timedeltas())
@settings(deadline=None)
def test_whatever_twilio_answers_nothing_but_a_phone_error_is_raised(
    status: int, body: object, ahead: timedelta
) -> None:
    asyncio.run(_ask_everything(Oracle(Reply(status, json.dumps(body), ahead))))


async def _ask_everything(oracle: Oracle) -> None:
    where = account("http://127.0.0.1:9")
    phone, texts, desk = TwilioPhone(where, "p"), TwilioTexts(where, "t"), TwilioDesk(where, "d")
    for one in (phone, texts, desk):
        one._client._sdk.http_client = oracle
    questions: list[Awaitable[Any]] = [
        *(phone.place(REQUEST), phone.fetch(CALL), phone.placed_between(ME, *EVER)),
        *(phone.cancel(CALL), phone.hang_up(CALL), phone.why(CALL)),
        *(texts.send(TextRequest(to=ME, body="x")), texts.fetch(CALL)),
        *(texts.sent_between(ME, *EVER), desk.texts_in(NOW), desk.calls_in(NOW)),
        *(desk.call(CALL), desk.text(CALL)),
    ]
    for question in questions:
        with contextlib.suppress(PhoneError):
            _check(await question)
    await desk.inspect(["JP"])  # raises nothing at all
    for one in (phone, texts, desk):
        one.close()


def _check(answer: object) -> None:
    """What is handed on can be written down: no number is endless, no text is."""
    reports = answer if isinstance(answer, list) else [answer]
    for report in reports:
        if isinstance(report, CallReport):
            assert re.fullmatch("[A-Z]{2}[0-9a-f]{32}", report.sid)
            assert len(report.status) <= 100
            assert report.price is None or report.price.is_finite()
            assert (report.duration_s or 0) < 2**63
