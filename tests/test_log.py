"""What a log line looks like, and what never stands in one."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from watchcall.log import Background, OneLine, to_journal

SECRET = "0123456789abcdef0123456789abcdef"


def line(message: str, *args: object, level: int = logging.WARNING, journal: bool = True) -> str:
    record = logging.LogRecord("watchcall", level, __file__, 1, message, args, None)
    return OneLine([SECRET], journal=journal).format(record)


@pytest.mark.parametrize(
    ("level", "prefix"),
    [
        (logging.CRITICAL, "<2>"),
        (logging.ERROR, "<3>"),
        (logging.WARNING, "<4>"),
        (logging.INFO, "<6>"),
        (logging.DEBUG, "<7>"),
    ],
)
def test_journald_is_told_the_priority(level: int, prefix: str) -> None:
    assert line("check %r failed", "httpd", level=level) == f"{prefix}check 'httpd' failed"


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        pytest.param(f"token {SECRET}!", "token ********!", id="a secret is struck out"),
        pytest.param("to +819012345678", "to +81*******678", id="a phone number is masked"),
        pytest.param("a\nb\r\nc", "a; b; c", id="one event is one line"),
        pytest.param("red \x1b[31m\x07", "red \\x1b[31m\\x07", id="a terminal obeys nobody"),
        pytest.param("サーバー", "サーバー", id="other scripts are left alone"),
    ],
)
def test_what_is_logged(message: str, logged: str) -> None:
    assert line("%s", message) == f"<4>{logged}"


def test_a_traceback_is_one_line_without_the_secret() -> None:
    error = ValueError(f"bad token {SECRET}")
    trouble = (type(error), error, None)
    record = logging.LogRecord("w", logging.ERROR, __file__, 1, "oops", (), trouble)

    text = OneLine([SECRET], journal=True).format(record)

    assert SECRET not in text
    assert "\n" not in text
    assert "ValueError: bad token ********" in text


@pytest.mark.parametrize("inherited", [False, True])
def test_it_logs_for_journald_only_where_journald_reads(tmp_path: Path, inherited: bool) -> None:
    """A shell may hand JOURNAL_STREAM on to programs whose stderr is a terminal."""
    mine, other = tmp_path / "mine", tmp_path / "other"
    other.touch()
    with mine.open("w") as stream:
        named = (other if inherited else mine).stat()
        environ = {"JOURNAL_STREAM": f"{named.st_dev}:{named.st_ino}"}

        assert to_journal(environ, stream.fileno()) is not inherited
    assert not to_journal({})


def test_a_reader_that_stands_still_holds_up_nobody() -> None:
    reader, writer = os.pipe()
    handler = Background(writer, room=100)
    handler.setFormatter(OneLine([], journal=True))
    for number in range(100_000):
        handler.emit(logging.LogRecord("w", logging.INFO, "", 1, "line %d", (number,), None))
    handler.emit(logging.LogRecord("w", logging.INFO, "", 1, "the last one", (), None))

    text = b""
    while b"were lost" not in text:
        text += os.read(reader, 65536)
    assert text.startswith(b"<6>line 0\n")
    handler.flush()
    os.close(reader)
    handler.emit(logging.LogRecord("w", logging.INFO, "", 1, "nobody hears", (), None))
    handler.flush()
    os.close(writer)


def test_by_hand_a_line_has_its_time_instead() -> None:
    assert line("hello", journal=False).endswith("WARNING  hello")
