"""Who is next: the order in which a page goes through a channel's contacts.

The list in order, the next person at once on busy, no answer, machine, failed, rejected and
stuck. The busy are tried once more at the end of the round. After the last round the channel
is exhausted (design, "Ladder").

Some attempts decide nothing about their person, who is called again: a lost one that was not
found, one that Twilio kept in its queue, one that the account was refused, one that Twilio
could not read and that is made once more as plainly as can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchcall.core.attempt import Attempt, Outcome, Phase, Withdrawn
from watchcall.core.contact import PHONES, Channel, Contact, Event, ReachedBy
from watchcall.core.page import Page
from watchcall.core.refusal import Fault, meaning

LOST_AGAIN = (0, 5, 10, 30, 60)  # seconds before a lost call is made again, by how many were
ACCOUNT_RETRY = timedelta(minutes=5)  # a refused credential is not hammered
BROKEN_AFTER = timedelta(seconds=30)  # of calls that cannot be placed
TEXT_AGAIN = frozenset({30001, 30008})  # a full queue, an unknown error: one more try
NOW = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What holds for all channels.

    keys: the listener can press keys, because Twilio can reach us
    """

    keys: bool = False


@dataclass(frozen=True, slots=True)
class Dial:
    """Call or text this person, after a while or at once; `after` is counted from now."""

    contact: Contact
    after: timedelta = NOW
    round: int = 1
    type: str = "voice"


@dataclass(frozen=True, slots=True)
class Resume:
    """The last attempt is not over: go on with it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing more to do for this page, and why."""

    why: str


Step = Dial | Resume | Stop

OVER = Stop("it recovered before the call")
OWNED = Stop("it was acknowledged")
NEVER_RANG = Stop("it recovered before anybody was called")
REACHED = Stop("reached")
COVERED = Stop("reached through another channel")
NOT_REACHED = Stop("nobody was reached")


def next_step(page: Page, channel: Channel, house: House) -> Step:
    """Return what a page of a voice channel needs next, from the attempts made so far."""
    last = page.attempts[-1] if page.attempts else None
    if last is not None and last.phase is not Phase.ENDED:
        return Resume()
    if page.event is Event.RECOVERY:
        return _recovery(last, page, channel)
    if reached(page, channel):
        return REACHED
    if is_over(page):
        return _ending(page)
    if page.covered:
        return COVERED
    return (last and _again(last, page, channel)) or _onward(last, page, channel, house)


def next_texts(page: Page, channel: Channel) -> Sequence[Dial] | Stop:
    """Return who of a text channel is still to be sent something; Stop where nobody is.

    A channel of notices is one that texts itself.

    An empty sequence: all were sent, and it is not known of all what became of it.
    """
    if page.event is Event.RECOVERY and not page.rang:
        return NEVER_RANG
    if is_over(page):
        pending = any(one.phase is not Phase.ENDED for one in page.attempts)
        return [] if pending else _ending(page)
    if page.covered:
        return COVERED
    made = {one.contact: one for one in page.attempts}  # the last of each
    dials = []
    for contact in _wanted(page, channel):
        last = made.get(contact.name)
        if last is None:
            dials.append(Dial(contact, type=channel.type))
        elif last.phase is Phase.ENDED and (again := _text_again(last, page, channel)):
            dials.append(replace(again, type=channel.type))
    if dials or any(one.phase is not Phase.ENDED for one in page.attempts):
        return dials
    return _verdict(page)


def is_over(page: Page) -> bool:
    """Whether a page has nothing left to tell: all of it recovered or has an owner.

    WatchCall's own trouble, and a recovery, are told in any case.
    """
    if page.event is Event.RECOVERY:
        return False
    return not any(one.calls_for_help for one in page.incidents)


def needless(page: Page) -> Stop | None:
    """Return why a page needs no more attempts, None where it does."""
    if page.covered:
        return COVERED
    if not is_over(page):
        return None
    return OWNED if any(one.acknowledged and one.open for one in page.incidents) else OVER


def reached(page: Page, channel: Channel) -> Attempt | None:
    """Return the attempt that reached somebody, as the channel understands it."""
    for attempt in reversed(page.attempts):
        if attempt.phase is Phase.ENDED and _counts(attempt, channel):
            return attempt
    return None


def is_repeat(page: Page) -> bool:
    """Whether a lost call may already have told what the next one tells."""
    return any(one.outcome is Outcome.UNCERTAIN for one in page.attempts)


def is_plain(page: Page, contact: str) -> bool:
    """Whether Twilio could not read what we said to this person before."""
    return any(_fault(one) is Fault.REQUEST for one in page.attempts if one.contact == contact)


def is_broken(page: Page, now: datetime) -> bool:
    """Whether a channel cannot be used at all for now, whoever is called."""
    last = page.attempts[-1] if page.attempts else None
    if last is None or last.phase is Phase.PLACED or last.sid:
        return False
    if last.phase is Phase.PLANNED and last.tries:
        return now - last.planned_at >= BROKEN_AFTER
    if refused_by_account(last):
        return True
    lost = _lost_in_a_row(page.attempts) if last.phase is Phase.ENDED else 0
    if lost and last.type not in PHONES:  # nobody is asked about it: each takes its whole time
        return now - page.attempts[-lost].planned_at >= BROKEN_AFTER
    return lost >= len(LOST_AGAIN)


def broken_at(page: Page) -> datetime | None:
    """Return from when on a channel is broken if the call that waits is not placed by then."""
    last = page.attempts[-1] if page.attempts else None
    if last is None or last.phase is not Phase.PLANNED or not last.tries:
        return None
    return last.planned_at + BROKEN_AFTER


