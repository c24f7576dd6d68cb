"""The account's own numbers, its caller IDs and dialing permissions: what a doctor asks for.

GET IncomingPhoneNumbers.json, OutgoingCallerIds.json    Twilio's API of 2010
GET /v1/DialingPermissions/Countries/{IsoCode}           Twilio's voice.twilio.com, same port
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from watchcall.core.moment import Moment
from watchcall.simulator.callbacks import VERSION
from watchcall.simulator.countries import COUNTRIES
from watchcall.simulator.exchange import Exchange
from watchcall.simulator.http import Reply, Request
from watchcall.simulator.numbers import Owned, matching
from watchcall.simulator.parameters import CALLER_IDS, NOTHING, OWN_NUMBERS, check
from watchcall.simulator.replies import Routes, as_json, not_found, page
from watchcall.simulator.resources import Resource, date

ANY_NUMBER = "+15005550006"  # shown where a script does not say which numbers are owned
VOICE = "https://voice.twilio.com"
COUNTRY = "/v1/DialingPermissions/Countries/{IsoCode}"
_URLS = ("sms_fallback_url", "sms_url", "status_callback", "voice_fallback_url", "voice_url")
_METHODS = ("sms_fallback_method", "sms_method", "status_callback_method", "voice_method")
_SIDS = ("address", "bundle", "emergency_address", "identity", "trunk")


class Holdings:
    """Answers what the account has.

    since: when the numbers were bought, as far as a simulator can say
    """

    def __init__(self, account_sid: str, exchange: Exchange, since: Moment) -> None:
        self._sid, self._exchange, self._since = account_sid, exchange, since

    def routes(self, account: str) -> Routes:
        return {
            f"{account}/IncomingPhoneNumbers.json": {"GET": self._numbers},
            f"{account}/OutgoingCallerIds.json": {"GET": self._caller_ids},
            COUNTRY: {"GET": self._country},
        }

    async def _numbers(self, request: Request, _: Mapping[str, str]) -> Reply:
        check(request.query, OWN_NUMBERS)
        wanted = request.query.get("PhoneNumber", [""])[0]
        owned = {one.number: one for one in self._owned(wanted)}
        shown = [self._number(owned[number]) for number in matching(owned, wanted)]
        return page(request, "incoming_phone_numbers", _named(request, shown))

    def _owned(self, wanted: str) -> tuple[Owned, ...]:
        """Any number is owned where the script names none, so the one asked for is as well."""
        script = self._exchange.script
        if script.owned is not None:
            return script.owned
        whole = wanted if wanted.startswith("+") and wanted[1:].isdigit() else ANY_NUMBER
        return (Owned(number=whole),)

    async def _caller_ids(self, request: Request, _: Mapping[str, str]) -> Reply:
        check(request.query, CALLER_IDS)
        wanted = request.query.get("PhoneNumber", [""])[0]
        found = matching(self._exchange.script.caller_ids, wanted)
        shown = [self._held(number, "OutgoingCallerIds") for number in found]
        return page(request, "outgoing_caller_ids", _named(request, shown))

    async def _country(self, request: Request, path: Mapping[str, str]) -> Reply:
        check(request.query, NOTHING)
        iso = path["IsoCode"]
        if iso not in COUNTRIES:
            raise not_found(request)
        one, url = COUNTRIES[iso], VOICE + COUNTRY.format(IsoCode=iso)
        shown = {
            "iso_code": iso,
            "name": one.name,
            "continent": one.continent,
            "country_codes": [one.code],
            "low_risk_numbers_enabled": self._exchange.script.geo.get(iso, True),
            "high_risk_special_numbers_enabled": False,
            "high_risk_tollfraud_numbers_enabled": False,
            "url": url,
            "links": {"highrisk_special_prefixes": f"{url}/HighRiskSpecialPrefixes"},
        }
        return as_json(200, shown)

    def _number(self, one: Owned) -> Resource:
        """The IncomingPhoneNumber resource of a number that nothing was set up for."""
        held = self._held(one.number, "IncomingPhoneNumbers")
        return {
            **held,
            **dict.fromkeys(_URLS, ""),
            **dict.fromkeys((*_METHODS, "voice_fallback_method"), "POST"),
            **{f"{name}_sid": None for name in _SIDS},
            "address_requirements": "none",
            "api_version": VERSION,
            "beta": False,
            "capabilities": {"voice": one.voice, "sms": one.sms, "mms": one.sms, "fax": False},
            "emergency_address_status": "unregistered",
            "emergency_status": "Inactive",
            "origin": "twilio",
            "sms_application_sid": None,
            "status": "in-use",
            "type": "local",
            "voice_application_sid": None,
            "voice_caller_id_lookup": False,
            "voice_receive_mode": "voice",
        }

    def _held(self, number: str, where: str) -> Resource:
        """What both resources say of a number; its SID is the same at every look."""
        sid = f"PN{uuid.uuid5(uuid.NAMESPACE_OID, where + number).hex}"
        return {
            "sid": sid,
            "account_sid": self._sid,
            "phone_number": number,
            "friendly_name": number,
            "date_created": date(self._since),
            "date_updated": date(self._since),
            "uri": f"/{VERSION}/Accounts/{self._sid}/{where}/{sid}.json",
        }


def _named(request: Request, shown: list[Resource]) -> list[Resource]:
    """Keep those with the friendly name that is asked for, if one is."""
    wanted = request.query.get("FriendlyName")
    return [one for one in shown if not wanted or one["friendly_name"] == wanted[0]]
