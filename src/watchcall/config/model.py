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
    auth_token: Secret | None = None
    auth_token_file: File | None = None
    api_key_sid: Annotated[str, pattern(f"SK{HEX}", KEY_SID)] | None = None
    api_key_secret: Secret | None = None
    api_key_secret_file: File | None = None
    caller: Phone = Field(
        alias="from", description="a Twilio number of the account, such as +15005550006"
    )
    # edge and region become part of the host that the token is sent to
    edge: Annotated[str, pattern("[a-z0-9-]{1,40}", PLACE)] | None = None
    region: Annotated[str, pattern("[a-z0-9-]{1,40}", PLACE)] | None = None
    timeout: Positive = timedelta(seconds=10)
    shared_from: Flag = False
    api_url: ApiUrl = "https://api.twilio.com"


class Notify(Table):
    """`[notify]`: when people are told."""

    host: Name | None = None
    call_on_recovery: Flag = False
    group_wait: Duration = timedelta(seconds=3)
    remind_every: Duration = timedelta(minutes=30)
    max_reminders: Count = 3
    ack_timeout: Duration = timedelta(hours=2)
    boot_grace: Duration = timedelta(minutes=2)
    evidence: Flag = True
    max_calls_per_hour: CallsPerHour = 20
    on_undelivered: Command | None = None


class QuietHours(Table):
    """`{ from = "22:00", to = "07:00", timezone = "Asia/Tokyo", except = "critical" }`"""

    start: TimeOfDay = Field(alias="from", description='a time of day such as "22:00"')
    end: TimeOfDay = Field(alias="to", description='a time of day such as "07:00"')
    timezone: Zone = Field(description=f"{ZONE}: hours are some place's")
    besides: Annotated[str, word("critical")] | None = Field(default=None, alias="except")

    @model_validator(mode="after")
    def _part_of_the_day(self) -> Self:
        if self.start == self.end:
            raise ValueError("from and to are the same: is that never or always?")
        return self


class Contact(Table):
    """`[[contact]]`: a person."""

    name: Name = Field(description="how the person is called")
    phone: Phone = Field(description="a number such as +819012345678")
    language: Language | None = None
    voice: Voice | None = None
    quiet_hours: QuietHours | None = None


class Channel(Table):
    """`[[channel]]`: how and whom."""

    name: Name = Field(description="how the channel is called")
    type: Annotated[str, word(*MEANS)] = "voice"
    to: Lines | None = None
    command: Command | None = None
    url: OutletUrl | None = Field(default=None, repr=False)
    headers: Headers = Field(default={}, repr=False)
    message: Template | None = None
    recovery_message: Template | None = None
    language: Language | None = None
    voice: Voice | None = None
    level: Level = "warning"
    events: Annotated[
        tuple[Annotated[str, word(*NEWS)], ...],
        BeforeValidator(filled),
    ] = ("failure", "recovery", "reminder", "flapping")
    recovery: Flag | None = None
    default: Flag = True
    twiml_url: CallbackUrl | None = None
    status_callback: CallbackUrl | None = None
    ring_timeout: Annotated[Duration, within(timedelta(seconds=1), timedelta(seconds=600))] = (
        timedelta(seconds=25)
    )
    reached_by: Annotated[str, word(*PROOFS)] = "auto"
    rounds: Annotated[int, BeforeValidator(whole), within(1, 100)] = 3
    round_delay: Annotated[Duration, within(timedelta(0), timedelta(days=1))] = timedelta(
        seconds=60
    )
    fallback: Name | None = None


class Group(Table):
    """`[[group]]`: which checks go to which channels."""

    name: Name = Field(description="how the group is called")
    checks: Lines = Field(description='a list of names, globs or "tag:NAME"')
    channels: Lines = Field(description="a list of channel names")


class Maintenance(Table):
    """`[[maintenance]]`: when some checks may fail without anybody being told.

    from, to: without an offset they are in `timezone`
    timezone: None is the machine's own
    """

    name: Name = Field(description="how the maintenance is called")
    checks: Lines = Field(description='a list of names, globs or "tag:NAME"')
    schedule: Schedule | None = None
    duration: Annotated[Duration, within(timedelta(minutes=1))] | None = None
    start: Moment | None = Field(default=None, alias="from")
    end: Moment | None = Field(default=None, alias="to")
    timezone: Zone | None = None


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
    interval: Annotated[Duration, within(timedelta(seconds=1), timedelta(days=1))] = timedelta(
        seconds=60
    )


class Daemon(Table):
    """`[daemon]`: where the daemon lives."""

    state_dir: File | None = None
    database: Annotated[str, AfterValidator(sqlite_only)] | None = None
    control_socket: File | None = None
    log_level: Annotated[str, word(*LOG_LEVELS)] = "info"
    canary: Flag = True
    heartbeat: Heartbeat | None = None


class Web(Table):
    """`[web]`: where Twilio reaches this server, and where that leads to."""

    listen: ListenAddress | None = None
    public_url: PublicUrl | None = None


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
