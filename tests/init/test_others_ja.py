"""What a test call and `validate` say in a Japanese `init`: every sentence of ours."""

from __future__ import annotations

import re

import pytest

from tests.init.sentences import JAPANESE, sentences
from watchcall.cli import ringing, test_call
from watchcall.config import channel_rules, exposed, unguarded
from watchcall.core import refusal
from watchcall.core.account import Finding
from watchcall.core.attempt import Outcome
from watchcall.init.words import ring_ja, warnings_ja
from watchcall.init.words.doctor_ja import in_japanese
from watchcall.init.words.sentences import said

# What ends a test call before there is anybody to ring, which `init` has just written down; what
# only a part of a line is; and what the help says.
ELSEWHERE = {
    "for programs",
    "whom (default: the first of the channel)",
    "whose language, voice and ring_timeout (default: the first that calls)",
    "watchcall: asks Twilio through X, as the service does",
    "watchcall test-call kei",
    "no channel calls anybody; name a contact",
    "voice channel",
    "rang after",
    "answered after",
    "talked for",
    "X, and cannot be taken back: X",
}
TEXTS = {Outcome.PENDING, Outcome.SENT, Outcome.DELIVERED, Outcome.UNDELIVERED}


@pytest.mark.parametrize("module", [ringing, test_call, refusal])
def test_every_sentence_of_a_test_call_is_said_in_japanese(module: object) -> None:
    ours = sentences(module) - ELSEWHERE

    assert len(ours) > 1
    assert {text for text in ours if not JAPANESE.search(ring_ja.in_japanese(text))} == set()


@pytest.mark.parametrize(
    "outcome", [pytest.param(one, id=one.value) for one in Outcome if one not in TEXTS]
)
def test_whatever_becomes_of_a_call_is_said_in_japanese(outcome: Outcome) -> None:
    line = f"kei (+81******678): {outcome.value}, rang after 3.1 s, talked for 12 s"
    shown = ring_ja.in_japanese(line)

    assert shown.startswith("kei（+81******678）: ")
    assert JAPANESE.search(shown.split("（")[1])
    assert shown.endswith("（呼び出しまで 3.1 秒、通話 12 秒）")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param("+81******678: busy", "+81******678: 話し中でした", id="a number for a name"),
        pytest.param(
            "error 21214: 'To' is invalid", "エラー 21214: 'To' is invalid", id="Twilio's words"
        ),
        pytest.param("error: it was odd", "エラー: it was odd", id="an error without a code"),
        pytest.param(
            "remedy: check the contact's phone number",
            "対処: 連絡先の電話番号を確認してください",
            id="what helps",
        ),
        pytest.param(f"note: {test_call.TRIAL}", "注意: トライアル", id="a trial account"),
        pytest.param("unheard of", "unheard of", id="what is not ours"),
    ],
)
def test_a_line_is_said_with_its_label(line: str, shown: str) -> None:
    assert ring_ja.in_japanese(line).startswith(shown)


@pytest.mark.parametrize("module", [exposed, unguarded])
def test_what_is_open_to_others_is_said_in_japanese(module: object) -> None:
    """As a warning, with what helps behind it; and as `doctor` finds it."""
    remedies = {text for text in sentences(module) if said(text, warnings_ja.REMEDIES) != text}
    ours = sentences(module) - {"chmod go-w X", "X can be read by everybody (mode X); X"} - remedies

    assert len(ours) > 1
    for text in ours:
        for helps in {"chmod 600 X", *remedies}:
            assert JAPANESE.search(said(f"{text}: {helps}", warnings_ja.WARNINGS)), text
        assert JAPANESE.search(
            in_japanese(Finding(subject="config", state="warning", detail=text)).detail
        ), text


def test_a_number_that_is_odd_is_said_in_japanese() -> None:
    warnings = {text for text in sentences(channel_rules) if "number, which" in text}
    warnings |= {text for text in sentences(channel_rules) if "possible, but" in text}

    assert len(warnings) == 2
    for text in warnings:
        place = f'/etc/watchcall/config.toml: contact "kei": phone: {text}'
        shown = said(place, warnings_ja.WARNINGS)
        assert shown.startswith('/etc/watchcall/config.toml: contact "kei": phone: X は')


@pytest.mark.parametrize(
    "known",
    [ring_ja.SENTENCES, warnings_ja.WARNINGS, warnings_ja.OPEN, warnings_ja.REMEDIES],
    ids=["test call", "warnings", "open files", "remedies"],
)
def test_the_fields_are_the_same(known: dict[str, str]) -> None:
    for english, japanese in known.items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", japanese)), english
