"""What a reload may not change under a running daemon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from watchcall.config.plan import DaemonSettings, Plan, TwilioAccount
from watchcall.daemon import _refuse_moves
from watchcall.errors import ConfigError

HERE = DaemonSettings(
    state_dir=Path("/var/lib/watchcall"),
    database="sqlite:////var/lib/watchcall/watchcall.db",
    control_socket=Path("/run/watchcall/control.sock"),
    log_level="info",
)
PLAN = Plan(
    host="web1",
    checks=(),
    routes={},
    channels=(),
    contacts=(),
    group_wait=timedelta(0),
    twilio=TwilioAccount(account_sid="AC" + "0" * 32, caller="+15005550006"),
    daemon=HERE,
)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("state_dir", Path("/elsewhere")),
        ("database", "sqlite:////elsewhere"),
        ("control_socket", Path("/elsewhere")),
    ],
)
def test_what_it_holds_open_cannot_be_exchanged(key: str, value: object) -> None:
    moved = replace(PLAN, daemon=replace(HERE, **{key: value}))  # type: ignore[arg-type]  # a table of keywords

    with pytest.raises(ConfigError, match=f"daemon: {key}: cannot change while running"):
        _refuse_moves(PLAN, moved)


def test_the_rest_may_change() -> None:
    _refuse_moves(PLAN, replace(PLAN, host="web2", daemon=replace(HERE, log_level="debug")))
