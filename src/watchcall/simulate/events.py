"""What can happen in a simulated night, as a timeline says it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchcall.core.check import Check
from watchcall.core.contact import PHONES, Channel
from watchcall.core.health import Level


class Manner(enum.Enum):
    """What becomes of those who are called, or given a notice."""

    ANSWERS = "answers"
    BUSY = "is busy"
    DECLINES = "declines"
    NO_ANSWER = "does not answer"
    VOICEMAIL = "voicemail"
    UNREACHABLE = "is unreachable"
    REFUSED = "is refused"  # by Twilio, with a code


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How somebody behaves from now on.

    code: Twilio's, of what is refused; for what takes notices the status that it answers
    key:  pressed by who answers, where keys can be pressed
    """

    manner: Manner = Manner.ANSWERS
    code: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """A check looks different from now on. because: the reason, in the timeline's words."""

    check: str
    level: Level
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaves:
    """who: an E.164 number, or the name of a channel that takes notices"""

    who: str
    behaviour: Behaviour


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledges:
    """A person owns what is open: of one check, or (None) all of it."""

    by: str
    check: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silences:
    """Somebody silences checks by hand, by a name, a glob, or `tag:NAME`."""

    pattern: str
    lasts: timedelta
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsilences:
    """Somebody takes the silences of a pattern back."""

    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reboots:
    """The machine boots; it is away for so long."""

    off_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Twilio can be reached from now on, or cannot."""

    up: bool


Act = Turns | Behaves | Acknowledges | Silences | Unsilences | Reboots | Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a timeline.

    at:   in UTC; None holds from the beginning
    line: its number, from 1; None where a flag says it
    """

    acts: tuple[Act, ...]
    text: str
    at: datetime | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who and what may be named.

    people:  E.164 numbers, by the names and by the numbers of those who may be called
    outlets: names of the channels that take notices
    keys:    whether keys can be pressed: web.public_url is configured
    """

    checks: tuple[Check, ...]
    people: Mapping[str, str]
    outlets: tuple[str, ...] = ()
    keys: bool = False

    @classmethod
    def of(cls, checks: tuple[Check, ...], channels: tuple[Channel, ...], *, keys: bool) -> Cast:
        """Return all who appear in a plan."""
        called = [who for one in channels if one.type in PHONES for who in one.to]
        people = {who.name: who.phone for who in called} | {who.phone: who.phone for who in called}
        outlets = tuple(one.name for one in channels if one.type not in PHONES)
        return cls(checks=checks, people=people, outlets=outlets, keys=keys)

    @property
    def names(self) -> frozenset[str]:
        return frozenset([*(one.name for one in self.checks), *self.people, *self.outlets])
