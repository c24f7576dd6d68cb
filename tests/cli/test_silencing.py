"""`silence`, `unsilence`, `silences`, `explain`: what they ask, what they say, how they end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.answers import AT, Refusal, explanation, incident, silence, step
from tests.cli.asking import Asking
from watchcall.cli import main

MADE = silence("web-*", "db", stops=[])
ENDED = silence("web-*", tells=[], quiet=[])
OWNED = {
    "id": 12,
    "check": "db",
    "acknowledged_by": "kei",
    "acknowledged_at": AT,
    "acknowledged_until": None,
    "already": False,
}


class TestSilence:
    def test_it_asks_for_the_checks_until_then(self, asking: Asking) -> None:
        begun = datetime.now(UTC)
        words = ("silence", "web-*", "db", "--for", "2h", "--reason", "new kernel", "--by", "kei")
        assert asking(*words, silence=MADE) == 0

        ((path, sent),) = asking.asked
        until = datetime.fromisoformat(sent.pop("until"))
        assert (path, sent) == (
            "/silence",
            {"checks": ["web-*", "db"], "reason": "new kernel", "by": "kei"},
        )
        assert timedelta(0) <= until - begun - timedelta(hours=2) < timedelta(minutes=1)

    @pytest.mark.parametrize("reason", [[], ["--reason", ""]], ids=["none", "empty"])
    def test_without_a_reason_there_is_none(self, asking: Asking, reason: list[str]) -> None:
        asking("silence", "db", "--until", "23:59", *reason, silence=MADE)

        assert asking.asked[0][1]["reason"] is None

    def test_without_a_name_it_is_who_sits_here(
        self, asking: Asking, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SUDO_USER", "kei")
        asking("silence", "db", "--for", "1m", silence=MADE)

        assert asking.asked[0][1]["by"] == "kei"

    def test_it_says_what_is_quiet_until_when_and_what_happens_then(self, asking: Asking) -> None:
        asking("silence", "web-*", "db", "--for", "2h", silence=MADE)

        until = datetime.fromisoformat(AT).astimezone()
        assert asking.out.splitlines() == [
            f"silence 3 by kei: nobody is called about web-*, db until {until:%Y-%m-%d %H:%M}",
            "it matches 2 checks: httpd, web",
            "checking goes on; what still fails at its end is told then; "
            "watchcall unsilence 3 ends it now",
        ]

    def test_it_says_which_calls_stop(self, asking: Asking) -> None:
        stops = [{"check": "httpd", "incident": 12}]
        asking("silence", "httpd", "--for", "2h", silence={**MADE, "stops": stops})

        assert "the calls about incident 12 (httpd) stop\n" in asking.out

    def test_many_checks_are_only_counted(self, asking: Asking) -> None:
        many = [f"web-{number}" for number in range(30)]
        asking("silence", "web-*", "--for", "2h", silence={**MADE, "matches": many})

        assert "it matches 30 checks\n" in asking.out

    def test_json_is_the_daemons_own(self, asking: Asking) -> None:
        asking("silence", "db", "--for", "2h", "--json", silence=MADE)

        assert json.loads(asking.out) == MADE

    @pytest.mark.parametrize(
        ("words", "wrong"),
        [
            pytest.param("db", "one of the arguments --for --until is required", id="no end"),
            pytest.param("db --for 2h --until 07:00", "not allowed with", id="two ends"),
            pytest.param("db --for 0", "more than nothing", id="no time at all"),
            pytest.param("db --for 366d", "at most 365d", id="for ever"),
            pytest.param("--for 2h", "required: CHECK", id="no check"),
        ],
    )
    def test_wrong_usage(self, asking: Asking, words: str, wrong: str) -> None:
        assert asking("silence", *words.split(), silence=MADE) == 2
        assert wrong in asking.err
        assert asking.asked == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(404, 2, id="no such thing"),
        pytest.param(409, 1, id="over already"),
        pytest.param(500, 1, id="it could not be written down"),
    ],
)
@pytest.mark.parametrize("command", ["silence db --for 2h", "unsilence 3", "explain db"])
def test_a_refusal_has_its_exit_code(asking: Asking, command: str, status: int, code: int) -> None:
    refusal = {command.split()[0]: Refusal(status, "because")}

    assert asking(*command.split(), **refusal) == code
    assert (asking.out, asking.err) == ("", "watchcall: because\n")


@pytest.mark.parametrize(
    "command", ["silence db --for 2h", "unsilence 3", "silences", "explain db"]
)
def test_without_a_daemon_the_code_is_69(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("[daemon]\n")
    monkeypatch.setenv("WATCHCALL_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("WATCHCALL_DAEMON__CONTROL_SOCKET", str(tmp_path / "none.sock"))

    assert main(command.split()) == 69


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        ("silence db --for 2h", {"silence": MADE}),
        ("unsilence 3", {"unsilence": ENDED}),
        ("ack 12", {"ack": OWNED}),
    ],
)
@pytest.mark.parametrize(
    ("kept", "said"),
    [
        pytest.param({"kept": True}, False, id="is on the disk"),
        pytest.param({"kept": False}, True, id="is in memory only"),
        pytest.param({}, False, id="an older daemon does not say"),
    ],
)
def test_what_a_restart_would_forget_is_said(
    asking: Asking, command: str, answers: dict[str, Any], kept: dict[str, bool], said: bool
) -> None:
    asking(*command.split(), **{path: {**answer, **kept} for path, answer in answers.items()})

    warning = "a restart before it can be written again forgets this\n"
    assert said == asking.out.endswith(warning)


class TestUnsilence:
    def test_it_asks_by_number(self, asking: Asking) -> None:
        assert asking("unsilence", "3", unsilence=ENDED) == 0
        assert asking.asked == [("/unsilence", {"id": 3})]

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            pytest.param(
                {},
                "no failure is left to tell; what fails from now on is told as usual",
                id="all well",
            ),
            pytest.param(
                {"tells": [{"check": "db", "incident": 12}]},
                "db still fails, and is told now (incident 12)",
                id="told now",
            ),
            pytest.param(
                {"quiet": [{"check": "db", "incident": 12, "why": ["flapping"]}]},
                "db still fails, and stays quiet (incident 12): flapping",
                id="quiet for another reason",
            ),
        ],
    )
    def test_it_says_what_is_told_now(
        self, asking: Asking, changed: dict[str, Any], said: str
    ) -> None:
        asking("unsilence", "3", unsilence={**ENDED, **changed})

        assert asking.out.splitlines() == ["silence 3 (web-*) has ended", said]

    @pytest.mark.parametrize("number", ["0", "1.5", "x", "-1", "", "9999999999"])
    def test_what_is_no_number_does_not_exist(self, asking: Asking, number: str) -> None:
        assert asking("unsilence", "--", number, unsilence=ENDED) == 2
        assert asking.asked == []
        assert "there is no silence of this number" in asking.err


class TestSilences:
    def test_none_is_said_in_words(self, asking: Asking) -> None:
        assert asking("silences", silences=[]) == 0
        assert asking.out == "no silences\n"

    def test_json_is_the_daemons_own(self, asking: Asking) -> None:
        assert asking("silences", "--json", silences=[silence("db", reason=None)]) == 0
        assert json.loads(asking.out) == [silence("db", reason=None)]


class TestExplain:
    def test_the_name_is_asked_for_as_it_is(self, asking: Asking) -> None:
        assert asking("explain", "web & db", explain=explanation("web & db")) == 0
        assert asking.asked == [("/explain?check=web+%26+db", None)]

    def test_json_is_the_daemons_own(self, asking: Asking) -> None:
        asking("explain", "db", "--json", explain=explanation("db"))

        assert json.loads(asking.out) == explanation("db")

    def test_of_a_person_only_what_keeps_the_phone_quiet_takes_a_line(self, asking: Asking) -> None:
        asking("explain", "db", explain=explanation("db"))

        named = [
            line.split("  ")[1].strip() for line in asking.out.splitlines() if line[:2] == "  "
        ]
        assert named == ["kei, cost guard", "aoi"]

    def test_what_twilio_holds_against_a_number_is_shown_though_it_passes(
        self, asking: Asking
    ) -> None:
        why = "kei cannot be called: Twilio's error 21214"
        barred = step("barred", channel="phone", contact="kei", why=why)
        asking("explain", "db", explain=explanation("db", barred))

        assert why in asking.out

    @pytest.mark.parametrize(
        ("why", "shown"),
        [
            pytest.param("until 2020-11-03 05:05 UTC", "%Y-%m-%d %H:%M", id="another day"),
            pytest.param("until 2020-11-03 05:05:06 UTC", "%Y-%m-%d %H:%M", id="with seconds"),
        ],
    )
    def test_times_are_those_of_the_clock_here(self, asking: Asking, why: str, shown: str) -> None:
        asking("explain", "db", explain=explanation("db", step("silence", "holds", why=why)))

        here = datetime(2020, 11, 3, 5, 5, tzinfo=UTC).astimezone()
        assert f"until {here:{shown}}\n" in asking.out.replace("  \n", "\n").replace(" \n", "\n")

    def test_no_more_precise_than_they_were(self, asking: Asking) -> None:
        """Of today only the time is shown."""
        now = datetime.now(UTC)
        why = f"until {now:%Y-%m-%d %H:%M} UTC."
        asking("explain", "db", explain=explanation("db", step("silence", "holds", why=why)))

        assert f"until {now.astimezone():%H:%M}." in asking.out

    def test_told_and_quiet_are_in_the_order_of_time(self, asking: Asking) -> None:
        quiet = {"at": "2020-11-03T04:05:05+00:00", "channel": "text", "why": "already told"}
        about = incident("db", quiet=[quiet])
        asking("explain", "db", explain=explanation("db", incidents=[about]))

        lines = [line.split() for line in asking.out.splitlines()]
        after = next(at for at, words in enumerate(lines) if words[:2] == ["AT", "CHANNEL"])
        assert [words[3] for words in lines[after + 1 :]] == ["nobody", "kei", "aoi"]

    def test_who_owned_an_incident_until_when(self, asking: Asking) -> None:
        about = incident("db", disowned_at=AT)
        asking("explain", "db", explain=explanation("db", incidents=[about]))

        assert "acknowledged by kei at 20" in asking.out
        assert " until 20" in asking.out

    def test_no_incidents_is_said_in_words(self, asking: Asking) -> None:
        asking("explain", "db", explain=explanation("db", incidents=[]))

        assert asking.out.endswith("\nno incidents yet\n")
