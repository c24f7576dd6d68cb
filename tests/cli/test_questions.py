"""`incidents`, `stats` and `ack`: what they ask the daemon, and their exit codes."""

from __future__ import annotations

import argparse
import json
import os
import pwd
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from rich.cells import cell_len

from tests.cli.answers import AT, Refusal, incident, stats
from tests.cli.asking import Asking
from watchcall.cli import main
from watchcall.cli.stats import since
from watchcall.config.types import duration

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWNED = {
    "id": 12,
    "check": "httpd",
    "acknowledged_by": "kei",
    "acknowledged_at": AT,
    "acknowledged_until": None,
    "already": False,
}


def test_json_is_the_daemons_own(asking: Asking) -> None:
    assert asking("incidents", "--json", incidents=[incident("web")]) == 0
    assert json.loads(asking.out) == [incident("web")]


def test_so_it_is_with_stats(asking: Asking) -> None:
    assert asking("stats", "--json", stats=stats("kei")) == 0
    assert json.loads(asking.out) == stats("kei")


def test_no_incidents_is_said_in_words(asking: Asking) -> None:
    assert asking("incidents", incidents=[]) == 0
    assert asking.out == "no incidents yet\n"


def test_so_many_incidents_as_asked_for(asking: Asking) -> None:
    asking("incidents", "--limit", "7", incidents=[])

    assert asking.asked == [("/incidents?limit=7", None)]


