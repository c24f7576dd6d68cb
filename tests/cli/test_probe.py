"""`watchcall probe`, as an operator meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.files import ME, TWILIO, write
from watchcall.cli import main


def test_what_a_processor_does_is_seen_between_two_looks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    busy = [sys.executable, "-c", "while True: pass", str(tmp_path)]
    check = f"[[check]]\nname = 'x'\ntype = 'process'\ncmdline = '{tmp_path}$'\n"
    path = write(tmp_path, TWILIO + ME + check + "cpu = { warning = 0 }\n")
    with subprocess.Popen(busy) as process:
        try:
            assert main(["probe", "x", "--json", "--config", str(path)]) == 1
        finally:
            process.kill()

    answer = json.loads(capsys.readouterr().out)
    assert answer["level"] == "warning"
    assert "percent of a core" in answer["reason"]
