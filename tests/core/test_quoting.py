"""What others wrote may hold anything; what is kept of it is plain, small and shows no secret."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.subjects import ANYTHING
from watchcall.core.quoting import bounded, quoted, visible, without_secrets

TEXTS = st.text(ANYTHING, max_size=300)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=30,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, あ", "plain words, あ"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("abc\u202edcba", r"abc\u202edcba"),
        ("half \ud83d of one", r"half \ud83d of one"),
        ("a\u00a0b\u3000c", "a b c"),
    ],
)
def test_what_nobody_sees_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert quoted(b"\xff\xfe ok \xe3\x81\x82", 80) == r"\xff\xfe ok あ"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=abc&user=me", "password=***&user=me"),
        ("DB_PASSWORD=abc", "DB_PASSWORD=***"),
        ('{"api_key": "a b\\"c", "page": 1}', '{"api_key": ***, "page": 1}'),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("sent with Bearer abcdefgh.ijk", "sent with Bearer ***"),
        ("mysqld --password hunter2 --port 1", "mysqld --password *** --port 1"),
        ("mysqld --secret-token=hunter2", "mysqld --secret-token=***"),
        ("https://me:hunter2@db/x", "https://***@db/x"),
        ("Set-Cookie: sid=abc; Path=/", "Set-Cookie: ***; Path=/"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----",
        ),
        ("the token has expired", "the token has expired"),
        ("mysqld --password --port 1", "mysqld --password --port 1"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
    assert without_secrets(shown) == shown


@pytest.mark.parametrize(
    "text",
    ["a" * 4000, "token" * 800, "token" + " " * 4000, "://" * 1300, "-" * 4000, '"' * 4000],
    ids=lambda text: text[:6],
)
def test_nothing_takes_long_to_search(text: str) -> None:
    began = time.process_time()
    without_secrets(text)

    assert time.process_time() - began < 0.2


@given(st.dictionaries(st.sampled_from(["look", "systemd", "at"]), VALUES))
def test_anything_becomes_json_that_a_terminal_can_show(data: dict[str, object]) -> None:
    made = bounded(data, 16 * 1024)

    text = json.dumps(made, ensure_ascii=False, allow_nan=False)
    assert text.encode()
    assert text.isprintable()
    assert bounded(made, 16 * 1024) == made


@given(VALUES, st.sampled_from([1024 * 4, 16 * 1024]))
def test_it_never_grows_beyond_its_bound_and_never_vanishes(value: object, most: int) -> None:
    many = {"at": "2026", "look": {"a": [value] * 70, "b": "😀" * 5000}, "systemd": [value] * 20}

    made = bounded(many, most)

    assert len(json.dumps(made)) <= most
    assert made["at"] == "2026"


def test_of_what_is_too_much_the_first_is_kept() -> None:
    made = bounded({"lines": [f"line {n} {'x' * 300}" for n in range(500)]}, 16 * 1024)

    assert made["lines"][0].startswith("line 0 xxx")
    assert 10 <= len(made["lines"]) < 500
