"""Tables and what stands above them fit the terminal, and stay readable where it is narrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.answers import REASON, answering, call, check, status
from watchcall.cli import main

LONG = "postgresql-replication-lag-tky"
JAPANESE = "日本語の名前を持つとても長い監視項目"
NAMES = [
    pytest.param("web", id="short"),
    pytest.param(LONG, id="30 characters"),
    pytest.param(JAPANESE, id="Japanese"),
]


class Screen:
    """What one command prints on a terminal of so many columns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: Any, folder: Path) -> None:
        self._monkeypatch, self._capsys, self._folder = monkeypatch, capsys, folder

    def show(self, columns: int | None, command: str, answer: Any) -> list[str]:
        if columns:
            self._monkeypatch.setenv("COLUMNS", str(columns))
        else:
            self._monkeypatch.delenv("COLUMNS", raising=False)
        with answering(self._folder, **{command: answer}) as environ:
            for name, value in environ.items():
                self._monkeypatch.setenv(name, value)
            main([command])
        printed, errors = self._capsys.readouterr()
        assert errors == ""
        return [line.rstrip() for line in printed.splitlines()]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> Screen:
    return Screen(monkeypatch, capsys, tmp_path)


def cells(lines: list[str], heading: str) -> str:
    """Return what stands under a heading, the folded lines of it joined."""
    top = next(at for at, line in enumerate(lines) if heading in line.split())
    start = cell_len(lines[top][: lines[top].index(heading)])
    after = lines[top][lines[top].index(heading) + len(heading) :]
    width = len(heading) + len(after) - len(after.lstrip()) if after else 10_000
    return "".join(_cut(line, start, width).strip() + " " for line in lines[top + 1 :]).strip()


def _cut(line: str, start: int, width: int) -> str:
    at, cut = 0, ""
    for letter in line:
        if start <= at < start + width:
            cut += letter
        at += cell_len(letter)
    return cut


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("name", NAMES)
class TestFits:
    def test_status(self, screen: Screen, columns: int, name: str) -> None:
        lines = screen.show(columns, "status", status(check(name)))

        assert max(map(cell_len, lines)) <= columns
        assert cells(lines, "CHECK").replace(" ", "") == name
        assert cells(lines, "STATE") == "critical"
        assert cells(lines, "REASON") == REASON  # broken between words only

    def test_calls(self, screen: Screen, columns: int, name: str) -> None:
        lines = screen.show(columns, "calls", [call(name)])

        assert max(map(cell_len, lines)) <= columns
        assert cells(lines, "CONTACT").replace(" ", "") == name
        assert cells(lines, "OUTCOME") == "no_answer"
        assert cells(lines, "ERROR") == "the number is not reachable from this account"


@pytest.mark.parametrize(
    ("columns", "gone"),
    [
        pytest.param(120, "", id="120: all are there"),
        pytest.param(80, "SEEN", id="80: when it was last seen goes first"),
        pytest.param(48, "SEEN SINCE", id="48: then since when"),
        pytest.param(42, "SEEN SINCE COUNT", id="42: then the count"),
        pytest.param(36, "SEEN SINCE COUNT INCIDENT", id="36: then the incident"),
    ],
)
def test_the_least_important_columns_go_first(screen: Screen, columns: int, gone: str) -> None:
    lines = screen.show(columns, "status", status(check("web")))

    headings = next(line.split() for line in lines if line.startswith("CHECK"))
    everything = "CHECK STATE COUNT SINCE SEEN INCIDENT REASON".split()
    assert headings == [heading for heading in everything if heading not in gone.split()]


def test_what_stands_above_the_table_wraps_between_words(screen: Screen) -> None:
    lines = screen.show(40, "status", status(check("web")))

    above = lines[: lines.index("")]
    assert max(map(len, above)) <= 40
    assert "disk full" in " ".join(above)


def test_in_a_pipe_a_line_stays_one_line(screen: Screen) -> None:
    """It is there to be searched."""
    answer = status(check("web"))
    answer["troubles"] = ["long " * 100 + "end"]

    lines = screen.show(None, "status", answer)

    assert f"trouble: {'long ' * 100}end" in lines
