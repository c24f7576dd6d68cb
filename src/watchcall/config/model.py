"""config.toml as types: one class per table, every key with its default.

What concerns one value is checked here; what concerns several is in `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from watchcall.config.checks import CommonCheck, Defaults, Level
from watchcall.config.command import CommandCheck
from watchcall.config.hints import nearest, one_of
from watchcall.config.host import HostCheck
from watchcall.config.http import Headers, HttpCheck
from watchcall.config.later import word, word_error
from watchcall.config.process import ProcessCheck
from watchcall.config.table import Table
from watchcall.config.tcp import TcpCheck
from watchcall.config.times import ZONE, Moment, Schedule, TimeOfDay, Zone
from watchcall.config.types import (
    Command,
    Count,
    Duration,
    File,
    Flag,
    Language,
    Lines,
    Name,
    Phone,
    Positive,
    Secret,
    Template,
    Voice,
    filled,
    pattern,
    whole,
    within,
)
from watchcall.config.unit import UnitCheck
from watchcall.config.urls import (
    ApiUrl,
    CallbackUrl,
    HeartbeatUrl,
    ListenAddress,
    OutletUrl,
    PublicUrl,
)

HEX = "[0-9a-fA-F]{32}"
SID = "AC followed by 32 hexadecimal digits"
KEY_SID = "SK followed by 32 hexadecimal digits"
PLACE = "a name such as tokyo: lower-case letters, digits and hyphens"
LOG_LEVELS = ("debug", "info", "warning", "error")
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


def at_least_one_call(value: int) -> int:
    """Refuse what would hold back every call, or was meant to hold back none."""
    if value < 1:
        raise ValueError(
            "must be at least 1, which leaves little more than the first call of each incident; "
            "1000 is hardly a limit"
        )
    return value


CallsPerHour = Annotated[
    int, BeforeValidator(whole), AfterValidator(at_least_one_call), within(1, 1_000_000)
]


class Twilio(Table):
    """`[twilio]`: whose account, and who is shown as the caller."""

    account_sid: Annotated[str, pattern(f"AC{HEX}", SID)] = Field(description=SID)
    """The account: `AC` and 32 hexadecimal digits, from the first page of the Twilio console."""
    auth_token: Secret | None = None
    """The secret, if it stands here; refused where group or others can read the file. Found first
    wins: the environment, the systemd credential `twilio_auth_token`, `auth_token_file`, this
    key. Only `run`, `doctor` and `test-call` need it."""
    auth_token_file: File | None = None
    """A file that holds the token and that not everybody may read; a relative path is meant from
    the folder of the configuration."""
    api_key_sid: Annotated[str, pattern(f"SK{HEX}", KEY_SID)] | None = None
    """An API key may take the place of the token: `SK` and 32 hexadecimal digits. Where both are
    given, the key is used. An API key cannot check the signatures of `[web]`."""
    api_key_secret: Secret | None = None
    """The secret of the API key, under the rules of `auth_token`; credential
    `twilio_api_key_secret`."""
    api_key_secret_file: File | None = None
    """A file that holds the secret of the API key, under the rules of `auth_token_file`."""
    caller: Phone = Field(
        alias="from", description="a Twilio number of the account, such as +15005550006"
    )
    """The caller ID: a Twilio number of the account that can make calls. Nobody in `[[contact]]`
    or `to` may have the same."""
    # edge and region become part of the host that the token is sent to
    edge: Annotated[str, pattern("[a-z0-9-]{1,40}", PLACE)] | None = None
    """Where requests enter Twilio's network, such as `tokyo`."""
    region: Annotated[str, pattern("[a-z0-9-]{1,40}", PLACE)] | None = None
    """Where Twilio processes them, such as `jp1`."""
    timeout: Positive = timedelta(seconds=10)
    """The total deadline of one request."""
    shared_from: Flag = False
    """Do other programs place calls from the same number? Then a call whose reply was lost is made
    again instead of looked for."""
    api_url: ApiUrl = "https://api.twilio.com"
    """Twilio over https, or a loopback address (`watchcall simulator`). Any other is refused: the
    token is sent there."""


