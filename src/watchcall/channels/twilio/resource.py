"""A resource of Twilio's, read with suspicion: whatever it holds, reading it raises nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

from watchcall.core.attempt import CallReport
from watchcall.core.contact import masked

SHORT = 100  # characters of a status, a number, a currency
LONGEST_BODY = 1600  # of a text, by Twilio's own limit
LONGEST_TEXT = 200  # of what is shown of a message
MOST = 10**9  # no number of Twilio's is larger, and everything can hold it
SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
UNKNOWN = "unknown"  # a status that could not be read; it is not final


class Resource:
    """The fields of one resource; each is None where it is absent or not of its type.

    skew: Twilio's clock minus ours; instants are translated into ours
    """

    def __init__(self, fields: Mapping[str, Any], skew: timedelta) -> None:
        self._fields, self._skew = fields, skew

    def text(self, name: str, limit: int = SHORT) -> str | None:
        value = self._fields.get(name)
        return value[:limit] if isinstance(value, str) and value else None

    def sid(self) -> str | None:
        value = self.text("sid") or ""
        return value if SID.fullmatch(value) else None

    def whole(self, name: str) -> int | None:
        """Return a number from 1; Twilio writes most of them as strings, and 0 for none."""
        number = self.amount(name)
        return int(number) if number is not None and number >= 1 else None

    def amount(self, name: str) -> Decimal | None:
        value = self._fields.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        try:
            number = Decimal(str(value)[:SHORT])
            return number if abs(number) <= MOST else None  # NaN is not, and says so
        except (InvalidOperation, ValueError):
            return None

    def flag(self, name: str) -> bool | None:
        value = self._fields.get(name)
        return value if isinstance(value, bool) else None

    def instant(self, name: str) -> datetime | None:
        """Return an instant by our clock: RFC 2822 in the API of 2010, ISO 8601 in the others."""
        value = self.text(name) or ""
        for read in (parsedate_to_datetime, datetime.fromisoformat):
            try:
                date = read(value)
                aware = date if date.tzinfo else date.replace(tzinfo=UTC)
                return aware.astimezone(UTC) - self._skew
            except (ValueError, TypeError, IndexError, OverflowError):
                continue
        return None

    def inner(self, name: str) -> Resource:
        """Return what stands within; nothing, where nothing does."""
        value = self._fields.get(name)
        return Resource(value if isinstance(value, dict) else {}, self._skew)

    def items(self, name: str) -> list[Resource] | None:
        """Return the resources of a list, None where it is none."""
        value = self._fields.get(name)
        if not isinstance(value, list):
            return None
        return [Resource(one, self._skew) for one in value if isinstance(one, dict)]


def call_report(call: Resource) -> CallReport | None:
    """Return what a Call resource says, None where it is none."""
    sid = call.sid()
    if sid is None:
        return None
    status = call.text("status") or UNKNOWN
    return CallReport(
        sid=sid,
        status=status,
        answered_by=call.text("answered_by"),
        created_at=call.instant("date_created"),
        ended_at=call.instant("end_time"),
        duration_s=call.whole("duration") if status == "completed" else None,
        **_cost(call),
    )


def text_report(text: Resource) -> CallReport | None:
    """Return what a Message resource says, None where it is none."""
    sid = text.sid()
    if sid is None:
        return None
    error = text.text("error_message", LONGEST_TEXT)
    return CallReport(
        sid=sid,
        status=text.text("status") or UNKNOWN,
        created_at=text.instant("date_created"),
        body=text.text("body", LONGEST_BODY),
        segments=text.whole("num_segments"),
        error_code=text.whole("error_code"),
        error=shown(error) if error else None,
        **_cost(text),
    )


def _cost(resource: Resource) -> dict[str, Any]:
    """Twilio counts what it charges as negative."""
    price = resource.amount("price")
    if price is None:
        return {}
    return {"price": -price, "price_unit": resource.text("price_unit")}


def shown(text: str) -> str:
    """Return a text of Twilio's as it may stand in a log: one line, not long, no full number.

    Twilio quotes the number that it refuses.
    """
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    safe = re.sub(r"\+?\d{7,}", lambda found: masked(f"+{found.group().lstrip('+')}"), line)
    return safe if len(safe) <= LONGEST_TEXT else f"{safe[: LONGEST_TEXT - 1]}…"
