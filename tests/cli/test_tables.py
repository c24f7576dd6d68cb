"""Tables and what stands above them fit the terminal, and stay readable where it is narrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.answers import (
    AT,
    REASON,
    answering,
    call,
    check,
    explanation,
    incident,
    silence,
    stats,
    status,
)
from watchcall.cli import main

LONG = "postgresql-replication-lag-tky"
JAPANESE = "日本語の名前を持つとても長い監視項目"
NAMES = [
    pytest.param("web", id="short"),
    pytest.param(LONG, id="30 characters"),
    pytest.param(JAPANESE, id="Japanese"),
]


class Screen:
    """What one command prints on a terminal of so many columns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: Any, folder: Path) -> None:
        self._monkeypatch, self._capsys, self._folder = monkeypatch, capsys, folder

    def show(self, columns: int | None, command: str, answer: Any, *words: str) -> list[str]:
        if columns:
            self._monkeypatch.setenv("COLUMNS", str(columns))
        else:
            self._monkeypatch.delenv("COLUMNS", raising=False)
        with answering(self._folder, **{command: answer}) as environ:
            for name, value in environ.items():
                self._monkeypatch.setenv(name, value)
            main([command, *words])
        printed, errors = self._capsys.readouterr()
        assert errors == ""
        return [line.rstrip() for line in printed.splitlines()]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> Screen:
    return Screen(monkeypatch, capsys, tmp_path)


def cells(lines: list[str], heading: str) -> str:
    """Return what stands under a heading, the folded lines of it joined."""
    top = next(at for at, line in enumerate(lines) if heading in line.split())
    start = cell_len(lines[top][: lines[top].index(heading)])
    after = lines[top][lines[top].index(heading) + len(heading) :]
    width = len(heading) + len(after) - len(after.lstrip()) if after else 10_000
    return "".join(_cut(line, start, width).strip() + " " for line in lines[top + 1 :]).strip()


def _cut(line: str, start: int, width: int) -> str:
    at, cut = 0, ""
    for letter in line:
        if start <= at < start + width:
            cut += letter
        at += cell_len(letter)
    return cut


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("name", NAMES)
class TestFits:
    def test_status(self, screen: Screen, columns: int, name: str) -> None:
        lines = screen.show(columns, "status", status(check(name)))

        assert max(map(cell_len, lines)) <= columns
        assert cells(lines, "CHECK").replace(" ", "") == name
        assert cells(lines, "STATE") == "critical"
        assert cells(lines, "REASON") == REASON  # broken between words only

    def test_calls(self, screen: Screen, columns: int, name: str) -> None:
        lines = screen.show(columns, "calls", [call(name)])

        assert max(map(cell_len, lines)) <= columns
        assert cells(lines, "CONTACT").replace(" ", "") == name
        assert cells(lines, "OUTCOME") == "no_answer"
        assert cells(lines, "ERROR") == "the number is not reachable from this account"

    def test_incidents(self, screen: Screen, columns: int, name: str) -> None:
        lines = screen.show(columns, "incidents", [incident(name)])

        assert max(map(cell_len, lines)) <= columns
        assert cells(lines, "NO") == "12"
        assert cells(lines, "CHECK").replace(" ", "") == name
        assert cells(lines, "REASON") == REASON

    def test_silences(self, screen: Screen, columns: int, name: str) -> None:
        answer = silence(name)
        lines = screen.show(columns, "silences", [answer])

        assert max(map(cell_len, lines)) <= columns
        assert cells(lines, "ID") == "3"
        assert cells(lines, "CHECKS").replace(" ", "") == name
        assert cells(lines, "REASON") == answer["reason"]

    def test_explain(self, screen: Screen, columns: int, name: str) -> None:
        lines = screen.show(columns, "explain", explanation(name), name)

        assert max(map(cell_len, lines)) <= columns
        steps, events = lines[: lines.index("")], lines[lines.index("") :]
        assert cells(steps, "VERDICT").split() == "passes holds holds holds passes passes".split()
        assert cells(steps, "WHY").startswith(f"critical: {REASON}; process probe, ")
        assert cells(events, "WHAT") == "busy human"

    def test_explain_says_why_an_incident_was_closed(
        self, screen: Screen, columns: int, name: str
    ) -> None:
        why = "the check was removed from the configuration"
        ended = incident(name, closed_at=AT, closed_why=why)
        lines = screen.show(columns, "explain", explanation(name, incidents=[ended]), name)

        assert max(map(cell_len, lines)) <= columns
        assert f" because {why}: " in " ".join(" ".join(lines).split())

    def test_stats(self, screen: Screen, columns: int, name: str) -> None:
        lines = screen.show(columns, "stats", stats(name))

        assert max(map(cell_len, lines)) <= columns
        start = next(at for at, line in enumerate(lines) if line.startswith("CONTACT"))
        contacts = lines[start : lines.index("", start)]
        assert cells(contacts, "CONTACT").replace(" ", "") == name
        assert cells(contacts, "COUNT") == "17"
        assert cells(contacts, "OUTCOMES") == "11 human, 3 delivered, 2 no_answer, 1 canceled"


