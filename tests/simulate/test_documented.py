"""The night that is shown in the documentation, played as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from watchcall.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "rehearsing.md"


def block(language: str) -> str:
    """The first fenced block in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert found is not None
    return found[1]


def shown(command: str) -> str:
    """What stands below a command that is shown."""
    found = re.search(
        rf"^ {{4}}\$ {re.escape(command)}\n((?: {{4}}.*\n|\n)+)", PAGE.read_text("utf-8"), re.M
    )
    assert found is not None
    return "\n".join(line.removeprefix("    ") for line in found[1].splitlines()).strip()


def test_the_night_that_is_shown_comes_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(block("toml"), "utf-8")
    (tmp_path / "config.toml").chmod(0o600)
    (tmp_path / "night.txt").write_text(block("text"), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHCALL_CONFIG", "config.toml")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("tzlocal.get_localzone", lambda: ZoneInfo("Asia/Tokyo"))

    words = "simulate night.txt --date 2026-11-28"
    assert main(words.split()) == 0
    said = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines()).strip()
    assert said == shown(f"watchcall {words}")
