"""The text that follows a call which could not tell everything: a list of what failed.

A voice details two of many failures; who heard it is sent the rest to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watchcall.core.attempt import Attempt, Phase
from watchcall.core.contact import Channel, Contact, Event
from watchcall.core.incident import Incident
from watchcall.core.ladder import OVER, Dial, Stop
from watchcall.core.page import Page

DETAILED = 2  # failures, by a call
SEGMENTS = 6  # for the list


def companion(page: Page, channel: Channel, others: Iterable[Channel]) -> Dial | None:
    """Return whom to send the list of what a page of a voice channel told, None where nobody.

    others: all channels; on one of texts the same person may read of it anyway
    """
    call = _heard(page.attempts)
    if call is None or not page.event.asks or any(one.type == "sms" for one in page.attempts):
        return None
    told = page.tells(call)
    contact = next((one for one in channel.to if one.name == call.contact), None)
    if contact is None or not contact.takes_texts or len(told) <= DETAILED:
        return None
    if any(_reads(contact, told, other) for other in others):
        return None
    return Dial(contact, round=call.round, type="sms")


def listed(page: Page, list_: Attempt) -> tuple[Incident, ...]:
    """Return what stands in the list, also where it has an owner: they want to read it most."""
    told = page.tells(list_) if list_.posted_at else page.incidents
    return told if page.event is Event.FLAPPING else tuple(one for one in told if one.open)


def unlisted(page: Page, list_: Attempt) -> Stop | None:
    """Return why there is nothing left to list, None where there is."""
    return None if listed(page, list_) else OVER


def _heard(attempts: Sequence[Attempt]) -> Attempt | None:
    """Return the last call that somebody listened to."""
    calls = (one for one in reversed(attempts) if one.type == "voice")
    return next((one for one in calls if one.phase is Phase.ENDED and one.heard), None)


def _reads(contact: Contact, told: Sequence[Incident], other: Channel) -> bool:
    if other.type != "sms" or contact.phone not in {one.phone for one in other.to}:
        return False
    return all(other.name in one.told for one in told)
