"""Times on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from watchcall.cli.when import ending, lasting

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # 21:00 in Tokyo


@pytest.fixture(autouse=True)
def _in_tokyo() -> Iterator[None]:
    with time_machine.travel(NOON.astimezone(ZoneInfo("Asia/Tokyo")), tick=False):
        yield


@pytest.mark.parametrize(
    ("text", "last"),
    [
        pytest.param("30s", timedelta(seconds=30), id="seconds"),
        pytest.param("2h", timedelta(hours=2), id="hours"),
        pytest.param("1.5h", timedelta(minutes=90), id="a fraction"),
        pytest.param("90", timedelta(seconds=90), id="a bare number is seconds"),
        pytest.param("365d", timedelta(days=365), id="a year"),
    ],
)
def test_for_is_counted_from_now(text: str, last: timedelta) -> None:
    assert lasting(text) == NOON + last


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("0", "more than nothing", id="nothing"),
        pytest.param("366d", "at most 365d", id="more than a year"),
        pytest.param("4000d", "at most 3650d", id="more than any duration"),
        pytest.param("-2h", "such as", id="back"),
        pytest.param("tomorrow", "such as", id="a word"),
        pytest.param("", "such as", id="empty"),
    ],
)
def test_for_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=wrong):
        lasting(text)


@pytest.mark.parametrize(
    ("text", "then"),
    [
        pytest.param("22:30", datetime(2026, 11, 20, 13, 30, tzinfo=UTC), id="today"),
        pytest.param("7:00", datetime(2026, 11, 20, 22, tzinfo=UTC), id="tomorrow, here"),
        pytest.param("21:00", NOON + timedelta(days=1), id="now is over, so tomorrow"),
        pytest.param("2026-11-21 07:00", datetime(2026, 11, 20, 22, tzinfo=UTC), id="a day"),
        pytest.param("2026-11-21T07:00", datetime(2026, 11, 20, 22, tzinfo=UTC), id="with a T"),
        pytest.param("2026-11-21T07:00:00Z", datetime(2026, 11, 21, 7, tzinfo=UTC), id="UTC"),
        pytest.param(
            "2026-11-21T07:00:00+01:00", datetime(2026, 11, 21, 6, tzinfo=UTC), id="an offset"
        ),
    ],
)
def test_until_is_a_time_as_the_clock_here_shows_it_or_with_an_offset(
    text: str, then: datetime
) -> None:
    assert ending(text) == then


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("2026-11-20 20:59", "is over already", id="an hour ago"),
        pytest.param("2026-11-20T12:00:00Z", "is over already", id="now"),
        pytest.param("2027-11-21", "at most 365 days", id="in more than a year"),
        pytest.param("25:00", "such as", id="no time of day"),
        pytest.param("tomorrow", "such as", id="a word"),
        pytest.param("9999-12-31T23:59:59-23:00", "such as", id="beyond all calendars"),
        pytest.param("", "such as", id="empty"),
    ],
)
def test_until_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=wrong):
        ending(text)
