"""The machine's own clock, and its time zone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
import tzlocal

from watchcall.clock import local_zone


@pytest.fixture
def restored() -> Iterator[pytest.MonkeyPatch]:
    """What is set here is undone, also where the C library and tzlocal have kept it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield monkeypatch
    time.tzset()
    tzlocal.reload_localzone()


def test_a_time_zone_that_was_changed_meanwhile_is_seen(restored: pytest.MonkeyPatch) -> None:
    """Somebody notices at night that the server was still on UTC; a reload is to be enough."""
    for name in ("Etc/UTC", "Asia/Tokyo"):
        restored.setenv("TZ", name)
        assert local_zone() == ZoneInfo(name)
        assert time.tzname[0] == {"Etc/UTC": "UTC", "Asia/Tokyo": "JST"}[name]