@pytest.mark.parametrize(
    ("columns", "gone"),
    [
        pytest.param(120, "", id="120: all are there"),
        pytest.param(80, "SEEN", id="80: when it was last seen goes first"),
        pytest.param(50, "SEEN SINCE", id="50: then since when"),
        pytest.param(43, "SEEN SINCE COUNT", id="43: then the count"),
        pytest.param(36, "SEEN SINCE COUNT INCIDENT", id="36: then the incident"),
    ],
)
def test_the_least_important_columns_go_first(screen: Screen, columns: int, gone: str) -> None:
    lines = screen.show(columns, "status", status(check("web")))

    headings = next(line.split() for line in lines if line.startswith("CHECK"))
    everything = "CHECK STATE COUNT SINCE SEEN INCIDENT REASON".split()
    assert headings == [heading for heading in everything if heading not in gone.split()]


def test_what_stands_above_the_table_wraps_between_words(screen: Screen) -> None:
    lines = screen.show(40, "status", status(check("web")))

    above = lines[: lines.index("")]
    assert max(map(len, above)) <= 40
    assert "disk full" in " ".join(above)


def test_in_a_pipe_a_line_stays_one_line(screen: Screen) -> None:
    """It is there to be searched."""
    answer = status(check("web"))
    answer["troubles"] = ["long " * 100 + "end"]

    lines = screen.show(None, "status", answer)

    assert f"trouble: {'long ' * 100}end" in lines


class TestWords:
    """What stands in the cells."""

    def test_who_owns_an_incident_is_shown_beside_its_check(self, screen: Screen) -> None:
        lines = screen.show(40, "status", status(check("web", acknowledged_by="kei")))

        assert cells(lines, "REASON") == f"ack by kei: {REASON}"

    @pytest.mark.parametrize(
        ("quiet", "said"),
        [
            pytest.param([], REASON, id="nothing"),
            pytest.param(
                ["silenced: by kei until 2026-11-20 13:00 UTC"],
                f"silenced: {REASON}",
                id="silenced",
            ),
            pytest.param(
                ["maintenance: upgrade until 2026-11-20 13:00 UTC", "flapping: until it is calm"],
                f"maintenance: flapping: {REASON}",
                id="two",
            ),
        ],
    )
    def test_what_keeps_quiet_about_a_check_is_shown_beside_it(
        self, screen: Screen, quiet: list[str], said: str
    ) -> None:
        lines = screen.show(80, "status", status(check("web", quiet=quiet)))

        assert cells(lines, "REASON") == said

    def test_people_who_cannot_be_called_are_shown(self, screen: Screen) -> None:
        why = "aoi cannot be called: Twilio's error 21214"
        answer = status(check("web"))
        answer["contacts"] = [{"name": "aoi", "state": "degraded", "reason": why}]

        assert f"contact {why}" in screen.show(120, "status", answer)

    def test_what_the_pager_has_said_is_not_said_again(self, screen: Screen) -> None:
        why = "aoi cannot be called: Twilio's error 21214"
        answer = status(check("web"))
        answer["contacts"] = [{"name": "aoi", "state": "degraded", "reason": why}]
        answer["pager"] = {"state": "degraded", "reason": why}

        assert "\n".join(screen.show(120, "status", answer)).count(why) == 1

    def test_a_text_is_told_from_a_call(self, screen: Screen) -> None:
        calls = [call("kei"), call("aoi", type="sms", outcome="delivered", duration_s=None)]

        lines = screen.show(160, "calls", calls)
        assert cells(lines, "TYPE") == "call text"
        assert cells(lines, "OUTCOME") == "no_answer delivered"

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            pytest.param(
                "held back: max_calls_per_hour",
                "not placed yet; held back: max_calls_per_hour",
                id="held back by the cost guard",
            ),
            pytest.param(None, "not placed yet", id="put off by round_delay"),
        ],
    )
    def test_a_call_that_waits_says_so(self, screen: Screen, error: str | None, said: str) -> None:
        waits = call("kei", outcome="pending", placed_at=None, error=error, duration_s=None)

        lines = screen.show(80, "calls", [waits])
        assert cells(lines, "OUTCOME") == "pending"
        assert cells(lines, "ERROR") == said

    def test_a_call_that_rings_does_not_wait(self, screen: Screen) -> None:
        lines = screen.show(80, "calls", [call("kei", outcome="pending", error=None)])

        assert cells(lines, "ERROR") == ""

    @pytest.mark.parametrize(
        ("changed", "heading", "said"),
        [
            pytest.param({}, "CLOSED", "open", id="open"),
            pytest.param({}, "REACHED", "aoi", id="reached: not who was busy"),
            pytest.param({"told": []}, "REACHED", "nobody", id="nobody was told"),
            pytest.param({}, "LEVEL", "critical", id="its level"),
        ],
    )
    def test_an_incident_in_words(
        self, screen: Screen, changed: dict[str, Any], heading: str, said: str
    ) -> None:
        lines = screen.show(160, "incidents", [incident("web", **changed)])

        assert cells(lines, heading) == said

    def test_who_was_told_of_the_recovery_only_was_not_reached(self, screen: Screen) -> None:
        told = incident("web")["told"]
        told[1]["event"] = "recovery"
        lines = screen.show(160, "incidents", [incident("web", told=told)])

        assert cells(lines, "REACHED") == "nobody"

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            pytest.param({}, "kei", id="owned"),
            pytest.param({"disowned_at": AT}, "kei (ended)", id="owned no longer"),
            pytest.param({"acknowledged_by": None}, "-", id="never owned"),
        ],
    )
    def test_who_owns_an_incident(self, screen: Screen, changed: dict[str, Any], said: str) -> None:
        lines = screen.show(160, "incidents", [incident("web", **changed)])

        (row,) = [line for line in lines if line.startswith("12 ")]
        top = lines[0]
        start, end = top.index("ACK BY"), top.index("REACHED")
        assert row[start:end].strip() == said