def refused_by_account(attempt: Attempt) -> bool:
    """Whether nobody at all could be called: everybody would be refused alike."""
    return attempt.outcome is Outcome.REJECTED and _fault(attempt) in (
        Fault.ACCOUNT,
        Fault.CALLER,
    )


def barred(attempts: Iterable[Attempt]) -> dict[str, Attempt]:
    """Return who cannot be called whatever is tried, with the attempt that told."""
    return {one.contact: one for one in attempts if _fault(one) is Fault.CONTACT}


def _fault(attempt: Attempt) -> Fault | None:
    """Return whose fault Twilio's error is; another's status of 401 says nothing of Twilio."""
    if attempt.type not in PHONES:
        return None
    if attempt.outcome not in (Outcome.REJECTED, Outcome.FAILED, Outcome.UNDELIVERED):
        return None
    return meaning(attempt.error_code).fault


def _counts(attempt: Attempt, channel: Channel) -> bool:
    if channel.reached_by is ReachedBy.ACK:
        return attempt.outcome is Outcome.ACKNOWLEDGED
    return attempt.heard


def _again(last: Attempt, page: Page, channel: Channel) -> Dial | None:
    """Return the same person once more, where the last attempt decided nothing about them."""
    contact = _named(channel, last.contact)
    if last.outcome is Outcome.UNCERTAIN:
        return Dial(contact, _patience(page, last.contact), last.round)
    if refused_by_account(last):
        return Dial(contact, ACCOUNT_RETRY, last.round)
    if last.withdrawn is Withdrawn.OVER and last.outcome is Outcome.CANCELED:
        return Dial(contact, NOW, last.round)  # it was over, and something else is not
    before = [one for one in page.attempts[:-1] if one.contact == last.contact]
    if last.withdrawn is Withdrawn.HELD and last.outcome is Outcome.CANCELED:
        held = [one for one in before if one.withdrawn is Withdrawn.HELD]
        return None if held else Dial(contact, NOW, last.round)
    if _fault(last) is Fault.REQUEST and not any(_fault(one) is Fault.REQUEST for one in before):
        return Dial(contact, NOW, last.round)
    return None


def _text_again(last: Attempt, page: Page, channel: Channel) -> Dial | None:
    again = _again(last, page, channel)
    if again is not None:
        return again
    tries = sum(one.contact == last.contact for one in page.attempts)
    if last.outcome is Outcome.UNDELIVERED and last.error_code in TEXT_AGAIN and tries == 1:
        return Dial(_named(channel, last.contact), NOW, last.round)
    return None


def _onward(last: Attempt | None, page: Page, channel: Channel, house: House) -> Dial | Stop:
    """Return the next person of the round, of the next round, or that the list is exhausted."""
    out = barred(page.attempts)
    people = [one for one in channel.to if one.name not in out]
    round_ = last.round if last else 1
    made = [one for one in page.attempts if one.round == round_ and _decides(one)]
    tried = {one.contact for one in made}
    wait = _hearing(last, channel, house)
    for contact in people:
        if contact.name not in tried:
            return Dial(contact, wait, round_)
    for contact in people:
        mine = [one.outcome for one in made if one.contact == contact.name]
        if mine.count(Outcome.BUSY) == 1 and mine[-1] is Outcome.BUSY:
            return Dial(contact, wait, round_)
    if people and round_ < channel.rounds:
        return Dial(people[0], channel.round_delay, round_ + 1)
    return NOT_REACHED


def _decides(attempt: Attempt) -> bool:
    return not (
        attempt.outcome is Outcome.UNCERTAIN
        or refused_by_account(attempt)
        or (attempt.outcome is Outcome.CANCELED and attempt.withdrawn is Withdrawn.OVER)
    )


def _hearing(last: Attempt | None, channel: Channel, house: House) -> timedelta:
    """Somebody who listened, and cannot press a key, is left the time to acknowledge."""
    if last is None or channel.reached_by is not ReachedBy.ACK or house.keys:
        return NOW
    return channel.round_delay if last.outcome.reached else NOW


def _recovery(last: Attempt | None, page: Page, channel: Channel) -> Dial | Stop:
    """One attempt each, no ladder."""
    if not page.rang:
        return NEVER_RANG
    if last is not None and (again := _again(last, page, channel)):
        return again
    called = {attempt.contact for attempt in page.attempts}
    for contact in _wanted(page, channel):
        if contact.name not in called:
            return Dial(contact)
    return _verdict(page)


def _wanted(page: Page, channel: Channel) -> tuple[Contact, ...]:
    """A recovery goes to those who were reached about the failure, else to the first."""
    if page.event is not Event.RECOVERY:
        return channel.to
    return tuple(one for one in channel.to if one.name in page.reached) or channel.to[:1]


def _patience(page: Page, contact: str) -> timedelta:
    lost = _lost_in_a_row([one for one in page.attempts if one.contact == contact])
    return timedelta(seconds=LOST_AGAIN[min(lost, len(LOST_AGAIN)) - 1])


def _lost_in_a_row(made: Sequence[Attempt]) -> int:
    lost = 0
    for attempt in reversed(made):
        if attempt.outcome is not Outcome.UNCERTAIN:
            break
        lost += 1
    return lost


def _named(channel: Channel, name: str) -> Contact:
    return next((one for one in channel.to if one.name == name), channel.to[0])


def _ending(page: Page) -> Stop:
    if any(one.outcome.reached for one in page.attempts):
        return REACHED
    return needless(page) or OVER


def _verdict(page: Page) -> Stop:
    return REACHED if any(one.outcome.reached for one in page.attempts) else NOT_REACHED
