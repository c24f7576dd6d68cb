"""`watchcall probe`, as an operator meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.config.files import ME, TWILIO, write


def test_what_was_matched_fits_the_terminal(tmp_path: Path) -> None:
    check = "[[check]]\nname = 'x'\ntype = 'command'\ncommand = ['/bin/sh', '-c', 'echo {}']\n"
    text = " ".join(["a long line of a plugin's"] * 8)
    path = write(tmp_path, TWILIO + ME + check.format(text.replace("'", "")))
    probe = [sys.executable, "-m", "watchcall", "probe", "x", "--config", str(path)]
    environ = {**os.environ, "COLUMNS": "50"}
    done = subprocess.run(probe, capture_output=True, text=True, check=False, env=environ)

    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 50


def test_what_a_processor_does_is_seen_between_two_looks(tmp_path: Path) -> None:
    check = f"[[check]]\nname = 'x'\ntype = 'process'\ncmdline = '{tmp_path}$'\n"
    path = write(tmp_path, TWILIO + ME + check + "cpu = { warning = 0 }\n")
    # A process of its own: what it starts itself would never match.
    probe = [sys.executable, "-m", "watchcall", "probe", "x", "--json", "--config", str(path)]
    with subprocess.Popen([sys.executable, "-c", "while True: pass", str(tmp_path)]) as busy:
        try:
            done = subprocess.run(probe, capture_output=True, text=True, check=False)
        finally:
            busy.kill()

    answer = json.loads(done.stdout)
    assert (done.returncode, answer["level"]) == (1, "warning"), answer
    assert "percent of a core" in answer["reason"]
