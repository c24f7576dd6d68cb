"""What the account may do: its standing, its numbers, whom and which countries it may call."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests
from requests.auth import HTTPBasicAuth

from tests.simulator.caller import ME, OURS, SPEED, WORDS, YOU, Caller, calling

TRIAL = {"account_type": "Trial", "verified": [ME]}
OTHER = "+15005550001"


async def refusal(caller: Caller, **form: Any) -> tuple[int, int]:
    reply = await caller.create(**form)
    return reply.status_code, reply.json()["code"]


@pytest.mark.parametrize("status", ["suspended", "closed"])
@pytest.mark.parametrize("path", ["/Calls.json", "/Messages.json"])
async def test_an_account_that_is_not_active_places_nothing(status: str, path: str) -> None:
    async with calling(account_status=status) as caller:
        form = {"To": ME, "From": OURS, "Twiml": "<Response/>", "Body": "x"}
        reply = await caller.ask("POST", path, data=form)

        assert (reply.status_code, reply.json()["code"]) == (403, 20005)
        assert caller.simulator.calls == []


async def test_a_suspended_account_can_still_be_looked_at() -> None:
    async with calling(account_status="suspended") as caller:
        shown = (await caller.ask("GET", ".json")).json()
        listed = await caller.ask("GET", "/Calls.json")

        assert (shown["status"], shown["type"]) == ("suspended", "Full")
        assert listed.status_code == 200


async def test_a_live_call_can_be_ended_on_a_suspended_account() -> None:
    async with calling(queued=500) as caller:
        sid = (await caller.create()).json()["sid"]
        caller.simulator.rescript({"account_status": "suspended"})
        reply = await caller.ask("POST", f"/Calls/{sid}.json", data={"Status": "canceled"})

        assert reply.json()["status"] == "canceled"


async def test_a_trial_account_says_so() -> None:
    async with calling(**TRIAL) as caller:
        assert (await caller.ask("GET", ".json")).json()["type"] == "Trial"


async def test_a_trial_account_calls_verified_numbers_only() -> None:
    async with calling(**TRIAL) as caller:
        assert await refusal(caller, To=YOU) == (400, 21219)
        assert (await caller.create(To=ME)).status_code == 201


async def test_a_trial_call_without_a_key_ends_unheard() -> None:
    async with calling(**TRIAL) as caller:
        await caller.create()
        call = await caller.ended()

    assert call.status == "completed"
    assert len(call.heard) == 1
    assert call.heard[0].startswith("You have a trial account.")


async def test_a_trial_call_goes_on_after_any_key() -> None:
    async with calling({"does": "answer", "keys": "5"}, **TRIAL) as caller:
        await caller.create()

        assert (await caller.ended()).heard[-1] == WORDS


async def test_the_key_of_the_preamble_is_not_given_to_our_words() -> None:
    ours = "<Response><Gather timeout='1' numDigits='1' action='/x'/><Say>No key.</Say></Response>"
    async with calling({"does": "answer", "keys": "5"}, **TRIAL) as caller:
        await caller.create(Twiml=ours)
        call = await caller.ended()

        assert call.heard[-1] == "No key."
        assert len(caller.simulator.entries("pressed")) == 1


@pytest.mark.parametrize(
    ("settings", "caller_number", "refused"),
    [
        pytest.param({}, OTHER, False, id="any number, unless the script says which"),
        pytest.param({"owned": [OURS]}, OURS, False, id="one that is owned"),
        pytest.param({"owned": [OURS]}, OTHER, True, id="not one that is not"),
        pytest.param({"owned": []}, OURS, True, id="none, if none is owned"),
        pytest.param(
            {"owned": [{"number": OURS, "voice": False}]}, OURS, True, id="not one without a voice"
        ),
        pytest.param(
            {"owned": [OURS], "caller_ids": [OTHER]}, OTHER, False, id="a verified caller ID"
        ),
    ],
)
async def test_a_call_may_come_from(settings: Any, caller_number: str, refused: bool) -> None:
    async with calling(**settings) as caller:
        reply = (await caller.create(From=caller_number)).json()

    assert reply.get("code") == (21210 if refused else None)


@pytest.mark.parametrize(
    ("owned", "wanted", "shown"),
    [
        pytest.param([OURS, OTHER], None, [OURS, OTHER], id="all of them"),
        pytest.param([OURS, OTHER], OTHER, [OTHER], id="the one that is asked for"),
        pytest.param([OURS], OTHER, [], id="none that is not owned"),
        pytest.param([OURS, OTHER], "+1500555*001", [OTHER], id="those that fit a pattern"),
        pytest.param([OURS, OTHER], "555", [OURS, OTHER], id="those that hold the digits"),
        pytest.param(None, OTHER, [OTHER], id="any, unless the script says which"),
    ],
)
async def test_the_numbers_that_are_shown(owned: Any, wanted: str | None, shown: list[str]) -> None:
    settings = {} if owned is None else {"owned": owned}
    async with calling(**settings) as caller:
        numbers = caller.sdk.incoming_phone_numbers
        asked = {} if wanted is None else {"phone_number": wanted}
        found = await asyncio.to_thread(lambda: numbers.list(**asked))

    assert [one.phone_number for one in found] == shown


async def test_a_number_tells_what_it_can_do() -> None:
    async with calling(owned=[{"number": OURS, "sms": False}]) as caller:
        [found] = await asyncio.to_thread(caller.sdk.incoming_phone_numbers.list)

    assert found.capabilities == {"voice": True, "sms": False, "mms": False, "fax": False}


async def test_the_caller_ids_are_shown() -> None:
    async with calling(caller_ids=[ME, YOU]) as caller:
        ids = caller.sdk.outgoing_caller_ids
        found = await asyncio.to_thread(lambda: ids.list(phone_number=YOU))

    assert [one.phone_number for one in found] == [YOU]


@pytest.mark.parametrize(
    ("geo", "to", "code"),
    [
        pytest.param({"JP": False}, ME, 21215, id="a country that is off"),
        pytest.param({"JP": False}, "+4930123456", None, id="another country"),
        pytest.param({"JP": True}, ME, None, id="a country that is on"),
        pytest.param({"US": False}, "+15005550009", 21215, id="America"),
        pytest.param({"JP": False}, "+9991234567", None, id="a country nobody knows"),
    ],
)
async def test_a_call_to(geo: dict[str, bool], to: str, code: int | None) -> None:
    async with calling(geo=geo) as caller:
        assert (await caller.create(To=to)).json().get("code") == code


@pytest.mark.parametrize("allowed", [True, False])
async def test_a_country_tells_whether_it_may_be_called(allowed: bool) -> None:
    async with calling(geo={"JP": allowed}) as caller:
        country = caller.sdk.voice.v1.dialing_permissions.countries("JP")
        found = await asyncio.to_thread(country.fetch)

    assert found.low_risk_numbers_enabled is allowed
    assert (found.iso_code, found.country_codes) == ("JP", ["+81"])


@pytest.mark.parametrize(
    ("path", "password", "status"),
    [
        pytest.param("JP", "simulator", 200, id="a country"),
        pytest.param("XX", "simulator", 404, id="no country"),
        pytest.param("japan", "simulator", 404, id="no ISO code"),
        pytest.param("JP", "wrong", 401, id="a wrong token"),
    ],
)
async def test_dialing_permissions_answer(path: str, password: str, status: int) -> None:
    async with calling() as caller:
        url = f"{caller.simulator.url}/v1/DialingPermissions/Countries/{path}"
        auth = HTTPBasicAuth(caller.simulator.account.sid, password)
        reply = await asyncio.to_thread(requests.get, url, auth=auth, timeout=5)

    assert reply.status_code == status


async def test_a_request_that_the_account_may_not_make_uses_up_nothing() -> None:
    async with calling("busy", "answer", geo={"JP": False}) as caller:
        await caller.create()
        caller.simulator.rescript({"speed": SPEED, "phones": {ME: ["busy", "answer"]}})
        await caller.create()

        assert (await caller.ended()).status == "busy"
