"""What a timeline says: text in, events out, or a sentence for every line that is wrong."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchcall.core.check import Check, ProcessTarget
from watchcall.core.contact import Address, Channel, Contact
from watchcall.core.health import Level
from watchcall.errors import TimelineError
from watchcall.simulate.events import (
    Acknowledges,
    Act,
    Behaves,
    Behaviour,
    Cast,
    Event,
    Manner,
    Network,
    Reboots,
    Silences,
    Turns,
    Unsilences,
)
from watchcall.simulate.timeline import Times, in_order, parse

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 20)
ALICE, BOB = "+819012345678", "+819023456789"
MINUTE = timedelta(minutes=1)


def check(name: str, level: Level = Level.CRITICAL, tags: frozenset[str] = frozenset()) -> Check:
    return Check(name=name, target=ProcessTarget(process=name), level=level, tags=tags)


CHECKS = (
    check("httpd"),
    check("web-1", tags=frozenset({"shop"})),
    check("web-2", level=Level.WARNING),
    check("my shop"),
    check("down"),
)
PHONE = Channel(
    name="phone", to=(Contact(name="alice", phone=ALICE), Contact(name="bob b", phone=BOB))
)
HOOK = Channel(
    name="hook", to=(Contact(name="hook", phone=""),), type="webhook", address=Address(shown="x")
)
CAST = Cast.of(CHECKS, (PHONE, HOOK), keys=True)


def read(text: str, cast: Cast = CAST, day: date = DAY) -> list[Event]:
    return in_order(parse(text, cast, Times(day, BERLIN), "night.txt"))


def acts(text: str) -> tuple[Act, ...]:
    """The acts of one line, which is given a time."""
    (event,) = read(f"03:00 {text}")
    return event.acts


def times(text: str) -> list[str]:
    """The local times of all lines, `-` where there is none."""
    found = [one.at.astimezone(BERLIN) if one.at else None for one in read(text)]
    return [f"{at:%d %H:%M:%S}" if at else "-" for at in found]


def fails(name: str, level: Level = Level.CRITICAL, because: str | None = None) -> Turns:
    return Turns(check=name, level=level, because=because)


def is_so(who: str, manner: Manner = Manner.ANSWERS, code: int | None = None) -> Behaves:
    return Behaves(who=who, behaviour=Behaviour(manner=manner, code=code))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("httpd fails", [fails("httpd")], id="a failure is as the check has it"),
        pytest.param("web-2 fails", [fails("web-2", Level.WARNING)], id="perhaps only a warning"),
        pytest.param("web-2 is critical", [fails("web-2")], id="unless it is said"),
        pytest.param("httpd FAILS", [fails("httpd")], id="in any case of letters"),
        pytest.param("httpd warns", [fails("httpd", Level.WARNING)], id="a warning"),
        pytest.param("httpd recovers", [fails("httpd", Level.OK)], id="a recovery"),
        pytest.param("httpd unknown", [fails("httpd", Level.UNKNOWN)], id="could not look"),
        pytest.param(
            "httpd fails because disk  full, it's bad",
            [fails("httpd", because="disk  full, it's bad")],
            id="a reason, as it is written",
        ),
        pytest.param(
            'httpd fails because "issue #5"  # known',
            [fails("httpd", because="issue #5")],
            id="a reason in quotes, and a comment",
        ),
        pytest.param(
            "web-* fails", [fails("web-1"), fails("web-2", Level.WARNING)], id="a glob is several"
        ),
        pytest.param("tag:shop fails", [fails("web-1")], id="a tag"),
        pytest.param("my shop fails", [fails("my shop")], id="a name of two words"),
        pytest.param('"my shop" fails', [fails("my shop")], id="the same in quotes"),
        pytest.param("down fails", [fails("down")], id="a name that is a word of ours"),
        pytest.param("down down", [fails("down")], id="and its verb"),
        pytest.param("alice is busy", [is_so(ALICE, Manner.BUSY)], id="busy"),
        pytest.param("alice answers", [is_so(ALICE)], id="answers"),
        pytest.param("bob b no answer", [is_so(BOB, Manner.NO_ANSWER)], id="no answer"),
        pytest.param(f"{BOB} declines", [is_so(BOB, Manner.DECLINES)], id="by the number"),
        pytest.param("alice voicemail", [is_so(ALICE, Manner.VOICEMAIL)], id="voicemail"),
        pytest.param("alice is off", [is_so(ALICE, Manner.UNREACHABLE)], id="unreachable"),
        pytest.param("alice refused", [is_so(ALICE, Manner.REFUSED, 21211)], id="refused"),
        pytest.param("hook refused 503", [is_so("hook", Manner.REFUSED, 503)], id="with a code"),
        pytest.param(
            "everybody is busy",
            [is_so(ALICE, Manner.BUSY), is_so(BOB, Manner.BUSY)],
            id="everybody who has a phone",
        ),
        pytest.param(
            "nobody answers",
            [is_so(ALICE, Manner.NO_ANSWER), is_so(BOB, Manner.NO_ANSWER)],
            id="nobody",
        ),
        pytest.param(
            "alice presses 2",
            [Behaves(who=ALICE, behaviour=Behaviour(key="2"))],
            id="a key, whenever she answers",
        ),
        pytest.param("alice acknowledges", [Acknowledges(by="alice")], id="owns all"),
        pytest.param(
            "alice acknowledges my shop", [Acknowledges(by="alice", check="my shop")], id="owns one"
        ),
        pytest.param(
            "ack httpd by bob b",
            [Acknowledges(by="bob b", check="httpd")],
            id="the other way round",
        ),
        pytest.param(
            "silence web-* for 2h because new disks",
            [Silences(pattern="web-*", lasts=120 * MINUTE, reason="new disks")],
            id="silence",
        ),
        pytest.param("unsilence web-*", [Unsilences(pattern="web-*")], id="no longer"),
        pytest.param("reboot", [Reboots(off_for=MINUTE)], id="a reboot takes a minute"),
        pytest.param("reboot for 90s", [Reboots(off_for=1.5 * MINUTE)], id="or as long as it says"),
        pytest.param("twilio down", [Network(up=False)], id="Twilio is away"),
        pytest.param("Twilio is up", [Network(up=True)], id="and back"),
    ],
)
def test_what_a_line_says(line: str, said: list[Act]) -> None:
    assert list(acts(line)) == said


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("03:00 httpd fails", ["20 03:00:00"], id="a time of day"),
        pytest.param("3:00:30 httpd fails", ["20 03:00:30"], id="with seconds"),
        pytest.param(
            "23:50 httpd fails\n00:10 recovers",
            ["20 23:50:00", "21 00:10:00"],
            id="before the line above is the next day",
        ),
        pytest.param(
            "03:00 httpd fails\n03:00 down fails",
            ["20 03:00:00"] * 2,
            id="the same time is the same time",
        ),
        pytest.param(
            "03:00 httpd fails\n+5m recovers\n+90s fails",
            ["20 03:00:00", "20 03:05:00", "20 03:06:30"],
            id="after the line above",
        ),
        pytest.param(
            "2026-11-22 07:00 httpd fails\n08:00 recovers",
            ["22 07:00:00", "22 08:00:00"],
            id="a date holds on",
        ),
        pytest.param(
            "03:00 httpd fails\nalice is busy",
            ["-", "20 03:00:00"],
            id="without a time it holds from the beginning",
        ),
        pytest.param(
            "httpd fails\n+10m recovers",
            ["-", "20 03:10:00"],
            id="after a beginning that nobody named, which is three o'clock",
        ),
        pytest.param(
            "03:00 httpd flaps 2 times every 10m\n+1m down fails",
            ["20 03:00:00", "20 03:01:00", "20 03:05:00", "20 03:10:00", "20 03:15:00"],
            id="flapping is several, and the next line counts from its first",
        ),
        pytest.param(
            "# nothing\n\n   \n  03:00   httpd   fails   # really",
            ["20 03:00:00"],
            id="comments and blanks are nothing",
        ),
    ],
)
def test_when_a_line_happens(text: str, at: list[str]) -> None:
    assert times(text) == at


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        pytest.param(date(2026, 3, 29), "02:30", "01:00", id="a skipped time ends the gap"),
        pytest.param(date(2026, 10, 25), "02:30", "00:30", id="one that comes twice is the first"),
    ],
)
def test_clocks_that_change(day: date, clock: str, utc: str) -> None:
    (event,) = read(f"{clock} httpd fails", day=day)

    assert event.at is not None
    assert f"{event.at:%H:%M}" == utc


def test_a_bare_verb_means_the_check_named_last() -> None:
    first, second, third = read("03:00 web-* fails\n+1m alice is busy\n+1m recovers")

    assert [one.check for one in third.acts if isinstance(one, Turns)] == ["web-1", "web-2"]
    assert (first.text, second.text, third.text) == (
        "web-* fails",
        "alice is busy",
        "web-* recovers",
    )


def test_each_line_is_remembered() -> None:
    assert [one.line for one in read("\n\n03:00 httpd fails\nalice is busy\n")] == [4, 3]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        pytest.param(
            "03:00 htpd fails", 'no check is called "htpd"; did you mean httpd?', id="check"
        ),
        pytest.param(
            "alise is busy", 'no contact is called "alise"; did you mean alice?', id="person"
        ),
        pytest.param(
            "zzz is busy",
            'no contact is called "zzz"; known are alice, bob b, hook',
            id="nobody near, and no number is shown",
        ),
        pytest.param("03:00 x-* fails", 'no check is called "x-*"', id="a glob of nothing"),
        pytest.param(
            "25:00 httpd fails", '"25:00" is no time of day; write 00:00 to 23:59:59', id="no time"
        ),
        pytest.param("2026-13-01 03:00 httpd fails", '"2026-13-01" is no day', id="no day"),
        pytest.param("1999-12-31 03:00 httpd fails", "is not of this century", id="too long ago"),
        pytest.param(
            "2026-11-22 httpd fails", "a date is followed by a time", id="no time after it"
        ),
        pytest.param("+5x httpd fails", 'must be a duration such as "500ms"', id="no duration"),
        pytest.param("03:00", "what happens then? write a check", id="nothing happens"),
        pytest.param("03:00 fails", "which check? Name one in front", id="nobody named"),
        pytest.param("is busy", "who? Name a contact in front", id="nobody named either"),
        pytest.param("03:00 alice dances", 'what of "alice"? write a check', id="no such verb"),
        pytest.param(
            "gibberish", 'cannot make sense of "gibberish"; write a check', id="gibberish"
        ),
        pytest.param(
            "03:00 httpd fails badly", "only because and a reason may follow", id="more words"
        ),
        pytest.param(
            "03:00 httpd fails because", "only because and a reason may follow", id="no reason"
        ),
        pytest.param("alice is busy now", 'is busy: nothing may follow, "now" does', id="now"),
        pytest.param(
            "httpd recovers",
            "when? Put a time in front: 03:00 httpd recovers",
            id="what cannot hold from the beginning",
        ),
        pytest.param(
            "alice acknowledges", "when? Put a time in front", id="nor an acknowledgement"
        ),
        pytest.param("03:00 alice acknowledges nginx", 'no check is called "nginx"', id="of what"),
        pytest.param("03:00 ack httpd", "write: ack CHECK by NAME", id="by whom"),
        pytest.param("03:00 ack httpd by carol", 'no contact is called "carol"', id="by somebody"),
        pytest.param("alice presses 3", "presses 1 acknowledges, presses 2 passes it on", id="key"),
        pytest.param("alice refused yes", "may be followed by a code of Twilio's", id="code"),
        pytest.param(
            "03:00 httpd flaps",
            'flaps needs how often, up to 1000: "flaps 5 times every 4m"',
            id="how often",
        ),
        pytest.param("03:00 httpd flaps 0 times", "flaps needs how often", id="never"),
        pytest.param("silence httpd", "write: silence CHECK for 2h", id="for how long"),
        pytest.param("silence nginx for 2h", 'no check is called "nginx"', id="silence what"),
        pytest.param("03:00 unsilence", "write: unsilence CHECK", id="unsilence what"),
        pytest.param("03:00 reboot twice", "write: reboot, or reboot for 90s", id="reboot"),
        pytest.param("twilio sleeps", "write: twilio down, or twilio up", id="twilio"),
    ],
)
def test_a_line_that_is_wrong_says_what_would_be_right(line: str, error: str) -> None:
    with pytest.raises(TimelineError) as caught:
        read(f"# a night\n{line}")

    (problem,) = caught.value.problems
    assert problem.startswith("night.txt: line 2: ")
    assert error in problem
    assert ALICE not in problem


def test_every_line_that_is_wrong_is_named() -> None:
    with pytest.raises(TimelineError) as caught:
        read("htpd fails\nhttpd fails\nalise is busy")

    assert [one.split(":")[1] for one in caught.value.problems] == [" line 1", " line 3"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            "2026-11-22 07:00 httpd fails\n2026-11-21 07:00 recovers",
            "order of time",
            id="dates in order",
        ),
        pytest.param(
            "2026-11-01 07:00 httpd fails\n2026-12-31 07:00 recovers",
            "more than 31 days",
            id="no year-long night",
        ),
        pytest.param(
            "03:00 httpd flaps 1000 times every 1d", "more than 31 days", id="nor by flaps"
        ),
        pytest.param("\n" * 10_001, "more than 10000 lines", id="no endless file"),
    ],
)
def test_a_night_has_bounds(text: str, error: str) -> None:
    with pytest.raises(TimelineError, match=error):
        read(text)


def test_without_keys_nobody_presses_any() -> None:
    with pytest.raises(TimelineError, match="public_url are not set"):
        read("alice presses 1", Cast.of(CHECKS, (PHONE,), keys=False))


def test_a_check_that_is_called_as_a_word_of_ours_is_meant_first() -> None:
    cast = Cast.of((check("twilio"), check("reboot")), (PHONE,), keys=False)
    first, second = read("twilio down\nreboot fails", cast)

    assert [first.acts, second.acts] == [(fails("twilio"),), (fails("reboot"),)]


WORDS = st.sampled_from(
    [
        *(
            "03:00",
            "+5m",
            "2026-11-21",
            "24:00",
            "+",
            "-",
            "#",
            '"',
            '""',
            "+99999999d",
            "9999-12-31",
        ),
        *("httpd", "web-*", "my", "shop", "tag:shop", "alice", "bob", "b", "hook", ALICE, "twilio"),
        *("fails", "recovers", "is", "busy", "no", "answer", "refused", "21211", "presses", "1"),
        *("flaps", "3", "times", "every", "2m", "because", "silence", "unsilence", "for", "2h"),
        *("ack", "by", "acknowledges", "reboot", "down", "up", "everybody", "nobody", "\u0663:00"),
    ]
)
LINES = st.lists(st.lists(WORDS, max_size=8).map(" ".join), max_size=6).map("\n".join)


@given(st.one_of(st.text(max_size=200), LINES))
@example("03:00 httpd flaps 1000 times every 3650d")
@example("2099-12-31 23:59:59 httpd fails\n00:00 recovers")
def test_any_text_is_a_timeline_or_says_where_it_is_wrong(text: str) -> None:
    events, problems = outcome(text)

    assert all("line " in problem for problem in problems)
    stamps = [one.at for one in events if one.at is not None]
    assert stamps == sorted(stamps)
    assert all(isinstance(one, datetime) and one.tzinfo for one in stamps)
    assert all(one.acts and one.text for one in events)


def outcome(text: str) -> tuple[list[Event], tuple[str, ...]]:
    """What becomes of a text: events, or at least one problem."""
    try:
        return read(text), ()
    except TimelineError as error:
        return [], error.problems or ("no problem",)
