"""Numbers in E.164, and those that the account has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

E164 = re.compile(r"\+[1-9]\d{1,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A number of the account, and what it can do."""

    number: str
    voice: bool = True
    sms: bool = True


def matching(numbers: Iterable[str], wanted: str | None) -> list[str]:
    """Return those that hold the wanted digits; `*` stands for any one of them, as at Twilio."""
    pattern = re.escape(wanted or "").replace(r"\*", r"\d")
    return [number for number in numbers if re.search(pattern, number)]
