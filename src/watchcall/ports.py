"""What the engine and the pager need from outside, each as a contract."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from watchcall.core.account import AccountReport
from watchcall.core.attempt import Attempt, CallReport
from watchcall.core.calendar import Silence, Window
from watchcall.core.check import Check
from watchcall.core.contact import Event
from watchcall.core.evidence import Traces
from watchcall.core.flapping import Flaps
from watchcall.core.guard import Placed
from watchcall.core.health import Health, Level, Observation
from watchcall.core.incident import Incident
from watchcall.core.moment import Moment
from watchcall.core.page import Page
from watchcall.core.reason import Reason
from watchcall.core.ruling import Verdict
from watchcall.core.speech import Speech


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Moment: ...

    async def sleep(self, seconds: float) -> None: ...


class Calendar(Protocol):
    """Knows when maintenance is planned."""

    def holding(self, check: str, tags: Iterable[str], at: datetime) -> Window | None:
        """Return the window of a check that an instant lies in and that ends last."""
        ...


class Probe(Protocol):
    """Looks at targets of one type.

    Returns what was seen; what could not be looked at is an observation with Level.UNKNOWN.
    Need not enforce the check's deadline (the caller does) and never changes state that
    another look depends on.
    """

    async def look(self, check: Check) -> Observation: ...

    def close(self) -> None:
        """Let go of threads and sockets; no look is under way any more."""
        ...


class Witness(Protocol):
    """Knows more of a failure than a look can see: what became of a unit, what it wrote."""

    def evidence(self, check: Check, before: Traces | None) -> AsyncGenerator[Mapping[str, Any]]:
        """Yield what is known, by who knows it ({"systemd": {...}}), each time in place of what
        was known before; nothing where it is none of its business. JSON values; may be long, and
        may hold anything: the caller bounds it.

        before: what the check's processes left behind when they were last seen
        Need not enforce a deadline (the caller does), and stops what it began when cancelled or
        closed. Asks few at once, however many failures it is asked about.
        Raises WitnessError where it cannot be asked.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """How systemd sees a unit: org.freedesktop.systemd1(5), words as systemd spells them.

    unit:     its own name, also where it was asked about by an alias
    load:     "loaded", "not-found", "masked", "bad-setting", "error"
    job:      the type of the job that waits or runs for it ("start", "restart", "stop"), or ""
    for_s:    seconds for which it has been in this state, None where it was never in another
    since:    the same as an instant
    result:   how the last run ended ("success", "exit-code", "oom-kill"); "" for kinds without one
    main_pid: of a service; 0 where there is no main process
    ended_by: how its last main process ended: "" (it runs, or never did), "exited", "killed",
              "dumped"; `status` is the exit status then, or the number of the signal
    restarts: how often systemd restarted it by itself since somebody started it
    """

    unit: str
    load: str = "loaded"
    active: str = "inactive"
    sub: str = "dead"
    job: str = ""
    for_s: float | None = None
    since: datetime | None = None
    result: str = ""
    main_pid: int = 0
    ended_by: str = ""
    status: int = 0
    restarts: int = 0

    @property
    def missing(self) -> bool:
        """Whether systemd knows no such unit. One whose file was removed while it runs does."""
        return self.load == "not-found" and self.active == "inactive"


class Units(Protocol):
    """Asks systemd about its units, within a deadline."""

    async def state(self, unit: str) -> UnitState:
        """Return how a unit is; one that does not exist is `missing`. Raises CannotAsk."""
        ...

    async def names(self) -> Sequence[str]:
        """Return the units that there are, running or not. Raises CannotAsk."""
        ...


