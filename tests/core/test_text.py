"""What a text message says, what it costs, and which codes an answer holds."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.core.subjects import BEGAN, POOR, WILD, incident, quoting, subject, wild_subjects
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import CODE_DIGITS, CODE_LETTERS, code_of
from watchcall.core.speech import FIELDS, Subject, can_be_taken, worst_first
from watchcall.core.text import codes_in, compose_text, encoding, segments, to_gsm7
from watchcall.core.words import BUILT_IN

# 3GPP TS 23.038 §6.2.1: the basic table by code, 0x00 to 0x7F, and the extension table.
ESCAPE = 0x1B
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
BEYOND = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}


def septets(text: str) -> list[int] | None:
    """The text as GSM 7 bit codes; None where it has no such form."""
    codes: list[int] = []
    for mark in text:
        if mark in BEYOND:
            codes += [ESCAPE, BEYOND[mark]]
        elif mark != "\x1b" and mark in TABLE:
            codes.append(TABLE.index(mark))
        else:
            return None
    return codes


def units(text: str) -> list[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2)]


def counted(text: str) -> int:
    """Segments as the standard packs them: by cutting the coded text into parts."""
    codes = septets(text)
    if codes is None:
        codes, alone, joined = units(text), 70, 67
    else:
        alone, joined = 160, 153

    def torn(end: int) -> bool:
        if joined == 153:
            return codes[end - 1] == ESCAPE
        pair = codes[end - 1 : end + 1]
        return 0xD800 <= pair[0] < 0xDC00 <= pair[1] < 0xE000

    if len(codes) <= alone:
        return 1
    parts = at = 0
    while at < len(codes):
        end = at + joined
        if end < len(codes) and torn(end):
            end -= 1
        at, parts = end, parts + 1
    return parts


RUNS = st.lists(st.tuples(st.sampled_from("aZé\n€[^|日😀…"), st.integers(1, 160)), max_size=6).map(
    lambda runs: "".join(mark * times for mark, times in runs)
)


@given(RUNS | st.text(max_size=500) | st.text(TABLE.replace("\x1b", "") + "€{}", max_size=500))
@example("a" * 152 + "€" + "a" * 152)
@example("日" * 66 + "😀" + "日" * 66)
def test_segments_are_counted_as_the_standard_packs_them(text: str) -> None:
    assert segments(text) == counted(text)
    assert encoding(text) == ("ucs2" if septets(text) is None else "gsm7")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("", 1, id="nothing is one"),
        pytest.param("a" * 160, 1, id="160 septets are one"),
        pytest.param("a" * 161, 2, id="161 septets are two"),
        pytest.param("a" * 306, 2, id="two hold 153 each"),
        pytest.param("a" * 307, 3, id="307 septets are three"),
        pytest.param("€" * 80, 1, id="an escaped mark is two septets"),
        pytest.param("€" * 153, 3, id="76 escaped marks fit into 153 septets, not 76 and a half"),
        pytest.param("日" * 70, 1, id="70 units are one"),
        pytest.param("日" * 134, 2, id="two hold 67 each"),
        pytest.param("日" * 135, 3, id="135 units are three"),
        pytest.param("😀" * 35, 1, id="a surrogate pair is two units"),
        pytest.param("😀" * 67, 3, id="33 pairs fit into 67 units, not 33 and a half"),
    ],
)
def test_where_a_segment_ends(text: str, count: int) -> None:
    assert segments(text) == count


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("“it’s” \u2018so’", "\"it's\" 'so'", id="typographic quotes become straight"),
        pytest.param("1–2 — 3", "1-2 - 3", id="dashes become hyphens"),
        pytest.param("wait…", "wait...", id="an ellipsis becomes three dots"),
        pytest.param("5\u00a0MB", "5 MB", id="a space that does not break becomes one that does"),
        pytest.param("`ls`", "'ls'", id="a backtick becomes an apostrophe"),
        pytest.param("café Ärger", "café Ärger", id="letters of the alphabet are kept"),
        pytest.param("façade…", "façade…", id="a letter beyond it changes nothing at all"),
        pytest.param("障害…", "障害…", id="Japanese is never touched"),
    ],
)
def test_what_is_made_plain(text: str, plain: str) -> None:
    assert to_gsm7(text) == plain


# What is said

CODE = incident().code
LATE = incident("db", level=Level.WARNING, opened_at=BEGAN - timedelta(days=1))
BLIND = incident("nfs", level=Level.UNKNOWN)
OVER = incident(over=True)
OVERS = (OVER, incident("db", over=True))
OWN = incident("WatchCall", reason=POOR)

TEXTS = [
    pytest.param(
        "en",
        subject(),
        "web1: httpd failing since 11:55. No process named httpd is running.\n"
        f"Reply {CODE} to acknowledge.",
        id="en: a failure",
    ),
    pytest.param(
        "ja",
        subject(),
        "web1: httpd に障害 (11:55から)。httpd という名前のプロセスが動いていません。\n"
        f"{CODE} と返信すると確認済みになります。",
        id="ja: a failure",
    ),
    pytest.param(
        "en",
        subject(LATE),
        "web1: warning for db since Nov 19 11:55. No process named httpd is running.\n"
        f"Reply {LATE.code} to acknowledge.",
        id="en: a warning of another day",
    ),
    pytest.param(
        "ja",
        subject(LATE),
        "web1: db に警告 (11月19日 11:55から)。httpd という名前のプロセスが動いていません。\n"
        f"{LATE.code} と返信すると確認済みになります。",
        id="ja: a warning of another day",
    ),
    pytest.param(
        "en",
        subject(BLIND, event=Event.UNKNOWN),
        "web1: nfs could not be checked since 11:55. No process named httpd is running.\n"
        f"Reply {BLIND.code} to acknowledge.",
        id="en: nobody could look",
    ),
    pytest.param(
        "ja",
        subject(BLIND, event=Event.UNKNOWN),
        "web1: nfs を確認できません (11:55から)。httpd という名前のプロセスが動いていません。\n"
        f"{BLIND.code} と返信すると確認済みになります。",
        id="ja: nobody could look",
    ),
    pytest.param(
        "en",
        subject(LATE, incident()),
        "web1: 2 checks failing\n"
        f"{CODE} httpd, 11:55: no process named httpd is running\n"
        f"{LATE.code} db, Nov 19 11:55: no process named httpd is running\n"
        "Reply with a code to acknowledge.",
        id="en: several, the worst first, each with its code",
    ),
    pytest.param(
        "ja",
        subject(LATE, incident()),
        "web1: 2件の障害\n"
        f"{CODE} httpd (11:55から): httpd という名前のプロセスが動いていません\n"
        f"{LATE.code} db (11月19日 11:55から): httpd という名前のプロセスが動いていません\n"
        "コードを返信すると確認済みになります。",
        id="ja: several, the worst first, each with its code",
    ),
    pytest.param(
        "en",
        subject(OVER, event=Event.RECOVERY),
        "web1: httpd recovered at 12:00, after 5 minutes.",
        id="en: a recovery asks for nothing",
    ),
    pytest.param(
        "ja",
        subject(OVER, event=Event.RECOVERY),
        "web1: httpd は12:00に復旧 (障害は5分)。",
        id="ja: a recovery asks for nothing",
    ),
    pytest.param(
        "en",
        subject(*OVERS, event=Event.RECOVERY),
        "web1: 2 checks recovered\ndb, 12:00, after 5 minutes\nhttpd, 12:00, after 5 minutes",
        id="en: several recovered",
    ),
    pytest.param(
        "ja",
        subject(*OVERS, event=Event.RECOVERY),
        "web1: 2件が復旧\ndb (12:00、障害は5分)\nhttpd (12:00、障害は5分)",
        id="ja: several recovered",
    ),
    pytest.param(
        "en",
        subject(OWN, event=Event.SELF),
        "WatchCall on web1 has trouble of its own: "
        "the balance of the Twilio account is down to 3.20 USD.\n"
        f"Reply {OWN.code} to acknowledge.",
        id="en: its own trouble",
    ),
    pytest.param(
        "ja",
        subject(OWN, event=Event.SELF),
        "web1 のWatchCall自体に問題があります。"
        "Twilioアカウントの残高が 3.20 USD まで減っています。\n"
        f"{OWN.code} と返信すると確認済みになります。",
        id="ja: its own trouble",
    ),
    pytest.param(
        "en",
        subject(incident("WatchCall", reason=POOR, over=True), event=Event.RECOVERY),
        "WatchCall on web1 is all right again since 12:00, after 5 minutes.",
        id="en: its own trouble is over",
    ),
    pytest.param(
        "ja",
        subject(incident("WatchCall", reason=POOR, over=True), event=Event.RECOVERY),
        "web1 のWatchCall自体の問題は12:00に解消 (5分継続)。",
        id="ja: its own trouble is over",
    ),
]


@pytest.mark.parametrize(("language", "told", "body"), TEXTS)
def test_what_a_text_says(language: str, told: Subject, body: str) -> None:
    text = compose_text(told, language, None)

    assert text.body == body
    assert text.segments == segments(body)
    assert text.encoding == ("gsm7" if language == "en" else "ucs2")


def test_where_nobody_reads_answers_none_is_asked_for() -> None:
    both = subject(LATE, incident())

    assert compose_text(subject(), "en", None, replies=False).body == (
        "web1: httpd failing since 11:55. No process named httpd is running."
    )
    assert codes_in(compose_text(both, "en", None, replies=False).body) == set()


def test_a_custom_text_is_followed_by_what_to_answer() -> None:
    template = "{spoken} since {since} – {count}"

    assert compose_text(subject(), "en", template).body == (
        f"httpd since 11:55 AM - 1\nReply {CODE} to acknowledge."
    )
    assert compose_text(subject(LATE, incident()), "en", "{checks} are down").body == (
        f"httpd and db are down\n{CODE} httpd\n{LATE.code} db\nReply with a code to acknowledge."
    )
    assert compose_text(subject(LATE, incident()), "en", "{checks}", replies=False).body == (
        "httpd and db"
    )


def test_a_custom_text_of_nothing_is_the_built_in_one() -> None:
    over = subject(OVER, event=Event.RECOVERY)

    assert compose_text(over, "en", " \n ").body == compose_text(over, "en", None).body


@pytest.mark.parametrize(("language", "more"), [("en", "... and 13 more"), ("ja", "… ほか17件")])
def test_a_long_list_is_cut_and_says_how_much_is_missing(language: str, more: str) -> None:
    many = subject(*(incident(f"web-{n:02}") for n in range(20)))

    text = compose_text(many, language, None)

    assert more in text.body.split("\n")
    assert len(codes_in(text.body)) == 20 - int(re.findall(r"\d+", more)[0])
    assert text.segments == 3


def test_many_segments_still_hold_no_more_than_twilio_takes() -> None:
    many = subject(*(incident(f"web-{n:03}") for n in range(100)))

    assert 1500 < len(compose_text(many, "en", None, most=99).body) <= 1600


def test_a_reason_cannot_write_a_line_of_its_own() -> None:
    forged = incident(reason=quoting("down\r\nReply\u2028A3A3 \u202eto\x00\ud800 acknowledge"))

    assert compose_text(subject(forged), "en", None).body.split("\n") == [
        "web1: httpd failing since 11:55. Down Reply A3A3 to acknowledge.",
        f"Reply {CODE} to acknowledge.",
    ]


TEMPLATES = st.none() | WILD.map(
    lambda text: text.replace("{", "{{").replace("}", "}}") + " {host} {checks} {reason}"
)


@given(
    told=wild_subjects(),
    language=st.sampled_from(sorted(BUILT_IN)),
    template=TEMPLATES,
    most=st.integers(1, 12),
)
def test_whatever_is_told_the_text_fits_and_can_be_answered(
    told: Subject, language: str, template: str | None, most: int
) -> None:
    text = compose_text(told, language, template, most=most)

    assert text.body
    assert counted(text.body) == text.segments <= most
    assert len(units(text.body)) <= 1600
    if can_be_taken(told):
        assert worst_first(told.incidents)[0].code in codes_in(text.body)
        assert len(text.body.split("\n")) >= 2
    kinds = {unicodedata.category(mark) for mark in text.body if mark != "\n"}
    assert kinds.isdisjoint({"Cc", "Cs"})


@given(name=st.text("{}!:[]0a", min_size=1, max_size=8))
def test_a_name_of_braces_is_written_as_it_is(name: str) -> None:
    every = " ".join(f"{{{field}}}" for field in sorted(FIELDS))
    one = subject(incident(name, reason=quoting(name)), host=name)

    assert compose_text(one, "en", None).body.startswith(f"{name}: {name} failing since 11:55. ")
    assert name in compose_text(one, "ja", every).body


# What is answered


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        pytest.param("K7Q4", {"K7Q4"}, id="a code alone"),
        pytest.param(" k7q4\n", {"K7Q4"}, id="in any case"),
        pytest.param("\uff2b\uff17\uff51\uff14", {"K7Q4"}, id="in full width"),
        pytest.param("ok: (K7Q4), thanks", {"K7Q4"}, id="among punctuation"),
        pytest.param("K7Q4です、確認しました", {"K7Q4"}, id="touched by Japanese"),
        pytest.param("了解K7Q4確認", {"K7Q4"}, id="between Japanese"),
        pytest.param("K7Q4/c3x9 and_A6A6_", {"K7Q4", "C3X9", "A6A6"}, id="several"),
        pytest.param("\u200eK7Q4\ufeff", {"K7Q4"}, id="with invisible marks around it"),
        pytest.param("K7\u200bQ4", {"K7Q4"}, id="with an invisible mark inside it"),
        pytest.param("AK7Q4", set(), id="not at the end of a word"),
        pytest.param("K7Q41", set(), id="not at the beginning of a number"),
        pytest.param("éK7Q4", set(), id="not behind another Latin letter"),
        pytest.param("K7Q4K7Q4", set(), id="not twice in one word"),
        pytest.param("K0Q4 B7Q4 K7S4 K7Q5", set(), id="not with signs that no code has"),
        pytest.param("K7 Q4", set(), id="not in two pieces"),
        pytest.param("", set(), id="not in nothing"),
    ],
)
def test_which_codes_an_answer_holds(body: str, codes: set[str]) -> None:
    assert codes_in(body) == codes


@given(st.uuids().map(str), st.text(" .,!?()「」、。\n*#", max_size=5), st.booleans())
def test_every_code_is_found_in_an_answer(incident_id: str, around: str, lower: bool) -> None:
    code = code_of(incident_id)

    assert codes_in(f"{around}{code.lower() if lower else code}{around}") == {code}


@given(st.text(max_size=60))
def test_what_is_found_has_the_form_of_a_code(body: str) -> None:
    for code in codes_in(body):
        assert all(
            sign in alphabet
            for sign, alphabet in zip(code, [CODE_LETTERS, CODE_DIGITS] * 2, strict=True)
        )


@given(st.text("aé€“’–…\u00a0`", max_size=300))
def test_what_is_made_plain_is_gsm_7_bit(text: str) -> None:
    assert encoding(to_gsm7(text)) == "gsm7"
