"""Texts are what Twilio's OpenAPI description says, no more and no less."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.simulator import spec
from tests.simulator.caller import ME, OURS
from tests.simulator.texter import became, create, texting
from watchcall.simulator import textparameters
from watchcall.simulator.api import ACCOUNT
from watchcall.simulator.parameters import Kind
from watchcall.simulator.text import TextStatus

MESSAGES = f"{ACCOUNT}/Messages.json"
MESSAGE = f"{ACCOUNT}/Messages/{{Sid}}.json"
SERVICE = "MG" + "0" * 32

KINDS = {
    "integer": {Kind.WHOLE},
    "number": {Kind.TEXT},
    "boolean": {Kind.FLAG},
    "string": {Kind.TEXT, Kind.NUMBER, Kind.URL, Kind.SID, Kind.TIME},
    "array": {Kind.TEXT, Kind.URL},
}


def test_create_knows_exactly_the_parameters_of_twilio() -> None:
    assert set(spec.form("POST", MESSAGES)["properties"]) == set(textparameters.CREATE)


def test_the_list_knows_exactly_the_filters_of_twilio() -> None:
    assert set(spec.query(MESSAGES)) == set(textparameters.LIST)


@pytest.mark.parametrize("name", sorted(textparameters.CREATE))
def test_a_parameter_is_of_the_kind_that_twilio_says(name: str) -> None:
    schema = spec.resolved(spec.form("POST", MESSAGES)["properties"][name])
    ours = textparameters.CREATE[name]

    assert ours.kind in KINDS[schema["type"]]
    assert ours.many is (schema["type"] == "array")
    assert ours.kind is Kind.URL or schema.get("format") != "uri"
    assert set(schema.get("enum", ours.choices)) == set(ours.choices)
    if ours.kind is Kind.SID:
        assert schema["pattern"] == f"^{ours.prefix}[0-9a-fA-F]{{32}}$"


def test_a_text_has_no_status_that_twilio_does_not_know() -> None:
    schema = spec.description()["components"]["schemas"]["message_enum_status"]

    assert set(TextStatus) <= set(schema["enum"])


def test_a_text_has_all_the_fields_of_twilio() -> None:
    """The validation below finds fields that are too many; this one those that are missing."""
    known = spec.description()["components"]["schemas"]["api.v2010.account.message"]["properties"]

    async def fields() -> set[str]:
        async with texting() as caller:
            return set((await create(caller)).json())

    assert set(known) == asyncio.run(fields())


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({}, id="from a number"),
        pytest.param({"From": None, "MessagingServiceSid": SERVICE}, id="from a service"),
        pytest.param({"Body": None, "MediaUrl": ["https://a.example/b"] * 2}, id="two pictures"),
    ],
)
@pytest.mark.parametrize("end", ["delivered", "sent", "undelivered", "failed"])
async def test_every_look_at_a_text_validates(end: str, form: dict[str, Any]) -> None:
    async with texting(end, price_after=0) as caller:
        created = await create(caller, **form)
        spec.validate("POST", MESSAGES, 201, created.json())
        await became(caller, end)
        look = await caller.ask("GET", f"/Messages/{created.json()['sid']}.json")

    spec.validate("GET", MESSAGE, 200, look.json())
    assert (look.json()["error_code"] is None) is (end in ("delivered", "sent"))


async def test_a_list_validates_with_texts_of_both_directions() -> None:
    async with texting() as caller:
        await create(caller)
        caller.simulator.text(ME, OURS, "ack K7Q4")
        listed = await caller.ask("GET", "/Messages.json", params={"PageSize": 1})
        whole = await caller.ask("GET", "/Messages.json")

    spec.validate("GET", MESSAGES, 200, listed.json())
    spec.validate("GET", MESSAGES, 200, whole.json())
    assert listed.json()["next_page_uri"]
    assert len(whole.json()["messages"]) == 2


async def test_a_call_from_outside_validates() -> None:
    async with texting() as caller:
        sid = caller.simulator.ring(ME, OURS).sid
        early = await caller.ask("GET", f"/Calls/{sid}.json")
        await caller.ended()
        late = await caller.ask("GET", f"/Calls/{sid}.json")

    for look in (early, late):
        spec.validate("GET", f"{ACCOUNT}/Calls/{{Sid}}.json", 200, look.json())
