"""What Twilio is told to say."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchcall.channels.twilio.twiml import (
    PLAIN_LIMIT,
    answer,
    document,
    plain,
    speakable,
    twiml,
)
from watchcall.core.speech import SAY_LIMIT, TWIML_LIMIT, Speech


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


HOSTILE = {
    "a verb": "</Say><Dial>+15005550001</Dial>",
    "a comment": "<!-- --><![CDATA[<Dial/>]]>&#0;&lt;",
    "control characters": "".join(map(chr, range(32))) + "\x7f\x85",
    "half characters": "\ud800a\udfff",
    "no characters": "\ufffe\uffff",
    "marks that turn text round": "\u202eevil\u2066\u200f",
    "100 kB": "<&>" * 33_000,
    "100 kB without a blank": "障" * 100_000,
    "nothing": "",
}
DOCUMENTS: dict[str, Callable[[Speech], str]] = {
    "twiml": twiml,
    "document": lambda speech: document(speech, KEYS),
    "plain": plain,
    "answer": lambda speech: answer(speech.text, speech),
}
VERBS = {"Response", "Gather", "Say", "Pause", "Hangup"}
KEYS = "https://watchcall.example.com/keys?attempt=1&again=<2>"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("made", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("language", ["en-US", "ja-JP"])
def test_nobody_can_smuggle_in_a_verb(
    text: str, made: Callable[[Speech], str], language: str
) -> None:
    written = made(Speech(f"First. {text}", text, language))

    assert {element.tag for element in ET.fromstring(written).iter()} <= VERBS
    assert len(written) <= TWIML_LIMIT
    assert written.encode()
    assert all(one.startswith("First.") for one in said(written)[:1])


def test_a_key_works_throughout_and_any_key_is_told() -> None:
    (gather,) = ET.fromstring(document(Speech("httpd", "again", "en-US"), KEYS))

    assert gather.tag == "Gather"
    assert gather.attrib == {
        "numDigits": "1",
        "timeout": "8",
        "finishOnKey": "",
        "action": KEYS,
        "method": "POST",
    }
    assert [(verb.tag, verb.text) for verb in gather] == [
        ("Say", "httpd"),
        ("Pause", None),
        ("Say", "again httpd"),
    ]


def test_an_answer_is_said_once_in_the_same_voice_and_then_it_is_over() -> None:
    speech = Speech("httpd", "again", "en-US", voice="Polly.Joanna")
    say, end = ET.fromstring(answer("Thank you.", speech))

    assert (say.tag, say.text, end.tag) == ("Say", "Thank you.", "Hangup")
    assert say.attrib == {"language": "en-US", "voice": "Polly.Joanna"}


@pytest.mark.parametrize(
    ("text", "language", "left"),
    [
        pytest.param("Héllo “httpd” に 5 µs!", "en-GB", "Hello httpd 5 s!", id="ASCII for English"),
        pytest.param("ガ <b>障害</b> ☎ 5%", "ja-JP", "ガ b 障害 /b 5%", id="letters for others"),
        pytest.param("हिन्दी", "hi-IN", "हिन्दी", id="with the marks that belong to them"),
        pytest.param("に障害", "en-US", "I repeat.", id="something, where nothing is left"),
        pytest.param("word " * 1000, "en-US", ("word " * 200).strip(), id="not too long"),
    ],
)
def test_a_plain_text_is_what_any_voice_can_read(text: str, language: str, left: str) -> None:
    written = plain(Speech(text, "I repeat.", language, voice="Gone.Voice"))

    (say,) = ET.fromstring(written)
    assert (say.tag, say.text) == ("Say", left)
    assert say.attrib == {"language": language}
    assert len(say.text or "") <= PLAIN_LIMIT


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


@given(
    st.text(max_size=5000),
    st.sampled_from(["en-US", "ja-JP"]),
    st.sampled_from(sorted(DOCUMENTS)),
)
def test_whatever_the_text_the_document_is_valid_and_fits(
    text: str, language: str, kind: str
) -> None:
    written = DOCUMENTS[kind](Speech(text, "again", language))

    assert len(written) <= TWIML_LIMIT
    assert len(said(written)) == (1 if kind in ("plain", "answer") else 2)


@given(st.integers(min_value=1, max_value=6000), st.sampled_from("a&<障"))
def test_a_long_text_is_cut_at_its_end_never_at_its_beginning(length: int, mark: str) -> None:
    first = said(twiml(Speech("First. " + mark * length, "again", "en-US")))[0]

    assert first.startswith("First. ")
    assert len(first) <= SAY_LIMIT
