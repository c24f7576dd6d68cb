"""Phone numbers: how they are read, and which of them nobody should be called at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import phonenumbers

from watchcall.config.hints import quoted

HOW = "write it as +, country code, number, such as +819012345678"
NOBODYS = "give a person's own number, such as +819012345678"


def phone(value: object) -> str:
    """Read an international number; spaces and hyphens are dropped. Return it as E.164.

    Refused besides what is no number: short and emergency numbers, and a national trunk prefix
    behind the country code (+810901234567 for +81901234567), which E.164 does not know.
    """
    if not isinstance(value, str) or not re.fullmatch(r"\+[0-9][0-9 ().-]*", value):
        raise ValueError(f"{quoted(value)} is not an international phone number; {HOW}")
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        raise ValueError(f"{quoted(value)} is not a possible phone number; {HOW}") from None
    if _is_short(number):
        raise ValueError(f"{quoted(value)} is a short or emergency number; {NOBODYS}")
    if not phonenumbers.is_possible_number(number):
        raise ValueError(f"{quoted(value)} is not a possible phone number; {HOW}")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if prefix := _trunk_prefix(value, number):
        raise ValueError(
            f"{quoted(value)} keeps the {prefix} that is dialled only inside its country; leave it "
            f"out after +{number.country_code}: {quoted(e164)}"
        )
    return e164


DASHES = re.compile("[\u2010-\u2015\u2212\u30fc]")  # what is typed for a hyphen


class NumberError(ValueError):
    """What was typed is no number that could be dialled.

    code: why, for whoever says it: "number_empty", "number_odd", "number_country" (written as in
          its country, and nobody knows which), "number_short", "number_impossible", "number_trunk"
    hint: what was probably meant, else an example
    """

    def __init__(self, code: str, hint: str = "+819012345678") -> None:
        super().__init__(code)
        self.code, self.hint = code, hint


def dialled(value: str, region: str | None) -> str:
    """Read a number as people type it: international, or as in a country (ISO 3166), if given.

    Return it as E.164. Raises NumberError.
    """
    text = DASHES.sub("-", unicodedata.normalize("NFKC", value)).strip()
    if not text:
        raise NumberError("number_empty")
    if not re.fullmatch(r"\+?[0-9 ()./-]+", text):
        raise NumberError("number_odd")
    if region is None and not text.startswith("+"):
        raise NumberError("number_country")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise NumberError("number_impossible") from None
    if _is_short(number):
        raise NumberError("number_short")
    if not phonenumbers.is_possible_number(number):
        raise NumberError("number_impossible")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if text.startswith("+") and _trunk_prefix(text, number):
        raise NumberError("number_trunk", e164)
    return e164


def _is_short(number: phonenumbers.PhoneNumber) -> bool:
    """Return whether what follows the country code is a short number there, such as +81 110."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(number.country_code or 0, ())
    return any(phonenumbers.is_valid_short_number_for_region(number, region) for region in regions)


def _trunk_prefix(value: str, number: phonenumbers.PhoneNumber) -> str:
    """Return the digits between country code and number that belong to neither.

    Where a zero is part of the number, as in Italy, there are none.
    """
    written = re.sub(r"[^0-9]", "", value).removeprefix(str(number.country_code))
    digits = phonenumbers.national_significant_number(number)
    return written.removesuffix(digits) if written.endswith(digits) else ""


def known_number(number: str) -> bool:
    """Return whether the numbering plan of its country knows an E.164 number."""
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


def is_premium(number: str) -> bool:
    """Return whether a call to an E.164 number pays the person who answers it."""
    return _kind(number) == "PREMIUM_RATE"


def is_shared_cost(number: str) -> bool:
    """Return whether both ends pay for a call to an E.164 number."""
    return _kind(number) == "SHARED_COST"


def takes_texts(number: str) -> bool:
    """Return whether an E.164 number may be a mobile phone's, as far as its plan tells."""
    return _kind(number) in ("MOBILE", "FIXED_LINE_OR_MOBILE", "UNKNOWN")


def _kind(number: str) -> str:
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return phonenumbers.PhoneNumberType.to_string(kind)


def countries(numbers: Iterable[str]) -> tuple[str, ...]:
    """Return the ISO 3166 codes of the countries of E.164 numbers, sorted, each once.

    What belongs to no country (satellites, "001") or to one that cannot be told is left out.
    """
    regions = {
        phonenumbers.region_code_for_number(phonenumbers.parse(number)) for number in numbers
    }
    return tuple(sorted(region for region in regions if region and region.isalpha()))
