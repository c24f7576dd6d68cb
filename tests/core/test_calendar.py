"""Local rules hold once a day, in every zone, also when its clocks change."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchcall.core.calendar import DAY, MINUTE, QuietHours, Silence, Window, instant, latest_end

SECOND = timedelta(seconds=1)
ZONES = sorted(zoneinfo.available_timezones())
TOKYO = ZoneInfo("Asia/Tokyo")
NIGHT = QuietHours(start=time(22), end=time(7), zone=TOKYO)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clocks of a zone show."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


@cache
def changes(zone: ZoneInfo, year: int) -> Sequence[date]:
    """Return the days of a year on which the clocks of a zone are changed, as UTC has them."""
    first = datetime(year, 1, 1, tzinfo=UTC)
    offsets = [(first + n * DAY).astimezone(zone).utcoffset() for n in range(367)]
    return [
        (first + n * DAY).date()
        for n, (before, after) in enumerate(pairwise(offsets))
        if before != after
    ]


@st.composite
def places(draw: st.DrawFn, since: int = 1900) -> tuple[ZoneInfo, date]:
    """A zone, and a day in it: at a change of its clocks if that year has one."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    year = draw(st.integers(since, 2037))
    days = changes(zone, year) or [date(year, 6, 1)]
    return zone, draw(st.sampled_from(days)) + draw(st.integers(-1, 1)) * DAY


@st.composite
def quiet_hours(draw: st.DrawFn) -> tuple[QuietHours, date]:
    zone, day = draw(places())
    times = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
    start, end = draw(st.lists(times, min_size=2, max_size=2, unique=True))
    return QuietHours(start=start, end=end, zone=zone), day


def around(day: date) -> st.SearchStrategy[datetime]:
    """Instants within a day and a half."""
    noon = datetime.combine(day, time(12), UTC)
    return st.integers(-36 * 3600, 36 * 3600).map(lambda seconds: noon + seconds * SECOND)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        pytest.param("2026-11-28T12:59:59", None, id="a second before"),
        pytest.param("2026-11-28T13:00:00", "2026-11-28T22:00:00", id="from the first second on"),
        pytest.param("2026-11-28T15:00:00", "2026-11-28T22:00:00", id="over midnight"),
        pytest.param("2026-11-28T21:59:59", "2026-11-28T22:00:00", id="until the last second"),
        pytest.param("2026-11-28T22:00:00", None, id="and no longer"),
    ],
)
def test_a_night_in_tokyo(at: str, until: str | None) -> None:
    assert NIGHT.until(utc(at)) == (utc(until) if until else None)


@pytest.mark.parametrize(
    ("zone", "hours", "at", "until"),
    [
        pytest.param(
            "Europe/Berlin", (22, 7), "2026-03-29T00:30", "2026-03-29T05:00", id="a short night"
        ),
        pytest.param(
            "Europe/Berlin", (22, 7), "2026-10-25T01:30", "2026-10-25T06:00", id="a long night"
        ),
        pytest.param(
            "Europe/Berlin", (1, 2), "2026-10-25T00:30", None, id="an hour that comes twice: once"
        ),
        pytest.param(
            "Pacific/Apia", (22, 7), "2011-12-30T09:30", "2011-12-30T10:00", id="into a missing day"
        ),
        pytest.param(
            "Pacific/Apia", (22, 7), "2011-12-30T10:30", "2011-12-30T17:00", id="out of it"
        ),
        pytest.param(
            "Australia/Lord_Howe",
            (0, 2),
            "2026-10-03T15:29",
            "2026-10-03T15:30",
            id="a gap of half an hour",
        ),
        pytest.param(
            "America/St_Johns",
            (0, 7),
            "2010-11-07T03:00",
            "2010-11-07T10:30",
            id="the day that begins, and begins again",
        ),
    ],
)
def test_nights_with_a_change_of_the_clocks(
    zone: str, hours: tuple[int, int], at: str, until: str | None
) -> None:
    start, end = map(time, hours)
    quiet = QuietHours(start=start, end=end, zone=ZoneInfo(zone))

    assert quiet.until(utc(at)) == (utc(until) if until else None)