class UnitProperties(Protocol):
    """Asks systemd about one unit, within a deadline."""

    async def properties(self, unit: str, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of a unit's properties that it has, as `systemctl show` writes them.

        Raises CannotAsk.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """A call to be placed.

    twiml_url:    serves TwiML instead of `speech`
    keys_url:     where a pressed key is told; None where no key can be pressed
    detect:       ask Twilio whether a person or a machine answers
    plain:        as plainly as can be: no voice, no URL; Twilio could not read it otherwise
    time_limit_s: of the conversation
    """

    to: str  # E.164
    speech: Speech
    ring_timeout_s: int
    twiml_url: str | None = None
    status_callback: str | None = None
    keys_url: str | None = None
    detect: bool = False
    plain: bool = False
    time_limit_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRequest:
    """A text message (SMS) to be sent."""

    to: str  # E.164
    body: str
    status_callback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Somebody called or texted our number. `body` is None for a call."""

    sid: str
    sender: str  # E.164, or whatever the network showed
    at: datetime
    body: str | None = None


class Phone(Protocol):
    """Places calls and tells what became of them. Every request ends within its deadline.

    Instants that it takes and returns are by our clock, whatever Twilio's says.
    """

    async def connect(self, within: float) -> None:
        """A call is to be placed soon: have a connection at hand, if there is one within seconds.

        Raises nothing: where there is none, the call will find out why.
        """
        ...

    async def place(self, request: CallRequest) -> CallReport:
        """Return the call as taken; raise NotPlaced, Rejected or Unsure otherwise."""
        ...

    async def fetch(self, sid: str) -> CallReport:
        """Return how a call stands; raise PhoneError where that could not be learnt."""
        ...

    async def placed_between(
        self, to: str, since: datetime, until: datetime
    ) -> Sequence[CallReport]:
        """Return our calls to a number created in that time, newest first; raise PhoneError."""
        ...

    async def cancel(self, sid: str) -> None:
        """Take back a call that nobody has answered; one that somebody has is left alone.

        Returns also where it is too late; raises PhoneError where Twilio cannot be asked.
        """
        ...

    async def hang_up(self, sid: str) -> None:
        """End a call, whatever it does; raises PhoneError where Twilio cannot be asked."""
        ...

    async def why(self, sid: str) -> tuple[int, str] | None:
        """Return Twilio's error code and text for a call that failed, None where it has none."""
        ...


class Texts(Protocol):
    """Sends texts (SMS) and tells what became of them; the errors are those of Phone."""

    async def send(self, request: TextRequest) -> CallReport:
        """Return the text as taken; raise NotPlaced, Rejected or Unsure otherwise."""
        ...

    async def fetch(self, sid: str) -> CallReport:
        """Return how a text stands; raise PhoneError where that could not be learnt."""
        ...

    async def sent_between(self, to: str, since: datetime, until: datetime) -> Sequence[CallReport]:
        """Return our texts to a number created in that time, newest first, with their bodies."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeData:
    """What a program or a web service is told: one shape for all (docs/reference/notices.md).

    incidents:    as `incidents --json` has them; the worst first
    notification: UUID; the same whenever the same is told again
    attempt:      UUID of this try
    """

    event: Event
    host: str
    level: Level
    channel: str
    text: str
    incidents: Sequence[Mapping[str, Any]]
    notification: str
    attempt: str
    at: datetime

    def document(self) -> bytes:
        """Return the JSON, in UTF-8."""
        fields = {
            "event": self.event.value,
            "host": self.host,
            "level": self.level.value,
            "channel": self.channel,
            "text": self.text,
            "incidents": list(self.incidents),
            "notification": self.notification,
            "attempt": self.attempt,
            "at": self.at.isoformat(),
        }
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")


class Outlet(Protocol):
    """Takes notices: a program, a web service. Its texts of errors hold no secret."""

    async def deliver(self, notice: NoticeData) -> None:
        """Return once it was taken, within a deadline; else raise

        NotPlaced: it was not taken and may be later; Rejected: it never will be; Unsure: perhaps
        it was taken. It is then given again, with another `attempt` and the same `notification`.
        """
        ...


class Desk(Protocol):
    """What else is asked of Twilio: what comes in, what things cost, how the account is."""

    async def texts_in(self, since: datetime) -> Sequence[Heard]:
        """Return the texts that came to our number since then; raise PhoneError."""
        ...

    async def calls_in(self, since: datetime) -> Sequence[Heard]:
        """Return the calls that came to our number since then; raise PhoneError."""
        ...

    async def call(self, sid: str) -> CallReport:
        """Return how a call stands, price included; raise PhoneError."""
        ...

    async def text(self, sid: str) -> CallReport:
        """Return how a text stands, price included; raise PhoneError."""
        ...

    async def inspect(self, countries: Sequence[str]) -> AccountReport:
        """Return how the account is, without ringing anybody; never raises PhoneError: what
        could not be learnt is None in the report.

        countries: ISO 3166 codes whose geographic permission matters
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A row for the outbox: an incident is to be told on a channel."""

    channel: str
    event: Event
    due_at: datetime
    joins: bool = True  # a page that still looks for somebody tells it too


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Why a channel was not told."""

    channel: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that follows from one observation; committed in one transaction or not at all.

    check, health, flaps: None where nobody looked: somebody acknowledged, or it is WatchCall's
                          own trouble
    """

    at: datetime
    check: Check | None = None
    health: Health | None = None
    flaps: Flaps | None = None
    incident: Incident | None = None
    notices: tuple[Notice, ...] = ()
    quiets: tuple[Quiet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the store knows of a check when the daemon starts.

    debt: the last incident that is over and still to be told on some channels
    """

    fingerprint: str
    health: Health
    incident: Incident | None
    flaps: Flaps = field(default_factory=Flaps)
    debt: Incident | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An open incident, and the attempts that told it (posted after it joined their page)."""

    incident: Incident
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """An incident of which nobody could be told; `data` is what the command reads on stdin."""

    id: str
    data: dict[str, Any]


class Store(Protocol):
    """What survives a crash. Writes are durable when they return; raise StoreError otherwise."""

    async def remembered(self) -> dict[str, Remembered]:
        """Return what is known, by the check's name."""
        ...

    async def commit(self, decision: Decision) -> Incident | None:
        """Write a decision down; return its incident with its number."""
        ...

    async def note(self, decisions: Sequence[Decision]) -> None:
        """Write down decisions of which none has an incident, in one transaction."""
        ...

    async def add_evidence(
        self, incident: str, evidence: Mapping[str, Any], phrase: Reason | None
    ) -> None:
        """Keep what explains an incident, by its UUID, and what is said of that.

        In the place of what was kept before. Decisions about the incident leave both as they are.
        """
        ...

    async def forget(self, ended: Mapping[str, Incident | None]) -> None:
        """Drop what is known of checks, by their names, and write down their incidents, which
        were closed; in one transaction."""
        ...

    async def silences(self, at: datetime) -> Sequence[Silence]:
        """Return the silences that are not over at an instant, oldest first."""
        ...

    async def silence_of(self, number: int) -> Silence | None:
        """Return a silence by its number, over or not; None where there is none."""
        ...

    async def silence(self, silence: Silence) -> Silence:
        """Insert or update a silence; return it with its number."""
        ...

    async def pages(self, channel: str) -> Sequence[Page]:
        """Return a channel's unsettled pages in the order in which they are due."""
        ...

    async def save(self, attempt: Attempt) -> Attempt:
        """Insert or update an attempt; return it with its number."""
        ...

    async def settle(self, page: Page, why: str, at: datetime, *, rest: bool = False) -> None:
        """Take a page out of the outbox, with the reason why it is done.

        rest: the incidents that call for help and that no attempt of the page told get a new
              page on the same channel, due at once
        """
        ...

    async def hush(
        self,
        page: Page,
        about: Sequence[Incident],
        why: str,
        at: datetime,
        *,
        once: bool = False,
    ) -> None:
        """Note why a phone stays silent, or stays so for now, about incidents of a page.

        once: not where that was noted since the page was made
        """
        ...

    async def hold(
        self, incidents: Sequence[str], why: str, at: datetime
    ) -> Mapping[str, frozenset[str]]:
        """Let no page tell incidents any more, by their UUIDs, except that they are over.

        Returns by incident the channels that were to tell it and on which nobody has heard of it;
        `why` is noted for them. What they owe is told by a new page.
        """
        ...

    async def merge(self, into: Page, others: Sequence[Page], why: str, at: datetime) -> set[str]:
        """Let one page tell what others of its channel were to tell, and settle those.

        Returns the UUIDs of those that were taken in: none in whose stead another page still
        looks for somebody.
        """
        ...

    async def engage(self, page: Page, fallback: str | None, at: datetime) -> None:
        """Note that a channel is exhausted or broken, once per page; what follows from it:

        fallback: a page on this channel; where it is None, a row for the command that is run
                  for the undelivered, per incident that no other page has told or will tell
        """
        ...

    async def forsaken(self, page: Page) -> bool:
        """Return whether all other channels have tried in vain to tell what a page waits with."""
        ...

    async def undelivered(self) -> Sequence[Undelivered]:
        """Return the incidents for which the command is still to be run, oldest first."""
        ...

    async def ran(self, undelivered: str, result: str, at: datetime) -> None:
        """The command was run for one of them, by its UUID."""
        ...

    async def open_incidents(self) -> Sequence[Told]:
        """Return the open incidents, with whom they were told."""
        ...

    async def retold(self, incident: Incident) -> Incident:
        """Return an incident with what is known now of whom it was told to, fallbacks among
        them: `told`, `told_at`, `reminders` and `unstable`."""
        ...

    async def telling(self, incident: str) -> set[str]:
        """Return the channels that still look for somebody to tell of an incident, by its UUID."""
        ...

    async def unreached(self) -> Mapping[str, int]:
        """Return the incidents that call for help, by their UUIDs with their numbers, for which
        every channel was exhausted."""
        ...

    async def live(self) -> Sequence[Attempt]:
        """Return the attempts of unsettled pages whose phone may ring or speak now."""
        ...

    async def left_behind(self) -> Sequence[Attempt]:
        """Return the attempts that Twilio took and whose page was settled before their end."""
        ...

    async def companions(self, channel: str) -> Sequence[Attempt]:
        """Return a channel's texts that are not over and whose page is settled."""
        ...

    async def attempt(self, id_: str) -> Attempt | None:
        """Return an attempt by its UUID, None where there is none."""
        ...

    async def page_of(self, attempt: Attempt) -> Page:
        """Return the page of an attempt, settled or not."""
        ...

    async def placed_since(self, since: datetime) -> Sequence[Placed]:
        """Return the calls (not texts) that Twilio took since then, for the cost guard."""
        ...

    async def unpriced(self, since: datetime) -> Sequence[Attempt]:
        """Return ended attempts that Twilio took since then and whose price, or arrival, is
        not known; calls that nobody answered cost nothing and are not among them."""
        ...

    async def barred(self) -> Sequence[Attempt]:
        """Return the last call and the last text of each contact that showed that they cannot be
        called, or sent texts."""
        ...

    async def heard(self, sid: str, at: datetime, verdict: str) -> bool:
        """Note that a call or text that came in was dealt with; False where it was before."""
        ...

    async def abandon(self, but: Sequence[str], why: str, at: datetime) -> Sequence[Page]:
        """Settle the pages of all channels but these; return them as they were."""
        ...

    async def known_sids(self, sids: Sequence[str]) -> set[str]:
        """Return those of the SIDs that some attempt already has."""
        ...

    async def calls(self, limit: int) -> list[dict[str, Any]]:
        """Return the ledger, newest first, as the contract's `calls --json`."""
        ...

    async def described(self, incidents: Sequence[str]) -> list[dict[str, Any]]:
        """Return incidents by their UUIDs, in the order given, as `incidents --json` has them."""
        ...

    async def incidents(self, limit: int) -> list[dict[str, Any]]:
        """Return the incidents, newest first, as the contract's `incidents --json`."""
        ...

    async def incident(self, named: str) -> dict[str, Any] | None:
        """Return the incident of this number or code, as `incidents` does; None: there is none."""
        ...

    async def incidents_of(self, check: str, limit: int) -> list[dict[str, Any]]:
        """Return the incidents of one check, as `incidents` does."""
        ...

    async def stats(self, since: datetime, until: datetime) -> dict[str, Any]:
        """Return the contract's `stats --json` over the attempts planned in that time."""
        ...
