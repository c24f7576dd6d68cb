"""Requests about texts that Twilio would refuse are refused, with Twilio's code; and lists."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulator.caller import ME, OURS, YOU, Caller
from tests.simulator.texter import became, create, send, texting
from watchcall.core.moment import Moment

NOW = datetime.now(UTC)
TODAY = NOW.date()
SERVICE = "MG" + "0" * 32
TEXTLESS = "+15005550009"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"To": None}, 21604, id="no To"),
        pytest.param({"To": "09012345678"}, 21211, id="a To that is not E.164"),
        pytest.param({"To": TEXTLESS}, 21614, id="a number that gets no texts"),
        pytest.param({"To": OURS}, 21266, id="a To that is the From"),
        pytest.param({"From": None}, 21603, id="neither From nor a service"),
        pytest.param({"From": "me, myself & I"}, 21212, id="too long a name as From"),
        pytest.param({"From": None, "MessagingServiceSid": "MG1"}, 20001, id="a SID that is none"),
        pytest.param({"Body": None}, 21602, id="no Body"),
        pytest.param({"Body": ""}, 21602, id="an empty Body"),
        pytest.param({"Body": "障" * 1601}, 21617, id="1,601 characters"),
        pytest.param({"StatusCallback": "nowhere"}, 21609, id="a callback that is no URL"),
        pytest.param({"ValidityPeriod": "0"}, 20001, id="no time to be sent in"),
        pytest.param({"SendAt": "2026-11-22T00:00:00Z"}, 20001, id="what is not simulated"),
        pytest.param({"Boddy": "x"}, 20001, id="a parameter that does not exist"),
        pytest.param({"Body": ["a", "b"]}, 20001, id="two Bodies"),
    ],
)
async def test_it_refuses(change: dict[str, Any], code: int) -> None:
    async with texting() as caller:
        reply = await create(caller, **change)

        assert (400, code) == (reply.status_code, reply.json()["code"])
        assert reply.json()["message"]
        assert caller.simulator.texts == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"Body": "障" * 1600}, id="1,600 characters"),
        pytest.param({"From": "WatchCall"}, id="a name as From"),
        pytest.param({"From": "12345"}, id="a short code as From"),
        pytest.param({"MessagingServiceSid": SERVICE}, id="a service and a From"),
        pytest.param({"Body": None, "MediaUrl": "https://example.com/a.png"}, id="a picture"),
    ],
)
async def test_it_accepts(change: dict[str, Any]) -> None:
    async with texting() as caller:
        assert (await create(caller, **change)).status_code == 201


async def test_a_refused_request_does_not_use_up_the_script() -> None:
    async with texting("failed", "delivered") as caller:
        await create(caller, Body="")
        await create(caller)
        await became(caller, "failed")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", f"/Messages/SM{'0' * 32}.json", 404, 20404, id="a text not there"),
        pytest.param("DELETE", f"/Messages/SM{'0' * 32}.json", 405, 20004, id="a deletion"),
        pytest.param("GET", "/Messages.json?Status=sent", 400, 20001, id="a filter that is none"),
        pytest.param("GET", "/Messages.json?DateSent=now", 400, 20001, id="a day that is none"),
    ],
)
async def test_it_answers_what_it_cannot_do(method: str, path: str, status: int, code: int) -> None:
    async with texting() as caller:
        reply = await caller.ask(method, path)

        assert (status, code) == (reply.status_code, reply.json()["code"])


async def test_texts_need_credentials() -> None:
    async with texting() as caller:
        reply = await caller.ask("GET", "/Messages.json", auth=("AC" + "0" * 32, "wrong"))

        assert (reply.status_code, reply.json()["code"]) == (401, 20003)


async def shown(caller: Caller, **filters: Any) -> list[str]:
    listed = await asyncio.to_thread(lambda: caller.sdk.messages.list(**filters))
    return [text.sid or "" for text in listed]


async def test_a_list_shows_the_newest_first_and_pages_hold_each_once() -> None:
    async with texting() as caller:
        for _ in range(5):
            await send(caller)
        sids = [text.sid for text in caller.simulator.texts]

        assert sids[::-1] == await shown(caller)
        assert sids[::-1] == await shown(caller, page_size=2)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param({"to": ME}, 1, id="to this number"),
        pytest.param({"to": ME, "from_": OURS}, 1, id="to this number from ours"),
        pytest.param({"to": OURS, "from_": ME}, 1, id="to ours from this number"),
        pytest.param({"to": OURS, "from_": YOU}, 0, id="to ours from another"),
        pytest.param({"from_": OURS}, 2, id="from ours"),
    ],
)
async def test_a_list_shows_texts(filters: dict[str, str], found: int) -> None:
    async with texting() as caller:
        for number in (ME, YOU):
            await send(caller, to=number)
        caller.simulator.text(ME, OURS, "ack K7Q4")

        assert found == len(await shown(caller, **filters))


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        pytest.param({"DateSent": "2026-03-01"}, True, id="on that day"),
        pytest.param({"DateSent": "2026-03-02"}, False, id="not on another day"),
        pytest.param({"DateSent>": "2026-03-01"}, True, id="that day is after itself"),
        pytest.param({"DateSent>": "2026-03-02"}, False, id="but not after the next"),
        pytest.param({"DateSent<": "2026-03-01"}, True, id="and before itself"),
        pytest.param({"DateSent<": "2026-02-28"}, False, id="but not before the last"),
        pytest.param(
            {"DateSent>": "2026-03-01T23:59:59Z"}, True, id="a time of day means the whole day"
        ),
        pytest.param(
            {"DateSent>": "2026-03-02T08:30:00+09:00"}, True, id="and the day is that in GMT"
        ),
    ],
)
async def test_days_are_whole_and_in_gmt(filter: dict[str, str], found: bool) -> None:
    noon = Moment(datetime(2026, 3, 1, 12, tzinfo=UTC), 0.0)
    async with texting() as caller:
        caller.simulator.text(ME, OURS, "ack").sent = noon
        reply = await caller.ask("GET", "/Messages.json", params=filter)

        assert found is bool(reply.json()["messages"])


async def test_what_is_not_sent_yet_is_of_no_day() -> None:
    async with texting(queued=1000) as caller:
        await send(caller)

        assert len(await shown(caller)) == 1
        assert await shown(caller, date_sent_after=NOW - timedelta(days=2)) == []


OWNED = [{"number": OURS}, {"number": "+15005550009", "sms": False}]


@pytest.mark.parametrize(
    ("settings", "change", "code"),
    [
        pytest.param({"account_status": "suspended"}, {}, 20005, id="a suspended account"),
        pytest.param({"owned": OWNED}, {"From": YOU}, 21606, id="a From that is not owned"),
        pytest.param({"owned": OWNED}, {"From": "+15005550009"}, 21606, id="one without SMS"),
        pytest.param({"account_type": "Trial"}, {}, 21608, id="a trial account to anybody"),
    ],
)
async def test_an_account_may_not_text(
    settings: dict[str, Any], change: dict[str, Any], code: int
) -> None:
    async with texting(**settings) as caller:
        assert (await create(caller, **change)).json()["code"] == code
        assert caller.simulator.texts == []


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        pytest.param({"owned": OWNED}, {}, id="from a number of its own"),
        pytest.param({"owned": OWNED}, {"From": "WatchCall"}, id="from a name"),
        pytest.param(
            {"owned": OWNED}, {"From": None, "MessagingServiceSid": SERVICE}, id="from a service"
        ),
        pytest.param({"account_type": "Trial", "verified": [ME]}, {}, id="on trial, the verified"),
    ],
)
async def test_an_account_may_text(settings: dict[str, Any], change: dict[str, Any]) -> None:
    async with texting(**settings) as caller:
        assert (await create(caller, **change)).status_code == 201
