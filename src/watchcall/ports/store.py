"""What survives a crash, and what is put into it and taken out of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from watchcall.core.attempt import Attempt
from watchcall.core.calendar import Silence
from watchcall.core.check import Check
from watchcall.core.contact import Event
from watchcall.core.flapping import Flaps
from watchcall.core.guard import Placed
from watchcall.core.health import Health
from watchcall.core.incident import Incident
from watchcall.core.page import Page
from watchcall.core.reason import Reason
from watchcall.core.ruling import Verdict


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

    async def forsaken(self, page: Page, asleep: Collection[str]) -> bool:
        """Return whether all other channels have tried in vain to tell what a page waits with.

        asleep: UUIDs of the pages whose people sleep all; those do not try
        """
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
