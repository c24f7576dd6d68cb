"""Who is left alone for now: quiet hours silence people, never an incident.

They are looked at anew at each step, against the channel's people as they are configured now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from watchcall.core.contact import Contact
from watchcall.core.health import Level
from watchcall.core.page import Page


@dataclass(frozen=True, slots=True)
class Sleeper:
    """Somebody whom a page leaves alone until their quiet hours end."""

    contact: Contact
    until: datetime

    @property
    def why(self) -> str:
        """As log and incident say it, with the time of day where the person lives."""
        quiet = self.contact.quiet_hours
        local = self.until.astimezone(quiet.zone if quiet else None)
        return f"quiet hours of {self.contact.name} until {local:%H:%M}"


def asleep(contact: Contact, page: Page, now: datetime) -> Sleeper | None:
    """Return whether a page leaves somebody alone; what is critical may wake who wants that."""
    quiet = contact.quiet_hours
    if quiet is None or (quiet.critical and page.level is Level.CRITICAL):
        return None
    until = quiet.until(now)
    return Sleeper(contact, until) if until else None


def sleepers(people: Iterable[Contact], page: Page, now: datetime) -> tuple[Sleeper, ...]:
    """Return those of some people whom a page leaves alone."""
    return tuple(found for one in people if (found := asleep(one, page, now)))
