"""Countries, as Twilio's dialing permissions name them: enough to rehearse with.

Names, continents and codes are written as in
https://www.twilio.com/docs/voice/api/dialingpermissions-country-resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    name: str
    continent: str
    code: str


COUNTRIES: Mapping[str, Country] = {
    "AU": Country("Australia", "OCEANIA", "+61"),
    "AT": Country("Austria", "EUROPE", "+43"),
    "BR": Country("Brazil", "SOUTH_AMERICA", "+55"),
    "CH": Country("Switzerland", "EUROPE", "+41"),
    "CN": Country("China", "ASIA", "+86"),
    "DE": Country("Germany", "EUROPE", "+49"),
    "ES": Country("Spain", "EUROPE", "+34"),
    "FR": Country("France", "EUROPE", "+33"),
    "GB": Country("United Kingdom", "EUROPE", "+44"),
    "HK": Country("Hong Kong", "ASIA", "+852"),
    "IN": Country("India", "ASIA", "+91"),
    "IT": Country("Italy", "EUROPE", "+39"),
    "JP": Country("Japan", "ASIA", "+81"),
    "KR": Country("Korea Republic of", "ASIA", "+82"),
    "NL": Country("Netherlands", "EUROPE", "+31"),
    "NZ": Country("New Zealand", "OCEANIA", "+64"),
    "SE": Country("Sweden", "EUROPE", "+46"),
    "SG": Country("Singapore", "ASIA", "+65"),
    "TW": Country("Taiwan", "ASIA", "+886"),
    "US": Country("United States/Canada", "NORTH_AMERICA", "+1"),
}


def country_of(number: str) -> str | None:
    """Return the ISO code of a number's country; None where the table does not know it."""
    return next((iso for iso, one in COUNTRIES.items() if number.startswith(one.code)), None)
