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
    monkeypatch.setattr("tzlocal.reload_localzone", lambda: ZoneInfo("Asia/Tokyo"))

    words = "simulate night.txt --date 2026-11-28"
    assert main(words.split()) == 0
    said = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines()).strip()
    assert said == shown(f"watchcall {words}")


def lines() -> list[str]:
    """What a line may say, each as it stands in the table, with the name that stands before it."""
    table = PAGE.read_text("utf-8").partition("What a line may say")[2].partition("Names that")[0]
    _times, *rows = (row for row in table.splitlines() if row.startswith("| `"))
    found = []
    for row in rows:
        whole, *others = re.findall(r"`([^`]+)`", row.rpartition(" | ")[0])
        found.append(whole)
        for other in others:
            alone = other.startswith(ALONE)
            above = whole.rpartition(" ")[0] if other.isdigit() else whole.partition(" ")[0]
            found.append(other if alone else f"{above} {other}")
    return [line.replace("…", "it is late") for line in found]


ALONE = ("ack ", "unsilence ", "twilio ")


def test_every_line_that_a_night_may_have_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One after the other, in one night; what is not understood is an error that names it."""
    web = next(one for one in PAGE.read_text("utf-8").split("```toml\n") if one.startswith("[web]"))
    (tmp_path / "config.toml").write_text(block("toml") + web.partition("```")[0], "utf-8")
    (tmp_path / "config.toml").chmod(0o600)
    night = ["03:00 shop fails", *(f"+5m {line}" for line in lines())]
    (tmp_path / "night.txt").write_text("\n".join(night), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHCALL_CONFIG", "config.toml")

    assert main(["simulate", "night.txt"]) == 0, capsys.readouterr().err
