"""How the account is, as far as Twilio tells, and what comes of its not telling."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.channels.server import CALLER, ME, account, answering
from watchcall.channels.twilio import TwilioDesk
from watchcall.core.account import AccountReport
from watchcall.simulator.api import Account as Theirs
from watchcall.simulator.simulator import Simulator

KEY = Theirs(api_key_sid="SK" + "1" * 32, api_key_secret="opens-it")
WITH_KEY = {"user": KEY.api_key_sid, "secret": KEY.api_key_secret}
OWNED = {"owned": [{"number": CALLER, "voice": True, "sms": False}]}
EVER = datetime.min.replace(tzinfo=UTC)


async def inspected(script: dict[str, Any], *countries: str, **other: Any) -> AccountReport:
    async with Simulator(script, account=KEY) as simulator:
        return await seen(simulator.url, *countries, **other)


async def seen(url: str, *countries: str, **other: Any) -> AccountReport:
    desk = TwilioDesk(account(url, **other), "desk")
    try:
        return await desk.inspect(countries)
    finally:
        desk.close()


def fault(path: str, does: str, **more: Any) -> dict[str, Any]:
    return {"faults": [{"path": path, "does": does, "times": 99, **more}]}


async def test_everything_that_can_be_learnt() -> None:
    report = await inspected({**OWNED, "geo": {"US": False}, "balance": 4.5}, "JP", "US")

    assert report == AccountReport(
        reachable=True,
        credentials=True,
        status="active",
        type="Full",
        balance=Decimal("4.50"),
        currency="USD",
        owned=True,
        voice=True,
        sms=False,
        caller_id=False,
        allowed={"JP": True, "US": False},
    )


@pytest.mark.parametrize(
    ("script", "learnt"),
    [
        pytest.param({"account_type": "Trial"}, {"type": "Trial"}, id="a trial account"),
        pytest.param({"account_status": "suspended"}, {"status": "suspended"}, id="suspended"),
        pytest.param(
            {"owned": []}, {"owned": False, "voice": None, "caller_id": False}, id="not our number"
        ),
        pytest.param(
            {"owned": [], "caller_ids": [CALLER]},
            {"owned": False, "voice": None, "caller_id": True},
            id="a verified caller ID",
        ),
    ],
)
async def test_what_is_wrong_with_the_account(
    script: dict[str, Any], learnt: dict[str, Any]
) -> None:
    report = await inspected(script)

    assert {name: getattr(report, name) for name in learnt} == learnt
    assert report.problem is None


@pytest.mark.parametrize("does", ["403", "429", "500", "lost", "cut", "garbage", "giant"])
@pytest.mark.parametrize(
    ("path", "missing"),
    [
        pytest.param("0.json", {"status", "type"}, id="the account"),
        pytest.param("Balance", {"balance", "currency"}, id="the balance"),
        pytest.param("Incoming", {"owned", "voice", "sms", "caller_id"}, id="the number"),
        pytest.param("DialingPermissions", {"allowed"}, id="the countries"),
    ],
)
async def test_a_part_that_fails_spoils_no_other(path: str, does: str, missing: set[str]) -> None:
    whole = await inspected(OWNED, "JP")
    report = await inspected({**OWNED, **fault(path, does)}, "JP")

    for name in AccountReport.__dataclass_fields__:
        if name in missing:
            assert not getattr(report, name), name
        elif name != "problem":
            assert getattr(report, name) == getattr(whole, name), name
    assert report.problem
    assert CALLER not in report.problem


@pytest.mark.parametrize(
    ("script", "credentials", "accepted"),
    [
        pytest.param({}, {"secret": "wrong"}, False, id="a wrong token"),
        pytest.param({}, {**WITH_KEY, "secret": "wrong"}, False, id="a wrong key"),
        pytest.param({}, WITH_KEY, True, id="a key that may read the account"),
        pytest.param(fault("0.json", "401"), WITH_KEY, True, id="a key that may not"),
        pytest.param(fault("Accounts", "500"), {}, None, id="who knows"),
        pytest.param(fault("Accounts", "403"), {}, None, id="not allowed is not unknown"),
        pytest.param(
            {
                "faults": [fault(path, "500")["faults"][0] for path in ("Bal", "Inc", "Out")]
                + fault("0.json", "401")["faults"]
            },
            WITH_KEY,
            None,
            id="a key that may not read the account, and nothing else answers",
        ),
    ],
)
async def test_whether_the_credentials_are_good(
    script: dict[str, Any], credentials: dict[str, Any], accepted: bool | None
) -> None:
    report = await inspected(script, **credentials)

    assert report.credentials is accepted
    assert report.reachable


async def test_what_a_key_may_not_read_is_no_problem() -> None:
    report = await inspected(fault("0.json", "401"), **WITH_KEY)

    assert (report.status, report.type, report.problem) == (None, None, None)


async def test_a_number_that_is_only_like_ours_is_not_ours() -> None:
    other = {"phone_number": f"{CALLER}7", "capabilities": {"voice": True, "sms": True}}
    body = {"incoming_phone_numbers": [other], "outgoing_caller_ids": [other]}
    async with answering(200, json.dumps(body)) as url:
        report = await seen(url)

    assert (report.owned, report.voice, report.caller_id) == (False, None, False)


async def test_where_nobody_listens_nothing_is_learnt() -> None:
    async with Simulator({}) as gone:
        url = gone.url
    report = await seen(url, "JP")

    assert report == AccountReport(reachable=False, problem=report.problem)
    assert "cannot connect" in (report.problem or "")


async def test_silence_is_not_waited_for_again_and_again() -> None:
    script = fault("", "slow", delay=60)
    async with Simulator(script) as simulator:
        report = await seen(simulator.url, "JP", "US", timeout=timedelta(milliseconds=100))
        asked = len(simulator.entries("request"))

    assert (report.reachable, report.credentials) == (False, None)
    assert asked == 2


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"incoming_phone_numbers": {}}, id="no list"),
        pytest.param({"incoming_phone_numbers": [7, {"capabilities": 7}]}, id="no numbers"),
        pytest.param(
            {"status": 7, "type": [], "balance": "NaN", "currency": {}}, id="values of other types"
        ),
        pytest.param({"low_risk_numbers_enabled": "yes"}, id="a word for yes"),
    ],
)
async def test_what_cannot_be_read_is_not_learnt(body: object) -> None:
    async with answering(200, json.dumps(body)) as url:
        report = await seen(url, "JP")

    assert (report.status, report.type, report.balance) == (None, None, None)
    assert report.voice is None
    assert report.allowed == {}


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        pytest.param({}, [("+819012345678", "K7Q2")], id="as it stands"),
        pytest.param({"from": None}, [("", "K7Q2")], id="a withheld number"),
        pytest.param({"body": 7}, [("+819012345678", "")], id="no words"),
        pytest.param({"direction": "outbound-reply"}, [], id="ours"),
        pytest.param({"sid": "SM"}, [], id="no SID"),
        pytest.param({"date_created": "never"}, [], id="no date"),
    ],
)
async def test_what_came_in(text: dict[str, Any], heard: list[tuple[str, str]]) -> None:
    whole = {
        "sid": "SM" + "0" * 32,
        "from": ME,
        "body": "K7Q2",
        "direction": "inbound",
        "date_created": "Fri, 20 Nov 2026 12:00:00 +0000",
    }
    async with answering(200, json.dumps({"messages": [{**whole, **text}, 7]})) as url:
        desk = TwilioDesk(account(url), "desk")
        found = await desk.texts_in(EVER)
        desk.close()

    assert [(one.sender, one.body) for one in found] == heard
