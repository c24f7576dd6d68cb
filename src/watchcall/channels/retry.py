"""When a web service wants to be asked again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_ASKED = 9  # digits of a Retry-After in seconds
ZERO = timedelta(0)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return what a reply asks for: seconds, or a date (RFC 9110, 10.2.3).

    now: by the clock of whoever wrote the date
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=int(value[:LONGEST_ASKED]))
    until = http_date(value)
    return None if until is None else max(until - now, ZERO)


def http_date(value: str | None) -> datetime | None:
    """Return an HTTP date (RFC 9110, 5.6.7), None where it is none."""
    try:
        date = parsedate_to_datetime(value or "")
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
