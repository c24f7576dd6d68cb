"""Nights for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulate.stage import Nights


@pytest.fixture
def nights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Nights:
    return Nights(tmp_path, capsys, monkeypatch)
