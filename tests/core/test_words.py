"""Every language can say everything that can be seen."""

from __future__ import annotations

import ast
import string
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
