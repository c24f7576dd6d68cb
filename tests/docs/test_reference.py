"""The reference says what the code says: keys, commands, lines of the log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools import docs
from tools.log_lines import Line, lines

ROOT = Path(__file__).parents[2]
LOG = (ROOT / "docs/reference/log.md").read_text("utf-8")
LINES = lines()
SAID = [line for line in LINES if line.text is not None]
OF_THEIR_OWN = [line for line in LINES if line.text is None]


@pytest.mark.parametrize("name", docs.PAGES)
def test_a_page_that_the_code_dictates_is_up_to_date(name: str) -> None:
    there = (docs.REFERENCE / name).read_text("utf-8")

    assert docs.PAGES[name]() == there, "run: make docs"


def shown(part: str) -> list[tuple[str, str]]:
    """Return level and example of each row."""
    return re.findall(r"^\| (\w+) \| `(.*?)` \|", part, re.MULTILINE)


EXAMPLES, SENTENCES = map(shown, LOG.split("Lines that are sentences"))


def fitting(example: str) -> list[Line]:
    """Return the lines that an example may be of: those with the most words of their own."""
    fits = [line for line in SAID if line.shape.fullmatch(example)]
    most = max((fixed(line) for line in fits), default=0)
    return [line for line in fits if fixed(line) == most]


def fixed(line: Line) -> int:
    """Return how much of a line is always the same."""
    return len(line.shape.pattern.replace(".+", ""))


@pytest.mark.parametrize("line", SAID, ids=lambda line: f"{line.where} {line.text}")
def test_every_line_of_the_log_is_in_the_reference(line: Line) -> None:
    assert [example for _, example in EXAMPLES if line in fitting(example)]


@pytest.mark.parametrize(("level", "example"), EXAMPLES, ids=[text for _, text in EXAMPLES])
def test_the_reference_has_no_line_that_is_never_said(level: str, example: str) -> None:
    found = fitting(example)

    assert found
    assert level in {line.level or "depends" for line in found}


def test_lines_that_are_all_value_are_counted() -> None:
    """Which sentences they are, no source line tells; that there are no more, it does."""
    assert [line.level for line in OF_THEIR_OWN].count("critical") == 4
    assert {line.level for line in OF_THEIR_OWN} == {level for level, _ in SENTENCES}
    assert len(OF_THEIR_OWN) == 9
