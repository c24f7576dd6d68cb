"""What Twilio is told to say."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchcall.channels.twilio.twiml import SAY_LIMIT, TWIML_LIMIT, speakable, twiml
from watchcall.core.speech import Speech


def said(document: str) -> list[str]:
    """Return what a voice would say, each repetition counted."""
    response = ET.fromstring(document)
    assert response.tag == "Response"
    texts: list[str] = []
    for say in response.iter("Say"):
        texts += [say.text or ""] * int(say.get("loop", "1"))
    return texts


def test_the_whole_text_is_said_twice_in_its_language() -> None:
    document = twiml(Speech("httpd に障害", "繰り返します。", "ja-JP"))

    assert said(document) == ["httpd に障害", "繰り返します。 httpd に障害"]
    assert {say.get("language") for say in ET.fromstring(document).iter("Say")} == {"ja-JP"}


def test_a_text_too_long_to_stand_there_twice_is_still_said_twice() -> None:
    first, second = said(twiml(Speech("word " * 500, "again", "en-US")))

    assert first == second
    assert len(first) == len("word " * 500) - 1


def test_a_voice_is_asked_for_where_one_is_named() -> None:
    document = twiml(Speech("down", "I repeat.", "en-US", voice="Polly.Joanna"))

    assert {say.get("voice") for say in ET.fromstring(document).iter("Say")} == {"Polly.Joanna"}


def test_nobody_can_smuggle_in_a_verb() -> None:
    document = twiml(Speech("</Say><Dial>+15005550001</Dial>", "again", "en-US"))

    assert "Dial" not in {element.tag for element in ET.fromstring(document).iter()}
    assert said(document)[0] == "</Say><Dial>+15005550001</Dial>"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        pytest.param("a\x1b[31mb\x07c\x00", "a [31mb c", id="control characters"),
        pytest.param("one\n two\t\tthree ", "one two three", id="white space"),
        pytest.param("a\u202egnp", "a gnp", id="marks that turn text round"),
        pytest.param("half \ud800", "half", id="half a surrogate pair"),
        pytest.param("ガ", "ガ", id="composed"),
    ],
)
def test_what_a_voice_can_say(text: str, spoken: str) -> None:
    assert speakable(text) == spoken


@given(st.text(max_size=5000), st.sampled_from(["en-US", "ja-JP"]))
def test_whatever_the_text_the_document_is_valid_and_fits(text: str, language: str) -> None:
    document = twiml(Speech(text, "again", language))

    assert len(document) <= TWIML_LIMIT
    assert len(said(document)) == 2


@given(st.integers(min_value=1, max_value=6000), st.sampled_from("a&<障"))
def test_a_long_text_is_cut_at_its_end_never_at_its_beginning(length: int, mark: str) -> None:
    first = said(twiml(Speech("First. " + mark * length, "again", "en-US")))[0]

    assert first.startswith("First. ")
    assert len(first) <= SAY_LIMIT
