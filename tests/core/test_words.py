"""Every language can say everything that can be seen."""

from __future__ import annotations

import ast
import dataclasses
import string
from collections.abc import Mapping
from pathlib import Path

import pytest

import watchcall.probes
from watchcall.core.reason import Reason
from watchcall.core.words import BUILT_IN
from watchcall.core.words.en import ENGLISH
from watchcall.core.words.language import Language

CODES = sorted(ENGLISH.reasons)
FULL_STOPS = (".", "。")


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def reasons_in_probes() -> list[tuple[str, set[str]]]:
    """Every `Reason.of("code", field=…)` that the probes' source holds."""
    folder = Path(watchcall.probes.__file__).parent
    calls = [
        node
        for path in sorted(folder.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Reason.of"
    ]
    return [
        (str(call.args[0].value), {word.arg for word in call.keywords if word.arg})
        for call in calls
        if isinstance(call.args[0], ast.Constant)
    ]


def sentences(words: object) -> dict[str, set[str]]:
    """The fields of every sentence of a language, or of its part for texts, by its name.

    What a language says of its own accord (singulars, how names sound) no other one needs.
    """
    found = {}
    for name in (one.name for one in dataclasses.fields(words)):  # type: ignore[arg-type]
        said = getattr(words, name)
        if isinstance(said, str):
            found[name] = fields(said)
        elif isinstance(said, Mapping) and name not in ("reasons", "ones", "names", "units"):
            found |= {f"{name}.{key}": fields(text) for key, text in said.items()}
        elif dataclasses.is_dataclass(said):
            found |= {f"{name}.{key}": used for key, used in sentences(said).items()}
    return found


@pytest.mark.parametrize("language", BUILT_IN.values(), ids=BUILT_IN.keys())
def test_sentences_have_the_same_fields_in_each_language(language: Language) -> None:
    assert sentences(language) == sentences(ENGLISH)
    assert len(sentences(language)) > 30


@pytest.mark.parametrize("language", BUILT_IN.values(), ids=BUILT_IN.keys())
def test_languages_know_the_same_reasons(language: Language) -> None:
    assert set(CODES) == set(language.reasons)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", BUILT_IN.values(), ids=BUILT_IN.keys())
def test_a_reason_has_the_same_fields_in_each_language(language: Language, code: str) -> None:
    assert fields(ENGLISH.reasons[code]) == fields(language.reasons[code])


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", BUILT_IN.values(), ids=BUILT_IN.keys())
def test_a_reason_is_said_with_its_values_and_without_a_full_stop(
    language: Language, code: str
) -> None:
    values = {name: f"<{name}>" for name in fields(language.reasons[code])}

    phrase = language.reason(Reason.of(code, **values))

    assert all(value in phrase for value in values.values())
    assert phrase
    assert not phrase.endswith(FULL_STOPS)


@pytest.mark.parametrize(
    ("code", "given"), reasons_in_probes(), ids=[code for code, _ in reasons_in_probes()]
)
def test_what_a_probe_sees_can_be_said(code: str, given: set[str]) -> None:
    assert fields(ENGLISH.reasons[code]) <= given


@pytest.mark.parametrize(
    ("reason", "english", "japanese"),
    [
        (
            Reason.of("self.unreachable"),
            "Twilio cannot be reached",
            "Twilioに接続できません",
        ),
        (
            Reason.of("self.credentials"),
            "Twilio does not accept the credentials",
            "Twilioの認証に失敗しました",
        ),
        (
            Reason.of("self.suspended", status="closed"),
            "the status of the Twilio account is closed",
            "Twilioアカウントの状態が closed になっています",
        ),
        (
            Reason.of("self.trial"),
            "the Twilio account is a trial account, its calls may go unheard",
            "Twilioアカウントが試用版のため、通話の内容が伝わらないことがあります",
        ),
        (
            Reason.of("self.balance", balance="3.20", currency="USD"),
            "the balance of the Twilio account is down to 3.20 USD",
            "Twilioアカウントの残高が 3.20 USD まで減っています",
        ),
        (
            Reason.of("self.from_unknown"),
            "the caller ID does not belong to the Twilio account",
            "発信元の番号がTwilioアカウントに登録されていません",
        ),
        (
            Reason.of("self.from_mute"),
            "the caller ID cannot make calls",
            "発信元の番号からは電話をかけられません",
        ),
        (
            Reason.of("self.geo", country="JP"),
            "the Twilio account may not call numbers in JP",
            "Twilioアカウントで、JP への発信が許可されていません",
        ),
        (
            Reason.of("self.unreached", count=2),
            "nobody could be reached about 2 incidents",
            "誰にも連絡できなかった障害が 2 件あります",
        ),
    ],
    ids=lambda given: given.code if isinstance(given, Reason) else "",
)
def test_what_troubles_watchcall_itself(reason: Reason, english: str, japanese: str) -> None:
    assert BUILT_IN["en"].reason(reason) == english
    assert BUILT_IN["ja"].reason(reason) == japanese
