"""TwiML: the steps a phone goes through."""

from __future__ import annotations

import pytest

from watchcall.simulator.refusal import Refusal
from watchcall.simulator.twiml import Gather, Hangup, Pause, Redirect, Say, Step, parse


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
            [Gather(steps=(Say("Press 1."),), timeout=2), Say("Bye.")],
            id="listening for keys",
        ),
        pytest.param(
            '<Gather numDigits="1" action="/k" method="GET" finishOnKey="" input="speech"'
            ' actionOnEmptyResult="true"><Pause/></Gather>',
            [
                Gather(
                    steps=(Pause(1),),
                    digits=1,
                    action="/k",
                    method="GET",
                    finish="",
                    always=True,
                    listens=False,
                )
            ],
            id="listening, with everything said",
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


@pytest.mark.parametrize(
    "gather",
    [
        pytest.param("<Gather><Hangup/></Gather>", id="a verb that cannot be nested"),
        pytest.param('<Gather numDigits="many"/>', id="a number of digits in words"),
        pytest.param('<Gather timeout="-1"/>', id="a timeout below 0"),
    ],
)
def test_it_refuses_to_gather_with(gather: str) -> None:
    with pytest.raises(Refusal, match="12100"):
        parse(f"<Response>{gather}</Response>")