class Notify(Table):
    """`[notify]`: when people are told."""

    host: Name | None = None
    """How this server is called, in text and in speech. Default: the machine's host name."""
    call_on_recovery: Flag = False
    """Are recoveries told too? `run --call-on-recovery` and `--no-call-on-recovery` override it; a
    channel's own `recovery` overrides both."""
    group_wait: Duration = timedelta(seconds=3)
    """How long a first failure waits for companions, so that one call tells all; `0` calls at
    once."""
    remind_every: Duration = timedelta(minutes=30)
    """How often a critical incident that nobody acknowledged is told again; `0` never."""
    max_reminders: Count = 3
    """How many times it is told again; `0` never."""
    ack_timeout: Duration = timedelta(hours=2)
    """An acknowledgement ends then, and what still fails is told again; `0` holds it until
    recovery."""
    boot_grace: Duration = timedelta(minutes=2)
    """How long decisions are delayed after the boot of the machine, never discarded; `0` decides
    at once."""
    evidence: Flag = True
    """Is what explains a failure kept with its incident ([evidence](evidence.md))?"""
    max_calls_per_hour: CallsPerHour = 20
    """The cost guard over all channels. What it holds back waits and is told as one; the first
    call of a new incident is never held back."""
    on_undelivered: Command | None = None
    """A program and its arguments, run without a shell when nobody could be reached, for at most
    60 seconds; the incident is JSON on its standard input."""


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


class Maintenance(Table):
    """`[[maintenance]]`: when some checks may fail without anybody being told.

    from, to: without an offset they are in `timezone`
    timezone: None is the machine's own
    """

    name: Name = Field(description="how the maintenance is called")
    """No other maintenance may have it."""
    checks: Lines = Field(description='a list of names, globs or "tag:NAME"')
    """Names, globs such as `web-*`, or `tag:NAME`."""
    schedule: Schedule | None = None
    """Again and again: minute, hour, day of the month, month, day of the week, as for cron. With
    `duration`; excludes `from` and `to`."""
    duration: Annotated[Duration, within(timedelta(minutes=1))] | None = None
    """How long it lasts each time."""
    start: Moment | None = Field(default=None, alias="from")
    """Once, from here; what has no offset is in `timezone`. With `to`."""
    end: Moment | None = Field(default=None, alias="to")
    """To here; later than `from`. One that is over is warned about."""
    timezone: Zone | None = None
    """Default: the machine's own."""


def sqlite_only(value: str) -> str:
    """Accept a path or an sqlite:/// URL. The URL is not repeated: it may hold a password."""
    scheme, mark, rest = value.partition("://")
    if mark and scheme.startswith("postgres"):
        raise ValueError("PostgreSQL is not available yet; this version keeps SQLite")
    if not value or "\0" in value or (mark and (scheme != "sqlite" or len(rest) < 2)):
        raise ValueError("must be a path, or a URL such as sqlite:////var/lib/watchcall/calls.db")
    return value


class Heartbeat(Table):
    """`{ url = "https://hc-ping.com/your-uuid", interval = "60s" }`"""

    url: HeartbeatUrl = Field(
        repr=False,
        description="a URL that is asked with GET, such as https://hc-ping.com/your-uuid",
    )
    """What is asked; http or https, never a link-local address. It may be a secret, and is not
    logged but for scheme and host."""
    interval: Annotated[Duration, within(timedelta(seconds=1), timedelta(days=1))] = timedelta(
        seconds=60
    )
    """How often it is asked."""


