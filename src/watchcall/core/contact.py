"""Who is told, and by which means."""

from __future__ import annotations

import enum
import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from watchcall.core.calendar import QuietHours
from watchcall.core.health import Level

SHORTEST_SECRET = 8  # characters
PHONES = ("voice", "sms")  # the types of channels that reach a person's phone, through Twilio


class Event(enum.Enum):
    """What a notification is about."""

    FAILURE = "failure"  # an incident opened, or rose to a worse level
    RECOVERY = "recovery"
    REMINDER = "reminder"  # it still fails, and nobody owns it
    FLAPPING = "flapping"  # it fails and recovers again and again
    UNKNOWN = "unknown"  # nobody could look for `unknown_after`
    SELF = "self"  # WatchCall's own trouble

    @property
    def asks(self) -> bool:
        """Whether somebody is to take what is told upon themselves."""
        return self in (Event.FAILURE, Event.REMINDER, Event.FLAPPING, Event.UNKNOWN)


class ReachedBy(enum.Enum):
    """What proves that a call reached somebody."""

    ANSWER = "answer"  # whoever or whatever picks up
    HUMAN = "human"  # Twilio's answering-machine detection says so
    ACK = "ack"  # nothing less than an acknowledgement


# What a channel tells unless it says otherwise (contract, "[[channel]]").
EVENTS = frozenset({Event.FAILURE, Event.RECOVERY, Event.REMINDER, Event.FLAPPING})


def masked(number: str) -> str:
    """Return a phone number that can be told from others but not be dialled, or what is none."""
    if not number.startswith("+") or "*" in number:
        return number
    return f"{number[:3]}{'*' * max(0, len(number) - 6)}{number[-3:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person, or a bare number that a channel names.

    takes_texts: whether the number may be a mobile phone's, as far as its numbering plan tells
    """

    name: str
    phone: str  # E.164; empty where the channel itself is meant, which has nobody in `to`
    language: str | None = None  # BCP 47
    voice: str | None = None
    quiet_hours: QuietHours | None = None
    takes_texts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the notices of a channel go that reaches no phone. Secrets may stand in all of it,
    so that only `shown` is ever logged or kept: the program's name, a URL's scheme and host.

    command: argv, of type "command"
    url:     of type "webhook" and "apprise"
    headers: of type "webhook", sent with each request
    """

    shown: str
    command: tuple[str, ...] = field(default=(), repr=False)
    url: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is never to be logged; what is too short to be a secret would mask other words."""
        url = () if self.url.rstrip("/") == self.shown else (self.url,)
        return (*url, *(value for _, value in self.headers if len(value) >= SHORTEST_SECRET))


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A means to tell people, with the order in which they are called.

    type:        "voice" calls `to` one after the other, "sms" tells all of them at once;
                 "command", "webhook" and "apprise" are given notices: `to` is the channel itself
    address:     where notices go; None for voice and sms
    rounds:      how often the whole list is gone through, `round_delay` apart
    fallback:    the channel that is used when this one is exhausted or broken
    """

    name: str
    to: tuple[Contact, ...]
    type: str = "voice"
    address: Address | None = None
    language: str | None = None
    voice: str | None = None
    message: str | None = None  # template; None is the built-in text
    recovery_message: str | None = None
    level: Level = Level.WARNING  # the lowest that notifies
    events: frozenset[Event] = EVENTS
    recovery: bool = False  # are recoveries told
    default: bool = True
    twiml_url: str | None = None
    status_callback: str | None = None
    ring_timeout: timedelta = timedelta(seconds=25)
    reached_by: ReachedBy = ReachedBy.ANSWER
    rounds: int = 3
    round_delay: timedelta = timedelta(seconds=60)
    fallback: str | None = None

    def language_for(self, contact: Contact) -> str:
        return self.language or contact.language or "en-US"

    def voice_for(self, contact: Contact) -> str | None:
        return self.voice or contact.voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Which checks go to which channels: names, globs, or `tag:NAME`."""

    name: str
    checks: tuple[str, ...]
    channels: tuple[str, ...]

    def holds(self, check: str, tags: Iterable[str]) -> bool:
        return any(selects(pattern, check, tags) for pattern in self.checks)


def selects(pattern: str, check: str, tags: Iterable[str]) -> bool:
    """Return whether a name, glob or `tag:NAME` means this check."""
    if pattern.startswith("tag:"):
        return pattern.removeprefix("tag:") in tags
    # a name means itself, also one with brackets in it
    return pattern == check or fnmatch.fnmatchcase(check, pattern)


def route(
    check: str, tags: Iterable[str], groups: Iterable[Group], channels: Iterable[Channel]
) -> tuple[Channel, ...]:
    """Return the channels a check reaches, in the order of the configuration.

    A check in no group belongs to the default group, which uses every `default` channel.
    """
    tags, everywhere = tuple(tags), tuple(channels)
    mine = [group for group in groups if group.holds(check, tags)]
    if not mine:
        return tuple(channel for channel in everywhere if channel.default)
    named = {name for group in mine for name in group.channels}
    return tuple(channel for channel in everywhere if channel.name in named)
