"""Both languages say the same things; each in the language that the environment asks for."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import watchcall.init
from watchcall.init.conversation import YES_NO
from watchcall.init.people import LANGUAGES
from watchcall.init.steps import Section, Step
from watchcall.init.words import BUILT_IN, Words, language_of

SOURCE = Path(watchcall.init.__file__).parent


def fields(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


@pytest.mark.parametrize("tag", BUILT_IN)
def test_every_language_has_the_same_texts_with_the_same_fields(tag: str) -> None:
    english = {key: fields(text) for key, text in BUILT_IN["en"].items()}

    assert {key: fields(text) for key, text in BUILT_IN[tag].items()} == english


def named_in_the_source() -> set[str]:
    """Return the keys that the source names in full, and the codes of refusals."""
    found = set()
    for module in [*SOURCE.rglob("*.py"), SOURCE.parent / "config" / "numbers.py"]:
        if module.parent.name == "words":
            continue
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = ast.unparse(node.func)
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                if called in ("words", "self.words", "self._words"):
                    found.add(first.value)
                elif called in ("Refused", "numbers.NumberError", "NumberError"):
                    found.add(f"refused.{first.value}")
    return found


def test_every_text_is_there_that_the_source_asks_for() -> None:
    assert len(named_in_the_source()) > 50
    assert named_in_the_source() - set(BUILT_IN["en"]) == set()


def test_every_question_has_its_words_and_its_help() -> None:
    steps = [step.value for step in Step]
    keys = {f"ask.{step}" for step in steps} | {f"help.{step}" for step in steps}
    keys |= {f"ask.{step.value}_yes" for step in YES_NO}
    keys |= {f"section.{section}" for section in Section}
    keys |= {f"language.{tag}" for tag in LANGUAGES}

    assert keys - set(BUILT_IN["en"]) == set()


def test_no_text_is_left_over() -> None:
    """Families are asked for by a name that is put together."""
    families = ("ask.", "help.", "section.", "language.", "offer.", "missing.", "next.", "wrong.")
    others = ("review.recoveries_", "file.secret_", "stopped", "exists", "ring.")
    loose = {key for key in BUILT_IN["en"] if not key.startswith((*families, *others))}
    source = "".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))

    assert {key for key in loose - named_in_the_source() if f'"{key}"' not in source} == set()


@pytest.mark.parametrize(
    ("environ", "tag", "region"),
    [
        pytest.param({}, "en", None, id="nothing is set"),
        pytest.param({"LANG": "C.UTF-8"}, "en", None, id="C is no language"),
        pytest.param({"LANG": "ja_JP.UTF-8"}, "ja", "JP", id="Japanese"),
        pytest.param({"LANG": "ja"}, "ja", None, id="a language without a country"),
        pytest.param({"LANG": "en_GB.UTF-8"}, "en", "GB", id="English in Britain"),
        pytest.param({"LANG": "de_AT@euro"}, "en", "AT", id="an unknown language, a known country"),
        pytest.param({"LANG": "ja_JP", "LC_ALL": "en_US"}, "en", "US", id="LC_ALL beats LANG"),
        pytest.param(
            {"LANG": "en_US", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja", "JP", id="LC_MESSAGES too"
        ),
        pytest.param(
            {"LC_ALL": "", "LANG": "ja_JP"}, "ja", "JP", id="an empty variable is not set"
        ),
    ],
)
def test_the_language_is_the_one_that_the_locale_names(
    environ: dict[str, str], tag: str, region: str | None
) -> None:
    assert language_of(environ) == (tag, region)


@pytest.mark.parametrize("tag", BUILT_IN)
def test_no_text_shouts_or_ends_with_a_space(tag: str) -> None:
    for key, text in BUILT_IN[tag].items():
        assert text == text.strip(), key
        assert "  " not in text or "\n" in text or key.startswith(("review.", "ask.")), key
        assert not re.search(r"[!！]", text), key


def test_a_text_is_filled() -> None:
    assert Words("ja")("is_number", number="+81") == "= +81"
