"""What `doctor` and `test-call` share: they ask Twilio themselves, without the daemon."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from watchcall.config.plan import TwilioAccount
from watchcall.core.account import AccountReport

if TYPE_CHECKING:
    from watchcall.channels.twilio import Account

# Where systemd keeps a running service's credentials, for root and the service (systemd.exec(5)).
CREDENTIALS = Path("/run/credentials/watchcall.service")


def environment(unit: str | None = None) -> Mapping[str, str]:
    """Return the environment; where we may read the daemon's credentials, they are ours too.

    unit: which is handed them, where it is the one in question; None: those of a daemon that runs
    Raises ConfigError where one is there that cannot be used.
    """
    if "CREDENTIALS_DIRECTORY" in os.environ:
        return os.environ
    if os.access(CREDENTIALS, os.R_OK | os.X_OK):
        return {**os.environ, "CREDENTIALS_DIRECTORY": str(CREDENTIALS)}
    if unit is None or os.geteuid() != 0:
        return os.environ
    from watchcall.cli import handed

    given = {name: text for name, text in os.environ.items() if text}
    return {**handed.secrets(unit), **given}


def account_of(settings: TwilioAccount) -> Account:
    """Return the account as the adapters want it."""
    from watchcall.channels.twilio import Account

    return Account(
        sid=settings.account_sid,
        user=settings.api_key_sid or settings.account_sid,
        secret=settings.api_key_secret or settings.auth_token or "",
        caller=settings.caller,
        api_url=settings.api_url,
        edge=settings.edge,
        region=settings.region,
        timeout=settings.timeout,
    )


async def inspected(account: Account, countries: tuple[str, ...] = ()) -> AccountReport:
    """Return how the account is, without ringing anybody."""
    from watchcall.channels.twilio import TwilioDesk

    desk = TwilioDesk(account, "desk")
    try:
        return await desk.inspect(countries)
    finally:
        desk.close()
