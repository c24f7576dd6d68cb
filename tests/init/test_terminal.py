"""Lines that fit, by columns."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from watchcall.init.terminal import Terminal, _may_break, harmless, wrapped


@pytest.mark.parametrize(
    ("line", "width", "parts"),
    [
        pytest.param("", 20, [""], id="nothing is one empty line"),
        pytest.param("two words", 20, ["two words"], id="what fits stays"),
        pytest.param("two words", 5, ["two", "words"], id="between words"),
        pytest.param("  two words", 7, ["  two", "  words"], id="it goes on where it began"),
        pytest.param("電話をかける", 8, ["電話をか", "ける"], id="between wide letters"),
        pytest.param("電話です。次", 8, ["電話で", "す。次"], id="no full stop begins a line"),
        pytest.param("電話（夜）", 6, ["電話", "（夜）"], id="no bracket is left alone"),
        pytest.param("config.toml を", 12, ["config.toml", "を"], id="both in one line"),
        pytest.param("averylongword", 5, ["averylongword"], id="what cannot be broken is not"),
    ],
)
def test_a_line_is_broken_where_it_may_be(line: str, width: int, parts: list[str]) -> None:
    assert wrapped(line, width) == parts


@given(st.text(st.sampled_from("ab 電話。（）"), max_size=60), st.integers(8, 40))
def test_nothing_is_lost_and_nothing_sticks_out_that_could_be_broken(line: str, width: int) -> None:
    parts = wrapped(line, width)

    assert "".join(parts).replace(" ", "") == line.replace(" ", "")
    for part in parts:
        places = itertools.pairwise(part.strip())
        assert cell_len(part) <= width or not any(_may_break(*place) for place in places)


def test_what_a_terminal_would_obey_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(colour=False).say("kei\x1b]0;title\x07", "red")

    assert capsys.readouterr().out == "kei?]0;title?\n"
    assert harmless("太郎　x") == "太郎　x"


@pytest.mark.parametrize(
    ("colour", "out"), [(True, "\x1b[31mno\x1b[0m\n"), (False, "no\n")], ids=["colour", "none"]
)
def test_colour_only_where_it_is_wanted(
    colour: bool, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Terminal(colour=colour).say("no", "red")

    assert capsys.readouterr().out == out


@pytest.mark.parametrize(
    ("columns", "out"),
    [(60, "   1 [x] httpd    unit httpd\n"), (20, "   1 [x] httpd\n         unit httpd\n")],
)
def test_a_row_has_two_lines_where_it_does_not_fit(
    columns: int, out: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    Terminal(colour=False).row("   1 [x] httpd", "unit httpd", start=18)

    assert capsys.readouterr().out == out
