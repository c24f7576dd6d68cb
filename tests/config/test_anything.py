"""Whatever stands in a file, the answer is a configuration or a ConfigError, one line each."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.files import write
from tests.config.test_example import COMPLETE
from watchcall.config import load, locate
from watchcall.config.translate import plan
from watchcall.errors import ConfigError

WORD = "anything"
STRANGE: list[Any] = [
    *(WORD, "", "\0", "\ud800", 10**30, 10**400, True, float("nan"), float("inf")),
    *([], [WORD], [{}], {}, {WORD: WORD}, {"two\nlines": WORD}, datetime.date(2026, 1, 1)),
]
Step = str | int


def _places(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    if path:
        yield path
    for step, inner in _inside(value):
        yield from _places(inner, (*path, step))


def _inside(value: Any) -> Iterator[tuple[Step, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _complete(folder: Path) -> dict[str, Any]:
    return locate.read(write(folder, COMPLETE)).tables


@pytest.mark.parametrize("strange", STRANGE, ids=range(len(STRANGE)))
def test_a_strange_value_anywhere(
    strange: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = _complete(tmp_path)
    for path in _places(tables):
        changed = copy.deepcopy(tables)
        _put(changed, path, strange)
        text = locate.Text(tmp_path / "config.toml", 0o600, changed)
        monkeypatch.setattr(locate, "read", lambda _, text=text: text)
        _loads_or_says_why()


def test_any_key_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = _complete(tmp_path)
    for path in _places(tables):
        changed = copy.deepcopy(tables)
        _drop(changed, path)
        text = locate.Text(tmp_path / "config.toml", 0o600, changed)
        monkeypatch.setattr(locate, "read", lambda _, text=text: text)
        _loads_or_says_why()


def _put(tables: Any, path: tuple[Step, ...], value: Any) -> None:
    for step in path[:-1]:
        tables = tables[step]
    tables[path[-1]] = value


def _drop(tables: Any, path: tuple[Step, ...]) -> None:
    for step in path[:-1]:
        tables = tables[step]
    del tables[path[-1]]


def _loads_or_says_why() -> None:
    """Any other exception than ConfigError ends the test."""
    problems: tuple[str, ...] = ("",)
    try:
        plan(load.load(Path("config.toml"), environ={}, need_token=True), {})
    except ConfigError as error:
        problems = error.problems

    assert problems
    assert all(len(problem.splitlines()) <= 1 for problem in problems)
