"""The simulator says and accepts what Twilio's OpenAPI description does, no more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.simulator import spec
from tests.simulator.caller import TWIML, calling
from watchcall.simulator import parameters
from watchcall.simulator.api import ACCOUNT, Account, Api
from watchcall.simulator.call import Status
from watchcall.simulator.clock import Clock
from watchcall.simulator.exchange import Exchange
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.parameters import Kind, Parameter
from watchcall.simulator.script import Script
from watchcall.simulator.texts import Texts

CALLS = f"{ACCOUNT}/Calls.json"
CALL = f"{ACCOUNT}/Calls/{{Sid}}.json"
NOTIFICATIONS = f"{ACCOUNT}/Calls/{{CallSid}}/Notifications.json"

KINDS = {
    "integer": {Kind.WHOLE},
    "boolean": {Kind.FLAG},
    "string": {Kind.TEXT, Kind.NUMBER, Kind.URL, Kind.TWIML, Kind.SID, Kind.TIME},
    "array": {Kind.TEXT},
}


def routes() -> list[tuple[str, str]]:
    clock = Clock()
    ledger = Ledger(None, clock.now)
    exchange = Exchange(Script(), clock, ledger, "")
    texts = Texts(Script(), clock, ledger, "")
    api = Api(Account(), exchange, texts, ledger, clock.now())
    return [(method, path) for path, methods in api.routes.items() for method in methods]


def described() -> list[tuple[str, str]]:
    """Return the endpoints of the API of 2010; of the others, see test_account_spec."""
    return [one for one in routes() if one[1].startswith("/2010-04-01/")]


@pytest.mark.parametrize(("method", "path"), described())
def test_twilio_has_every_endpoint_of_the_simulator(method: str, path: str) -> None:
    assert spec.operation(method, path)


def test_create_knows_exactly_the_parameters_of_twilio() -> None:
    assert set(spec.form("POST", CALLS)["properties"]) == set(parameters.CREATE)


def test_update_knows_no_parameter_that_twilio_does_not() -> None:
    assert set(parameters.UPDATE) <= set(spec.form("POST", CALL)["properties"])


@pytest.mark.parametrize(
    ("path", "known"),
    [
        pytest.param(CALLS, parameters.LIST, id="calls"),
        pytest.param(NOTIFICATIONS, parameters.NOTIFICATIONS, id="notifications"),
    ],
)
def test_lists_know_exactly_the_filters_of_twilio(path: str, known: dict[str, Parameter]) -> None:
    assert set(spec.query(path)) == set(known)


@pytest.mark.parametrize("name", sorted(parameters.CREATE))
def test_a_parameter_is_of_the_kind_that_twilio_says(name: str) -> None:
    schema, ours = spec.form("POST", CALLS)["properties"][name], parameters.CREATE[name]

    assert ours.kind in KINDS[schema["type"]]
    assert ours.many is (schema["type"] == "array")
    assert ours.kind is Kind.URL or schema.get("format") != "uri"
    assert set(schema.get("enum", ours.choices)) == set(ours.choices)
    if ours.kind is Kind.SID:
        assert schema["pattern"] == f"^{ours.prefix}[0-9a-fA-F]{{32}}$"


def test_create_demands_what_twilio_demands() -> None:
    assert {"To", "From"} == set(spec.form("POST", CALLS)["required"])


def test_a_call_has_the_statuses_of_twilio() -> None:
    schema = spec.description()["components"]["schemas"]["call_enum_status"]

    assert set(schema["enum"]) == set(Status)


def test_a_call_can_be_ended_as_twilio_says() -> None:
    schema = spec.resolved(spec.form("POST", CALL)["properties"]["Status"])

    assert set(schema["enum"]) == set(parameters.UPDATE["Status"].choices)


def test_a_call_has_all_the_fields_of_twilio() -> None:
    """The validation below finds fields that are too many; this one those that are missing."""
    known = spec.description()["components"]["schemas"]["api.v2010.account.call"]["properties"]

    async def fields() -> set[str]:
        async with calling() as caller:
            return set((await caller.create()).json())

    assert set(known) == asyncio.run(fields())


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param("human", id="completed"),
        pytest.param("busy", id="busy"),
        pytest.param("no-answer", id="no-answer"),
        pytest.param("fail", id="failed"),
    ],
)
async def test_every_look_at_a_call_validates(behaviour: str) -> None:
    looks: list[Any] = []
    async with calling({"does": "answer", "ring": 5}, behaviour, price_after=0) as caller:
        for nth in range(2):
            created = await caller.create(Timeout="10", MachineDetection="Enable")
            spec.validate("POST", CALLS, 201, created.json())
            path = f"/Calls/{created.json()['sid']}.json"
            looks.append((await caller.ask("GET", path)).json())
            await caller.ended(nth)
            looks.append((await caller.ask("GET", path)).json())

    for look in looks:
        spec.validate("GET", CALL, 200, look)


async def test_lists_validate() -> None:
    async with calling("fail") as caller:
        for nth in range(2):
            await caller.place()
            await caller.ended(nth)
        sid = caller.simulator.calls[0].sid
        calls = await caller.ask("GET", "/Calls.json", params={"PageSize": 1})
        notifications = await caller.ask("GET", f"/Calls/{sid}/Notifications.json")

    spec.validate("GET", CALLS, 200, calls.json())
    spec.validate("GET", NOTIFICATIONS, 200, notifications.json())
    assert calls.json()["next_page_uri"]
    assert notifications.json()["notifications"]


@pytest.mark.parametrize("path", [".json", "/Balance.json"])
async def test_the_account_validates(path: str) -> None:
    async with calling() as caller:
        reply = await caller.ask("GET", path)

    spec.validate("GET", ACCOUNT + path, 200, reply.json())


async def test_an_update_validates() -> None:
    async with calling(queued=1000) as caller:
        placed = await caller.place()
        reply = await caller.ask("POST", f"/Calls/{placed.sid}.json", data={"Status": "canceled"})

    spec.validate("POST", CALL, 200, reply.json())
    assert reply.json()["status"] == "canceled"


@pytest.mark.parametrize(
    "behaviour", ["reject", "429", "500", {"does": "500", "status": 503}], ids=str
)
async def test_an_error_says_what_twilios_errors_say(behaviour: object) -> None:
    """The description leaves errors out; these are the four fields the SDK reads."""
    async with calling(behaviour) as caller:
        reply = await caller.create()
        said = reply.json()

    assert {"code", "message", "more_info", "status"} == set(said)
    assert said["status"] == reply.status_code


async def test_what_the_sdk_sends_is_what_twilio_describes() -> None:
    """The ledger's requests, not the SDK's good will, are the evidence."""
    known = spec.form("POST", CALLS)["properties"]
    async with calling() as caller:
        await caller.place(
            twiml=TWIML, timeout=25, time_limit=120, machine_detection="Enable",
            status_callback="http://127.0.0.1:9/", status_callback_event=["answered", "completed"],
        )  # fmt: skip
        [request] = caller.simulator.entries("request")

    assert set(request["params"]) <= set(known)
    assert request["params"]["StatusCallbackEvent"] == ["answered", "completed"]
