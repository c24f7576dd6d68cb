"""The stages on which commands talk to a simulator, and to a daemon that only answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import Asking
from tests.cli.stage import Stage


@pytest.fixture
def stage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Stage:
    return Stage(monkeypatch, capsys, tmp_path)


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> Asking:
    monkeypatch.setenv("COLUMNS", "120")
    return Asking(monkeypatch, capsys, tmp_path)