class TestSums:
    """What `stats` adds up."""

    def test_calls_and_texts_are_counted_apart(self, screen: Screen) -> None:
        lines = screen.show(80, "stats", stats("kei"))

        rows = [" ".join(line.split()) for line in lines]
        assert "calls 14 11 human, 2 no_answer, 1 canceled" in rows
        assert "texts 3 3 delivered" in rows
        assert not any(row.startswith("notices") for row in rows)

    def test_notices_are_counted_where_there_are_any(self, screen: Screen) -> None:
        answer = stats("kei", calls={}, sms={}, other={"delivered": 2, "rejected": 1})
        lines = screen.show(80, "stats", answer)

        assert "notices 3 2 delivered, 1 rejected" in [" ".join(line.split()) for line in lines]

    def test_seconds_that_nobody_knows_are_left_out(self, screen: Screen) -> None:
        lines = screen.show(80, "stats", stats("kei"))

        assert [line.split() for line in lines if line.startswith("to ")] == [
            ["to", "ring", "4.2", "9.0"],
            ["to", "answer", "12.5", "31.0"],
        ]

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            pytest.param({}, "cost 1.23 USD; price of 2 calls not known yet", id="some"),
            pytest.param({"unpriced": 0}, "cost 1.23 USD", id="all prices known"),
            pytest.param({"unpriced": 1, "cost": {}}, "price of 1 call not known yet", id="none"),
            pytest.param({"unpriced": 0, "cost": {}}, "cost 0", id="free"),
            pytest.param(
                {"unpriced": 0, "cost": {"USD": "1", "JPY": "20"}},
                "cost 20 JPY, 1 USD",
                id="two currencies",
            ),
        ],
    )
    def test_what_it_cost(self, screen: Screen, changed: dict[str, Any], said: str) -> None:
        assert screen.show(80, "stats", stats("kei", **changed))[-1] == said

    @pytest.mark.parametrize(
        ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (120, "2 min"), (3725, "1 h 2 min 5 s")]
    )
    def test_how_long_was_talked(self, screen: Screen, seconds: int, said: str) -> None:
        lines = screen.show(80, "stats", stats("kei", duration_s=seconds))

        assert f"{said} of conversation" in lines

    def test_nothing_is_said_in_a_line(self, screen: Screen) -> None:
        lines = screen.show(80, "stats", stats("kei", calls={}, sms={}))

        assert lines[1:] == ["no calls and no texts"]
