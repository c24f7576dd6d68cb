"""What the engine and the pager need from outside, each as a contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from watchcall.core.attempt import Attempt, CallReport
from watchcall.core.check import Check
from watchcall.core.contact import Event
from watchcall.core.health import Health, Observation
from watchcall.core.incident import Incident
from watchcall.core.moment import Moment
from watchcall.core.page import Page
from watchcall.core.ruling import Ruling
from watchcall.core.speech import Speech


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Moment: ...

    async def sleep(self, seconds: float) -> None: ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """A call to be placed."""

    to: str  # E.164
    speech: Speech
    ring_timeout_s: int
    twiml_url: str | None = None  # serves TwiML instead of `speech`
    status_callback: str | None = None


class Phone(Protocol):
    """Places calls and tells what became of them. Every request ends within its deadline."""

    async def place(self, request: CallRequest) -> CallReport:
        """Return the call as taken; raise NotPlaced, Rejected or Unsure otherwise."""
        ...

    async def fetch(self, sid: str) -> CallReport:
        """Return how a call stands; raise PhoneError where that could not be learnt."""
        ...

    async def placed_since(self, to: str, since: datetime) -> Sequence[CallReport]:
        """Return our calls to a number created since then, newest first; raise PhoneError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A row for the outbox: an incident is to be told on a channel."""

    channel: str
    event: Event
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Why a channel was not told."""

    channel: str
    ruling: Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that follows from one observation; committed in one transaction or not at all."""

    check: Check
    health: Health
    at: datetime
    incident: Incident | None = None
    notices: tuple[Notice, ...] = ()
    quiets: tuple[Quiet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the store knows of a check when the daemon starts."""

    fingerprint: str
    health: Health
    incident: Incident | None


class Store(Protocol):
    """What survives a crash. Writes are durable when they return; raise StoreError otherwise."""

    async def remembered(self) -> dict[str, Remembered]:
        """Return what is known, by the check's name."""
        ...

    async def commit(self, decision: Decision) -> Incident | None:
        """Write a decision down; return its incident with its number."""
        ...

    async def forget(self, check: str, incident: Incident | None) -> None:
        """Drop what is known of a check, and write down its incident, which was closed."""
        ...

    async def pages(self, channel: str) -> Sequence[Page]:
        """Return a channel's unsettled pages in the order in which they are due."""
        ...

    async def save(self, attempt: Attempt) -> Attempt:
        """Insert or update an attempt; return it with its number."""
        ...

    async def settle(self, page: Page, why: str, at: datetime) -> None:
        """Take a page out of the outbox, with the reason why it is done."""
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
