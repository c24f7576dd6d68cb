"""Twilio: what is asked of it, and what else it is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from watchcall.core.account import AccountReport
from watchcall.core.attempt import CallReport
from watchcall.core.speech import Speech


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
