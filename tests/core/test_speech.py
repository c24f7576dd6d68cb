"""What the person who answers hears, word for word."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.subjects import BEGAN, POOR, incident, quoting, subject, wild_subjects
from watchcall.core import speech
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.reason import Reason
from watchcall.core.speech import FIELDS, Hint, KeyWord, Subject, compose, key_words
from watchcall.core.words import BUILT_IN, words_of

EARLIER = BEGAN - timedelta(minutes=5)
MUTE = Reason.of("self.from_mute")
FAILING = subject(hint=Hint.KEYS)
BACK = subject(hint=Hint.CALL_BACK, repeated=True)
OWN = subject(incident("WatchCall", reason=POOR), event=Event.SELF)
OWN_TWICE = subject(
    incident("WatchCall", reason=POOR),
    incident("WatchCall again", reason=MUTE, level=Level.WARNING, opened_at=EARLIER),
    event=Event.SELF,
)
OWN_OVER = subject(incident("WatchCall", reason=POOR, over=True), event=Event.RECOVERY)

SAID = [
    pytest.param(
        "en",
        FAILING,
        "WatchCall on server web1: httpd has been failing since 11:55 AM. "
        "No process named httpd is running. "
        "Press 1 to acknowledge, 2 to pass this on to the next person, or star to hear it again.",
        id="en: the keys come last",
    ),
    pytest.param(
        "ja",
        FAILING,
        "ウォッチコールです、サーバー web1 の httpd に、午前11時55分から障害が発生しています。"
        "httpd という名前のプロセスが動いていません。"
        "確認された場合は1を、次の担当者に回す場合は2を、"
        "もう一度お聞きになる場合は米印を押してください。",
        id="ja: the keys come last",
    ),
    pytest.param(
        "en",
        BACK,
        "WatchCall on server web1: httpd has been failing since 11:55 AM. "
        "No process named httpd is running. You may have heard this already. "
        "To acknowledge, call this number back.",
        id="en: calling back, also in a repeated call",
    ),
    pytest.param(
        "ja",
        BACK,
        "ウォッチコールです、サーバー web1 の httpd に、午前11時55分から障害が発生しています。"
        "httpd という名前のプロセスが動いていません。このお知らせは二度目かもしれません。"
        "折り返しこの番号にお電話いただくと、確認済みになります。",
        id="ja: calling back, also in a repeated call",
    ),
    pytest.param(
        "en",
        OWN,
        "WatchCall on server web1 has had trouble of its own since 11:55 AM: "
        "the balance of the Twilio account is down to 3.20 USD.",
        id="en: its own trouble",
    ),
    pytest.param(
        "ja",
        OWN,
        "サーバー web1 のウォッチコールです、午前11時55分からウォッチコール自体に"
        "問題が起きています。"
        "トゥイリオアカウントの残高が 3.20 USD まで減っています。",
        id="ja: its own trouble",
    ),
    pytest.param(
        "en",
        OWN_TWICE,
        "WatchCall on server web1 has had trouble of its own since 11:50 AM: the balance of the "
        "Twilio account is down to 3.20 USD and the caller ID cannot make calls.",
        id="en: several troubles of its own",
    ),
    pytest.param(
        "en",
        OWN_OVER,
        "WatchCall on server web1 has been all right again since noon. "
        "Its own trouble had lasted for 5 minutes.",
        id="en: its own trouble is over",
    ),
    pytest.param(
        "ja",
        OWN_OVER,
        "サーバー web1 のウォッチコールです、ウォッチコール自体の問題は、午後0時に解消しました。"
        "問題は5分続きました。",
        id="ja: its own trouble is over",
    ),
]


@pytest.mark.parametrize(("language", "told", "said"), SAID)
def test_what_is_said(language: str, told: Subject, said: str) -> None:
    assert compose(told, language).text == said


@pytest.mark.parametrize("hint", Hint)
@pytest.mark.parametrize("language", BUILT_IN)
def test_nobody_is_asked_to_do_anything_about_a_recovery(language: str, hint: Hint) -> None:
    over = incident(over=True)

    asked = compose(subject(over, event=Event.RECOVERY, hint=hint), language)

    assert asked == compose(subject(over, event=Event.RECOVERY), language)


def test_without_a_hint_nothing_is_asked() -> None:
    assert compose(subject(), "en").text.endswith("No process named httpd is running.")


def test_a_custom_message_is_followed_by_the_hint() -> None:
    said = compose(subject(hint=Hint.CALL_BACK), "en", "{spoken} is down!")

    assert said.text == "httpd is down! To acknowledge, call this number back."


@pytest.mark.parametrize(
    "template", [None, "{reason} {reason} {reason} {reason} {reason}", "{checks}"]
)
@pytest.mark.parametrize("language", BUILT_IN)
def test_the_hint_survives_whatever_a_probe_quotes(language: str, template: str | None) -> None:
    many = [incident(f"check-{n}", reason=quoting("&" * 100_000)) for n in range(1000)]
    words = words_of(language)
    assert words

    said = compose(subject(*many, hint=Hint.KEYS), language, template).text

    assert said.endswith(words.press_keys)
    assert len(said) < 1200  # so that Twilio's limits cut nothing


@pytest.mark.parametrize(
    ("word", "count", "english", "japanese"),
    [
        pytest.param(
            KeyWord.ACKNOWLEDGED,
            1,
            "Thank you. check-0 is acknowledged.",
            "ありがとうございます。check-0 を確認済みにしました。",
            id="1 acknowledges the one",
        ),
        pytest.param(
            KeyWord.ACKNOWLEDGED,
            3,
            "Thank you. All 3 are acknowledged.",
            "ありがとうございます。3件すべてを確認済みにしました。",
            id="1 acknowledges all",
        ),
        pytest.param(
            KeyWord.PASSED,
            1,
            "I will call the next person.",
            "次の担当者に連絡します。",
            id="2 passes on",
        ),
        pytest.param(
            KeyWord.NOT_UNDERSTOOD,
            3,
            "Sorry, I did not understand that.",
            "入力を認識できませんでした。",
            id="another key is not understood",
        ),
        pytest.param(
            KeyWord.TOO_LATE,
            3,
            "This is already over.",
            "この件はすでに終了しています。",
            id="it may be over already",
        ),
    ],
)
def test_what_answers_a_key(word: KeyWord, count: int, english: str, japanese: str) -> None:
    told = [incident(f"check-{n}") for n in range(count)]

    assert key_words(word, told, "en-GB", "alice").text == english
    assert key_words(word, told, "ja-JP").text == japanese
    assert key_words(word, told, "en-GB", "alice").language == "en-GB"
    assert key_words(word, told, "en-GB", "alice").voice == "alice"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "This is a test call of WatchCall on server web1. Nothing is broken."),
        ("ja", "サーバー web1 のウォッチコールによるテスト通話です。障害は発生していません。"),
    ],
)
def test_a_test_call_says_that_it_is_one(language: str, said: str) -> None:
    test = speech.test_speech("web1", language, "alice")

    assert (test.text, test.language, test.voice) == (said, language, "alice")


@given(
    told=wild_subjects(),
    language=st.sampled_from(sorted(BUILT_IN)),
    template=st.sampled_from([None, " ".join(f"{{{name}}}" for name in sorted(FIELDS))]),
)
def test_names_and_reasons_are_values_never_templates(
    told: Subject, language: str, template: str | None
) -> None:
    said = compose(told, language, template).text

    if told.hint is Hint.NONE:  # nothing is cut
        assert told.host in said


@given(name=st.text("{}!:[]0a", min_size=1, max_size=8))
def test_a_name_of_braces_is_said_as_it_is(name: str) -> None:
    one = incident(name, reason=quoting(name), level=Level.WARNING)

    assert compose(subject(one, host=name), "en").text.startswith(
        f"WatchCall on server {name}: there has been a warning for {name} since 11:55 AM."
    )
    assert compose(subject(one), "en", "{spoken} {check}").text == f"{name} {name}"
    assert key_words(KeyWord.ACKNOWLEDGED, [one], "en").text.startswith(f"Thank you. {name} is")
    assert f"server {name}." in speech.test_speech(name, "en", None).text
