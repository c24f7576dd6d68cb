"""What a voice cannot say is refused; what people write is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchcall.core.lint import unspeakable, unspeakable_template
from watchcall.core.voices import LANGUAGES, has_voice
from watchcall.core.words import BUILT_IN

REFUSED = [
    ("ring\a", "holds the character U+0007, which no voice can say; leave it out"),
    ("up\u202edown", "holds the character U+202E, which no voice can say; leave it out"),
    ("half \ud83d", "holds the character U+D83D, which no voice can say; leave it out"),
    ("🔥🔥", "holds nothing that a voice can say; write words"),
    ("#1"[:1], "holds nothing that a voice can say; write words"),
    (" — ", "holds nothing that a voice can say; write words"),
    ("", "holds nothing that a voice can say; write words"),
    (
        "down <break time='1s'/> now",
        "\"<break time='1s'/>\" would be read aloud; leave it out: commas and full stops make "
        "pauses",
    ),
    ("<b>shop</b>", '"<b>" would be read aloud; leave it out: commas and full stops make pauses'),
    ("ham &amp; eggs", '"&amp;" would be read aloud; write the character itself'),
    ("&#39;x", '"&#39;" would be read aloud; write the character itself'),
    (
        "see https://example.com/a%20b",
        "holds an address with %-escapes, which nobody can follow by ear; describe it",
    ),
    (
        "q=%E5%87%BA",
        "holds an address with %-escapes, which nobody can follow by ear; describe it",
    ),
    (
        "call 15005550006000",
        "a number of 14 digits would be read as billions; put spaces between them",
    ),
    (
        "build deadbeef1234",
        "holds a long hexadecimal code, which would be mumbled; leave it out, or describe it",
    ),
    ("#### down", '"####" would be read sign by sign, or not at all; leave it out'),
    ("down =====", '"=====" would be read sign by sign, or not at all; leave it out'),
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_what_a_voice_cannot_say(text: str, why: str) -> None:
    assert unspeakable(text) == why


@pytest.mark.parametrize(
    "text",
    [
        "the shop",
        "ウェブサーバー",
        "データベース「顧客」、本番。",
        "die Börse",
        "결제 서버",
        "web-1",
        "90% full",
        "down!!! really...",
        "wait……",
        "A & B",
        "a < b > c",
        "5 > 3",
        "it's 50%de rabais",
        "https://example.com/status",
        "port 8080, +81 90 1234 5678",
        "123456789",
        "deadbeef",
        "🔥 the shop is down 🔥",
        "first line\nsecond line",
        "node #3",
        "ながーーーーい",
        "می‌خواهم",
        "3",
    ],
)
def test_what_people_write(text: str) -> None:
    assert unspeakable(text) is None


@pytest.mark.parametrize(
    ("template", "right"),
    [
        ("{reason}", True),
        ("{{{check}}} is down", True),
        ("<{host}>", True),
        ("{host}: {spoken}, {since}", True),
        ("{host}####", False),
        ("<break time='{duration}'/> {host}", False),
        ("{{}}", False),
    ],
)
def test_fields_can_be_said(template: str, right: bool) -> None:
    assert (unspeakable_template(template) is None) is right


@given(st.text())
def test_whatever_is_written_is_judged(text: str) -> None:
    said = unspeakable(text)

    assert said is None or said.isprintable()


@pytest.mark.parametrize(
    ("language", "spoken"),
    [("ja-JP", True), ("PT-br", True), ("yue-HK", True), ("eo", False), ("tlh", False)],
)
def test_which_languages_have_a_voice(language: str, spoken: bool) -> None:
    assert has_voice(language) is spoken


def test_every_language_with_words_has_a_voice() -> None:
    assert set(BUILT_IN) <= LANGUAGES
