"""Wherever output goes, a command ends with its exit code and no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.answers import answering, call, check, incident, stats, status

NAME = "日本 é 😀"
LINES = "printed long lines of evidence " * 1000  # more than any buffer holds
CONFIG = f"""\
[twilio]
account_sid = "AC00000000000000000000000000000000"
auth_token = "{"0" * 32}"
from = "+15005550006"
api_url = "http://127.0.0.1:9"

[[contact]]
name = "me"
phone = "+819012345678"

[[channel]]
name = "phone"
to = ["me"]

[[check]]
name = "{NAME}"
type = "process"
process = "no-such-process-at-all"
"""
C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
COMMANDS = {
    "--help": 0,
    "--version": 0,
    "validate": 0,
    f"probe '{NAME}'": 1,
    f"probe '{NAME}' --json": 1,
    "status": 1,
    "status --json": 1,
    "incidents": 0,
    "stats": 0,
    "calls": 0,
}


class Shell:
    """Runs a command line as an operator's shell does."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._folder = folder
        self._environ = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **environ}

    def __call__(self, words: str, **environ: str) -> tuple[int, str, str]:
        done = subprocess.run(
            ["bash", "-c", f"watchcall() {{ '{sys.executable}' -m watchcall \"$@\"; }}; {words}"],
            cwd=self._folder,
            env={**self._environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    long = status(check(NAME), check("other", reason=LINES))
    known: dict[str, Any] = {
        "incidents": [incident(NAME)],
        "stats": stats(NAME),
        "calls": [call(NAME)],
    }
    with answering(tmp_path, status=long, **known) as environ:
        (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
        yield Shell(tmp_path, environ)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_gone_is_no_trouble(shell: Shell, command: str) -> None:
    code, _, err = shell(f"watchcall {command} | true; exit ${{PIPESTATUS[0]}}")

    assert code in (0, COMMANDS[command]), err
    assert err == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_one_message(shell: Shell, command: str) -> None:
    code, _, err = shell(f"watchcall {command} >/dev/full")

    assert code == 1
    assert err == "watchcall: cannot write the output: No space left on device\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_stream_changes_no_exit_code(shell: Shell, command: str, closed: str) -> None:
    code, _, err = shell(f"watchcall {command} {closed}")

    assert (code, "Traceback" in err) == (COMMANDS[command], False)


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full", "2>&1 | true"])
@pytest.mark.parametrize(
    ("words", "code"),
    [("status --config /nowhere.toml", 78), ("silence web", 2), ("calls --limit 0", 2)],
)
def test_an_error_that_nobody_hears_keeps_its_exit_code(
    shell: Shell, words: str, code: int, stderr: str
) -> None:
    assert shell(f"watchcall {words} {stderr}; exit ${{PIPESTATUS[0]}}") == (code, "", "")


@pytest.mark.parametrize("command", ["validate", "status"])
def test_letters_that_the_locale_lacks_are_escaped(shell: Shell, command: str) -> None:
    code, out, err = shell(f"watchcall {command}", **C)

    assert (code, err) == (COMMANDS[command], "")
    assert "\\u65e5\\u672c \\xe9 \\U0001f600" in out


def test_json_stays_json_where_the_locale_lacks_letters(shell: Shell) -> None:
    _, out, _ = shell("watchcall status --json", **C)

    assert json.loads(out)["checks"][0]["name"] == NAME


def test_json_is_readable_where_it_can_be(shell: Shell) -> None:
    assert NAME in shell("watchcall status --json")[1]
