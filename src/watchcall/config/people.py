"""`[[contact]]`, `[[channel]]` and `[[group]]`: who is told of what, and how."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from watchcall.config.checks import Level
from watchcall.config.http import Headers
from watchcall.config.later import word
from watchcall.config.table import Table
from watchcall.config.times import ZONE, TimeOfDay, Zone
from watchcall.config.types import (
    Command,
    Duration,
    Flag,
    Language,
    Lines,
    Name,
    Phone,
    Template,
    Voice,
    filled,
    whole,
    within,
)
from watchcall.config.urls import CallbackUrl, OutletUrl

MEANS = ("voice", "sms", "command", "webhook", "apprise")


NEWS = ("failure", "recovery", "reminder", "flapping", "unknown", "self")


PROOFS = ("auto", "answer", "human", "ack")


# Keys of a channel that not every type has, and the types that have them.
KEYS_OF_TYPES = {
    ("voice",): ("voice", "twiml_url", "ring_timeout", "reached_by", "rounds", "round_delay"),
    ("voice", "sms"): ("to", "status_callback"),
    ("command",): ("command",),
    ("webhook", "apprise"): ("url",),
    ("webhook",): ("headers",),
}


class QuietHours(Table):
    """`{ from = "22:00", to = "07:00", timezone = "Asia/Tokyo", except = "critical" }`"""

    start: TimeOfDay = Field(alias="from", description='a time of day such as "22:00"')
    """When it begins; whole minutes."""
    end: TimeOfDay = Field(alias="to", description='a time of day such as "07:00"')
    """When it ends; before `from` it is the next day. Refused where it equals `from`."""
    timezone: Zone = Field(description=f"{ZONE}: hours are some place's")
    """Where that is so."""
    besides: Annotated[str, word("critical")] | None = Field(default=None, alias="except")
    """`"critical"`: what is critical rings all the same."""

    @model_validator(mode="after")
    def _part_of_the_day(self) -> Self:
        if self.start == self.end:
            raise ValueError("from and to are the same: is that never or always?")
        return self


class Contact(Table):
    """`[[contact]]`: a person."""

    name: Name = Field(description="how the person is called")
    """How the person is called in channels, logs and tables; no other contact may have it."""
    phone: Phone = Field(description="a number such as +819012345678")
    """International, without the 0 of a national number. An impossible number, a short one and an
    emergency number are refused; one that its numbering plan does not know is warned about."""
    language: Language | None = None
    """What the person is spoken to in. Default: the channel's, else `en-US`."""
    voice: Voice | None = None
    """One of Twilio's voices, such as `Polly.Kazuha-Neural`. Default: the channel's, else Twilio's
    for the language."""
    quiet_hours: QuietHours | None = None
    """When the person is left alone, and told when it ends, if nobody was reached and it still
    fails."""


class Channel(Table):
    """`[[channel]]`: how and whom."""

    name: Name = Field(description="how the channel is called")
    """No other channel may have it."""
    type: Annotated[str, word(*MEANS)] = "voice"
    """`voice` calls, `sms` texts; `command`, `webhook` and `apprise` reach no phone
    ([notices](notices.md))."""
    to: Lines | None = None
    """Contacts' names or numbers. For `voice` the order in which people are called; for `sms` all
    are told at once. Default: all contacts in the order of the file. Refused for other types."""
    command: Command | None = None
    """Only for `command`, and needed there: a program and its arguments; it is given the notice as
    JSON."""
    url: OutletUrl | None = Field(default=None, repr=False)
    """Only for `webhook` and `apprise`, and needed there: where the notice goes. Never logged but
    for scheme and host."""
    headers: Headers = Field(default={}, repr=False)
    """Only for `webhook`: sent with each notice. Values are never logged."""
    message: Template | None = None
    """Said and written instead of the built-in text, for failures and reminders.
    [Fields](#templates) stand in braces; an unknown one is refused. Needed for a language
    without built-in text."""
    recovery_message: Template | None = None
    """The same for recoveries."""
    language: Language | None = None
    """Instead of the contact's own. Default: the contact's, else `en-US`."""
    voice: Voice | None = None
    """Only for `voice`: instead of the contact's own."""
    level: Level = "warning"
    """The lowest level that is told: `"warning"` is both."""
    events: Annotated[
        tuple[Annotated[str, word(*NEWS)], ...],
        BeforeValidator(filled),
    ] = ("failure", "recovery", "reminder", "flapping")
    """`reminder` and `flapping` need `failure`. `unknown`: nobody could look for `unknown_after`.
    `self`: WatchCall's own trouble."""
    recovery: Flag | None = None
    """Are recoveries told here? Default: `call_on_recovery` of `[notify]`."""
    default: Flag = True
    """Is it used by checks that are in no group?"""
    twiml_url: CallbackUrl | None = None
    """Only for `voice`: a URL that serves TwiML instead of the text above, and none of
    WatchCall's keys."""
    status_callback: CallbackUrl | None = None
    """Only for `voice` and `sms`: handed to Twilio as StatusCallback."""
    ring_timeout: Annotated[Duration, within(timedelta(seconds=1), timedelta(seconds=600))] = (
        timedelta(seconds=25)
    )
    """Only for `voice`: how long a phone rings."""
    reached_by: Annotated[str, word(*PROOFS)] = "auto"
    """Only for `voice`: what counts as reached. `answer`: whoever or whatever picks up. `human`:
    Twilio's detection of answering machines says so, or cannot tell. `ack`: nothing less than
    an acknowledgement. `auto`: `answer` for one person, `human` for several."""
    rounds: Annotated[int, BeforeValidator(whole), within(1, 100)] = 3
    """Only for `voice`: how often the whole list is gone through."""
    round_delay: Annotated[Duration, within(timedelta(0), timedelta(days=1))] = timedelta(
        seconds=60
    )
    """Only for `voice`: the pause between two rounds."""
    fallback: Name | None = None
    """The channel that is used when nobody was reached here, or no call can be placed. Give that
    one `default = false`, or its people are told twice."""


class Group(Table):
    """`[[group]]`: which checks go to which channels."""

    name: Name = Field(description="how the group is called")
    """No other group may have it."""
    checks: Lines = Field(description='a list of names, globs or "tag:NAME"')
    """Names, globs such as `web-*`, or `tag:NAME`; one that fits no check is warned about."""
    channels: Lines = Field(description="a list of channel names")
    """Names of channels: these checks use them, and no others."""
