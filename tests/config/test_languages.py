"""Every language with built-in words can be configured, and no other without a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, SMALL, TWILIO, loaded, problems
from watchcall.core.words import BUILT_IN

PHONE = "\n[[channel]]\nname = 'phone'\n"


@pytest.mark.parametrize("tag", [*BUILT_IN, "de-CH", "es-419", "zh-Hant-TW", "cmn-CN", "ko-KR"])
def test_a_language_with_words_is_accepted(tag: str, tmp_path: Path) -> None:
    by_contact = loaded(tmp_path, TWILIO + ME + f"language = '{tag}'\n" + HTTPD)
    by_channel = loaded(tmp_path, SMALL + PHONE + f"language = '{tag}'\n")

    assert by_contact.config.contact[0].language == tag
    assert by_channel.config.channel is not None
    assert by_channel.config.channel[0].language == tag
    assert (by_contact.warnings, by_channel.warnings) == ((), ())


@pytest.mark.parametrize("tag", ["pt-BR", "yue-HK", "it"])
def test_a_language_without_words_needs_a_message(tag: str, tmp_path: Path) -> None:
    text = SMALL + PHONE + f"language = '{tag}'\n"

    (problem,) = problems(tmp_path, text)

    assert f'there are no built-in words for "{tag}", only for' in problem
    assert all(f'"{known}"' in problem for known in BUILT_IN)
    assert loaded(tmp_path, text + "message = '{host}'\n").warnings == ()
