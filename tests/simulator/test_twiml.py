"""TwiML: the steps a phone goes through."""

from __future__ import annotations

import pytest

from watchcall.simulator.twiml import Hangup, Pause, Redirect, Say, Step, parse


@pytest.mark.parametrize(
    ("document", "steps"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("<Say>Hello.</Say>", [Say("Hello.")], id="words in Twilio's language"),
        pytest.param(
            '<Say language="ja-JP" voice="Polly.Kazuha-Neural">止まっています。</Say>',
            [Say("止まっています。", "ja-JP", "Polly.Kazuha-Neural")],
            id="words in a language and a voice",
        ),
        pytest.param('<Say loop="2">Hi.</Say>', [Say("Hi."), Say("Hi.")], id="words said twice"),
        pytest.param("<Say>\n  two\n  lines\n</Say>", [Say("two lines")], id="layout is not heard"),
        pytest.param(
            "<Say>It is <emphasis>down</emphasis>.</Say>", [Say("It is down.")], id="SSML is heard"
        ),
        pytest.param('<Pause length="3"/>', [Pause(3)], id="a pause"),
        pytest.param(
            '<Gather timeout="2"><Say>Press 1.</Say></Gather><Say>Bye.</Say>',
            [Say("Press 1."), Pause(2), Say("Bye.")],
            id="nobody presses a key",
        ),
        pytest.param("<Play>http://a/b.mp3</Play>", [Pause(1)], id="music is a second of silence"),
        pytest.param(
            "<Redirect>/more</Redirect><Say>never</Say>", [Redirect("/more")], id="a redirect"
        ),
        pytest.param("<Hangup/><Say>never</Say>", [Hangup()], id="a hangup"),
        pytest.param("<Reject/>", [Hangup()], id="a reject"),
        pytest.param("<Dial>+81</Dial>", [Pause(0)], id="what a rehearsal does not need"),
        pytest.param("<!-- attempt 1 --><Say>Hi.</Say>", [Say("Hi.")], id="a comment"),
    ],
)
def test_a_document_is(document: str, steps: list[Step]) -> None:
    assert steps == parse(f"<Response>{document}</Response>")


@pytest.mark.parametrize(
    ("language", "seconds"),
    [
        pytest.param("ja-JP", 10, id="Japanese takes its time"),
        pytest.param("en-US", 70 / 15, id="English is quick"),
    ],
)
def test_saying_takes(language: str, seconds: float) -> None:
    assert Say("x" * 70, language).seconds == pytest.approx(seconds)
