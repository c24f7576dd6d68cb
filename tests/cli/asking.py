"""Commands that ask the daemon, run against canned answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.answers import answering
from watchcall.cli import main


class Asking:
    """Runs a command; `asked` is what the daemon was asked, `out` and `err` what was printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: Any, folder: Path) -> None:
        self._monkeypatch, self._capsys, self._folder = monkeypatch, capsys, folder
        self.asked: list[tuple[str, Any]] = []
        self.out = self.err = ""

    def __call__(self, *words: str, **answers: Any) -> int:
        with answering(self._folder, self.asked, **answers) as environ:
            for name, value in environ.items():
                self._monkeypatch.setenv(name, value)
            code = main(list(words))
        self.out, self.err = self._capsys.readouterr()
        return code
