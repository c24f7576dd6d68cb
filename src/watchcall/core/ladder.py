"""Who is next: the order in which a page goes through a channel's contacts.

Today the first contact is called. Going on to the next person, rounds and fallbacks will be
decided here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from watchcall.core.attempt import Attempt, Outcome, Phase
from watchcall.core.contact import Channel, Contact, Event
from watchcall.core.page import Page

# Twilio's codes for an account or credentials that cannot place any call (and the bare HTTP
# statuses of the same). The list is not walked for them: everybody would be refused alike.
ACCOUNT = frozenset({401, 403, 10001, 20003, 20005, 20006, 20403})
LOST_AGAIN = (0, 5, 10, 30, 60)  # seconds before a lost call is made again, by how many were
ACCOUNT_RETRY = timedelta(minutes=5)  # a refused credential is not hammered


@dataclass(frozen=True, slots=True)
class Dial:
    """Call this person, after a while or at once; `after` is counted from now."""

    contact: Contact
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Resume:
    """The last attempt is not over: go on with it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing more to do for this page, and why."""

    why: str


OVER = Stop("it recovered before the call")
NEVER_RANG = Stop("it recovered before anybody was called")
REACHED = Stop("reached")
NOT_REACHED = Stop("nobody was reached")


def next_step(page: Page, channel: Channel) -> Dial | Resume | Stop:
    """Return what a page needs next, from the attempts made so far."""
    last = page.attempts[-1] if page.attempts else None
    if last is not None and last.phase is not Phase.ENDED:
        return Resume()
    if page.event is Event.RECOVERY and not page.rang:
        return NEVER_RANG
    if is_over(page):
        return _verdict(page) if page.attempts else OVER
    if last is not None and last.outcome is Outcome.UNCERTAIN:
        return Dial(_named(channel, last.contact), after=_patience(page))
    if last is not None and refused_by_account(last):
        return Dial(_named(channel, last.contact), after=ACCOUNT_RETRY)
    called = {attempt.contact for attempt in page.attempts}
    for contact in _wanted(page, channel):
        if contact.name not in called:
            return Dial(contact)
    return _verdict(page)


def is_over(page: Page) -> bool:
    """Whether a failure page has nothing left to tell, because all of it recovered."""
    return page.event is not Event.RECOVERY and not any(one.open for one in page.incidents)


def is_repeat(page: Page) -> bool:
    """Whether a lost call may already have told what the next one tells."""
    return any(one.outcome is Outcome.UNCERTAIN for one in page.attempts)


def refused_by_account(attempt: Attempt) -> bool:
    return attempt.outcome is Outcome.REJECTED and attempt.error_code in ACCOUNT


def _wanted(page: Page, channel: Channel) -> tuple[Contact, ...]:
    """A recovery goes to those who were reached about the failure, else to the first."""
    first = channel.to[:1]
    if page.event is not Event.RECOVERY:
        return first
    return tuple(one for one in channel.to if one.name in page.reached) or first


def _patience(page: Page) -> timedelta:
    lost = sum(one.outcome is Outcome.UNCERTAIN for one in page.attempts)
    return timedelta(seconds=LOST_AGAIN[min(lost, len(LOST_AGAIN)) - 1])


def _named(channel: Channel, name: str) -> Contact:
    return next((one for one in channel.to if one.name == name), channel.to[0])


def _verdict(page: Page) -> Stop:
    return REACHED if any(one.outcome.reached for one in page.attempts) else NOT_REACHED
