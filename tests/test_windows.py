"""Maintenance as stretches of time: joined, over on time, once a day where the clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_calendar import places, utc
from watchcall.core.calendar import DAY, Maintenance, Window, instant
from watchcall.windows import Planned, Windows, always, firings, planned, schedule_error

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")


def recurring(
    schedule: str, duration: timedelta, zone: ZoneInfo = TOKYO, checks: tuple[str, ...] = ("*",)
) -> Maintenance:
    return Maintenance(
        name=schedule, checks=checks, zone=zone, schedule=schedule, duration=duration
    )


def once(start: str, end: str, name: str = "once") -> Maintenance:
    return Maintenance(name=name, checks=("*",), zone=UTC, start=utc(start), end=utc(end))


def stretch(window: Window | None) -> str | None:
    """Return a window as `2026-12-05T18:00 2026-12-05T20:00`, in UTC."""
    return f"{window.start:%Y-%m-%dT%H:%M} {window.end:%Y-%m-%dT%H:%M}" if window else None


@pytest.mark.parametrize(
    ("schedule", "duration", "at", "expected"),
    [
        pytest.param("0 3 * * 0", 2 * HOUR, "2026-12-05T17:59:59", None, id="a second before"),
        pytest.param(
            "0 3 * * 0",
            2 * HOUR,
            "2026-12-05T18:00",
            "2026-12-05T18:00 2026-12-05T20:00",
            id="from the first second on",
        ),
        pytest.param(
            "0 3 * * 0",
            2 * HOUR,
            "2026-12-05T19:59:59",
            "2026-12-05T18:00 2026-12-05T20:00",
            id="until the last",
        ),
        pytest.param("0 3 * * 0", 2 * HOUR, "2026-12-05T20:00", None, id="and no longer"),
        pytest.param(
            "0 22,23 * * *",
            2 * HOUR,
            "2026-12-05T15:30",
            "2026-12-05T13:00 2026-12-05T16:00",
            id="what overlaps is one",
        ),
        pytest.param(
            "0 22,23 * * *",
            HOUR,
            "2026-12-05T13:30",
            "2026-12-05T13:00 2026-12-05T15:00",
            id="what touches is one",
        ),
        pytest.param(
            "0 20,23 * * *",
            2 * HOUR,
            "2026-12-05T11:30",
            "2026-12-05T11:00 2026-12-05T13:00",
            id="what is apart is not",
        ),
        pytest.param(
            "*/5 9-17 * * 1-5",
            10 * MINUTE,
            "2026-12-07T04:00",
            "2026-12-07T00:00 2026-12-07T09:05",
            id="office hours",
        ),
        pytest.param(
            "* * 1-15 * *",
            10 * DAY,
            "2026-12-10T00:00",
            "2026-11-30T15:00 2026-12-25T14:59",
            id="many and long",
        ),
        pytest.param(
            "0 0 1 1 *",
            30 * DAY,
            "2026-01-20T00:00",
            "2025-12-31T15:00 2026-01-30T15:00",
            id="long and rare",
        ),
    ],
)
def test_the_window_of_a_schedule(
    schedule: str, duration: timedelta, at: str, expected: str | None
) -> None:
    assert stretch(planned(recurring(schedule, duration)).window_at(utc(at))) == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-12-05T13:00", "2026-12-06T13:00 2026-12-06T16:00"),
        ("2026-12-05T14:30", "2026-12-06T13:00 2026-12-06T16:00"),
        ("2026-12-05T16:00", "2026-12-06T13:00 2026-12-06T16:00"),
        ("2026-12-05T12:59", "2026-12-05T13:00 2026-12-05T16:00"),
    ],
    ids=["at its start", "within one", "at its end", "before"],
)
def test_the_next_window_is_not_the_one_that_is_now(after: str, expected: str) -> None:
    windows = planned(recurring("0 22,23 * * *", 2 * HOUR))

    assert stretch(windows.next(utc(after))) == expected


def test_from_here_to_there() -> None:
    windows = planned(once("2026-12-05T10:00", "2026-12-05T12:00"))

    def at(text: str) -> tuple[str | None, str | None]:
        return stretch(windows.window_at(utc(text))), stretch(windows.next(utc(text)))

    there = "2026-12-05T10:00 2026-12-05T12:00"
    assert at("2026-12-05T09:59:59") == (None, there)
    assert at("2026-12-05T10:00") == (there, None)
    assert at("2026-12-05T11:59:59") == (there, None)
    assert at("2026-12-05T12:00") == (None, None)


def test_what_comes_no_more_has_no_next_window() -> None:
    """cronsim gives up after fifty years; so do we, and say so by None."""
    assert planned(recurring("0 0 29 2 *", HOUR)).next(utc("2026-01-01T00:00")) is not None
    assert next(firings("0 0 29 2 *", TOKYO, utc("2028-02-28T15:00"))) == utc("2032-02-28T15:00")


@pytest.mark.parametrize(
    ("schedule", "zone", "day", "expected"),
    [
        pytest.param("30 2 * * *", BERLIN, "2026-03-29", ["01:00"], id="a gap: at its end"),
        pytest.param("0,30 2 * * *", BERLIN, "2026-03-29", ["01:00"], id="two in a gap: once"),
        pytest.param("30 2 * * *", BERLIN, "2026-10-25", ["00:30"], id="a repeated hour: once"),
        pytest.param(
            "15 2 * * *",
            ZoneInfo("Australia/Lord_Howe"),
            "2026-10-03",
            ["15:30"],
            id="a gap of half an hour",
        ),
        pytest.param(
            "30 0 * * *",
            ZoneInfo("America/Santiago"),
            "2026-09-06",
            ["04:00"],
            id="a gap at midnight",
        ),
        pytest.param(
            "0 3 * * *",
            ZoneInfo("Pacific/Apia"),
            "2011-12-30",
            ["10:00", "13:00"],
            id="a missing day: at its end",
        ),
        pytest.param(
            "0 */3 * * *",
            ZoneInfo("Australia/Lord_Howe"),
            "2026-10-03",
            ["01:30", "04:30", "07:30", "10:30", "13:30", "16:00", "19:00", "22:00"],
            id="every third hour, half an hour left out",
        ),
        pytest.param(
            "0 */12 * * *",
            ZoneInfo("America/Santiago"),
            "2026-09-06",
            ["04:00", "15:00"],
            id="a gap at midnight, every twelfth hour",
        ),
        pytest.param(
            "20,50 * * * *",
            BERLIN,
            "2026-03-29",
            ["00:20", "00:50", "01:20", "01:50", "02:20", "02:50", "03:20", "03:50", "04:20"],
            id="every hour: what is left out is not made up for",
        ),
        pytest.param(
            "*/30 1-2 * * *",
            BERLIN,
            "2026-10-25",
            ["00:00", "00:30", "01:00", "01:30"],
            id="every half hour: also in the repetition",
        ),
    ],
)
def test_each_firing_comes_once_where_the_clocks_change(
    schedule: str, zone: ZoneInfo, day: str, expected: list[str]
) -> None:
    midnight = utc(day)
    comes = firings(schedule, zone, midnight - timedelta(seconds=1))

    assert [f"{at:%H:%M}" for at in islice(comes, 9) if at < midnight + DAY] == expected


def test_a_window_over_a_change_of_the_clocks_lasts_as_long_as_ever() -> None:
    for night in ("2026-03-29T00:30", "2026-10-25T00:30"):
        window = planned(recurring("0 1 * * *", 4 * HOUR, BERLIN)).window_at(utc(night))

        assert window is not None
        assert window.end - window.start == 4 * HOUR


def test_within_a_repeated_hour_it_is_known_that_it_has_been() -> None:
    windows = planned(recurring("45 2 * * *", 10 * MINUTE, BERLIN))

    # 02:30 for the second time: 02:45 has been, and is not to come
    assert windows.window_at(utc("2026-10-25T01:50")) is None
    assert stretch(windows.next(utc("2026-10-25T01:30"))) == "2026-10-26T01:45 2026-10-26T01:55"


def test_what_is_repeated_follows_also_from_the_middle_of_its_first_coming() -> None:
    comes = firings("*/30 1-2 * * *", BERLIN, utc("2026-10-25T00:15"))

    assert [f"{at:%H:%M}" for at in islice(comes, 4)] == ["00:30", "01:00", "01:30", "00:00"]


@given(st.data(), places(since=1973), st.integers(0, 1439))
def test_a_daily_rule_comes_once_each_local_day(
    data: st.DataObject, place: tuple[ZoneInfo, date], minute: int
) -> None:
    """The same instants that calendar.py finds for that time of day."""
    zone, day = place
    hour, minute = divmod(minute, 60)
    days = [day + n * DAY for n in range(-2, 3)]
    expected = sorted({instant(datetime.combine(one, time(hour, minute)), zone) for one in days})
    after = data.draw(st.sampled_from([0, 1])) * timedelta(microseconds=1)

    start = expected[0] - MINUTE + after
    found = list(islice(firings(f"{minute} {hour} * * *", zone, start), 9))

    assert [at for at in found if at <= expected[-1]] == expected


SCHEDULES = ["0 3 * * *", "0 22,23 * * 1-5", "*/20 1-3 * * *", "30 2 * * 0", "0 */6 1,15 * *"]


@st.composite
def asked(draw: st.DrawFn) -> tuple[Maintenance, datetime]:
    zone, day = draw(places(since=1973))  # since then clocks differ by whole minutes
    schedule = draw(st.sampled_from(SCHEDULES))
    duration = draw(st.integers(1, 5 * 60)) * MINUTE
    seconds = draw(st.integers(0, 3 * 86400))
    at = datetime.combine(day, time(), UTC) - DAY + timedelta(seconds=seconds)
    return recurring(schedule, duration, zone), at


@given(st.data(), places(since=1973), st.sampled_from([*SCHEDULES, "*/15 * * * *"]))
def test_wherever_one_begins_to_count_the_same_follows(
    data: st.DataObject, place: tuple[ZoneInfo, date], schedule: str
) -> None:
    zone, day = place
    start = datetime.combine(day, time(), UTC) - DAY
    later = start + data.draw(st.integers(0, 3 * 86400)) * timedelta(seconds=1)
    until = start + 4 * DAY

    def follow(after: datetime) -> list[datetime]:
        found = takewhile(lambda at: at <= until, firings(schedule, zone, after))
        return [at for at in found if at > later]

    assert follow(later) == follow(start)


@given(asked())
def test_it_is_maintenance_where_a_firing_is_not_longer_ago_than_it_lasts(
    given_case: tuple[Maintenance, datetime],
) -> None:
    one, at = given_case
    assert one.schedule is not None
    comes = firings(one.schedule, one.zone, at - one.duration)
    expected = any(firing <= at for firing in islice(comes, 1))

    window = planned(one).window_at(at)

    assert (window is not None) == expected
    assert window is None or window.start <= at < window.end


@given(asked())
def test_a_window_is_over_when_it_ends_and_had_not_begun_before(
    given_case: tuple[Maintenance, datetime],
) -> None:
    one, at = given_case
    window = planned(one).window_at(at) or planned(one).next(at)
    assert window is not None

    outside = (window.start - timedelta(seconds=1), window.end)
    assert [planned(one).window_at(moment) for moment in outside] == [None, None]
    inside = (window.start, window.end - timedelta(seconds=1))
    assert [planned(one).window_at(moment) for moment in inside] == [window, window]


@given(asked(), st.lists(st.integers(-4 * 86400, 4 * 86400), max_size=12))
def test_what_it_remembers_is_what_it_would_find(
    given_case: tuple[Maintenance, datetime], steps: list[int]
) -> None:
    """The wall clock goes on, jumps, and jumps back."""
    one, at = given_case
    remembering = planned(one)

    for step in steps:
        moment = at + timedelta(seconds=step)
        assert remembering.window_at(moment) == planned(one).window_at(moment)


def test_it_reads_the_schedule_once_a_window_and_not_once_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[datetime] = []

    def counted(schedule: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
        looks.append(after)
        return firings(schedule, zone, after)

    monkeypatch.setattr("watchcall.windows.firings", counted)
    windows: Planned = planned(recurring("0 3 * * *", HOUR))
    for second in range(0, 86400, 10):
        windows.window_at(utc("2026-12-05T00:00") + timedelta(seconds=second))

    assert len(looks) < 24


def test_of_all_maintenance_that_means_a_check_the_one_that_ends_last() -> None:
    windows = Windows(
        [
            recurring("0 3 * * *", HOUR, checks=("web-*",)),
            recurring("0 3 * * *", 2 * HOUR, checks=("db", "tag:slow")),
            recurring("30 3 * * *", HOUR, checks=("web-1",)),
        ]
    )

    def name(check: str, at: str, *tags: str) -> str | None:
        window = windows.holding(check, iter(tags), utc(at))
        return window.name if window else None

    assert name("web-1", "2026-12-05T18:15") == "0 3 * * *"
    assert name("web-1", "2026-12-05T18:45") == "30 3 * * *"
    assert name("web-2", "2026-12-05T18:45") == "0 3 * * *"
    assert name("web-2", "2026-12-05T19:15") is None
    assert name("web-2", "2026-12-05T19:15", "slow") == "0 3 * * *"
    assert name("db", "2026-12-05T20:00") is None
    assert name("mail", "2026-12-05T18:15") is None


FIELDS = "must have five fields: minute, hour, day of the month, month, day of the week; "
HOW = ', * for any, a list "1,2", a rising range "1-5" or a step "*/2"'


@pytest.mark.parametrize(
    ("schedule", "wrong"),
    [
        ("", FIELDS),
        ("@daily", FIELDS),
        ("0 3 * *", FIELDS),
        ("0 0 3 * * 0", FIELDS),
        ("60 3 * * 0", f'the minute "60" is not right: 0 to 59{HOW}'),
        ("0 24 * * 0", f'the hour "24" is not right: 0 to 23{HOW}'),
        ("0 3 0 * *", f'the day of the month "0" is not right: 1 to 31{HOW}'),
        ("0 3 * 13 *", f'the month "13" is not right: 1 to 12 or JAN to DEC{HOW}'),
        ("0 3 * * 8", f'the day of the week "8" is not right: 0 to 7 or SUN to SAT{HOW}'),
        ("0 3 * * FRI-MON", 'the day of the week "FRI-MON" is not right'),
        ("0 5-1 * * *", 'the hour "5-1" is not right'),
        ("*/0 3 * * *", 'the minute "*/0" is not right'),
        (f"{'0' * 5000} 3 * * *", f'the minute "{"0" * 40}" is not right'),
        ("0 3 * * \N{SUPERSCRIPT TWO}L", "the day of the week"),
        ("0 0 30 2 *", "never comes: these months have no such day"),
        ("0 0 31 2,4,6 *", "never comes: these months have no such day"),
    ],
)
def test_a_schedule_that_is_none(schedule: str, wrong: str) -> None:
    found = schedule_error(schedule)

    assert found is not None
    assert found.startswith(wrong)


@pytest.mark.parametrize(
    "schedule", ["0 3 * * 0", "*/5 1-3 1,15 jan-mar Mon#2", "0 0 L * *", "0 0 29 2 *", "0 0 31 2 1"]
)
def test_a_schedule_that_is_one(schedule: str) -> None:
    assert schedule_error(schedule) is None


@pytest.mark.parametrize(
    ("schedule", "duration", "expected"),
    [
        pytest.param("* * * * *", MINUTE, True, id="every minute for a minute"),
        pytest.param("*/2 * * * *", MINUTE, False, id="every other minute"),
        pytest.param("0 3 * * *", DAY, True, id="every day for a day"),
        pytest.param("0 3 * * *", DAY - MINUTE, False, id="a minute is left"),
        pytest.param("0 3 * * 1-5", DAY, False, id="the weekend is left"),
        pytest.param("0 3 * * 1-5", 3 * DAY, True, id="the weekend is covered"),
        pytest.param("* * * * 1-5", HOUR, False, id="all of every working day"),
        pytest.param("* * * 1-11 *", HOUR, False, id="December is left"),
        pytest.param("0 0-22 * * *", 2 * HOUR, True, id="the last hour is covered"),
        pytest.param("0 0-22 * * *", HOUR, False, id="the last hour is left"),
        pytest.param("0 3 */2 * *", 2 * DAY, True, id="every other day for two"),
        pytest.param("0 0 1 1 *", 366 * DAY, True, id="every year for a leap year"),
        pytest.param("0 0 1 1 *", 365 * DAY, False, id="a day is left in leap years"),
        pytest.param("0 0 29 2 *", 3650 * DAY, True, id="ten years, every four"),
    ],
)
def test_what_covers_its_own_pauses_never_ends(
    schedule: str, duration: timedelta, expected: bool
) -> None:
    assert always(schedule, duration) is expected
