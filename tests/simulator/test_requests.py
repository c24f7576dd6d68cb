"""Requests that Twilio would refuse are refused, with Twilio's code."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests

from tests.simulator.caller import ME, TWIML, calling
from watchcall.simulator.api import Account
from watchcall.simulator.simulator import Simulator

REFUSED = [
    pytest.param({"To": None}, 21201, id="no To"),
    pytest.param({"To": ""}, 21201, id="an empty To"),
    pytest.param({"To": "09012345678"}, 21211, id="a To that is not E.164"),
    pytest.param({"To": "+0123456789"}, 21211, id="a country code of 0"),
    pytest.param({"To": [ME, ME]}, 21211, id="two Tos"),
    pytest.param({"From": None}, 21213, id="no From"),
    pytest.param({"From": "me"}, 21212, id="a From that is no number"),
    pytest.param({"Twiml": None}, 21205, id="neither Url, Twiml nor ApplicationSid"),
    pytest.param({"Url": "ftp://example.org/"}, 21205, id="a Url that is not http"),
    pytest.param({"ApplicationSid": "AP1"}, 20001, id="a SID that is none"),
    pytest.param({"Twiml": "<Response>"}, 12100, id="TwiML that is no XML"),
    pytest.param({"Twiml": "<Say>hello</Say>"}, 12100, id="TwiML without a Response"),
    pytest.param({"Twiml": "<Response><Sing/></Response>"}, 12100, id="a verb TwiML lacks"),
    pytest.param({"Twiml": "\x07" + TWIML}, 12100, id="a control character in TwiML"),
    pytest.param(
        {"Twiml": f"<Response><Say>{'a' * 4000}</Say></Response>"}, 12100, id="too much TwiML"
    ),
    pytest.param(
        {"Twiml": '<!DOCTYPE a [<!ENTITY b "c">]><Response/>'}, 12100, id="a document type"
    ),
    pytest.param(
        {"Twiml": '<Response><Say loop="twice">x</Say></Response>'}, 12100, id="a loop in words"
    ),
    pytest.param({"Timeout": "0"}, 21208, id="a Timeout of 0"),
    pytest.param({"Timeout": "601"}, 21208, id="a Timeout above 600"),
    pytest.param({"Timeout": "9" * 5000}, 21208, id="a Timeout of 5,000 digits"),
    pytest.param({"Timeout": "soon"}, 21208, id="a Timeout in words"),
    pytest.param({"Method": "PUT"}, 21209, id="a Method that is none"),
    pytest.param({"StatusCallback": "nowhere"}, 20001, id="a callback that is no URL"),
    pytest.param({"StatusCallbackEvent": "answer"}, 20001, id="an event that does not exist"),
    pytest.param({"MachineDetection": "true"}, 20001, id="a MachineDetection that is none"),
    pytest.param({"Twimll": "x"}, 20001, id="a parameter that does not exist"),
    pytest.param({"status": "busy"}, 20001, id="a parameter in the wrong case"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED)
async def test_it_refuses(change: dict[str, Any], code: int) -> None:
    async with calling() as caller:
        reply = await caller.create(**change)
        said = reply.json()

        assert (400, code) == (reply.status_code, said["code"])
        assert said["more_info"].endswith(f"/{code}")
        assert said["message"]
        assert caller.simulator.calls == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"Timeout": "600"}, id="a Timeout of 600"),
        pytest.param({"Twiml": None, "ApplicationSid": "AP" + "0" * 32}, id="an application"),
        pytest.param({"StatusCallbackEvent": ["initiated", "answered"]}, id="a repeated event"),
        pytest.param({"StatusCallbackEvent": "initiated answered"}, id="events in one word list"),
        pytest.param({"Twiml": f"<!-- attempt 7 -->{TWIML}"}, id="a comment in TwiML"),
    ],
)
async def test_it_accepts(change: dict[str, Any]) -> None:
    async with calling() as caller:
        assert (await caller.create(**change)).status_code == 201


async def test_a_refused_request_does_not_use_up_the_script() -> None:
    async with calling("busy", "answer") as caller:
        await caller.create(Timeout="0")
        await caller.create()

        assert (await caller.ended()).status == "busy"


@pytest.mark.parametrize(
    "auth",
    [
        pytest.param(("AC" + "0" * 32, "wrong"), id="a wrong token"),
        pytest.param(("AC" + "1" * 32, "simulator"), id="another account"),
        pytest.param(("", ""), id="nothing"),
        pytest.param(("SK" + "0" * 32, "secret"), id="an API key that is not configured"),
    ],
)
async def test_wrong_credentials_are_refused_with_20003(auth: tuple[str, str]) -> None:
    async with calling() as caller:
        reply = await caller.ask("GET", ".json", auth=auth)

        assert (reply.status_code, reply.json()["code"]) == (401, 20003)
        assert "Basic" in reply.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"Authorization": "Bearer simulator"}, id="of another kind"),
        pytest.param({"Authorization": "Basic ?"}, id="unreadable"),
    ],
)
async def test_credentials_that_are_refused_with_20003(headers: dict[str, str]) -> None:
    async with calling() as caller:
        url = f"{caller.simulator.url}{caller.accounts}.json"
        reply = await asyncio.to_thread(requests.get, url, headers=headers, timeout=5)

        assert (reply.status_code, reply.json()["code"]) == (401, 20003)


async def test_an_api_key_opens_the_account_too() -> None:
    key = ("SK" + "a" * 32, "secret of the key")
    account = Account(api_key_sid=key[0], api_key_secret=key[1])
    async with Simulator(account=account) as simulator, calling() as caller:
        caller.simulator = simulator
        reply = await caller.ask("GET", ".json", auth=key)

        assert reply.json()["sid"] == account.sid


async def test_another_accounts_path_is_refused() -> None:
    async with calling() as caller:
        caller.accounts = "/2010-04-01/Accounts/AC" + "b" * 32

        assert (await caller.ask("GET", "/Calls.json")).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", f"/Calls/CA{'0' * 32}.json", 404, 20404, id="a call that is not there"),
        pytest.param("GET", "/Calls/CA1.json", 404, 20404, id="a SID that is none"),
        pytest.param("GET", "/Recordings.json", 404, 20404, id="what is not simulated"),
        pytest.param("PUT", "/Calls.json", 405, 20004, id="a method that is not allowed"),
        pytest.param("GET", "/Calls.json?Color=red", 400, 20001, id="a filter that is none"),
        pytest.param("GET", "/Calls.json?PageSize=1001", 400, 20001, id="too large a page"),
        pytest.param("GET", "/Calls.json?Status=quiet", 400, 20001, id="a status that is none"),
        pytest.param("GET", "/Calls.json?StartTime=now", 400, 20001, id="a time that is none"),
    ],
)
async def test_it_answers_what_it_cannot_do(method: str, path: str, status: int, code: int) -> None:
    async with calling() as caller:
        reply: requests.Response = await caller.ask(method, path)

        assert (status, code) == (reply.status_code, reply.json()["code"])


async def test_an_update_must_say_a_status() -> None:
    async with calling(queued=100) as caller:
        placed = await caller.place()
        for form in ({}, {"Twiml": TWIML}, {"Status": "busy"}):
            reply = await caller.ask("POST", f"/Calls/{placed.sid}.json", data=form)

            assert (reply.status_code, reply.json()["code"]) == (400, 20001)


async def test_one_connection_carries_many_requests() -> None:
    async with calling() as caller:
        with requests.Session() as session:
            account = caller.simulator.account
            session.auth = (account.sid, account.token)
            for _ in range(3):
                reply = await asyncio.to_thread(
                    session.get, f"{caller.simulator.url}{caller.accounts}/Balance.json", timeout=5
                )
                assert reply.json() == {
                    "account_sid": account.sid,
                    "balance": "20.00",
                    "currency": "USD",
                }
