"""What doctor finds, said in Japanese: every sentence of ours, and nothing else changed."""

from __future__ import annotations

import re

import pytest

from tests.init.sentences import JAPANESE, sentences
from watchcall.cli import asdaemon, doctor, proxy, surroundings
from watchcall.core import account
from watchcall.core.account import Finding
from watchcall.init.words.doctor_ja import SENTENCES, SUBJECTS, in_japanese

# What is told to others than the reader of the table, or is a part of a sentence.
ELSEWHERE = {
    "for programs",
    "belongs to the account, but cannot X",
    " and send texts",
    "make calls",
    "send texts",
    "is X, X",  # in doctor_ja with what it may be; the next one, too
    "mend what is wrong with Twilio, below; X",
    "of unknown status",
    "unknown type",
    "watchcall install-service --remove && systemctl enable --now watchcall",
    "systemctl enable watchcall",
    "systemctl restart watchcall",
    "X && systemctl restart watchcall",
    "chown -R X: X && X",
    "sudo watchcall doctor",
}


def said(detail: str) -> str:
    return in_japanese(Finding(subject="config", state="ok", detail=detail)).detail


@pytest.mark.parametrize("module", [account, asdaemon, proxy, surroundings, doctor])
def test_every_sentence_of_doctors_is_said_in_japanese(module: object) -> None:
    ours = sentences(module) - ELSEWHERE - set(SUBJECTS)

    assert len(ours) > 1
    assert {text for text in ours if not JAPANESE.search(said(text).replace("非通知", ""))} == set()


def test_a_remedy_that_is_put_together_is_said() -> None:
    assert JAPANESE.search(said(f"mend what is wrong with Twilio, below; {surroundings.LOG}"))


def test_the_fields_are_the_same() -> None:
    for english, japanese in (*SENTENCES.items(), *SUBJECTS.items()):
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", japanese)), english


def test_all_of_a_finding_is_said() -> None:
    found = Finding(
        subject="permission JP",
        state="error",
        detail="Twilio may not call there; it refuses each call with error 21215",
        remedy="allow the country: Twilio console, Voice, Settings, Geo permissions",
    )
    shown = in_japanese(found)

    assert (shown.subject, shown.state) == ("発信許可 JP", "エラー")
    assert all(JAPANESE.search(text or "") for text in (shown.detail, shown.remedy))


@pytest.mark.parametrize("detail", ["23.40 USD", "/var: No such file or directory", "unheard of"])
def test_what_is_not_ours_stays_as_it_is(detail: str) -> None:
    assert said(detail) == detail
