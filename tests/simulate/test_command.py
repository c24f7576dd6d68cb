"""The command: what it takes, what it shows, and that it leaves nothing behind."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

import pytest

from tests.simulate.stage import DATE, Nights, config
from watchcall.cli import main
from watchcall.pager.monitor import Monitor

NIGHT = "me is busy\n03:00 httpd fails\n03:10 httpd recovers\n"
FLAGS = ("--fail", "httpd", "--at", "03:00", "--for", "10m", "--busy", "me")
# What the daemon and Twilio need, and this command does not.
HEAVY = "twilio requests apscheduler pycurl psutil uvicorn starlette apprise".split()


def test_flags_say_the_same_as_a_timeline(nights: Nights) -> None:
    nights.play(NIGHT)
    said = [(one["at"], one["kind"], one["what"], one["why"]) for one in nights.answer["events"]]
    assert nights.run(*FLAGS, "--date", DATE, "--json") == 0
    answer = json.loads(nights.out)

    assert [(one["at"], one["kind"], one["what"], one["why"]) for one in answer["events"]] == said
    assert answer["summary"]["calls"] == {"me": {"busy": 1}, "kei": {"human": 1}}


def test_flags_add_to_a_timeline(nights: Nights) -> None:
    nights.play("03:00 httpd fails\n03:10 recovers\n", None, "--no-answer", "me")

    assert nights.outcomes() == [("me", "no_answer"), ("kei", "human")]


def test_several_checks_fail_at_once_and_recover_at_once(nights: Nights) -> None:
    text = config(checks=("a", "b"))
    flags = ("--fail", "a", "--warn", "b", "--at", "03:00", "--for", "5m", "--json")
    assert nights.run(*flags, text=text) == 0
    answer = json.loads(nights.out)

    lines = [one["what"] for one in answer["events"] if one["kind"] == "timeline"]
    assert lines == ["a fails", "b warns", "a recovers", "b recovers"]


def test_the_timeline_may_come_through_a_pipe(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(NIGHT))

    assert nights.run("-", "--json") == 0
    assert json.loads(nights.out)["summary"]["open"] == []


def test_it_shows_a_table_and_a_sum(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert nights.run(*FLAGS) == 0

    rows = [line.split(maxsplit=3) for line in nights.out.splitlines() if line[2:3] == ":"]
    assert [row[1:3] for row in rows] == [
        ["-", "timeline"],
        ["-", "timeline"],
        ["httpd", "critical"],
        ["me", "busy"],
        ["kei", "human"],
        ["-", "timeline"],
        ["httpd", "ok"],
        ["phone", "quiet"],
    ]
    assert "2 calls: me busy 1; kei human 1." in nights.out
    assert "Nothing is still open." in nights.out


def test_the_words_are_shown_where_they_are_asked_for(nights: Nights) -> None:
    assert nights.run(*FLAGS) == 0
    assert "WatchCall on server" not in nights.out
    assert nights.run(*FLAGS, "--words") == 0
    assert "“WatchCall on server web1: httpd" in nights.out


@pytest.mark.parametrize("width", ["60", "80", "200"])
def test_the_table_fits_the_terminal(
    nights: Nights, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    assert nights.run(*FLAGS, "--words") == 0

    assert max(map(len, nights.out.splitlines())) <= int(width)


def test_a_storm_is_shown_in_few_rows(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    text = config(checks=[f"web-{n}" for n in range(10)]).replace(
        'interval = "5s"', 'interval = "1s"'
    )
    assert nights.run("--fail", "web-*", "--for", "5m", text=text) == 0

    assert "call about incidents 1-10 on phone" in nights.out
    closed = [line for line in nights.out.splitlines() if line.endswith(": over")]
    assert len([line for line in nights.out.splitlines() if ": over" in line]) < 5, closed
    assert " more" in nights.out


def test_a_number_without_a_name_is_masked(nights: Nights) -> None:
    text = config('\n[[channel]]\nname = "phone"\nto = ["+819034567890"]\n')
    assert nights.run("--fail", "httpd", "--busy", "+819034567890", text=text) == 0

    assert "+81*******890" in nights.out
    assert "+819034567890" not in nights.out.replace('"+819034567890" is busy', "")


def test_the_end_can_be_chosen(nights: Nights) -> None:
    for until, end in (("03:05", "03:05:00"), ("+1h", "04:00:00"), ("01:00", "01:00:00")):
        nights.play("03:00 httpd fails\n", None, "--until", until, zone="UTC")
        assert nights.answer["until"][11:19] == end


def test_what_comes_after_the_end_does_not_happen(nights: Nights) -> None:
    flags = ("--until", f"{DATE} 03:05")
    nights.play("03:00 httpd fails\n03:10 me acknowledges\n", None, *flags)

    assert nights.of("timeline") == ["httpd fails"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(
            [], "what happens? Name a timeline file, or write for example: ", id="nothing"
        ),
        pytest.param(["--busy", "me"], "what happens?", id="nothing fails"),
        pytest.param(["night"], "cannot read night: No such file or directory", id="no file"),
        pytest.param(["."], "cannot read .: Is a directory", id="a folder"),
        pytest.param(["--fail", "htpd"], "--fail: no check is called", id="no such check"),
        pytest.param(
            ["--fail", "httpd", "--busy", "mee"], "--busy: no contact is called", id="nobody"
        ),
        pytest.param(["--fail", "httpd", "--at", "noon"], "--at: write 07:00, +2h", id="no time"),
        pytest.param(["--fail", "httpd", "--at", "25:00"], '--at: "25:00" is no', id="25 o'clock"),
        pytest.param(["--fail", "httpd", "--for", "ever"], "--for: must be a duration", id="ever"),
        pytest.param(["--fail", "httpd", "--until", "dawn"], "--until: write 07:00", id="dawn"),
        pytest.param(
            ["--fail", "httpd", "--until", "2099-01-01 07:00"],
            "--until: a night ends after it began, and within two months",
            id="a night of years",
        ),
        pytest.param(["--fail", "httpd", "--date", "today"], '"today" is no day', id="no day"),
    ],
)
def test_wrong_usage_says_what_would_be_right(nights: Nights, words: list[str], error: str) -> None:
    assert nights.run(*words) == 2
    assert nights.out == ""
    assert error in nights.err
    assert "Traceback" not in nights.err


def test_a_wrong_line_is_named_with_its_file(nights: Nights) -> None:
    path = nights.folder / "night.txt"
    path.write_bytes(b"03:00 httpd fails\n03:10 htpd recovers\n")
    assert nights.run(str(path)) == 2
    assert nights.err == f'{path}: line 2: no check is called "htpd"; did you mean httpd?\n'

    path.write_bytes(b"\xff\xfe")
    assert nights.run(str(path)) == 2
    assert "is no text in UTF-8" in nights.err


def test_a_wrong_configuration_is_one(nights: Nights) -> None:
    assert nights.run("--fail", "httpd", text="[twilio]") == 78


def test_what_crashes_in_it_is_not_hidden(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: Monitor) -> NoReturn:
        raise LookupError("a bug")

    monkeypatch.setattr(Monitor, "turn", broken)
    assert nights.run("--fail", "httpd") == 1
    assert nights.err.startswith("watchcall: something of ours crashed: account stumbled")


def test_it_needs_no_network_no_thread_and_no_token(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a simulation stays at home")

    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)

    assert nights.run(*FLAGS) == 0


def test_it_starts_quickly_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """In a process of its own, with an empty home: what it imports, and what it writes."""
    home, folder = tmp_path / "home", tmp_path / "folder"
    home.mkdir()
    folder.mkdir()
    (folder / "config.toml").write_text(config())
    program = (
        "import sys; from watchcall.cli import main;"
        f"code = main(['simulate', '--config', 'config.toml', *{FLAGS!r}]);"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), code, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "HOME": str(home),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stderr == "[] 0\n"
    assert "Nothing is still open." in done.stdout
    assert sorted(one.name for one in folder.iterdir()) == ["config.toml"]
    assert list(home.iterdir()) == []


def test_its_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--help"]) == 0
    assert "example: watchcall simulate --fail httpd" in " ".join(capsys.readouterr().out.split())
