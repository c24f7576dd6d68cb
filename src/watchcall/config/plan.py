"""What a configuration amounts to: all that the daemon is ever told of it.

Nothing here needs pydantic, so that the daemon, which reads its configuration in a process of
its own (`aside`), need not carry it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from watchcall.core.calendar import Maintenance
from watchcall.core.check import Check
from watchcall.core.contact import Channel, Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """Whom to ask for calls, and as whom. The secrets are kept out of every repr.

    auth_token, or api_key_sid with api_key_secret; all None where no token was needed
    secret_file: where the configuration says that the one that is used stands
    """

    account_sid: str
    caller: str  # `from`, E.164
    auth_token: str | None = field(default=None, repr=False)
    api_key_sid: str | None = None
    api_key_secret: str | None = field(default=None, repr=False)
    secret_file: Path | None = None
    edge: str | None = None
    region: str | None = None
    timeout: timedelta = timedelta(seconds=10)
    shared_from: bool = False
    api_url: str = "https://api.twilio.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """Who is told that WatchCall works, and how often.

    url:   a secret may stand in it; `shown` is its scheme and host
    """

    url: str = field(repr=False)
    shown: str
    interval: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonSettings:
    """Where the daemon lives.

    canary: hold a connection open to each local web server that a check looks at
    """

    state_dir: Path
    database: str  # SQLAlchemy URL
    control_socket: Path
    log_level: str
    canary: bool = True
    heartbeat: Heartbeat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Where Twilio reaches this server.

    host, port: what to listen at; an IPv6 host without its brackets
    public_url: what Twilio is given and signs, without a slash at the end
    """

    host: str
    port: int
    public_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that the daemon does: what is watched, who is called for it, and by whose account.

    checks: the enabled ones, in the order of the file
    routes: by the check's name, the channels it reaches; never empty
    ack_timeout: 0 is until recovery
    remind_every: 0 is never
    boot_grace:  counted from the boot of the machine
    evidence: is what explains a failure gathered and kept
    on_undelivered: argv; the program is a path, or a name to be found on PATH
    path:      the configuration file, as it was found; None where there was none
    countries: of those who are called, as sorted ISO 3166 codes, as far as they can be told
    """

    host: str
    checks: tuple[Check, ...]
    routes: Mapping[str, tuple[Channel, ...]]
    channels: tuple[Channel, ...]
    contacts: tuple[Contact, ...]
    group_wait: timedelta
    twilio: TwilioAccount
    daemon: DaemonSettings
    ack_timeout: timedelta = timedelta(hours=2)
    remind_every: timedelta = timedelta(minutes=30)
    max_reminders: int = 3
    boot_grace: timedelta = timedelta(minutes=2)
    evidence: bool = True
    maintenance: tuple[Maintenance, ...] = ()
    max_calls_per_hour: int = 20
    on_undelivered: tuple[str, ...] | None = None
    web: WebSettings | None = None
    countries: tuple[str, ...] = ()
    path: Path | None = None