@given(st.data(), quiet_hours())
def test_it_ends_later_than_now_and_not_a_moment_too_soon(
    data: st.DataObject, given_hours: tuple[QuietHours, date]
) -> None:
    quiet, day = given_hours
    at = data.draw(around(day))

    end = quiet.until(at)

    if end is not None:
        assert at < end
        assert quiet.until(end - SECOND / 2) == end
        # where a whole day is missing the next night begins at once
        starts = [quiet._window(day + n * DAY).start for n in range(-3, 4)]
        assert quiet.until(end) is None or end in starts


@given(quiet_hours())
def test_each_local_day_has_its_hours_and_none_overlap(
    given_hours: tuple[QuietHours, date],
) -> None:
    quiet, day = given_hours
    windows = [quiet._window(day + n * DAY) for n in range(-3, 4)]

    assert all(one.start <= one.end for one in windows)
    assert all(one.end <= after.start for one, after in pairwise(windows))


@given(st.data(), quiet_hours())
def test_an_instant_is_quiet_where_a_days_hours_hold_it(
    data: st.DataObject, given_hours: tuple[QuietHours, date]
) -> None:
    quiet, day = given_hours
    at = data.draw(around(day))
    windows = [quiet._window(day + n * DAY) for n in range(-4, 5)]

    assert quiet.until(at) == latest_end(windows, at)


@given(st.data(), quiet_hours())
def test_without_a_change_of_the_clocks_it_is_what_a_clock_on_the_wall_says(
    data: st.DataObject, given_hours: tuple[QuietHours, date]
) -> None:
    quiet, day = given_hours
    at = data.draw(around(day + 20 * DAY))
    offsets = {(at + n * DAY / 2).astimezone(quiet.zone).utcoffset() for n in range(-5, 6)}
    clock = local(at, quiet.zone).time()

    if quiet.start < quiet.end:
        expected = quiet.start <= clock < quiet.end
    else:
        expected = clock >= quiet.start or clock < quiet.end

    assert len(offsets) > 1 or (quiet.until(at) is not None) == expected


@given(places(), st.integers(0, 86399))
def test_a_local_time_is_the_first_instant_at_which_the_clock_is_that_far(
    place: tuple[ZoneInfo, date], second: int
) -> None:
    zone, day = place
    wanted = datetime.combine(day, time()) + second * SECOND

    at = instant(wanted, zone)

    assert at.tzinfo is UTC
    assert local(at, zone) >= wanted
    assert local(at - SECOND, zone) < wanted
    # no instant before it shows that time: a repeated hour is meant when it first comes
    assert all(local(at - n * 5 * MINUTE, zone) < wanted for n in range(1, 48))


@given(places(), st.integers(0, 86399))
def test_a_local_time_that_comes_is_met_exactly(place: tuple[ZoneInfo, date], second: int) -> None:
    zone, day = place
    at = datetime.combine(day, time(), UTC) + second * SECOND
    shown = local(at, zone)

    assert local(instant(shown, zone), zone) == shown
    assert instant(shown, zone) <= at


@pytest.mark.parametrize(
    ("zone", "wanted", "expected"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),
        ("Africa/Monrovia", "1972-01-07T00:20", "1972-01-07T00:44:30"),
        ("America/Santiago", "2026-09-06T00:30", "2026-09-06T04:00"),
    ],
)
def test_instants_at_changes_of_the_clocks(zone: str, wanted: str, expected: str) -> None:
    assert instant(datetime.fromisoformat(wanted), ZoneInfo(zone)) == utc(expected)


def test_a_silence_holds_from_its_start_until_its_end_or_until_it_is_taken_back() -> None:
    start, end = utc("2026-11-28T12:00"), utc("2026-11-28T14:00")
    silence = Silence(checks=("web-*",), reason="work", by="me", start=start, end=end)

    assert [silence.holds(at) for at in (start - SECOND, start, end - SECOND, end)] == [
        False,
        True,
        True,
        False,
    ]


def test_of_windows_that_hold_the_last_end_counts() -> None:
    start = utc("2026-11-28T12:00")
    windows = [
        Window(name="short", start=start, end=start + MINUTE),
        Window(name="long", start=start, end=start + 2 * MINUTE),
        Window(name="later", start=start + MINUTE, end=start + 9 * MINUTE),
    ]

    assert latest_end(windows, start) == start + 2 * MINUTE
    assert latest_end(windows, start - SECOND) is None
