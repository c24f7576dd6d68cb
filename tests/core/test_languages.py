"""How each language says things: translated whole, short enough, by its own habits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.core.subjects import BEGAN, GONE, POOR, incident, quoting, subject
from tests.core.test_words import fields as used_in
from tests.fakes import NOON
from watchcall.core import speech
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.reason import Reason
from watchcall.core.speech import Hint, compose, hint_for, seconds_to_say
from watchcall.core.text import compose_text, encoding, segments, to_gsm7
from watchcall.core.words import BUILT_IN, words_of
from watchcall.core.words.en import ENGLISH
from watchcall.core.words.language import Language

OTHERS = {tag: words for tag, words in BUILT_IN.items() if tag != "en"}
EACH = pytest.mark.parametrize("words", BUILT_IN.values(), ids=BUILT_IN.keys())
EACH_OTHER = pytest.mark.parametrize("words", OTHERS.values(), ids=OTHERS.keys())
SCRIPTS = {
    "ja": r"[\u3040-\u30ff\u4e00-\u9fff]",
    "zh": r"[\u4e00-\u9fff]",
    "ko": r"[\uac00-\ud7a3]",
}
ENGLISH_WORDS = re.compile(
    r"\b(the|is|are|has|not|was|with|from|cannot|of|and|to|for|by|no|more|than|answer|checks?"
    r"|running|failed|since|after)\b",
    re.IGNORECASE,
)
ALSO_THEIRS = {"es": {"no"}}  # words that another language has too


def sentences(words: object) -> Iterator[tuple[str, str]]:
    """Every template of a language, by its name."""
    for one in fields(words):  # type: ignore[arg-type]
        said = getattr(words, one.name)
        if one.name == "ones":  # nouns, not sentences
            continue
        if is_dataclass(said):
            yield from ((f"{one.name}.{name}", text) for name, text in sentences(said))
        elif isinstance(said, Mapping):
            yield from ((f"{one.name}.{key}", text) for key, text in said.items())
        elif isinstance(said, str) and one.name not in ("tag", "point", "between"):
            yield one.name, said


def without_fields(template: str) -> str:
    return re.sub(r"\{\w+\}", "", template)


def test_all_that_the_contract_promises_is_built_in() -> None:
    assert sorted(BUILT_IN) == ["de", "en", "es", "fr", "ja", "ko", "zh"]
    assert all(words.tag == tag for tag, words in BUILT_IN.items())


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        *((name, "zh") for name in ("zh", "zh-CN", "zh-TW", "zh-Hant-TW", "cmn-CN", "cmn-Hans-CN")),
        *((name, "es") for name in ("es", "es-MX", "ES-es", "es-419")),
        ("de-AT", "de"),
        ("fr-CA", "fr"),
        ("ko-KR", "ko"),
        *((name, None) for name in ("pt-BR", "yue-HK", "sv", "")),
    ],
)
def test_a_tag_finds_its_words(tag: str, found: str | None) -> None:
    assert words_of(tag) is (BUILT_IN[found] if found else None)


@EACH
def test_every_sentence_takes_all_of_its_fields(words: Language) -> None:
    for name, template in sentences(words):
        values = {field: f"<{field}>" for field in used_in(template)}
        said = template.format(**values)

        assert said.strip(), name
        assert all(value in said for value in values.values()), name


@EACH_OTHER
def test_nothing_is_left_in_english(words: Language) -> None:
    english = dict(sentences(ENGLISH))
    theirs = ALSO_THEIRS.get(words.tag, set())
    for name, template in sentences(words):
        if not re.search(r"[^\W\d_]", without_fields(template)):  # nothing but values
            continue
        assert template != english.get(name), name
        left = {word.lower() for word in ENGLISH_WORDS.findall(without_fields(template))}
        assert left <= theirs, name
        if words.tag in SCRIPTS:
            assert re.search(SCRIPTS[words.tag], without_fields(template)), name


def first_sentence(said: str) -> str:
    return re.split(r"(?<=[.。]) ?(?=\S)", said, maxsplit=1)[0]


def ordinary() -> Iterator[tuple[Event, tuple[Incident, ...]]]:
    """What is told in ordinary nights, names as they are, a day after it began."""
    name, reason = "database-backup", Reason.of("process.none", name="database-backup")
    for level in (Level.CRITICAL, Level.WARNING, Level.UNKNOWN):
        before = BEGAN - timedelta(days=1)
        yield Event.FAILURE, (incident(name, reason=reason, level=level, opened_at=before),)
    yield Event.FAILURE, tuple(incident(f"shop-frontend-{n}", reason=reason) for n in range(4))
    lately = NOON - timedelta(minutes=30)
    yield Event.FAILURE, (incident(name, reason=reason, rose_at=NOON),)
    yield Event.FAILURE, tuple(incident(f"shop-frontend-{n:02}", reason=reason) for n in range(20))
    for level in (Level.CRITICAL, Level.WARNING, Level.UNKNOWN):
        yield Event.REMINDER, (incident(name, reason=reason, level=level, opened_at=lately),)
    yield Event.REMINDER, tuple(incident(f"shop-frontend-{n:02}", reason=reason) for n in range(20))
    for over in (False, True):
        yield Event.FLAPPING, (incident(name, reason=reason, over=over),)
    yield Event.FLAPPING, tuple(incident(f"shop-frontend-{n:02}", reason=reason) for n in range(20))
    yield Event.RECOVERY, (incident(name, reason=reason, over=True),)
    yield Event.RECOVERY, tuple(incident(f"shop-frontend-{n:02}", over=True) for n in range(20))
    yield Event.SELF, (incident("WatchCall", reason=POOR),)


@EACH
def test_the_first_sentence_is_short_and_complete(words: Language) -> None:
    for event, told in ordinary():
        said = compose(subject(*told, event=event, host="web1-example"), words.tag).text
        first = first_sentence(said)

        assert len(first) < 200
        assert words.names.get("WatchCall", "WatchCall") in first
        assert "web1-example" in first
        assert words.names.get(told[0].spoken, told[0].spoken) in said


@EACH
def test_a_test_call_and_the_hints_are_short(words: Language) -> None:
    assert len(speech.test_speech("web1-example", words.tag, None).text) < 120
    assert len(words.press_keys) < 160
    assert len(words.call_back) < 100


@EACH
def test_the_whole_call_takes_less_than_a_minute_once(words: Language) -> None:
    for event, told in ordinary():
        said = compose(subject(*told, event=event, hint=Hint.KEYS, repeated=True), words.tag)

        assert seconds_to_say(said.text, words.tag) < 60


@EACH
def test_an_ordinary_text_fits_into_two_segments(words: Language) -> None:
    for event, told in ordinary():
        if len(told) == 1:
            text = compose_text(subject(*told, event=event, host="web1-example"), words.tag)
            # what comes and goes takes a sentence more: until when it is quiet
            assert text.segments <= (3 if event is Event.FLAPPING else 2), text.body


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_what_is_told_most_needs_no_letter_beyond_gsm_7_bit(language: str) -> None:
    """A text that does holds 70 characters instead of 160."""
    answered = incident("web", reason=Reason.of("http.status", status=503))
    for about in (subject(), subject(answered)):
        assert compose_text(about, language).encoding == "gsm7"
        assert compose_text(about, language).segments == 1
    assert compose_text(subject(incident(), answered), language).encoding == "gsm7"


@EACH
def test_no_letter_is_lost_on_the_way_to_a_text(words: Language) -> None:
    def letters(text: str) -> list[str]:
        return [mark for mark in text if unicodedata.category(mark)[0] in "LMN"]

    for name, template in sentences(words):
        assert letters(to_gsm7(template)) == letters(template), name


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Es läuft kein Prozess für Größe Ö", "gsm7"),
        ("à é è ù ì ò ñ ü Ç", "gsm7"),
        ("ça arrête", "ucs2"),
        ("conexión", "ucs2"),
    ],
)
def test_how_letters_are_sent(text: str, plain: str) -> None:
    assert encoding(to_gsm7(text)) == plain
    assert to_gsm7(text) == text
    assert segments(text) == 1


def test_no_korean_particle_depends_on_the_sound_of_a_name() -> None:
    particle = re.compile(r"\}(이|가|은|는|을|를|와|과|로|으로)(?![\uac00-\ud7a3])")

    assert [name for name, text in sentences(BUILT_IN["ko"]) if particle.search(text)] == []


# By their own habits

NOW = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)


def at(hour: int, minute: int, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


CLOCKS = {
    "en": ("12:05 AM", "3 AM", "11:55 AM", "12:05 PM", "1 PM", "November 19, 9:30 PM"),
    "ja": (
        "午前0時5分",
        "午前3時",
        "午前11時55分",
        "午後0時5分",
        "午後1時",
        "11月19日の午後9時30分",
    ),
    "de": (
        "0 Uhr 5",
        "3 Uhr",
        "11 Uhr 55",
        "12 Uhr 5",
        "13 Uhr",
        "19. November, 21 Uhr 30",
    ),
    "es": (
        "las 0:05",
        "las 3",
        "las 11:55",
        "las 12:05",
        "las 13",
        "las 21:30 del 19 de noviembre",
    ),
    "fr": ("0h05", "3h", "11h55", "12h05", "13h", "21h30 le 19 novembre"),
    "zh": (
        "凌晨0点05分",
        "凌晨3点",
        "上午11点55分",
        "中午12点05分",
        "下午1点",
        "11月19日晚上9点30分",
    ),
    "ko": (
        "오전 0시 5분",
        "오전 3시",
        "오전 11시 55분",
        "낮 12시 5분",
        "오후 1시",
        "11월 19일 오후 9시 30분",
    ),
}


@EACH
def test_the_time_of_day(words: Language) -> None:
    instants = [at(0, 5), at(3, 0), at(11, 55), at(12, 5), at(13, 0), at(21, 30, day=19)]

    assert tuple(words.clock(one, NOW) for one in instants) == CLOCKS[words.tag]


@EACH
def test_no_two_times_of_a_day_are_said_alike(words: Language) -> None:
    times = [at(0, 0) + timedelta(minutes=n) for n in range(24 * 60)]

    assert len({words.clock(one, NOW) for one in times}) == len(times)
    assert len({words.written.clock(one, NOW) for one in times}) == len(times)


@pytest.mark.parametrize(
    ("language", "hour", "said"), [("es", 1, "la 1:05"), ("fr", 1, "1h05"), ("de", 1, "1 Uhr 5")]
)
def test_the_first_hour(language: str, hour: int, said: str) -> None:
    assert BUILT_IN[language].clock(at(hour, 5), NOW) == said


@pytest.mark.parametrize(
    ("language", "hour", "said"),
    [("en", 0, "midnight"), ("en", 12, "noon"), ("es", 0, "las 0 horas"), ("es", 1, "la 1")],
)
def test_noon_and_midnight(language: str, hour: int, said: str) -> None:
    assert BUILT_IN[language].clock(at(hour, 0), NOW) == said


def test_the_first_of_a_month_in_french() -> None:
    assert BUILT_IN["fr"].clock(at(8, 0, day=1), NOW) == "8h le 1er novembre"


DURATIONS = {
    "en": ("0 seconds", "1 second", "1 minute", "1 hour and 5 minutes", "2 days and 1 hour"),
    "ja": ("0秒", "1秒", "1分", "1時間5分", "2日と1時間"),
    "de": (
        "0 Sekunden",
        "eine Sekunde",
        "eine Minute",
        "eine Stunde und 5 Minuten",
        "2 Tage und eine Stunde",
    ),
    "es": ("0 segundos", "un segundo", "un minuto", "una hora y 5 minutos", "2 días y una hora"),
    "fr": (
        "0 seconde",
        "une seconde",
        "une minute",
        "une heure et 5 minutes",
        "2 jours et une heure",
    ),
    "zh": ("0秒钟", "1秒钟", "1分钟", "1小时5分钟", "2天1小时"),
    "ko": ("0초", "1초", "1분", "1시간 5분", "2일 1시간"),
}


@EACH
def test_how_long_it_lasted(words: Language) -> None:
    lasted = [0, 1, 60, 3900, 49 * 3600]

    said = tuple(words.lasted(timedelta(seconds=seconds)) for seconds in lasted)
    assert said == DURATIONS[words.tag]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "a, b and c"),
        ("ja", "a、b、c"),
        ("de", "a, b und c"),
        ("es", "a, b y c"),
        ("fr", "a, b et c"),
        ("zh", "a、b和c"),
        ("ko", "a, b, c"),
    ],
)
def test_several_things(language: str, said: str) -> None:
    listed = BUILT_IN[language].listed

    assert listed(["a", "b", "c"]) == said
    assert listed(["a"]) == "a"
    assert listed([]) == ""


@pytest.mark.parametrize(
    ("last", "word"), [("imap", "e"), ("Hidra", "e"), ("hielo", "y"), ("https", "y"), ("db", "y")]
)
def test_in_spanish_and_is_e_before_an_i(last: str, word: str) -> None:
    assert BUILT_IN["es"].listed(["a", last]) == f"a {word} {last}"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "2.5"), ("de", "2,5"), ("es", "2,5"), ("fr", "2,5"), ("zh", "2.5"), ("ko", "2.5")],
)
def test_a_fraction(language: str, said: str) -> None:
    words = BUILT_IN[language]

    assert said in words.reason(Reason.of("http.latency", seconds=2.5, limit=1))
    assert said in words.reason(Reason.of("self.balance", balance="2.5", currency="USD"))
    assert words.reason(quoting("version 2.5")) == "version 2.5"
    assert "10.0.0.1" in words.reason(Reason.of("http.refused", host="10.0.0.1", port=80))


SAID = {
    "de": (
        "WatchCall auf Server web1: httpd ist seit 11 Uhr 55 gestört. "
        "Es läuft kein Prozess namens httpd.",
        "web1: httpd gestört seit 11:55. Es läuft kein Prozess namens httpd.\n"
        "Zum Übernehmen mit {code} antworten.",
        "WatchCall auf Server web1: httpd läuft seit 12 Uhr wieder. Dauer der Störung: 5 Minuten.",
    ),
    "es": (
        "WatchCall en el servidor web1: httpd falla desde las 11:55. "
        "No hay procesos de nombre httpd en marcha.",
        "web1: httpd falla desde las 11:55. No hay procesos de nombre httpd en marcha.\n"
        "Responda {code} para hacerse cargo.",
        "WatchCall en el servidor web1: httpd se recuperó a las 12. El fallo duró 5 minutos.",
    ),
    "fr": (
        "WatchCall sur le serveur web1 : httpd est en panne depuis 11h55. "
        "Aucun processus nommé httpd n'est en cours.",
        "web1 : httpd en panne depuis 11h55. Aucun processus nommé httpd n'est en cours.\n"
        "Répondez {code} pour prendre en charge.",
        "WatchCall sur le serveur web1 : httpd est rétabli depuis 12h. La panne a duré 5 minutes.",
    ),
    "zh": (
        "这里是WatchCall，服务器 web1 上的 httpd 从上午11点55分起发生故障。"
        "没有名为 httpd 的进程在运行。",
        "web1：httpd 发生故障（11:55起）。没有名为 httpd 的进程在运行。\n回复 {code} 确认处理。",
        "这里是WatchCall，服务器 web1 上的 httpd 已于中午12点恢复正常。故障持续了5分钟。",
    ),
    "ko": (
        "WatchCall입니다, 서버 web1의 httpd에 오전 11시 55분부터 장애가 발생했습니다. "
        "이름이 httpd인 프로세스가 실행 중이 아닙니다.",
        "web1: httpd 장애 (11:55부터). 이름이 httpd인 프로세스가 실행 중이 아닙니다.\n"
        "{code} 회신 시 확인 처리됩니다.",
        "WatchCall입니다, 서버 web1의 httpd 장애가 낮 12시에 복구되었습니다. 장애 지속 시간: 5분.",
    ),
}


@pytest.mark.parametrize(("language", "said"), SAID.items(), ids=SAID.keys())
def test_what_is_said_and_written(language: str, said: tuple[str, str, str]) -> None:
    spoken, written, recovered = said
    one = incident(reason=GONE)

    assert compose(subject(one), language).text == spoken
    assert compose_text(subject(one), language).body == written.format(code=one.code)
    over = subject(incident(over=True), event=Event.RECOVERY)
    assert compose(over, language).text == recovered


# How long it takes


@pytest.mark.parametrize(
    ("language", "seconds"),
    [("ja-JP", 10), ("zh-TW", 14), ("cmn-CN", 14), ("ko", 10), ("de-DE", 70 / 15), ("sv", 70 / 15)],
)
def test_saying_seventy_characters_takes(language: str, seconds: float) -> None:
    assert seconds_to_say("x" * 70, language) == pytest.approx(seconds)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("keys", [True, False])
def test_only_where_somebody_can_take_it_on_something_is_asked(event: Event, keys: bool) -> None:
    asks = event not in (Event.RECOVERY, Event.SELF)

    assert hint_for(event, keys=keys) is (
        Hint.NONE if not asks else Hint.KEYS if keys else Hint.CALL_BACK
    )
