"""Instants by our clock, and a call as it stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.channels.asking import CALL, EVER, NOW, REQUEST
from tests.channels.server import ME, account
from watchcall.channels.twilio import TwilioDesk, TwilioPhone, TwilioTexts
from watchcall.channels.twilio.http import skew
from watchcall.channels.twilio.resource import Resource, call_report
from watchcall.core.attempt import CallReport
from watchcall.ports import TextRequest
from watchcall.simulator.simulator import Simulator


@pytest.mark.parametrize(
    ("date", "asked", "came", "seen"),
    [
        pytest.param(0, 0, 0.2, 0, id="together"),
        pytest.param(-1, -0.1, 0.1, 0, id="cut to a second"),
        pytest.param(1, 0, 0.2, 0, id="less than two seconds ahead"),
        pytest.param(-300, 0, 0.5, -299, id="behind"),
        pytest.param(300, 0, 0.5, 299.5, id="ahead"),
        pytest.param(0, 0, 9, 0, id="written at once, on its way for long"),
        pytest.param(9, 0, 9, 0, id="written at the end"),
    ],
)
def test_the_clocks_differ_by_as_little_as_the_date_can_mean(
    date: float, asked: float, came: float, seen: float
) -> None:
    def at(seconds: float) -> datetime:
        return NOW + timedelta(seconds=seconds)

    assert skew(at(date), at(asked), at(came)) == timedelta(seconds=seen)


@pytest.mark.parametrize("ahead", [-3600, 0, 1, 3600], ids="{} s ahead".format)
async def test_instants_are_told_by_our_clock(ahead: int) -> None:
    script = {"clock_skew": ahead, "speed": 100, "queued": 0, "phones": {ME: ["busy"]}}
    before = datetime.now(UTC)
    async with Simulator(script) as simulator:
        ours = account(simulator.url)
        phone, texts, desk = TwilioPhone(ours, "p"), TwilioTexts(ours, "t"), TwilioDesk(ours, "d")
        placed = await phone.place(REQUEST)
        sent = await texts.send(TextRequest(to=ME, body="httpd"))
        simulator.text(ME, "+15005550006", "K7Q2")
        near = before - timedelta(seconds=5), before + timedelta(seconds=10)
        (found,) = await phone.placed_between(ME, *near)
        (found_text,) = await texts.sent_between(ME, *near)
        (heard,) = await desk.texts_in(near[0])
        for one in (phone, texts, desk):
            one.close()

    told = (placed.created_at, sent.created_at, found.created_at, found_text.created_at, heard.at)
    for instant in told:
        assert instant is not None
        assert abs(instant - before) < timedelta(seconds=5)


async def test_a_call_of_the_same_second_is_not_too_old() -> None:
    async with Simulator({}) as simulator:
        phone = TwilioPhone(account(simulator.url), "test")
        placed = await phone.place(REQUEST)
        assert placed.created_at is not None
        since = placed.created_at + timedelta(seconds=0.9)
        found = await phone.placed_between(ME, since, EVER[1])
        phone.close()

    assert [one.sid for one in found] == [placed.sid]


def test_an_instant_is_translated_or_is_none() -> None:
    resource = Resource({"date_created": "Fri, 20 Nov 2026 12:00:00 +0000"}, timedelta(hours=1))

    assert resource.instant("date_created") == NOW - timedelta(hours=1)
    assert Resource({"date_created": "yesterday"}, timedelta(0)).instant("date_created") is None


def test_a_whole_call_is_read_as_it_stands() -> None:
    report = call_report(
        Resource(
            {
                "sid": CALL,
                "status": "completed",
                "answered_by": "machine_start",
                "date_created": "Fri, 20 Nov 2026 12:00:00 +0000",
                "end_time": "Fri, 20 Nov 2026 21:00:30 +0900",
                "duration": "12",
                "price": "-0.0725",
                "price_unit": "USD",
            },
            timedelta(0),
        )
    )

    assert report == CallReport(
        sid=CALL,
        status="completed",
        answered_by="machine_start",
        created_at=NOW,
        ended_at=NOW + timedelta(seconds=30),
        duration_s=12,
        price=Decimal("0.0725"),
        price_unit="USD",
    )


def test_nobody_talked_in_a_call_that_nobody_answered() -> None:
    fields = {"sid": CALL, "status": "no-answer", "duration": "17", "price": None}
    report = call_report(Resource({**fields, "price_unit": "USD"}, timedelta(0)))

    assert report == CallReport(sid=CALL, status="no-answer")