class Daemon(Table):
    """`[daemon]`: where the daemon lives."""

    state_dir: File | None = None
    """Default: `$STATE_DIRECTORY`, else `/var/lib/watchcall` for root, else `watchcall` in the
    user's state folder (`~/.local/state`)."""
    database: Annotated[str, AfterValidator(sqlite_only)] | None = None
    """A path, or a URL such as `sqlite:////srv/watchcall.db`. Default: `watchcall.db` in
    `state_dir`. `postgresql://` is refused: not available yet."""
    control_socket: File | None = None
    """Default: `control.sock` in `$RUNTIME_DIRECTORY`; else `/run/watchcall/control.sock` for
    root, and for others where it exists or could be made; else in the user's runtime folder."""
    log_level: Annotated[str, word(*LOG_LEVELS)] = "info"
    """The least that is logged."""
    canary: Flag = True
    """Is a connection held to each web server of this machine that an `http` check looks at, so
    that its end makes the look early?"""
    heartbeat: Heartbeat | None = None
    """A watcher outside that is told regularly that WatchCall works ([last
    gasp](last-gasp.md#the-heartbeat)), as `{ url = "https://hc-ping.com/your-uuid" }`."""


class Web(Table):
    """`[web]`: where Twilio reaches this server, and where that leads to."""

    listen: ListenAddress | None = None
    """Where Twilio's requests are taken, such as `127.0.0.1:9911`; a name or an address and a
    port. Without it nothing listens."""
    public_url: PublicUrl | None = None
    """Where Twilio reaches that, letter by letter: https, without user, query or fragment (http
    for a loopback address). Turns on key presses and status callbacks; their signatures take
    the account's primary token."""


CHECKS: dict[str, type[CommonCheck]] = {
    "process": ProcessCheck,
    "unit": UnitCheck,
    "http": HttpCheck,
    "tcp": TcpCheck,
    "command": CommandCheck,
    "host": HostCheck,
}


class WrongType(ValueError):
    """A check's type is missing or not one of ours."""


def check_type(value: object) -> object:
    """Refuse a check whose type is not one of ours, before its keys are judged by it."""
    if not isinstance(value, dict):
        return value
    if "type" not in value:
        raise WrongType(f"missing; it is {one_of(CHECKS)}")
    if wrong := word_error(value["type"], CHECKS):
        raise WrongType(wrong)
    return value


def likely_type(entry: Mapping[str, object]) -> str:
    """Return the type by which a check without a right one is judged.

    It is the type that is spelt alike, else the one that has most of its keys.
    """
    near = nearest(str(entry.get("type")), CHECKS)
    return near or max(CHECKS, key=lambda kind: len(entry.keys() & keys(CHECKS[kind])))


def keys(table: type[Table]) -> set[str]:
    """Return the keys of a table, as they are written."""
    return {field.alias or name for name, field in table.model_fields.items()}


CheckEntry = Annotated[
    Annotated[
        ProcessCheck | UnitCheck | HttpCheck | TcpCheck | CommandCheck | HostCheck,
        Field(discriminator="type"),
    ],
    BeforeValidator(check_type),
]


class Draft(BaseSettings):
    """The file as far as it is right: an entry with something wrong in it is None.

    Nothing is read here: `of` is given every layer.
    """

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=False
    )

    twilio: Twilio | None = None
    notify: Notify = Notify()
    defaults: Defaults = Defaults()
    contact: tuple[Contact | None, ...] = ()
    channel: tuple[Channel | None, ...] = ()
    group: tuple[Group | None, ...] = ()
    check: tuple[CheckEntry | None, ...] = ()
    maintenance: tuple[Maintenance | None, ...] = ()
    daemon: Daemon = Daemon()
    web: Web = Web()

    @classmethod
    def of(cls, layers: Sequence[dict[str, Any]]) -> Self:
        """Merge layers of tables, the first wins, and validate the result."""
        given: dict[str, Any] = {"layers": layers}
        return cls(**given)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        layers: list[dict[str, Any]] = init_settings()["layers"]
        return tuple(InitSettingsSource(settings_cls, layer) for layer in layers)


class Config(Draft):
    """A whole configuration."""

    twilio: Twilio = Field(description="the table [twilio], with account_sid and from")
    contact: tuple[Contact, ...] = ()
    channel: tuple[Channel, ...] = ()
    group: tuple[Group, ...] = ()
    check: tuple[CheckEntry, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
