"""People who want to sleep, and what the stories of their nights share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.stories.town import ALICE, BOB, CAROL, LADDER, PHONE, Town
from watchcall.core.calendar import QuietHours
from watchcall.core.contact import Contact, Event
from watchcall.ports import Decision, Notice

TOKYO = ZoneInfo("Asia/Tokyo")
NIGHT = QuietHours(start=time(22), end=time(7), zone=TOKYO)
ASLEEP = replace(ALICE, quiet_hours=NIGHT)  # alice lives in Tokyo, and wants to sleep
BUT_CRITICAL = replace(ALICE, quiet_hours=replace(NIGHT, critical=True))
ALONE = replace(PHONE, to=(ASLEEP,))
WITH_BOB = replace(LADDER, to=(ASLEEP, BOB), rounds=1)
TEXTS = replace(PHONE, name="texts", type="sms", to=(ASLEEP, CAROL))
SECONDS = timedelta(seconds=10)


def tokyo(hour: int, minute: int = 0) -> datetime:
    """An instant of the night: from noon in UTC (21:00 in Tokyo) on."""
    at = datetime(2026, 11, 20, hour, minute, tzinfo=TOKYO)
    return (at if hour >= 21 else at + timedelta(days=1)).astimezone(UTC)


async def until(night: Town, hour: int, minute: int = 0) -> None:
    """Let the night pass until a time of day in Tokyo."""
    await night.wait(tokyo(hour, minute) - night.clock.now().utc, step=60)


async def warn(night: Town, *names: str) -> None:
    """Confirm a warning of each check; nobody is called yet."""
    for name in names or ("httpd",):
        for _ in range(3):
            await night.look("w", name)


async def tell(night: Town, event: Event, name: str = "httpd") -> None:
    """Something else than a failure is to be told of an open incident, on the channel `phone`."""
    now = night.clock.now().utc
    notice = Notice(channel="phone", event=event, due_at=now + night.voice.group_wait)
    decision = Decision(at=now, incident=night.incident(name), notices=(notice,))
    await night.store.commit(decision)


async def why_quiet(night: Town, name: str = "httpd") -> list[str]:
    """Why phones stayed silent about a check, as `incidents --json` has it."""
    found = [one for one in await night.store.incidents(100) if one["check"] == name]
    return [each["why"] for one in reversed(found) for each in one["quiet"]]


def sleeper(contact: Contact, begin: int, end: int, *, critical: bool = False) -> Contact:
    hours = QuietHours(start=time(begin), end=time(end), zone=TOKYO, critical=critical)
    return replace(contact, quiet_hours=hours)
