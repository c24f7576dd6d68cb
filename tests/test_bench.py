"""The storm's judge: it must find what it is there to find; and how small a measurement can be."""

from __future__ import annotations

import sqlite3
import tomllib
from pathlib import Path
from typing import Any

import pytest
from bench import scale
from bench.heard import Verdict, judge
from bench.outages import phones
from bench.twilio import toml
from sqlalchemy import create_engine

from watchcall.simulator.script import read
from watchcall.store import schema

OPENED, SETTLED, CLOSED = (f"2026-11-20 12:00:{second:02}.000000" for second in (0, 20, 40))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database in which one incident, of check job-00001, is open and its page is settled."""
    path = tmp_path / "watchcall.db"
    engine = create_engine(f"sqlite:///{path}")
    schema.metadata.create_all(engine)
    engine.dispose()
    write(
        path,
        "insert into incident (id, host, number, check_name, spoken, level, reason, opened_at) "
        f"values ('i', 'web1', 1, 'job-00001', '', 'critical', '{{}}', '{OPENED}')",
        "insert into notification (id, host, channel, event, created_at, due_at, settled_at) "
        f"values ('n', 'web1', 'phone', 'failure', '{OPENED}', '{OPENED}', '{SETTLED}')",
        "insert into notification_incident (notification, incident, level, added_at, joined_at) "
        f"values ('n', 'i', 'critical', '{OPENED}', '{OPENED}')",
    )
    return path


def write(database: Path, *statements: str) -> None:
    with sqlite3.connect(database) as db:
        for one in statements:
            db.execute(one)
    db.close()


def known(database: Path, sid: str, number: int = 1) -> None:
    """The store knows a call."""
    write(
        database,
        'insert into attempt (id, host, number, notification, channel, contact, "to", type, nth, '
        "round, phase, outcome, tries, sid, planned_at, due_at, trial) values "
        f"('{number}', 'web1', {number}, 'n', 'phone', 'me', '', 'voice', 1, 1, 'ended', "
        f"'answered', 1, '{sid}', '{OPENED}', '{OPENED}', 0)",
    )


def call(sid: str, *statuses: str, live: int = 1) -> list[dict[str, Any]]:
    """What the ledger has of a call that tells job-00001."""
    words = "<Say>job-00001 has been failing. job-00001.</Say>"
    about = {"kind": "call", "sid": sid, "to": "+819012345678", "live": live}
    befores = [None, "queued", *statuses]
    moves = zip(("queued", *statuses), befores, strict=False)
    return [
        {"kind": "request", "params": {"Twiml": words}},
        *({**about, "status": status, "was": was} for status, was in moves),
    ]


def judged(database: Path, *calls: list[dict[str, Any]]) -> Verdict:
    return judge(database, [entry for one in calls for entry in one])


def test_an_open_incident_that_no_answered_call_told_is_lost(database: Path) -> None:
    assert judged(database, call("CA1", "ringing", "busy")).lost == ["job-00001"]


def test_an_incident_that_an_answered_call_told_is_not_lost(database: Path) -> None:
    verdict = judged(database, call("CA1", "ringing", "in-progress", "completed"))

    assert (verdict.lost, verdict.confirmed, verdict.answered) == ([], 1, 1)


@pytest.mark.parametrize(
    ("settled", "lost"),
    [
        pytest.param(SETTLED, ["job-00001"], id="given up before it was over: lost"),
        pytest.param(CLOSED, [], id="people were called until it was over: not lost"),
    ],
)
def test_an_unheard_incident_that_is_over(database: Path, settled: str, lost: list[str]) -> None:
    write(
        database,
        f"update incident set closed_at = '{CLOSED}'",
        f"update notification set settled_at = '{settled}'",
    )

    verdict = judged(database)

    assert (verdict.lost, len(verdict.missed)) == (lost, 1 - len(lost))


def test_a_second_answered_call_is_a_repeat_and_needless_where_the_first_was_known(
    database: Path,
) -> None:
    twice = [call(sid, "in-progress", "completed") for sid in ("CA1", "CA2")]
    verdict = judged(database, *twice)
    assert (verdict.repeated, verdict.needless) == (["CA2"], [])

    known(database, "CA1")
    verdict = judged(database, *twice)
    assert (verdict.repeated, verdict.needless) == ([], ["CA2"])
    assert verdict.again == {"job-00001": 1}


def test_a_call_that_two_attempts_have_and_two_calls_at_once_are_seen(database: Path) -> None:
    known(database, "CA1", 1)
    known(database, "CA1", 2)

    verdict = judged(database, call("CA1", "in-progress", live=2))

    assert (verdict.adopted, verdict.together) == (["CA1"], 1)


def test_the_script_of_a_storm_is_one_that_the_simulator_takes() -> None:
    script = tomllib.loads(toml(phones(seed=1)))

    assert script == phones(seed=1)
    assert read(script).phones


def test_what_is_documented_is_measured_at_its_full_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "SMALL", False)

    assert (scale.many(1000), scale.lasting(30.0), scale.enough(0.5, 300)) == (1000, 30.0, 150)


@pytest.mark.parametrize(
    ("count", "left"),
    [
        pytest.param(1, 1, id="one is one"),
        pytest.param(20, 2, id="several are two"),
        pytest.param(5000, 50, id="many are a hundredth"),
    ],
)
def test_on_a_small_scale_less_goes_on_for_shorter(
    count: int, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "SMALL", True)

    assert (scale.many(count), scale.lasting(30.0), scale.enough(0.5, 300)) == (left, 3.0, 1)


def test_a_scale_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHCALL_BENCH_SCALE", "tiny")

    with pytest.raises(SystemExit, match="WATCHCALL_BENCH_SCALE: there is no scale 'tiny'"):
        scale.refuse_another()
