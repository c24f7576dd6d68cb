"""What every ports.Desk promises: run against the fake and against the real adapter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.contracts.stages import CALLER, ME, OTHER, account, becomes
from tests.fakes import FakeClock, FakeDesk, FakePhone, FakeTexts
from watchcall.channels.twilio import TwilioDesk, TwilioPhone, TwilioTexts
from watchcall.core.speech import Speech
from watchcall.errors import PhoneError
from watchcall.ports import CallRequest, Desk, Heard, Phone, TextRequest, Texts
from watchcall.simulator.simulator import Simulator

EVER = datetime.min.replace(tzinfo=UTC)
PRICE = Decimal("0.0725")
TEXT_PRICE = Decimal("0.0079")


@dataclass
class Stage:
    """A desk, and what people and Twilio do behind it."""

    desk: Desk
    phone: Phone
    texts: Texts
    text_us: Callable[[str, str], str]  # sender, body: SID
    ring_us: Callable[[str], str]  # caller: SID
    bill: Callable[[str, Decimal], None]


@asynccontextmanager
async def fake() -> AsyncIterator[Stage]:
    clock = FakeClock()
    phone, texts = FakePhone(clock), FakeTexts(clock)
    desk = FakeDesk(phone=phone, texts=texts)

    def come(there: list[Heard], kind: str, sender: str, body: str | None) -> str:
        clock.advance(1)
        sid = f"{kind}{len(there):032x}"
        there.append(Heard(sid=sid, sender=sender, at=clock.now().utc, body=body))
        return sid

    yield Stage(
        desk=desk,
        phone=phone,
        texts=texts,
        text_us=lambda sender, body: come(desk.came_texts, "SM", sender, body),
        ring_us=lambda caller: come(desk.came_calls, "CA", caller, None),
        bill=lambda sid, price: (phone if sid in phone.calls else texts).bill(sid, price),
    )


@asynccontextmanager
async def twilio() -> AsyncIterator[Stage]:
    script = {"speed": 100, "price_after": 0, "price": 0.0725, "text_price": 0.0079}
    async with Simulator(script) as simulator:
        ours = account(simulator)
        desk, phone, texts = TwilioDesk(ours, "d"), TwilioPhone(ours, "p"), TwilioTexts(ours, "t")
        yield Stage(
            desk=desk,
            phone=phone,
            texts=texts,
            text_us=lambda sender, body: simulator.text(sender, CALLER, body).sid,
            ring_us=lambda caller: simulator.ring(caller, CALLER).sid,
            bill=lambda sid, price: None,  # Twilio does it by itself
        )
        for one in (desk, phone, texts):
            one.close()


@pytest.fixture(params=[pytest.param(fake, id="fake"), pytest.param(twilio, id="twilio")])
def stage(request: pytest.FixtureRequest) -> AbstractAsyncContextManager[Stage]:
    chosen: AbstractAsyncContextManager[Stage] = request.param()
    return chosen


async def test_texts_that_came_in_are_heard_the_newest_first(
    stage: AbstractAsyncContextManager[Stage],
) -> None:
    async with stage as on:
        sids = [on.text_us(ME, "K7Q2"), on.text_us(OTHER, "stop it\n")]
        await on.texts.send(TextRequest(to=ME, body="ours"))
        heard = await on.desk.texts_in(EVER)

    assert [(one.sid, one.sender, one.body) for one in heard] == [
        (sids[1], OTHER, "stop it\n"),
        (sids[0], ME, "K7Q2"),
    ]


async def test_calls_that_came_in_are_heard_the_newest_first(
    stage: AbstractAsyncContextManager[Stage],
) -> None:
    async with stage as on:
        sids = [on.ring_us(ME), on.ring_us(OTHER)]
        await on.phone.place(
            CallRequest(to=ME, speech=Speech("ours", "again", "en-US"), ring_timeout_s=5)
        )
        heard = await on.desk.calls_in(EVER)

    assert [(one.sid, one.sender, one.body) for one in heard] == [
        (sids[1], OTHER, None),
        (sids[0], ME, None),
    ]


async def test_what_came_in_before_is_not_heard(stage: AbstractAsyncContextManager[Stage]) -> None:
    async with stage as on:
        on.text_us(ME, "K7Q2")
        on.ring_us(ME)
        (text,), (call,) = await on.desk.texts_in(EVER), await on.desk.calls_in(EVER)

        assert [one.sid for one in await on.desk.texts_in(text.at)] == [text.sid]
        assert await on.desk.texts_in(text.at + timedelta(seconds=1)) == []
        assert await on.desk.calls_in(call.at + timedelta(seconds=1)) == []


async def test_prices_come_to_be_known(stage: AbstractAsyncContextManager[Stage]) -> None:
    async with stage as on:
        speech = Speech("httpd", "again", "en-US")
        call = await on.phone.place(CallRequest(to=ME, speech=speech, ring_timeout_s=5))
        text = await on.texts.send(TextRequest(to=ME, body="httpd"))
        await becomes(on.phone.fetch, call.sid)
        await becomes(on.texts.fetch, text.sid)
        on.bill(call.sid, PRICE)
        on.bill(text.sid, TEXT_PRICE)
        async with asyncio.timeout(10):
            while (await on.desk.call(call.sid)).price is None:  # noqa: ASYNC110 - a price can only be asked for
                await asyncio.sleep(0.01)
            while (await on.desk.text(text.sid)).price is None:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.01)
        priced = await on.desk.call(call.sid), await on.desk.text(text.sid)

    assert [(one.price, one.price_unit) for one in priced] == [(PRICE, "USD"), (TEXT_PRICE, "USD")]


async def test_what_there_is_not_is_an_error(stage: AbstractAsyncContextManager[Stage]) -> None:
    async with stage as on:
        with pytest.raises(PhoneError):
            await on.desk.call("CA" + "f" * 32)
        with pytest.raises(PhoneError):
            await on.desk.text("SM" + "f" * 32)


async def test_a_deaf_desk_still_reports() -> None:
    desk = FakeDesk(deaf=2)
    with pytest.raises(PhoneError):
        await desk.texts_in(EVER)

    report = await desk.inspect(["JP"])
    assert (report.reachable, report.credentials) == (False, None)
    assert (await desk.inspect(["JP"])).reachable
    assert desk.inspected == [("JP",), ("JP",)]
