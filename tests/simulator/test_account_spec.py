"""Numbers and caller IDs are what Twilio's OpenAPI description says, no more and no less.

Of voice.twilio.com (dialing permissions) no description is at hand: what the simulator says there
is held against the SDK, which Twilio generates from that description.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests
from requests.auth import HTTPBasicAuth
from twilio.rest import Client
from twilio.rest.voice.v1.dialing_permissions.country import CountryInstance

from tests.simulator import spec
from tests.simulator.caller import ME, OURS, calling
from tests.simulator.test_spec import routes
from watchcall.simulator import parameters
from watchcall.simulator.api import ACCOUNT
from watchcall.simulator.holdings import COUNTRY
from watchcall.simulator.parameters import Parameter

HELD = [
    pytest.param(
        "/IncomingPhoneNumbers.json",
        "incoming_phone_number",
        parameters.OWN_NUMBERS,
        id="numbers",
    ),
    pytest.param(
        "/OutgoingCallerIds.json", "outgoing_caller_id", parameters.CALLER_IDS, id="caller IDs"
    ),
]


async def listed(path: str) -> Any:
    async with calling(owned=[OURS], caller_ids=[ME]) as caller:
        return (await caller.ask("GET", path)).json()


@pytest.mark.parametrize(("path", "name", "known"), HELD)
def test_lists_know_exactly_the_filters_of_twilio(
    path: str, name: str, known: dict[str, Parameter]
) -> None:
    assert set(spec.query(ACCOUNT + path)) == set(known)


@pytest.mark.parametrize(("path", "name", "known"), HELD)
async def test_lists_validate(path: str, name: str, known: object) -> None:
    shown = await listed(path)

    spec.validate("GET", ACCOUNT + path, 200, shown)
    assert len(shown[f"{name}s"]) == 1


@pytest.mark.parametrize(("path", "name", "known"), HELD)
async def test_they_have_all_the_fields_of_twilio(path: str, name: str, known: object) -> None:
    schema = spec.description()["components"]["schemas"][f"api.v2010.account.{name}"]
    [one] = (await listed(path))[f"{name}s"]

    assert set(schema["properties"]) == set(one)


@pytest.mark.parametrize(
    ("schema", "setting"), [("account_enum_type", "type"), ("account_enum_status", "status")]
)
async def test_an_account_can_be_in_every_state_of_twilio(schema: str, setting: str) -> None:
    for state in spec.description()["components"]["schemas"][schema]["enum"]:
        settings = {f"account_{setting}": state}
        async with calling(**settings) as caller:
            shown = (await caller.ask("GET", ".json")).json()

        spec.validate("GET", f"{ACCOUNT}.json", 200, shown)
        assert shown[setting] == state


def test_only_dialing_permissions_have_no_description_at_hand() -> None:
    described = set(spec.description()["paths"])
    apart = {path for _, path in routes() if not path.startswith("/2010-04-01/")}

    assert apart == {COUNTRY}
    assert not [path for path in described if "DialingPermissions" in path]


async def test_a_country_has_all_the_fields_that_the_sdk_reads() -> None:
    async with calling() as caller:
        url = caller.simulator.url + COUNTRY.format(IsoCode="JP")
        account = caller.simulator.account
        auth = HTTPBasicAuth(account.sid, account.token)
        said = (await asyncio.to_thread(requests.get, url, auth=auth, timeout=5)).json()
    empty = CountryInstance(Client("AC", "x").voice.v1, {}, iso_code="JP")

    assert {name for name in vars(empty) if not name.startswith("_")} == set(said)
    assert said["url"] == "https://voice.twilio.com/v1/DialingPermissions/Countries/JP"
