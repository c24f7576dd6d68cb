"""What is said and written beyond a first failure: it became worse, it goes on, it comes and goes,
and twenty things at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.subjects import BEGAN, incident, quoting, subject
from tests.fakes import NOON
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.reason import Reason
from watchcall.core.speech import Hint, Subject, compose
from watchcall.core.text import codes_in, compose_text
from watchcall.core.words import BUILT_IN

EACH = pytest.mark.parametrize("language", BUILT_IN)
WORSE = incident(rose_at=NOON - timedelta(minutes=2))
LONG = incident(opened_at=NOON - timedelta(minutes=30))
PAIR = (LONG, incident("db", opened_at=NOON - timedelta(minutes=40)))
QUIET = (
    "WatchCall stays quiet about this until there has been no failure for 10 minutes, "
    "unless a critical failure lasts for 5 minutes."
)
QUIET_JA = (
    "正常な状態が10分続くまで、お知らせを控えます。"
    "ただし、重大な障害が5分続いた場合は、お知らせします。"
)


def storm(count: int = 20, *, over: bool = False) -> list[Incident]:
    """So many failures of one burst; the last of them is the worst."""
    milder = [incident(f"web-{n:02}", level=Level.WARNING, over=over) for n in range(count - 1)]
    return [*milder, incident("db", reason=Reason.of("http.status", status=503), over=over)]


SAID = [
    pytest.param(
        "en",
        subject(WORSE),
        "WatchCall on server web1: httpd has been critical since 11:58 AM. "
        "The trouble began at 11:55 AM. No process named httpd is running.",
        id="en: it became worse",
    ),
    pytest.param(
        "ja",
        subject(WORSE),
        "ウォッチコールです、サーバー web1 の httpd が悪化し、午前11時58分から障害になっています。"
        "異常は午前11時55分から続いています。httpd という名前のプロセスが動いていません。",
        id="ja: it became worse",
    ),
    pytest.param(
        "en",
        subject(LONG, event=Event.REMINDER, hint=Hint.CALL_BACK),
        "WatchCall on server web1: httpd has been failing since 11:30 AM, for 30 minutes now, and "
        "nobody is taking care of it. No process named httpd is running. "
        "To acknowledge, call this number back.",
        id="en: a reminder",
    ),
    pytest.param(
        "ja",
        subject(LONG, event=Event.REMINDER, hint=Hint.CALL_BACK),
        "ウォッチコールです、サーバー web1 の httpd の障害が、午前11時30分から30分続いており、"
        "まだ担当者が決まっていません。httpd という名前のプロセスが動いていません。"
        "折り返しこの番号にお電話いただくと、確認済みになります。",
        id="ja: a reminder",
    ),
    pytest.param(
        "en",
        subject(*PAIR, event=Event.REMINDER),
        "WatchCall on server web1: 2 checks are still in trouble, and nobody is taking care of "
        "them: db and httpd. "
        "db, since 11:20 AM: no process named httpd is running. "
        "httpd, since 11:30 AM: no process named httpd is running.",
        id="en: a reminder of several",
    ),
    pytest.param(
        "ja",
        subject(*PAIR, event=Event.REMINDER),
        "ウォッチコールです、サーバー web1 で、2件の異常が続いており、"
        "まだ担当者が決まっていません。db、httpdです。"
        "db は、午前11時20分からです。httpd という名前のプロセスが動いていません。"
        "httpd は、午前11時30分からです。httpd という名前のプロセスが動いていません。",
        id="ja: a reminder of several",
    ),
    pytest.param(
        "en",
        subject(event=Event.FLAPPING, hint=Hint.CALL_BACK),
        "WatchCall on server web1: httpd is unstable: it keeps failing and recovering, and last "
        f"failed at 11:55 AM. No process named httpd is running. {QUIET} "
        "To acknowledge, call this number back.",
        id="en: it comes and goes, and fails now",
    ),
    pytest.param(
        "en",
        subject(incident(over=True), event=Event.FLAPPING, hint=Hint.CALL_BACK),
        "WatchCall on server web1: httpd is unstable: it keeps failing and recovering, and last "
        f"failed at 11:55 AM. At the moment it is all right. {QUIET}",
        id="en: it comes and goes, and is all right now: nothing to acknowledge",
    ),
    pytest.param(
        "ja",
        subject(incident(over=True), event=Event.FLAPPING, hint=Hint.CALL_BACK),
        "ウォッチコールです、サーバー web1 の httpd が不安定で、障害と復旧を繰り返しており、"
        f"最近では午前11時55分に障害が発生しました。現在は正常です。{QUIET_JA}",
        id="ja: it comes and goes, and is all right now: nothing to acknowledge",
    ),
    pytest.param(
        "en",
        subject(incident(), incident("db", over=True), event=Event.FLAPPING, hint=Hint.CALL_BACK),
        "WatchCall on server web1: 2 checks are unstable, they keep failing and recovering: "
        f"db and httpd. {QUIET} To acknowledge, call this number back.",
        id="en: several come and go, and one of them fails now",
    ),
    pytest.param(
        "ja",
        subject(incident(), incident("db"), event=Event.FLAPPING),
        "ウォッチコールです、サーバー web1 で、2件が不安定になり、障害と復旧を繰り返しています。"
        f"db、httpdです。{QUIET_JA}",
        id="ja: several come and go",
    ),
    pytest.param(
        "en",
        subject(*storm()),
        "WatchCall on server web1: 20 checks are failing: db, web-00, web-01 and 17 others. "
        "db, since 11:55 AM: it answered with status 503. "
        "web-00, since 11:55 AM: no process named httpd is running.",
        id="en: twenty at once, the worst first",
    ),
    pytest.param(
        "ja",
        subject(*storm()),
        "ウォッチコールです、サーバー web1 で、20件の障害が発生しています。"
        "db、web-00、web-01、ほか17件です。"
        "db は、午前11時55分からです。ステータス 503 が返りました。"
        "web-00 は、午前11時55分からです。httpd という名前のプロセスが動いていません。",
        id="ja: twenty at once, the worst first",
    ),
    pytest.param(
        "en",
        subject(*storm(over=True), event=Event.RECOVERY),
        "WatchCall on server web1: 20 checks recovered: db, web-00, web-01 and 17 others.",
        id="en: twenty recovered",
    ),
    pytest.param(
        "en",
        subject(*storm(4)),
        "WatchCall on server web1: 4 checks are failing: db, web-00, web-01 and web-02. "
        "db, since 11:55 AM: it answered with status 503. "
        "web-00, since 11:55 AM: no process named httpd is running.",
        id="en: four are all named",
    ),
    pytest.param(
        "en",
        subject(*(incident(name, level=Level.WARNING) for name in ("a", "b"))),
        "WatchCall on server web1: there are 2 warnings: a and b. "
        "a, since 11:55 AM: no process named httpd is running. "
        "b, since 11:55 AM: no process named httpd is running.",
        id="en: several warnings are no failures",
    ),
    pytest.param(
        "en",
        subject(*(incident(name, level=Level.UNKNOWN) for name in "ab"), event=Event.UNKNOWN),
        "WatchCall on server web1: 2 checks cannot be carried out: a and b. "
        "a, since 11:55 AM: no process named httpd is running. "
        "b, since 11:55 AM: no process named httpd is running.",
        id="en: several that nobody could look at are no failures",
    ),
]


@pytest.mark.parametrize(("language", "told", "said"), SAID)
def test_what_is_said(language: str, told: Subject, said: str) -> None:
    assert compose(told, language).text == said


CODE, DB = incident().code, incident("db").code
WRITTEN = [
    pytest.param(
        "en",
        subject(WORSE),
        "web1: httpd critical since 11:58, trouble since 11:55. "
        f"No process named httpd is running.\nReply {CODE} to acknowledge.",
        id="en: it became worse",
    ),
    pytest.param(
        "en",
        subject(LONG, event=Event.REMINDER),
        "web1: httpd still failing, since 11:30 (30 minutes). Nobody is taking care of it. "
        f"No process named httpd is running.\nReply {CODE} to acknowledge.",
        id="en: a reminder",
    ),
    pytest.param(
        "ja",
        subject(LONG, event=Event.REMINDER),
        "web1: httpd の障害が30分継続中 (11:30から)、担当者未定。"
        f"httpd という名前のプロセスが動いていません。\n{CODE} と返信すると確認済みになります。",
        id="ja: a reminder",
    ),
    pytest.param(
        "en",
        subject(*PAIR, event=Event.REMINDER),
        "web1: 2 checks still in trouble, nobody is taking care of them\n"
        f"{DB} db, 11:20: no process named httpd is running\n"
        f"{CODE} httpd, 11:30: no process named httpd is running\n"
        "Reply with a code to acknowledge.",
        id="en: a reminder of several",
    ),
    pytest.param(
        "en",
        subject(incident(over=True), event=Event.FLAPPING),
        "web1: httpd keeps failing and recovering, last failed at 11:55. "
        "All right at the moment. "
        "Quiet until there is no failure for 10 minutes, unless a critical one lasts 5 minutes.",
        id="en: it comes and goes, and is all right now: nothing to answer",
    ),
    pytest.param(
        "ja",
        subject(event=Event.FLAPPING),
        "web1: httpd が障害と復旧を反復 (最近は11:55)。"
        "httpd という名前のプロセスが動いていません。"
        "正常が10分続くまで通知停止 (重大な障害が5分続けば通知)。\n"
        f"{CODE} と返信すると確認済みになります。",
        id="ja: it comes and goes, and fails now",
    ),
]


@pytest.mark.parametrize(("language", "told", "body"), WRITTEN)
def test_what_is_written(language: str, told: Subject, body: str) -> None:
    assert compose_text(told, language).body == body


@EACH
@pytest.mark.parametrize("event", [Event.FAILURE, Event.REMINDER, Event.FLAPPING, Event.RECOVERY])
def test_a_storm_is_told_in_half_a_minute_whatever_its_size(language: str, event: Event) -> None:
    recovery = event is Event.RECOVERY
    small = compose(subject(*storm(20, over=recovery), event=event), language)
    large = compose(subject(*storm(999, over=recovery), event=event), language)

    assert "web-01" in small.text
    assert "web-02" not in small.text
    assert "17" in small.text
    assert len(large.text) - len(small.text) < 8  # a number is all that grows


@EACH
def test_a_storm_can_be_answered_by_text_for_as_many_as_fit(language: str) -> None:
    text = compose_text(subject(*storm(), event=Event.REMINDER), language)

    assert len(codes_in(text.body)) >= 3
    assert text.segments <= 3


@EACH
def test_what_eased_is_told_as_it_is_now(language: str) -> None:
    """It once rose; its acknowledgement has ended since, and it is milder again."""
    eased = incident(level=Level.WARNING, rose_at=NOON)

    assert compose(subject(eased), language) == compose(
        subject(incident(level=Level.WARNING)), language
    )


@EACH
def test_since_when_is_in_the_first_sentence_also_of_another_day(language: str) -> None:
    words = BUILT_IN[language]
    yesterday = BEGAN - timedelta(days=1)
    when = words.clock(yesterday, NOON)
    for event in (Event.FAILURE, Event.REMINDER, Event.FLAPPING, Event.UNKNOWN, Event.SELF):
        level = Level.UNKNOWN if event is Event.UNKNOWN else Level.CRITICAL
        told = incident(opened_at=yesterday, level=level, reason=quoting("-"))
        said = compose(subject(told, event=event), language).text

        assert when in said.split("。")[0].split(". ")[0] or language == "de"  # "19. November"
        assert when in said


@EACH
def test_a_reminder_says_how_long_it_has_lasted(language: str) -> None:
    words = BUILT_IN[language]
    for level in (Level.CRITICAL, Level.WARNING, Level.UNKNOWN):
        told = incident(opened_at=NOON - timedelta(minutes=95), level=level)
        for said in (
            compose(subject(told, event=Event.REMINDER), language).text,
            compose_text(subject(told, event=Event.REMINDER), language).body,
        ):
            assert words.lasted(timedelta(minutes=95)) in said
