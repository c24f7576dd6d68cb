"""Times of day, instants, time zones and schedules: how they are read."""

from __future__ import annotations

import re
import warnings
import zoneinfo
from datetime import UTC, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator
from tzlocal import get_localzone

from watchcall.config.hints import alike, quoted, shown
from watchcall.core.calendar import instant
from watchcall.windows import schedule_error

MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
ZONE = "a time zone's IANA name such as Asia/Tokyo"
NO_ZONES = (
    "this machine has no time zone database, so that local times cannot be told; install its "
    "package tzdata"
)


def time_of_day(value: object) -> time:
    """Read "22:00", or a local time of TOML; whole minutes, 00:00 is midnight."""
    if isinstance(value, time) and not (value.second or value.microsecond):
        return value
    if isinstance(value, str) and re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return time.fromisoformat(value)
    raise ValueError('must be a time of day such as "22:00", from "00:00" to "23:59"')


def moment(value: object) -> datetime:
    """Read an instant of RFC 3339, or a local time without an offset; TOML's are fine too."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        value = _parsed(value)
    if not isinstance(value, datetime):
        raise ValueError(  # noqa: TRY004 - pydantic wants a ValueError
            'must be a date and a time such as "2026-12-01T03:00:00+09:00"; without the offset '
            "it is in timezone"
        )
    if not 1970 < value.year < 9000:
        raise ValueError("must be a year that a calendar has: 1971 to 8999")
    return value


def _parsed(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise ValueError(f"{quoted(value)} does not exist: {error}") from None


def zone(value: object) -> ZoneInfo:
    """Read an IANA name."""
    if not isinstance(value, str):
        raise ValueError(f"must be {ZONE}, in quotes")  # noqa: TRY004 - pydantic wants a ValueError
    try:
        return ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
    if not known:
        raise ValueError(NO_ZONES)
    if near := _near(value, known):
        raise ValueError(f"unknown time zone {quoted(value)}, did you mean {' or '.join(near)}?")
    raise ValueError(f"unknown time zone {quoted(value)}; it is {ZONE}")


def _near(value: str, known: set[str]) -> list[str]:
    """Return the zones that were probably meant: those of a city, else those that are spelt alike.

    What JST or PST stands for is not guessed: what is spelt like it is something else.
    """
    wanted = value.strip().lower().replace(" ", "_")
    cities = sorted(name for name in known if f"/{name.lower()}".endswith(f"/{wanted}"))
    if cities or re.fullmatch("[A-Za-z]{0,4}", value):
        return cities
    return [shown(name) for name in alike(wanted, known)]


def local_zone() -> ZoneInfo:
    """Return the machine's own time zone; raise ValueError where that would be a guess."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one without a setting is on UTC, as ever
            found = get_localzone()
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"this machine's own cannot be told; give {ZONE}") from None
    if isinstance(found, ZoneInfo):
        return found
    raise ValueError(NO_ZONES)  # tzlocal has fallen back on UTC


def resolved(local: datetime, own: ZoneInfo | None) -> datetime:
    """Return the instant in UTC; what has no offset is in its own zone, else the machine's."""
    if local.tzinfo is None:
        return instant(local, own or local_zone())
    return local.astimezone(UTC)


def schedule(value: object) -> str:
    """Read five fields of cron."""
    if not isinstance(value, str):
        raise ValueError('must be five fields of cron in quotes, such as "0 3 * * 0"')  # noqa: TRY004 - pydantic wants a ValueError
    if wrong := schedule_error(value):
        raise ValueError(wrong)
    return " ".join(value.split())


TimeOfDay = Annotated[time, BeforeValidator(time_of_day)]
Moment = Annotated[datetime, BeforeValidator(moment)]
Zone = Annotated[ZoneInfo, BeforeValidator(zone)]
Schedule = Annotated[str, BeforeValidator(schedule)]
