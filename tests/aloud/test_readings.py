"""What is said has been read aloud: nobody may change a sentence without listening to it again.

`tests/aloud/read.py` reads, and writes the sounds down; they were judged by people who read them.
"""

from __future__ import annotations

import re

import pytest

from tests.aloud.read import READERS, readings
from tests.aloud.said import sentences

EACH = pytest.mark.parametrize("tag", READERS)
# Latin letters that a Japanese voice says one by one, as Japanese people do.
LETTERS = {"CPU", "HTTP", "IP", "JP", "JSON", "OOM", "PID", "SIGKILL", "SMS", "TLS", "USD"}
# What the operator, a program or a library calls something: said as given.
GIVEN = set(
    "httpd var run pid com example db health ok ready degraded www data web database connection "
    "failed Permission denied".split()
)


def written_down(tag: str) -> dict[str, str]:
    lines = readings(tag).read_text(encoding="utf-8").splitlines()
    return dict(zip(lines[::2], (line.strip() for line in lines[1::2]), strict=True))


@EACH
def test_every_sentence_was_read_aloud_as_it_is_now(tag: str) -> None:
    assert list(written_down(tag)) == sentences(tag), "make aloud ARGS=write, and read what differs"


@EACH
def test_nothing_is_silent(tag: str) -> None:
    assert all(len(sounds) > 2 for sounds in written_down(tag).values())


def test_a_japanese_voice_meets_no_english_word_of_ours() -> None:
    """It would spell them, letter by letter."""
    for text in sentences("ja"):
        assert set(re.findall(r"[A-Za-z]+", text)) <= LETTERS | GIVEN, text


@pytest.mark.parametrize(
    ("said", "sounds"),
    [
        pytest.param("午後4時4分", "ゴゴヨジヨンプン", id="four is yo and yon"),
        pytest.param("午後9時33分", "ゴゴクジサンジューサンプン", id="nine o'clock is ku"),
        pytest.param("9月8日の午前7時4分", "クガツヨーカノゴゼンシチジヨンプン", id="eighth"),
        pytest.param("20日", "ハツカ", id="twenty days"),
        pytest.param("httpd は 3 個動いています。", "…サンコウゴイテイマス。", id="three things"),
        pytest.param(
            "証明書の期限があと 6 日で切れます。", "…アトムイカデキレマス。", id="six days"
        ),
        pytest.param("障害は5分続きました。", "…ゴフンツズキマシタ。", id="five minutes"),
    ],
)
def test_japanese_numbers_sound_as_japanese_say_them(said: str, sounds: str) -> None:
    found = [read for text, read in written_down("ja").items() if text.endswith(said)]

    assert found
    assert all(read.endswith(sounds.removeprefix("…")) for read in found)
