"""Who is next: the order in which a page goes through a channel's contacts.

The list in order, the next person at once on busy, no answer, machine, failed, rejected and
stuck. The busy are tried once more at the end of the round. After the last round the channel
is exhausted (design, "Ladder"). Who is in quiet hours is skipped, and called when they end if
nobody was reached until then; each person has the channel's rounds.

Some attempts decide nothing about their person, who is called again: a lost one that was not
found, one that Twilio kept in its queue, one that the account was refused, one that Twilio
could not read and that is made once more as plainly as can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchcall.core.asleep import Sleeper, asleep, sleepers
from watchcall.core.attempt import Attempt, Outcome, Phase, Withdrawn
from watchcall.core.contact import PHONES, Channel, Contact, Event, ReachedBy
from watchcall.core.page import Page
from watchcall.core.refusal import Fault, meaning
from watchcall.core.ruling import Ruling

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


@dataclass(frozen=True, slots=True)
class Wait:
    """Everybody who is left sleeps: go on when the first of them wakes.

    in_vain: whether somebody was tried, and nobody was reached
    """

    sleepers: tuple[Sleeper, ...]
    in_vain: bool = False

    @property
    def until(self) -> datetime:
        return min(one.until for one in self.sleepers)


Step = Dial | Resume | Wait | Stop

OVER = Stop("it recovered before the call")
OWNED = Stop("it was acknowledged")
HELD = Stop("its check is to be quiet; what still fails then is told afterwards")
NEVER_RANG = Stop("it recovered before anybody was called")
REACHED = Stop("reached")
COVERED = Stop("reached through another channel")
NOT_REACHED = Stop("nobody was reached")
TOGETHER = Stop("told together with another page")
FAILED_AGAIN = Stop(Ruling.QUIET_FAILED_AGAIN.value)
CALM = Stop(Ruling.QUIET_CALM.value)


def next_step(page: Page, channel: Channel, house: House, now: datetime) -> Step:
    """Return what a page of a voice channel needs next, from the attempts made so far."""
    page = spoken(page)
    last = page.attempts[-1] if page.attempts else None
    if last is not None and last.phase is not Phase.ENDED:
        return Resume()
    if page.event is Event.RECOVERY:
        return needless(page) or _recovery(last, page, channel, now)
    if reached(page, channel):
        return REACHED
    if is_over(page):
        return _ending(page)
    if page.covered:
        return COVERED
    again = last and _again(last, page, channel)
    if again and not asleep(again.contact, page, now):
        return again
    return _onward(last, page, channel, house, now)


def next_texts(page: Page, channel: Channel, now: datetime) -> Sequence[Dial] | Wait | Stop:
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
    due = _due_texts(page, channel)
    sleeping = sleepers((one.contact for one in due), page, now)
    left_alone = {one.contact.name for one in sleeping}
    dials = [one for one in due if one.contact.name not in left_alone]
    if dials or any(one.phase is not Phase.ENDED for one in page.attempts):
        return dials
    verdict = _verdict(page)
    if sleeping:
        return Wait(sleeping, in_vain=verdict is NOT_REACHED and _tried(page))
    return verdict


def _due_texts(page: Page, channel: Channel) -> list[Dial]:
    """Return who is to be sent a text, awake or not."""
    made = {one.contact: one for one in page.attempts if not _dropped(one)}  # the last of each
    waiting = {one.contact for one in page.attempts if one.phase is not Phase.ENDED}
    due = []
    for contact in _wanted(page, channel):
        last = made.get(contact.name)
        if last is None:
            due.append(Dial(contact, type=channel.type))
        elif contact.name not in waiting and (again := _text_again(last, page, channel)):
            due.append(replace(again, type=channel.type))
    return due


def left_alone(
    page: Page, channel: Channel, now: datetime, before: Contact | None = None
) -> tuple[Sleeper, ...]:
    """Return whom a page would tell if they did not sleep.

    before: of a list that is called in its order, only those who come before this person
    """
    people = list(_wanted(page, channel))
    if before in people:
        people = people[: people.index(before)]
    return sleepers(people, page, now)


def together(waiting: Sequence[tuple[Page, Wait]]) -> list[list[Page]]:
    """Return the pages of one channel that one call, or text, can tell when people wake.

    They wait for the same people, were for the same people, stand in for the same page, and what
    stands in for them was begun or was not: it begins once for a page. The first of each takes in
    the others: the oldest, but a reminder takes in no failure.
    """
    alike: dict[tuple[object, ...], list[Page]] = {}
    for page, wait in waiting:
        event = Event.FAILURE if page.event is Event.REMINDER else page.event
        people = frozenset(one.contact.name for one in wait.sleepers)
        whom = frozenset(page.reached) if event is Event.RECOVERY else None
        alike.setdefault((event, page.parent, page.engaged, people, whom), []).append(page)
    return [
        sorted(pages, key=lambda one: (one.event is Event.REMINDER, one.created_at, one.id))
        for pages in alike.values()
        if len(pages) > 1
    ]


def spoken(page: Page) -> Page:
    """Return a page of a voice channel with its calls alone: the text after one decides nothing."""
    calls = tuple(one for one in page.attempts if one.type == "voice")
    return page if len(calls) == len(page.attempts) else replace(page, attempts=calls)


def is_over(page: Page) -> bool:
    """Whether a page has nothing left to tell: all of it recovered or has an owner.

    WatchCall's own trouble is told in any case, a recovery unless the check has failed again.
    """
    if page.event is Event.RECOVERY:
        return all(one.id in page.stale for one in page.incidents)
    return not page.calling


def needless(page: Page) -> Stop | None:
    """Return why a page needs no more attempts, None where it does."""
    if page.covered:
        return COVERED
    if not is_over(page):
        return None
    if page.event is Event.RECOVERY:
        return FAILED_AGAIN
    left = [one for one in page.incidents if one.open or page.event is Event.FLAPPING]
    if any(one.acknowledged for one in left):
        return OWNED
    if left and all(one.id in page.calm for one in left):
        return CALM
    return HELD if left else OVER


def spared(attempt: Attempt, page: Page, channel: Channel, now: datetime) -> str | None:
    """Return why an attempt that was planned is not made after all, None where it is."""
    if stop := needless(page):
        return stop.why
    contact = next((one for one in channel.to if one.name == attempt.contact), None)
    sleeper = asleep(contact, page, now) if contact else None
    return sleeper.why if sleeper else None


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
        return not timedelta(0) <= now - last.planned_at < BROKEN_AFTER  # the clock may be set
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
    tries = sum(one.contact == last.contact and not _dropped(one) for one in page.attempts)
    if last.outcome is Outcome.UNDELIVERED and last.error_code in TEXT_AGAIN and tries == 1:
        return Dial(_named(channel, last.contact), NOW, last.round)
    return None


def _onward(
    last: Attempt | None, page: Page, channel: Channel, house: House, now: datetime
) -> Dial | Wait | Stop:
    """Return the next person of the round, of the next round, or that the list is exhausted.

    Whoever slept, and has not had all rounds, has them after the others.
    """
    left = _left(page, channel)
    sleeping = sleepers(left, page, now)
    names = {one.contact.name for one in sleeping}
    round_ = last.round if last else 1
    made = [one for one in page.attempts if one.round == round_ and _decides(one)]
    tried = {one.contact for one in made}
    wait = _hearing(last, channel, house)
    awake = [one for one in left if one.name not in names]
    for contact in awake:
        if contact.name not in tried:
            return Dial(contact, wait, round_)
    if busy := _busy_once(made, page, channel, now):
        return Dial(busy, wait, round_)
    if awake:
        return Dial(awake[0], channel.round_delay, round_ + 1)
    return Wait(sleeping, in_vain=_tried(page)) if sleeping else NOT_REACHED


def _left(page: Page, channel: Channel) -> list[Contact]:
    """Return the people who can be called and have not had all rounds, awake or not."""
    out = barred(page.attempts)
    rounds = {(one.contact, one.round) for one in page.attempts if _decides(one)}
    had = Counter(name for name, _ in rounds)
    return [one for one in channel.to if one.name not in out and had[one.name] < channel.rounds]


def _busy_once(
    made: Sequence[Attempt], page: Page, channel: Channel, now: datetime
) -> Contact | None:
    """Return the first who was busy in a round, was not tried since, and is awake."""
    out = barred(page.attempts)
    for contact in channel.to:
        mine = [one.outcome for one in made if one.contact == contact.name]
        busy = mine.count(Outcome.BUSY) == 1 and mine[-1] is Outcome.BUSY
        if busy and contact.name not in out and not asleep(contact, page, now):
            return contact
    return None


def _tried(page: Page) -> bool:
    """Whether anybody was called, or sent something, as far as that decides anything."""
    return any(_decides(one) for one in page.attempts)


def _dropped(attempt: Attempt) -> bool:
    """Whether an attempt was given up before Twilio took it: nobody noticed anything."""
    ended = attempt.phase is Phase.ENDED and attempt.outcome is Outcome.CANCELED
    return ended and attempt.sid is None


def _decides(attempt: Attempt) -> bool:
    return not (
        _dropped(attempt)
        or attempt.outcome is Outcome.UNCERTAIN
        or refused_by_account(attempt)
        or (attempt.outcome is Outcome.CANCELED and attempt.withdrawn is Withdrawn.OVER)
    )


def _hearing(last: Attempt | None, channel: Channel, house: House) -> timedelta:
    """Somebody who listened, and cannot press a key, is left the time to acknowledge."""
    if last is None or channel.reached_by is not ReachedBy.ACK or house.keys:
        return NOW
    return channel.round_delay if last.outcome.reached else NOW


def _recovery(
    last: Attempt | None, page: Page, channel: Channel, now: datetime
) -> Dial | Wait | Stop:
    """One attempt each, no ladder."""
    if not page.rang:
        return NEVER_RANG
    again = last and _again(last, page, channel)
    if again and not asleep(again.contact, page, now):
        return again
    called = {attempt.contact for attempt in page.attempts if _decides(attempt)}
    left = [one for one in _wanted(page, channel) if one.name not in called]
    for contact in left:
        if not asleep(contact, page, now):
            return Dial(contact)
    return Wait(sleepers(left, page, now)) if left else _verdict(page)


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