@pytest.mark.parametrize("command", ["incidents", "stats", "ack 12"])
def test_without_a_daemon_the_code_is_69(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("[daemon]\n")
    monkeypatch.setenv("WATCHCALL_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("WATCHCALL_DAEMON__CONTROL_SOCKET", str(tmp_path / "none.sock"))

    assert main(command.split()) == 69


class TestSince:
    """How far back `stats` looks."""

    @time_machine.travel(NOON, tick=False)
    @pytest.mark.parametrize(
        "text", ["500ms", "30s", "5m", "2h", "7d", "3650d", "90", "1.5h", "30 d"]
    )
    def test_durations_are_those_of_the_configuration(self, text: str) -> None:
        assert NOON - since(text) == duration(text)

    @time_machine.travel(NOON, tick=False)
    def test_a_date_begins_at_midnight_here(self) -> None:
        assert str(since("2026-11-01").astimezone()).startswith("2026-11-01 00:00:00")

    @time_machine.travel(NOON, tick=False)
    def test_a_time_may_be_anywheres(self) -> None:
        assert since("2026-11-01T09:00:00+09:00") == datetime(2026, 11, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        "text", ["", "yesterday", "-5m", "5 weeks", "3651d", "2026-13-01", "2100-01-01", "1e9"]
    )
    def test_anything_else_is_wrong_usage(self, text: str, asking: Asking) -> None:
        with pytest.raises(argparse.ArgumentTypeError):
            since(text)
        assert asking("stats", f"--since={text}") == 2
        assert asking.asked == []

    def test_the_daemon_is_asked_for_thirty_days(self, asking: Asking) -> None:
        asking("stats", stats=stats("kei"))

        ((path, _),) = asking.asked
        query = {
            name: datetime.fromisoformat(at)
            for name, (at,) in parse_qs(urlsplit(path).query).items()
        }
        span = query["until"] - query["since"]
        assert timedelta(days=30) <= span < timedelta(days=30, minutes=1)


class TestAck:
    """Who owns what, until when."""

    def test_it_says_who_owns_it_until_when(self, asking: Asking) -> None:
        assert asking("ack", "12", "--by", "kei", ack=OWNED) == 0
        assert asking.out == "incident 12 (httpd) is owned by kei until it recovers\n"
        assert asking.asked == [("/ack", {"incident": "12", "by": "kei"})]

    def test_an_end_is_said_as_this_machines_clock_shows_it(self, asking: Asking) -> None:
        asking("ack", "12", ack={**OWNED, "acknowledged_until": AT})

        until = datetime.fromisoformat(AT).astimezone()
        assert asking.out.endswith(f"until {until:%Y-%m-%d %H:%M}\n")

    def test_what_is_owned_already_is_fine(self, asking: Asking) -> None:
        owned = {**OWNED, "acknowledged_by": "aoi", "already": True}

        assert asking("ack", "12", "--by", "kei", ack=owned) == 0
        assert "is owned already by aoi" in asking.out

    def test_a_code_may_be_written_small(self, asking: Asking) -> None:
        asking("ack", "k7q4", "--by", "kei", ack=OWNED)

        assert asking.asked == [("/ack", {"incident": "K7Q4", "by": "kei"})]

    @pytest.mark.parametrize(
        ("status", "error", "code"),
        [
            pytest.param(404, "there is no incident 99", 2, id="there is none"),
            pytest.param(409, "incident 12 is closed already", 1, id="it is closed"),
            pytest.param(500, "the disk is full", 1, id="it could not be written down"),
        ],
    )
    def test_a_refusal_has_its_exit_code(
        self, asking: Asking, status: int, error: str, code: int
    ) -> None:
        assert asking("ack", "12", ack=Refusal(status, error)) == code
        assert (asking.out, asking.err) == ("", f"watchcall: {error}\n")

    @pytest.mark.parametrize("named", ["abc\x1b[31m", "-1.5", "", "1 2"])
    def test_what_cannot_be_an_incident_does_not_exist(self, asking: Asking, named: str) -> None:
        assert asking("ack", "--", named, ack=OWNED) == 2
        assert asking.asked == []
        assert "there is no incident of this name" in asking.err

    @pytest.mark.parametrize(
        ("behind", "name"),
        [
            pytest.param("kei", "kei", id="who is behind sudo"),
            pytest.param("", pwd.getpwuid(os.getuid()).pw_name, id="else who is logged in"),
        ],
    )
    def test_without_a_name_it_is_who_sits_here(
        self, asking: Asking, monkeypatch: pytest.MonkeyPatch, behind: str, name: str
    ) -> None:
        monkeypatch.setenv("SUDO_USER", behind)
        asking("ack", "12", ack=OWNED)

        assert asking.asked[0][1]["by"] == name


EVIDENCE: dict[str, Any] = {
    "at": AT,
    "phrase": "it was killed by signal 9",
    "before": {"pids": [812], "units": ["httpd.service"], "cgroups": [], "oom_kills": 0},
    "systemd": {
        "unit": "httpd.service",
        "result": "signal",
        "ended": "killed by signal 9 (SIGKILL)",
        "status": None,
        "journal": [{"at": AT, "from": "httpd", "level": "err", "text": r"no space\x1b[2J left"}],
        "journal_unread": None,
    },
    "unasked": None,
    "look": {"pids": [], "rules": [{"rule": "count", "saw": 0}]},
}


def test_one_incident_is_shown_in_full(asking: Asking) -> None:
    assert asking("incidents", "12", incident=incident("web", evidence=EVIDENCE)) == 0
    assert asking.asked == [("/incident?id=12", None)]
    for shown in (
        "incident 12 (critical), opened",
        "why: it was killed by signal 9",
        "busy",
        "what explains it, gathered at 2020-11-0",  # which day depends on where it is read
        "    ended: killed by signal 9 (SIGKILL)",
        "    status: -",
        "    - rule count, saw 0",
        r"httpd: no space\x1b[2J left",
    ):
        assert shown in asking.out


@pytest.mark.parametrize("columns", [30, 40, 80])
def test_what_explains_it_fits_the_terminal(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    words = "cannot bind to address: 日本語のパスと " * 4 + "/srv/" + "deep/" * 20 + "x.sock"
    journal = [{"at": AT, "from": "httpd", "level": "err", "text": words}]
    systemd = {**EVIDENCE["systemd"], "ended": words, "journal": journal}
    look = {"rules": [{"rule": "count", "saw": 0, "why": words}], "cmdlines": [words]}
    told = {**EVIDENCE, "systemd": systemd, "look": look}

    assert asking("incidents", "12", incident=incident("web", evidence=told)) == 0

    shown = asking.out.partition("what explains it")[2].splitlines()[1:]
    assert max(map(cell_len, shown)) <= columns
    whole = "".join(asking.out.split())
    assert whole.count("".join(words.split())) == 4  # broken, and nothing is lost


def test_one_that_nothing_explains_says_so(asking: Asking) -> None:
    assert asking("incidents", "K7Q4", incident=incident("web", evidence=None)) == 0
    assert asking.asked == [("/incident?id=K7Q4", None)]
    assert asking.out.endswith("nothing more is known of it\n")


def test_one_for_programs_is_the_daemons_own(asking: Asking) -> None:
    assert asking("incidents", "12", "--json", incident=incident("web", evidence=EVIDENCE)) == 0
    assert json.loads(asking.out) == incident("web", evidence=EVIDENCE)


def test_one_that_does_not_exist_is_wrong_usage(asking: Asking) -> None:
    refused = Refusal(404, "there is no incident 99; watchcall incidents lists them")

    assert asking("incidents", "99", incident=refused) == 2
    assert "there is no incident 99" in asking.err
