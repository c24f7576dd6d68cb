"""What every ports.Phone promises: run against the stories' fake and against the real adapter,
which talks to the simulator over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import pytest

from tests.fakes import FakeClock, FakePhone
from watchcall.channels.twilio import Account, TwilioPhone
from watchcall.core.attempt import FINAL, CallReport
from watchcall.core.speech import Speech
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.ports import CallRequest, Phone
from watchcall.simulator.simulator import Simulator

CALLER = "+15005550006"
ME = "+819012345678"
REQUEST = CallRequest(to=ME, speech=Speech("httpd", "again", "ja-JP"), ring_timeout_s=5)

# what the fake is told, and the simulator's word for the same
SAME = {
    "answered": "answer",
    "busy": "busy",
    "no-answer": {"does": "busy", "ring": 60},  # rings until the caller gives up
    "failed": "fail",
    "429": {"does": "429", "retry_after": 7},
    "reject:21217": {"does": "reject", "code": 21217},
    "reject:20003": {"does": "reject", "code": 20003},
    "lost": "lost",
    "lost-unplaced": "500",
}

Stage = Callable[[str], AbstractAsyncContextManager[Phone]]


@asynccontextmanager
async def fake(behaviour: str) -> AsyncIterator[Phone]:
    yield FakePhone(FakeClock(), [behaviour])


@asynccontextmanager
async def twilio(behaviour: str) -> AsyncIterator[Phone]:
    script = {"speed": 100, "queued": 0, "phones": {ME: [SAME[behaviour]]}}
    async with Simulator(script) as simulator:
        account = Account(
            sid=simulator.account.sid,
            user=simulator.account.sid,
            secret=simulator.account.token,
            caller=CALLER,
            api_url=simulator.url,
            timeout=timedelta(seconds=5),
        )
        phone = TwilioPhone(account, "test")
        yield phone
        phone.close()


@pytest.fixture(params=[pytest.param(fake, id="fake"), pytest.param(twilio, id="twilio")])
def stage(request: pytest.FixtureRequest) -> Stage:
    chosen: Stage = request.param
    return chosen


async def ended(phone: Phone, sid: str) -> CallReport:
    async with asyncio.timeout(10):
        while (report := await phone.fetch(sid)).status not in FINAL:  # noqa: ASYNC110 - a status can only be asked for
            await asyncio.sleep(0.01)
    return report


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        pytest.param("answered", "completed", id="answered"),
        pytest.param("busy", "busy", id="busy"),
        pytest.param("no-answer", "no-answer", id="nobody answers"),
        pytest.param("failed", "failed", id="failed"),
    ],
)
async def test_a_placed_call_comes_to_its_end(stage: Stage, behaviour: str, status: str) -> None:
    async with stage(behaviour) as phone:
        placed = await phone.place(REQUEST)
        assert placed.sid.startswith("CA")
        assert placed.status not in FINAL

        report = await ended(phone, placed.sid)
        assert report.status == status
        assert report.ended_at is not None
        assert (report.duration_s is not None) is (behaviour == "answered")


@pytest.mark.parametrize(
    ("behaviour", "error", "code"),
    [
        pytest.param("429", NotPlaced, 20429, id="too many requests: later"),
        pytest.param("reject:21217", Rejected, 21217, id="a bad number: never"),
        pytest.param("reject:20003", Rejected, 20003, id="bad credentials: never like this"),
        pytest.param("lost", Unsure, None, id="a lost reply: who knows"),
        pytest.param("lost-unplaced", Unsure, 20500, id="an internal error: who knows"),
    ],
)
async def test_what_a_failure_means_for_the_call(
    stage: Stage, behaviour: str, error: type[PhoneError], code: int | None
) -> None:
    async with stage(behaviour) as phone:
        with pytest.raises(error) as caught:
            await phone.place(REQUEST)

        assert caught.value.code == code
        assert ME not in str(caught.value)


async def test_it_says_how_long_to_wait_where_twilio_does(stage: Stage) -> None:
    async with stage("429") as phone:
        with pytest.raises(NotPlaced) as caught:
            await phone.place(REQUEST)

        assert caught.value.after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("behaviour", "found"),
    [
        pytest.param("lost", 1, id="a call whose reply was lost"),
        pytest.param("lost-unplaced", 0, id="no call that was not placed"),
    ],
)
async def test_a_lost_call_can_be_found(stage: Stage, behaviour: str, found: int) -> None:
    async with stage(behaviour) as phone:
        with pytest.raises(Unsure):
            await phone.place(REQUEST)
        since = FakeClock().now().utc - timedelta(days=3650)

        assert len(await phone.placed_since(ME, since)) == found
        assert await phone.placed_since("+15005550009", since) == []


async def test_calls_from_before_are_not_found(stage: Stage) -> None:
    async with stage("answered") as phone:
        await phone.place(REQUEST)

        assert await phone.placed_since(ME, FakeClock().now().utc + timedelta(days=3650)) == []


async def test_an_unknown_call_is_an_error_not_a_status(stage: Stage) -> None:
    async with stage("answered") as phone:
        with pytest.raises(PhoneError):
            await phone.fetch("CA" + "f" * 32)


# What only the real adapter can get wrong


def _account(url: str, **other: object) -> Account:
    values = {"sid": "AC" + "0" * 32, "user": "AC" + "0" * 32, "secret": "simulator"}
    return Account(**{**values, "caller": CALLER, "api_url": url, **other})  # type: ignore[arg-type]  # a table of keywords


async def _refused(account: Account) -> PhoneError:
    phone = TwilioPhone(account, "test")
    try:
        with pytest.raises(PhoneError) as caught:
            await phone.place(REQUEST)
    finally:
        phone.close()
    return caught.value


async def test_where_nobody_listens_nothing_was_placed() -> None:
    async with Simulator({}) as gone:
        url = gone.url

    assert isinstance(await _refused(_account(url)), NotPlaced)


async def test_wrong_credentials_are_refused_and_not_quoted() -> None:
    secret = "c0ffee" * 5
    async with Simulator({}) as simulator:
        error = await _refused(_account(simulator.url, secret=secret))

    assert isinstance(error, Rejected)
    assert error.code == 20003
    assert secret not in str(error)
    assert secret not in repr(_account(simulator.url, secret=secret))


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
        error = await _refused(_account(simulator.url, timeout=timedelta(milliseconds=300)))

    assert isinstance(error, Unsure)


async def test_a_reply_that_drips_ends_at_the_deadline() -> None:
    """`requests` bounds each wait for bytes only; the whole is bounded from outside."""

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for byte in b"HTTP/1.1 201 Created\r\nX-Drip: " + b"x" * 1000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(5):
        error = await _refused(
            _account(f"http://127.0.0.1:{port}", timeout=timedelta(milliseconds=200))
        )
    server.close()

    assert isinstance(error, Unsure)


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        pytest.param((404, "{}"), Rejected, 404, id="there is none"),
        pytest.param((403, '{"code": 20403, "message": "no"}'), Rejected, 20403, id="forbidden"),
        pytest.param((401, '{"code": 20003, "message": "no"}'), Rejected, 20003, id="credentials"),
        pytest.param((429, '{"code": 20429, "message": "no"}'), NotPlaced, 20429, id="too many"),
        pytest.param((500, '{"code": 20500, "message": "no"}'), Unsure, 20500, id="an error"),
        pytest.param((502, "<html>"), Unsure, 502, id="a gateway's page"),
        pytest.param((200, "<html>"), Unsure, None, id="unreadable"),
    ],
)
async def test_a_list_that_is_refused_says_so(
    reply: tuple[int, str], error: type[PhoneError], code: int | None
) -> None:
    """The SDK raises one and the same bare exception for all of these."""
    async with _answering(*reply) as url:
        phone = TwilioPhone(_account(url), "test")
        with pytest.raises(error) as caught:
            await phone.placed_since(ME, FakeClock().now().utc)
        phone.close()

    assert caught.value.code == code


@asynccontextmanager
async def _answering(status: int, body: str) -> AsyncIterator[str]:
    """A server that answers everything alike."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_no_proxy_of_the_environment_stands_before_the_simulator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with Simulator({}) as simulator:
        phone = TwilioPhone(_account(simulator.url), "test")
        assert (await phone.place(REQUEST)).sid
        phone.close()


async def test_the_simulator_hears_the_words_in_their_language() -> None:
    async with Simulator({"speed": 100, "queued": 0}) as simulator:
        phone = TwilioPhone(_account(simulator.url), "test")
        await ended(phone, (await phone.place(REQUEST)).sid)
        phone.close()

        heard = [(entry["language"], entry["words"]) for entry in simulator.entries("heard")]
    assert heard == [("ja-JP", "httpd"), ("ja-JP", "again httpd")]
