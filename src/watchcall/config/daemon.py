"""`[daemon]` and `[web]`: where the daemon lives, and where it is reached."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from watchcall.config.later import word
from watchcall.config.table import Table
from watchcall.config.types import Duration, File, Flag, within
from watchcall.config.urls import HeartbeatUrl, ListenAddress, PublicUrl

LOG_LEVELS = ("debug", "info", "warning", "error")


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
