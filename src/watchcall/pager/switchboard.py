"""What all channels share: numbers that ring, the pace, the cost guard, and what went wrong."""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from watchcall.core import attempt as attempts
from watchcall.core import guard, ladder
from watchcall.core.asleep import Sleeper
from watchcall.core.attempt import Attempt, Phase
from watchcall.core.contact import Channel, Contact, Event, masked
from watchcall.core.guard import Hold, Placed
from watchcall.core.incident import Incident
from watchcall.core.ladder import House
from watchcall.core.page import Page
from watchcall.core.refusal import Fault, meaning
from watchcall.core.ruling import Ruling
from watchcall.core.speech import Subject, hint_for
from watchcall.errors import NotPlaced, PhoneError, Rejected
from watchcall.pager.patience import Patience
from watchcall.pager.state import PagerState
from watchcall.ports import Clock, Outlet, Phone, Store, Texts

log = logging.getLogger(__name__)

SEARCH = timedelta(minutes=5)  # the longest that a lost call or text is looked for in vain
LEFT_FOR = timedelta(minutes=15)  # a call of a removed channel keeps its number busy at most
# An account may place one call a second by default, and Twilio queues the rest; a little more
# apart, because two requests need not take equally long.
CALL_EVERY_S = 1.05
DOUBT_S = 60.0  # a call is asked about every two seconds, and the account once for all of them
WORDS = {"voice": "call", "sms": "text"}
EARLY, LATE = timedelta(seconds=5), timedelta(seconds=90)  # around a POST: where its call is


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A channel with the means it uses: `phone` for voice, `texts` for sms, else `outlet`.

    A voice channel may have `texts` too, for the lists that follow calls.
    """

    channel: Channel
    phone: Phone | None = None
    texts: Texts | None = None
    outlet: Outlet | None = None


@dataclass(slots=True, kw_only=True)
class Voice:
    """What every call needs to know: who speaks, when, and how much.

    public_url: where Twilio reaches us, without a slash at its end; None where it cannot
    group_wait: how long a failure waits for companions
    """

    host: str
    zone: tzinfo
    shared_from: bool = False
    public_url: str | None = None
    max_calls_per_hour: int = 20
    group_wait: timedelta = timedelta(0)


@dataclass(slots=True)
class Switchboard:
    """State of all channels together; lives on the loop alone.

    trial:     calls go through a trial account
    channels:  all that there are
    texting:   whether our number can send texts, as far as is known
    textless:  numbers that were found to take none
    on_change: called when a call was placed, when one ended, when a fallback began
    on_doubt:  called when the account should be looked at before its turn
    """

    store: Store
    clock: Clock
    voice: Voice
    state: PagerState = field(default_factory=PagerState)
    new_id: Callable[[], str] = lambda: str(uuid.uuid4())
    chance: Callable[[], float] = random.random
    trial: bool = False
    channels: tuple[Channel, ...] = ()
    texting: bool = True
    textless: set[str] = field(default_factory=set)
    on_change: Callable[[], None] = lambda: None
    on_doubt: Callable[[], None] = lambda: None
    keys: dict[str, str] = field(default_factory=dict)  # pressed, by the attempt's UUID
    patience: Patience = field(init=False)
    _busy: dict[str, str] = field(default_factory=dict)  # numbers, by the attempt that uses them
    _placed: list[Placed] = field(default_factory=list)
    _next_call: float = 0.0  # the first turn that nobody waits for
    _last_call: float = -CALL_EVERY_S
    _doubted: float = -DOUBT_S
    _turns: dict[str, float] = field(default_factory=dict)  # of the channels that wait
    _nudges: dict[str, asyncio.Event] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)  # of which calls Twilio said something
    _noted: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # see `leave_alone`

    def __post_init__(self) -> None:
        self.patience = Patience(self.clock)

    @property
    def house(self) -> House:
        return House(keys=self.voice.public_url is not None)

    async def load(self) -> None:
        """Take up what a run before this one left: calls that may still ring, and their cost."""
        now = self.clock.now().utc
        left = [one for one in await self.store.left_behind() if now - one.planned_at < LEFT_FOR]
        live = [*await self.store.live(), *left]
        self._busy = {one.to: one.id for one in live if one.type == "voice"}
        self._placed = list(await self.store.placed_since(now - guard.HOUR))
        self.state.unreached(await self.store.unreached())
        for attempt in await self.store.barred():
            self._bar(attempt)
        for channel in self.channels:
            await self._wait_for_boot(channel)

    async def _wait_for_boot(self, channel: Channel) -> None:
        """Say what is not told yet because the machine has just booted."""
        waiting = [one for one in await self.store.pages(channel.name) if self.patience.boots(one)]
        for page in waiting:
            why = Ruling.QUIET_BOOT_GRACE.value
            log.info("%s on channel %r waits: %s", named(page), page.channel, why)
            now = self.clock.now().utc
            await self.store.hush(page, page.telling, why, now, once=True)

    # Numbers: never two live calls to one

    def busy(self, number: str, attempt: str | None = None) -> bool:
        """Whether another attempt than this one uses a number."""
        return self._busy.get(number, attempt) != attempt

    def take(self, attempt: Attempt) -> None:
        self._busy[attempt.to] = attempt.id

    def release(self, attempt: Attempt) -> None:
        self.patience.forget(attempt.id)
        if self._busy.get(attempt.to) == attempt.id:
            del self._busy[attempt.to]
        self.keys.pop(attempt.id, None)
        self._nudges.pop(attempt.id, None)

    # The pace, and the cost

    def pace(self, channel: str) -> float:
        """Return the seconds until a channel may place a call; 0 takes its turn.

        Each waits for a turn of its own, so that many need not look again for one of them.
        """
        now = self.clock.now().elapsed
        turn = self._turns.pop(channel, None)
        if turn is None:
            turn = max(now, self._next_call)
            self._next_call = turn + CALL_EVERY_S
        turn = max(turn, self._last_call + CALL_EVERY_S)  # the turn before may have come late
        left = round(turn - now, 6)  # the clocks know no less than a microsecond
        if left <= 0:
            self._last_call = now
            return 0
        self._turns[channel] = turn
        return left

    def hold(self, page: Page, to: str, channel: Channel) -> Hold | None:
        """Return what the cost guard says of a call.

        Free is each person's first call about a new incident: who is next does not wait because
        of what went before. That it is over may be said as soon as it is.
        """
        if is_first(page, to):
            return None
        told = any(one.to == to and one.sid for one in page.attempts)
        news = page.event is Event.RECOVERY and not told
        apart = timedelta(0) if news else min(guard.APART, channel.round_delay)
        now = self.clock.now().utc
        return guard.hold(self._placed, to, now, self.voice.max_calls_per_hour, apart)

    def can_text(self, contact: Contact) -> bool:
        """Whether somebody may be sent a text, as far as is known."""
        stopped = any("sms" in cause.stops for cause in self.state.causes.values())
        takes = contact.phone not in self.textless
        return (
            self.texting and not stopped and takes and self.state.takes(masked(contact.name), "sms")
        )

    # What a call came to

    def placed(self, attempt: Attempt) -> None:
        """Twilio took it."""
        now = self.clock.now().utc
        if attempt.type == "voice":
            self._placed = [one for one in self._placed if now - one.at < guard.HOUR]
            self._placed.append(Placed(now, attempt.to))
        self.state.placed()
        self.state.unbar(masked(attempt.contact), attempt.type)
        self.on_change()

    def failed(self, posting: Attempt, error: PhoneError) -> Attempt:
        """Return what a call or text comes to whose POST failed, and say so."""
        after = self.came_to(posting, error)
        self.ended(after)
        if not self._concerns_one(after):
            for_all = ladder.refused_by_account(after)
            self.state.trouble(str(error), self.clock.now(), for_all=for_all)
        return after

    def came_to(self, posting: Attempt, error: PhoneError) -> Attempt:
        """Return what an attempt comes to that met an error, and log it."""
        now, text = self.clock.now(), str(error)
        match error:
            case NotPlaced():
                after = attempts.postpone(
                    posting, text, error.code, error.after, now.utc, self.chance()
                )
                what = f"not placed, tried again in {spelled(after.due_at - now.utc)}"
            case Rejected():
                after = attempts.reject(posting, text, error.code, now.utc)
                what = "rejected" if error.code is None else f"rejected ({error.code})"
            case _:
                after, what = attempts.lose(posting, text, error.code), "uncertain"
        self.log(after, f"{what}: {text}")
        return after

    def ended(self, attempt: Attempt) -> None:
        """Flag a person who cannot be called, with what can be done about it."""
        if attempt.contact in ladder.barred([attempt]):
            self._bar(attempt)
        self.on_change()

    def doubt(self, error: PhoneError) -> None:
        """A question was refused. If it is the account, the next call would be refused as well:
        that is found out now, and not when somebody has to be called."""
        now = self.clock.now().elapsed
        refused = isinstance(error, Rejected) and meaning(error.code).fault is Fault.ACCOUNT
        if refused and now - self._doubted >= DOUBT_S:
            self._doubted = now
            self.on_doubt()

    def _concerns_one(self, attempt: Attempt) -> bool:
        if not isinstance(attempt.error_code, int):
            return False
        return meaning(attempt.error_code).fault is Fault.CONTACT

    def _bar(self, attempt: Attempt) -> None:
        remedy = meaning(attempt.error_code).remedy
        why = f"Twilio's error {attempt.error_code}; {remedy}"
        self.state.bar(masked(attempt.contact), attempt.type, why)

    # Waiting

    async def nap(self, attempt: str, until: float) -> bool:
        """Wait until an instant of the monotonic clock; return whether to ask Twilio now.

        It is time to ask, or Twilio said that something happened to the call. False: what the
        call is about may have changed.
        """
        seconds = max(0.0, until - self.clock.now().elapsed)
        nudge = self._nudges.setdefault(attempt, asyncio.Event())
        sleep = asyncio.ensure_future(self.clock.sleep(seconds))
        wait = asyncio.ensure_future(nudge.wait())
        try:
            await asyncio.wait([sleep, wait], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            wait.cancel()
        nudge.clear()
        told = attempt in self._told
        self._told.discard(attempt)
        return told or self.clock.now().elapsed >= until

    def nudge(self, attempt: str | None = None) -> None:
        """Something happened to a call, or (None) to what calls are about."""
        for id_, event in self._nudges.items():
            if attempt in (None, id_):
                event.set()
        if attempt in self._nudges:
            self._told.add(attempt)

    # Words

    def instant(self, page: Page) -> datetime:
        """Return now, as far as the record of a page is concerned: what joined it was before,
        though the wall clock may have been set back since."""
        return max([self.clock.now().utc, *page.joined.values()])

    def subject(self, page: Page) -> Subject:
        """What is to be said of a page now."""
        return Subject(
            event=page.event,
            host=self.voice.host,
            incidents=page.telling,
            now=self.clock.now().utc,
            zone=self.voice.zone,
            repeated=ladder.is_repeat(page),
            hint=hint_for(page.event, keys=bool(self.voice.public_url)),
        )

    async def settle(self, page: Page, stop: ladder.Stop, channel: Channel) -> None:
        """Take a page out of the outbox; an exhausted one is an alarm of its own."""
        now = self.clock.now().utc
        self.patience.forget(page.id)
        await self._hush_untold(page, now)
        if stop is ladder.NOT_REACHED and page.event is not Event.RECOVERY:
            await self.exhausted(page, channel)
        elif stop is ladder.REACHED and page.event is not Event.RECOVERY:
            self.state.reached([one.id for one in page.incidents])
        await self.store.settle(page, stop.why, now, rest=stop is ladder.REACHED)
        self._noted = {key: about for key, about in self._noted.items() if key[0] != page.id}
        level = logging.ERROR if stop is ladder.NOT_REACHED else logging.INFO
        told = [one for one in page.incidents if _told_by(page, one)] or page.incidents
        log.log(level, "%s on channel %r: %s", named(page, told), page.channel, stop.why)

    async def _hush_untold(self, page: Page, now: datetime) -> None:
        """What was over before any attempt told it left a phone silent: that has a name too."""
        silent = [one for one in page.incidents if not _told_by(page, one)]
        lasting = page.event in (Event.RECOVERY, Event.FLAPPING)  # told though it has closed
        over = [one for one in silent if not one.open and not lasting]
        owned = [one for one in silent if one.acknowledged and one not in over]
        await self.store.hush(page, over, ladder.OVER.why, now)
        stale = [one for one in silent if one.id in page.stale]
        await self.store.hush(page, owned, ladder.OWNED.why, now)
        await self.store.hush(page, stale, ladder.FAILED_AGAIN.why, now)
        calm = [one for one in silent if one.id in page.calm and not one.acknowledged]
        await self.store.hush(page, calm, ladder.CALM.why, now)

    async def exhausted(self, page: Page, channel: Channel) -> None:
        """Everybody was tried in vain who is awake.

        That is known before the command for the undelivered can run, and say so itself.
        """
        await self._note_unreached(page, channel)
        await self.engage(page, channel, "exhausted")

    async def leave_alone(self, page: Page, sleepers: Sequence[Sleeper]) -> None:
        """Note, once for each, whom a page does not tell because of their quiet hours."""
        for sleeper in sleepers:
            noted = self._noted.setdefault((page.id, sleeper.why), set())
            about = [one for one in page.calling or page.incidents if one.id not in noted]
            if about:
                now = self.clock.now().utc
                await self.store.hush(page, about, sleeper.why, now, once=True)
                noted |= {one.id for one in about}
                log.info("%s on channel %r: %s", named(page, about), page.channel, sleeper.why)

    def merged(self, page: Page, into: Page) -> None:
        """One page tells from now on what another was to tell."""
        self.patience.forget(page.id)
        for id_, why in [key for key in self._noted if key[0] == page.id]:
            self._noted.setdefault((into.id, why), set()).update(self._noted.pop((id_, why)))

    async def _note_unreached(self, page: Page, channel: Channel) -> None:
        """The pager has failed, unless another channel reached somebody or may still do so.

        That nobody could be told of the pager's failing is no failing of its own, or it would
        never end.
        """
        if channel.fallback is not None or page.event is Event.SELF:
            return
        elsewhere = {
            told.incident.id
            for told in await self.store.open_incidents()
            for one in told.attempts
            if one.channel != page.channel and one.phase is Phase.ENDED and one.outcome.reached
        }
        self.state.unreached(
            {
                one.id: one.number
                for one in page.incidents
                if one.calls_for_help and one.id not in elsewhere
            }
        )

    async def engage(
        self, page: Page, channel: Channel, why: str, level: int = logging.ERROR
    ) -> None:
        """Let the fallback, else the command for the undelivered, stand in; once per page."""
        if page.engaged or page.event is Event.RECOVERY:
            return
        await self.store.engage(page, channel.fallback, self.clock.now().utc)
        instead = f"channel {channel.fallback!r} stands in" if channel.fallback else "no fallback"
        log.log(level, "%s: channel %r is %s; %s", named(page), channel.name, why, instead)
        self.on_change()

    def log(self, attempt: Attempt, what: str) -> None:
        """Say what becomes of an attempt."""
        log.info(
            "%s %s to %s (%s) on channel %r: %s",
            WORDS.get(attempt.type, "notice"),
            attempt.number,
            masked(attempt.contact),
            masked(attempt.to),
            attempt.channel,
            what,
        )


def keys_url(voice: Voice, attempt: Attempt) -> str | None:
    """Return where Twilio tells of a pressed key; None where it cannot reach us."""
    return f"{voice.public_url}/twilio/keys/{attempt.id}" if voice.public_url else None


def planned(page: Page, dial: ladder.Dial, new_id: str, now: datetime) -> Attempt:
    """Return the next attempt of a page, not yet written down."""
    return Attempt(
        id=new_id,
        notification=page.id,
        channel=page.channel,
        contact=dial.contact.name,
        to=dial.contact.phone,
        nth=len(page.attempts) + 1,
        round=dial.round,
        type=dial.type,
        planned_at=now,
        due_at=now + dial.after,
    )


def is_first(page: Page, to: str) -> bool:
    """Whether a page tells of something new that this number was not called about yet: an incident,
    or that one became worse.

    What an earlier page of the channel rang for is not new.
    """
    rung = {id_ for id_ in page.rung if id_ not in page.risen}
    for attempt in page.attempts:
        if attempt.sid and attempt.to == to:
            rung |= {one.id for one in page.tells(attempt)}
    return any(one.id not in rung for one in page.calling)


def spelled(duration: timedelta) -> str:
    return f"{duration.total_seconds():.0f} s"


def _told_by(page: Page, incident: Incident) -> bool:
    """Whether an attempt that was posted told an incident."""
    return any(incident in page.tells(attempt) for attempt in page.attempts)


def named(page: Page, told: Sequence[Incident] = ()) -> str:
    """Return how the log calls a page, or what of it was told."""
    numbers = ", ".join(str(one.number) for one in told or page.incidents)
    return f"{page.event.value} of incident {numbers}"
