"""Who is left alone, when, and of what: quiet hours, maintenance, dependencies, reminders."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from tests.config.files import HTTPD, ME, SMALL, TWILIO, loaded, problems, warnings
from watchcall.config import times
from watchcall.config.plan import Plan
from watchcall.config.translate import plan
from watchcall.core.calendar import Maintenance, QuietHours
from watchcall.core.contact import EVENTS, Event

TOKYO = ZoneInfo("Asia/Tokyo")
NIGHT = 'from = "22:00", to = "07:00", timezone = "Asia/Tokyo"'
PHONE = "[[channel]]\nname = 'phone'\n"
WEEKLY = "schedule = '0 3 * * 0'\nduration = '2h'\n"


def quiet(inside: str) -> str:
    return f"{TWILIO}{HTTPD}{ME}quiet_hours = {{ {inside} }}\n"


def planned(lines: str, checks: str = "['httpd']") -> str:
    return f"{SMALL}[[maintenance]]\nname = 'work'\nchecks = {checks}\n{lines}\n"


def check(name: str, more: str = "") -> str:
    return HTTPD.replace('"httpd"', f'"{name}"', 1) + more + "\n"


def depending(**on: list[str]) -> str:
    return TWILIO + ME + "".join(check(name, f"depends_on = {of}") for name, of in on.items())


def made(folder: Path, text: str) -> Plan:
    return plan(loaded(folder, text), {})


def said(folder: Path, text: str) -> list[str]:
    return [line.removeprefix("config.toml: ") for line in problems(folder, text)]


def odd(folder: Path, text: str) -> list[str]:
    return [line.removeprefix("config.toml: ") for line in warnings(folder, text)]


@pytest.fixture
def _no_time_zones() -> Iterator[None]:
    """A machine without its package tzdata, which has not met Troll yet."""
    zoneinfo.reset_tzpath(to=[])
    ZoneInfo.clear_cache(only_keys=["Antarctica/Troll"])
    yield
    zoneinfo.reset_tzpath()


# notify


def test_reminders_and_grace_as_the_contract_has_them(tmp_path: Path) -> None:
    found = made(tmp_path, SMALL)

    assert found.remind_every == timedelta(minutes=30)
    assert found.max_reminders == 3
    assert found.boot_grace == timedelta(minutes=2)
    assert found.maintenance == ()
    assert found.channels[0].events == EVENTS


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("remind_every = '10m'\nmax_reminders = 9\n", (600, 9, 120), id="others"),
        pytest.param("remind_every = 0\nmax_reminders = 5\n", (0, 5, 120), id="never"),
        pytest.param("max_reminders = 0\nboot_grace = '0s'\n", (1800, 0, 0), id="none, at once"),
    ],
)
def test_reminders_and_grace(lines: str, expected: tuple[int, int, int], tmp_path: Path) -> None:
    found = made(tmp_path, f"{SMALL}[notify]\n{lines}")

    every, grace = (one.total_seconds() for one in (found.remind_every, found.boot_grace))
    assert (every, found.max_reminders, grace) == expected
    assert odd(tmp_path, f"{SMALL}[notify]\n{lines}") == []


def test_wrong_reminders_and_grace(tmp_path: Path) -> None:
    text = SMALL + "[notify]\nremind_every = 'often'\nmax_reminders = -1\nboot_grace = -5\n"

    duration = 'must be a duration such as "500ms", "30s", "5m", "2h" or "7d"'
    assert said(tmp_path, text) == [
        f"notify: remind_every: {duration}",
        "notify: max_reminders: must be at least 0",
        f"notify: boot_grace: {duration}",
    ]


# quiet hours


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        pytest.param(NIGHT, QuietHours(start=time(22), end=time(7), zone=TOKYO), id="a night"),
        pytest.param(
            f'{NIGHT}, except = "critical"',
            QuietHours(start=time(22), end=time(7), zone=TOKYO, critical=True),
            id="but for what is critical",
        ),
        pytest.param(
            "from = 00:00:00, to = 06:30:00, timezone = 'UTC'",
            QuietHours(start=time(0), end=time(6, 30), zone=ZoneInfo("UTC")),
            id="local times of TOML",
        ),
    ],
)
def test_quiet_hours(inside: str, expected: QuietHours, tmp_path: Path) -> None:
    found = made(tmp_path, quiet(inside))

    assert found.contacts[0].quiet_hours == expected
    assert found.channels[0].to == found.contacts
    assert odd(tmp_path, quiet(inside)) == []


TIME = 'must be a time of day such as "22:00", from "00:00" to "23:59"'
IANA = "a time zone's IANA name such as Asia/Tokyo"


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        pytest.param(
            "from = '22:00', to = '07:00'",
            [f".timezone: missing; it is {IANA}: hours are some place's"],
            id="hours of no place",
        ),
        pytest.param(
            "timezone = 'Asia/Tokyo'",
            [
                '.from: missing; it is a time of day such as "22:00"',
                '.to: missing; it is a time of day such as "07:00"',
            ],
            id="no hours",
        ),
        pytest.param(
            NIGHT.replace("22", "07"),
            [": from and to are the same: is that never or always?"],
            id="never or always",
        ),
        pytest.param(
            "from = '24:00', to = '7:00', timezone = 'Asia/Tokyo'",
            [f".from: {TIME}", f".to: {TIME}"],
            id="what no clock shows",
        ),
        pytest.param(
            "from = 22, to = 07:00:30, timezone = 9",
            [f".from: {TIME}", f".to: {TIME}", f".timezone: must be {IANA}, in quotes"],
            id="what is no time, parts of a minute, an offset",
        ),
        pytest.param(
            f"{NIGHT}, except = 'warning', till = '8:00'",
            [
                '.except: must be "critical"',
                ".till: unknown key, known are from, to, timezone, except",
            ],
            id="another exception, another key",
        ),
        pytest.param(
            f"{NIGHT}, except = 'critcal'",
            ['.except: unknown "critcal", did you mean "critical"?'],
            id="a mistyped exception",
        ),
    ],
)
def test_wrong_quiet_hours(inside: str, expected: list[str], tmp_path: Path) -> None:
    assert said(tmp_path, quiet(inside)) == [f'contact "me": quiet_hours{one}' for one in expected]


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        pytest.param("asia/tokyo", ", did you mean Asia/Tokyo?", id="small letters"),
        pytest.param("Tokyo", ", did you mean Asia/Tokyo?", id="the city alone"),
        pytest.param("New York", ", did you mean America/New_York?", id="as one says it"),
        pytest.param("Europe/Berln", ", did you mean Europe/Berlin", id="mistyped"),
        pytest.param(
            "Knox",
            ", did you mean America/Indiana/Knox?",
            id="the town alone",
        ),
        pytest.param("PST", f"; it is {IANA}", id="an abbreviation is not guessed"),
        pytest.param("+09:00", f"; it is {IANA}", id="an offset"),
        pytest.param("", f"; it is {IANA}", id="nothing"),
        pytest.param("../../etc/passwd", f"; it is {IANA}", id="a path out of the database"),
        pytest.param("Asia", f"; it is {IANA}", id="a continent"),
    ],
)
def test_an_unknown_time_zone_names_those_that_are_near(
    zone: str, hint: str, tmp_path: Path
) -> None:
    (line,) = said(tmp_path, quiet(NIGHT.replace("Asia/Tokyo", zone)))

    expected = f'contact "me": quiet_hours.timezone: unknown time zone "{zone}"{hint}'
    assert line.startswith(expected)


@pytest.mark.usefixtures("_no_time_zones")
def test_without_a_time_zone_database_nothing_is_guessed(tmp_path: Path) -> None:
    text = quiet(NIGHT.replace("Asia/Tokyo", "Antarctica/Troll"))
    text += f"[[maintenance]]\nname = 'a'\nchecks = ['httpd']\n{WEEKLY}"
    text += "timezone = 'Antarctica/Troll'\n"

    assert said(tmp_path, text) == [
        f'contact "me": quiet_hours.timezone: {times.NO_ZONES}',
        f'maintenance "a": timezone: {times.NO_ZONES}',
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(UTC, times.NO_ZONES, id="a fallback on UTC"),
        pytest.param(
            ZoneInfoNotFoundError("two settings differ"),
            f"this machine's own cannot be told; give {IANA}",
            id="settings that contradict each other",
        ),
    ],
)
def test_the_machines_zone_is_not_guessed(
    answer: object, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def localzone() -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(times, "get_localzone", localzone)

    assert said(tmp_path, planned(WEEKLY)) == [f'maintenance "work": timezone: {expected}']
    made(tmp_path, planned(WEEKLY + "timezone = 'Asia/Tokyo'"))
    made(tmp_path, SMALL)


# who can be texted


@pytest.mark.parametrize(
    ("number", "texts"),
    [
        pytest.param("+819012345678", True, id="a mobile phone"),
        pytest.param("+12025550123", True, id="either, as numbers are in North America"),
        pytest.param("+15551234567", True, id="nobody knows"),
        pytest.param("+81312345678", False, id="a fixed line"),
        pytest.param("+815012345678", False, id="a number of the internet"),
        pytest.param("+18005550123", False, id="a free number"),
    ],
)
def test_who_takes_texts(number: str, texts: bool, tmp_path: Path) -> None:
    text = SMALL.replace("+819012345678", number) + PHONE + f"to = ['me', '{number}']\n"

    found = made(tmp_path, text)

    assert [person.takes_texts for person in (*found.contacts, *found.channels[0].to)] == [
        texts,
        texts,
        texts,
    ]


# dependencies


def test_what_a_check_depends_on(tmp_path: Path) -> None:
    text = depending(a=["b", "c", "b"], b=["c"], c=[])

    assert [one.depends_on for one in made(tmp_path, text).checks] == [("b", "c"), ("c",), ()]
    assert odd(tmp_path, text) == []


def test_what_is_not_watched_explains_nothing(tmp_path: Path) -> None:
    text = depending(a=["off", "b"], b=[]) + check("off", "enabled = false")
    text += check("off too", "enabled = false\ndepends_on = ['off']")

    assert made(tmp_path, text).checks[0].depends_on == ("b",)
    assert odd(tmp_path, text) == [
        'check "a": depends_on #1: check "off" is disabled: it is not watched and explains nothing'
    ]


LEAVE = "leave one of them out"
NAMES = "globs and tags mean nothing here; the checks are"


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param(
            {"a": ["b"], "b": ["a"]},
            [f'check "a": depends_on: leads back to itself (a -> b -> a); {LEAVE}'],
            id="two",
        ),
        pytest.param(
            {"z": ["b"], "a": ["c"], "b": ["a"], "c": ["b"]},
            [
                f'check "a": depends_on: leads back to itself (a -> c -> b -> a); {LEAVE}',
            ],
            id="three, and one that leads there",
        ),
        pytest.param(
            {"a": ["b"], "b": ["a"], "c": ["d", "a"], "d": ["c", "b"]},
            [
                f'check "a": depends_on: leads back to itself (a -> b -> a); {LEAVE}',
                f'check "c": depends_on: leads back to itself (c -> d -> c); {LEAVE}',
            ],
            id="two circles, both",
        ),
        pytest.param(
            {"a": ["a"]},
            ['check "a": depends_on #1: is this check itself; name another one, or leave it out'],
            id="itself",
        ),
        pytest.param(
            {"router": ["ruoter"], "b": ["web-*", "tag:x"]},
            [
                'check "router": depends_on #1: unknown check "ruoter", did you mean router?',
                f'check "b": depends_on #1: unknown check "web-*", {NAMES} router, b',
                f'check "b": depends_on #2: unknown check "tag:x", {NAMES} router, b',
            ],
            id="unknown names, and what is no name",
        ),
    ],
)
def test_wrong_dependencies(on: dict[str, list[str]], expected: list[str], tmp_path: Path) -> None:
    assert said(tmp_path, depending(**on)) == expected


def test_a_long_chain_is_no_circle(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(2000)]
    chain = dict(zip(names, [[name] for name in names[1:]] + [[]], strict=True))

    assert len(made(tmp_path, depending(**chain)).checks) == 2000


def test_a_check_with_an_error_may_be_depended_on(tmp_path: Path) -> None:
    text = depending(a=["b"]) + check("b", "fail_after = 0")

    assert said(tmp_path, text) == ['check "b": fail_after: must be at least 1']


# maintenance


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            WEEKLY + "timezone = 'Asia/Tokyo'",
            {"schedule": "0 3 * * 0", "duration": timedelta(hours=2)},
            id="by a schedule",
        ),
        pytest.param(
            "schedule = '  0  3 * * mon#1 '\nduration = '90m'\ntimezone = 'Asia/Tokyo'",
            {"schedule": "0 3 * * mon#1", "duration": timedelta(minutes=90)},
            id="spaces, names and the first Monday",
        ),
        pytest.param(
            "from = '2031-12-01T03:00:00+09:00'\nto = '2031-12-01t05:00z'\ntimezone = 'Asia/Tokyo'",
            {
                "start": datetime(2031, 11, 30, 18, tzinfo=UTC),
                "end": datetime(2031, 12, 1, 5, tzinfo=UTC),
            },
            id="RFC 3339",
        ),
        pytest.param(
            "from = 2031-12-01T03:00:00+02:00\nto = 2031-12-01 15:30:00\ntimezone = 'Asia/Tokyo'",
            {
                "start": datetime(2031, 12, 1, 1, tzinfo=UTC),
                "end": datetime(2031, 12, 1, 6, 30, tzinfo=UTC),
            },
            id="TOML's, and a local one in the zone",
        ),
        pytest.param(
            "from = '2031-12-01 03:00'\nto = '2031-12-01 03:00:01.5'\ntimezone = 'Asia/Tokyo'",
            {
                "start": datetime(2031, 11, 30, 18, tzinfo=UTC),
                "end": datetime(2031, 11, 30, 18, 0, 1, 500000, tzinfo=UTC),
            },
            id="local ones in quotes",
        ),
    ],
)
def test_a_maintenance(lines: str, expected: dict[str, Any], tmp_path: Path) -> None:
    (found,) = made(tmp_path, planned(lines)).maintenance

    assert found == Maintenance(name="work", checks=("httpd",), zone=TOKYO, **expected)
    assert odd(tmp_path, planned(lines)) == []


def test_without_a_time_zone_it_is_the_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times, "get_localzone", lambda: TOKYO)
    text = planned("from = 2031-12-01T03:00:00\nto = 2031-12-01T04:00:00")

    (found,) = made(tmp_path, text).maintenance

    assert (found.zone, found.start) == (TOKYO, datetime(2031, 11, 30, 18, tzinfo=UTC))


WHEN = "give schedule with duration, or from with to"
FROM = "from = '2031-12-01T03:00:00Z'\n"
TO = "to = '2031-12-01T04:00:00Z'\n"
MOMENT = (
    'must be a date and a time such as "2026-12-01T03:00:00+09:00"; without the offset it is in '
    "timezone"
)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("", [f": says nothing about when; {WHEN}"], id="no time at all"),
        pytest.param(
            WEEKLY + FROM + TO, [f": schedule: excludes from and to; {WHEN}"], id="both ways"
        ),
        pytest.param(
            "duration = '1h'\n" + FROM, [f": duration: excludes from; {WHEN}"], id="half of both"
        ),
        pytest.param(
            "schedule = '0 3 * * 0'", [": duration: missing; schedule needs it"], id="how long?"
        ),
        pytest.param("duration = '1h'", [": schedule: missing; duration needs it"], id="when?"),
        pytest.param(FROM, [": to: missing; from needs it"], id="until when?"),
        pytest.param(TO, [": from: missing; to needs it"], id="from when on?"),
        pytest.param(
            FROM + FROM.replace("from", "to"), [": to: must be later than from"], id="no time"
        ),
        pytest.param(
            "from = '2031-12-01T03:00+02:00'\nto = 2031-12-01T10:00:00\ntimezone = 'Asia/Tokyo'",
            [": to: must be later than from"],
            id="the wrong way round, in two zones",
        ),
        pytest.param(
            "from = '2031-12-01T03:00+14:00'\nto = 2031-11-30T12:30:00\ntimezone = 'Berlin'",
            [': timezone: unknown time zone "Berlin", did you mean Europe/Berlin?'],
            id="what depends on the time zone is not said before that is right",
        ),
        pytest.param(
            "schedule = '0 0 30 2 *'\nduration = '1h'",
            [": schedule: never comes: these months have no such day"],
            id="never",
        ),
        pytest.param(
            "schedule = '* * * * *'\nduration = '2m'",
            [
                ": duration: covers every pause of the schedule, so that it never ends; make it "
                "shorter"
            ],
            id="always",
        ),
        pytest.param(
            "schedule = '0 25 * * *'\nduration = '30s'",
            [
                ': schedule: the hour "25" is not right: 0 to 23, * for any, a list "1,2", ',
                ": duration: must be at least 1m",
            ],
            id="no schedule, no duration: both are said, and nothing that follows from them",
        ),
        pytest.param(
            "schedule = ['0 3 * * *']\nduration = '1h'",
            [': schedule: must be five fields of cron in quotes, such as "0 3 * * 0"'],
            id="a schedule that is no text",
        ),
        pytest.param(
            "from = 2031-12-01\nto = '03:00'", [f": from: {MOMENT}", f": to: {MOMENT}"], id="half"
        ),
        pytest.param(
            "from = '2031-02-30T03:00'\nto = '9999-12-31T23:59:59Z'",
            [
                ': from: "2031-02-30T03:00" does not exist: day is out of range for month',
                ": to: must be a year that a calendar has: 1971 to 8999",
            ],
            id="days that do not exist",
        ),
        pytest.param(
            WEEKLY + "timezone = 'Asia/Tokio'",
            [': timezone: unknown time zone "Asia/Tokio", did you mean Asia/Tokyo'],
            id="no time zone",
        ),
        pytest.param(
            WEEKLY + "for = '1h'",
            [": for: unknown key, known are name, checks, schedule, duration, from, to, "],
            id="another key",
        ),
    ],
)
def test_a_wrong_maintenance(lines: str, expected: list[str], tmp_path: Path) -> None:
    found = said(tmp_path, planned(lines))

    assert len(found) == len(expected)
    assert all(
        line.startswith(f'maintenance "work"{wanted}')
        for line, wanted in zip(found, expected, strict=True)
    )


def test_maintenance_has_a_name_of_its_own_and_says_of_what(tmp_path: Path) -> None:
    text = planned(WEEKLY) + f"[[maintenance]]\nname = 'work'\n{WEEKLY}[[maintenance]]\n{WEEKLY}"

    assert said(tmp_path, text) == [
        'maintenance "work": checks: missing; it is a list of names, globs or "tag:NAME"',
        'maintenance "work": name: maintenance #1 has this name too; names must differ',
        "maintenance #3: name: missing; it is how the maintenance is called",
        'maintenance #3: checks: missing; it is a list of names, globs or "tag:NAME"',
    ]


def test_maintenance_of_checks_that_are_not_there(tmp_path: Path) -> None:
    assert said(tmp_path, planned(WEEKLY, "['htpd', 'web-*']")) == [
        'maintenance "work": checks #1: unknown check "htpd", did you mean httpd?'
    ]
    assert said(tmp_path, planned(WEEKLY, "[]")) == [
        'maintenance "work": checks: must not be empty'
    ]
    assert odd(tmp_path, planned(WEEKLY, "['httpd', 'web-*', 'tag:x']")) == [
        'maintenance "work": checks #2: "web-*" matches no check',
        'maintenance "work": checks #3: "tag:x" matches no check',
    ]


def test_what_is_over_is_worth_a_word_and_no_error(tmp_path: Path) -> None:
    """A file must not become wrong by lying there."""
    text = planned("from = 2020-01-01T00:00:00Z\nto = 2020-01-01T01:00:00Z")

    assert odd(tmp_path, text) == [
        'maintenance "work": to: is over; take this maintenance out when it is not needed'
    ]
    assert len(made(tmp_path, text).maintenance) == 1


# channels


def test_a_channel_may_say_which_events(tmp_path: Path) -> None:
    text = SMALL + PHONE + "events = ['failure', 'flapping', 'reminder']\n"

    assert made(tmp_path, text).channels[0].events == {
        Event.FAILURE,
        Event.FLAPPING,
        Event.REMINDER,
    }
    assert odd(tmp_path, text) == []


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(
            "'recovery', 'reminder'",
            ['no "failure" is told here, so there is nothing to remind of; add "failure"'],
            id="reminders of nothing",
        ),
        pytest.param(
            "'reminder', 'flapping'",
            ['no "failure" is told here, so there is nothing to remind of; add "failure"'],
            id="nor of what is unstable",
        ),
        pytest.param(
            "'flapping'",
            ['no "failure" is told here, only that a check is unstable; add "failure"'],
            id="nothing but that",
        ),
        pytest.param("'self', 'reminder'", [], id="WatchCall's own trouble is something"),
        pytest.param("'unknown', 'recovery'", [], id="no reminders at all"),
    ],
)
def test_a_channel_with_nothing_to_remind_of(
    events: str, expected: list[str], tmp_path: Path
) -> None:
    text = SMALL + PHONE + f"[[channel]]\nname = 'b'\nevents = [{events}]\n"

    assert odd(tmp_path, text) == [f'channel "b": events: {one}' for one in expected]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = quiet("from = '22:00', to = '07:00'") + "[[maintenance]]\nname = 'work'\n"
    text += "checks = ['x']\nschedule = '0 3 * *'\nduration = '1h'\n"
    text += check("b", "depends_on = ['b']") + "[notify]\nmax_reminders = 1.5\n"

    assert [line.split(": ")[0] for line in said(tmp_path, text)] == [
        'check "b"',
        'contact "me"',
        'maintenance "work"',
        'maintenance "work"',
        "notify",
    ]
