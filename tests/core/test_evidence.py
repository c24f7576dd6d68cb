"""What of the evidence is said: one phrase, and only where it adds something."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.subjects import GONE, incident, subject
from tests.core.test_quoting import VALUES
from tests.fakes import NOON
from watchcall.core.contact import Event
from watchcall.core.evidence import (
    MARGIN_S,
    Kills,
    Traces,
    counted,
    document,
    earlier,
    phrase_of,
    traces_of,
)
from watchcall.core.incident import Incident
from watchcall.core.reason import Reason
from watchcall.core.speech import compose
from watchcall.core.text import compose_text
from watchcall.core.words import BUILT_IN

FAILED = {"state": "failed", "ended": "somehow"}
KILLED = Reason.of("evidence.signal", signal=9)


def unit(**facts: Any) -> dict[str, Any]:
    return {"systemd": {**FAILED, **facts}}


@pytest.mark.parametrize(
    ("evidence", "phrase"),
    [
        pytest.param(unit(result="oom-kill", signal=9), Reason.of("evidence.oom"), id="OOM"),
        pytest.param(
            unit(result="exit-code", status=3), Reason.of("evidence.status", status=3), id="status"
        ),
        pytest.param(unit(result="signal", signal=9), KILLED, id="signal"),
        pytest.param(
            unit(result="core-dump", signal=11, core_dumped=True),
            Reason.of("evidence.crash", signal=11),
            id="crash",
        ),
        pytest.param(
            unit(result="start-limit-hit", status=3),
            Reason.of("evidence.start_limit"),
            id="the limit rather than the status of the last start",
        ),
        pytest.param(
            unit(result="exit-code", status=1, gave_up=True),
            Reason.of("evidence.start_limit"),
            id="systemd has given up",
        ),
        pytest.param(
            unit(result="oom-kill", signal=9, gave_up=True),
            Reason.of("evidence.oom"),
            id="what it died of rather than that it was given up",
        ),
        pytest.param(unit(result="timeout"), Reason.of("evidence.timeout"), id="timeout"),
        pytest.param(
            unit(result="watchdog", signal=6), Reason.of("evidence.watchdog"), id="watchdog"
        ),
        pytest.param(
            unit(result="success", state="inactive", status=0),
            Reason.of("evidence.ended"),
            id="ended in order",
        ),
        pytest.param(
            unit(result="exit-code", state="activating", status=1),
            Reason.of("evidence.status", status=1),
            id="about to be started again",
        ),
        pytest.param(unit(result="exit-code", state="active", status=1), None, id="it runs again"),
        pytest.param(unit(result="success", state="inactive", ended=None), None, id="it never ran"),
        pytest.param(unit(result="resources"), None, id="a result without words"),
        pytest.param(
            {"look": {"ended": [{"pid": 8, "signal": 9, "core_dumped": False}]}},
            KILLED,
            id="a zombie that was killed",
        ),
        pytest.param(
            {"look": {"ended": [{"pid": 8, "status": 3}]}},
            Reason.of("evidence.status", status=3),
            id="a zombie that exited",
        ),
        pytest.param(
            {"before": {"oom_kills": 2}, "systemd": {"oom_kills": 3}, "look": {"pids": []}},
            Reason.of("evidence.oom"),
            id="memory ran out since",
        ),
        pytest.param(
            {"before": {"oom_kills": 2}, "systemd": {"oom_kills": 3}, "look": {"pids": [7]}},
            Reason.of("evidence.oom_one"),
            id="memory ran out, and some are left",
        ),
        pytest.param(
            {"before": {"oom_kills": 2}, "systemd": {"oom_kills": 2}}, None, id="long ago"
        ),
        pytest.param(
            {"before": {"oom_kills_earlier": 1, "oom_kills": 2}, "systemd": {"oom_kills": None}},
            Reason.of("evidence.oom"),
            id="memory ran out shortly before, and its cgroup is gone",
        ),
        pytest.param(
            {"before": {"oom_kills_earlier": 2, "oom_kills": 2}, "systemd": {"oom_kills": 0}},
            None,
            id="it runs anew, and is counted from zero",
        ),
        pytest.param(
            {"before": {"oom_kills": 2}, **unit(result="signal", signal=9, oom_kills=3)},
            Reason.of("evidence.oom"),
            id="who sent SIGKILL",
        ),
        pytest.param(
            {"before": {"oom_kills": 2}, **unit(result="exit-code", status=3, oom_kills=3)},
            Reason.of("evidence.status", status=3),
            id="how it ended rather than what happened to a process of it",
        ),
        pytest.param({"before": None, "systemd": {"oom_kills": 2}}, None, id="nobody knows when"),
        pytest.param(
            {
                "before": {"oom_kills": 0, "oom_kills_above": 4},
                **unit(result="signal", signal=9, oom_kills=None, oom_kills_above=5),
            },
            Reason.of("evidence.oom"),
            id="the cgroup is gone, the slice counts one more",
        ),
        pytest.param(
            {
                "before": {"oom_kills": 0, "oom_kills_above": 4},
                **unit(result="signal", signal=9, oom_kills=0, oom_kills_above=5),
            },
            Reason.of("evidence.signal", signal=9),
            id="another service of the slice was meant",
        ),
        pytest.param(
            {
                "before": {"oom_kills": 0, "oom_kills_above": 4},
                **unit(result="exit-code", status=3, oom_kills=None, oom_kills_above=5),
            },
            Reason.of("evidence.status", status=3),
            id="it ended by itself, whatever the slice counts",
        ),
        pytest.param({"systemd": None, "look": None}, None, id="nothing"),
    ],
)
def test_the_phrase(evidence: dict[str, Any], phrase: Reason | None) -> None:
    assert phrase_of(evidence, GONE) == phrase


def test_what_the_reason_says_already_is_not_said_again() -> None:
    evidence = unit(result="exit-code", status=3)

    assert phrase_of(evidence, Reason.of("text", status=3)) is None
    assert phrase_of(evidence, Reason.of("text", status=4)) is not None


@given(VALUES, VALUES, VALUES, VALUES)
def test_whatever_was_seen_there_is_a_document_and_perhaps_a_phrase(
    look: object, unit: object, before: object, ended: object
) -> None:
    seen = {"pids": before, "matched": look, "oom_kills": ended}
    traces = traces_of(seen) if isinstance(look, list) else None
    look = look if isinstance(look, dict) else {"ended": ended}
    found = document(NOON, look, traces, {"systemd": unit})

    phrase = phrase_of(found, GONE)

    told = subject(incident(reason=GONE))
    assert phrase is None or all(words.reason(phrase) for words in BUILT_IN.values())
    assert compose(told, "en").text


def test_traces_are_of_what_lives() -> None:
    living = {"pid": 8, "unit": "a.service", "cgroup": "/system.slice/a.service"}

    assert traces_of({"status": 200}) is None
    assert traces_of({"pids": [], "matched": []}) is None
    assert traces_of({"pids": [8, 9], "matched": [living, {**living, "pid": 9}]}) == Traces(
        pids=(8, 9), units=("a.service",), cgroups=("/system.slice/a.service",)
    )


def seen(*looks: tuple[float, int | None], group: str = "/a") -> tuple[Kills, ...]:
    """What is remembered after looks that were well: when, and how many were killed by then."""
    known: tuple[Kills, ...] = ()
    for at, count in looks:
        known = counted(known, Traces(pids=(8,), cgroups=(group,), oom_kills=count), at)
    return known


@pytest.mark.parametrize(
    ("looks", "failing_at", "count"),
    [
        pytest.param([(0, 3), (100, 3)], 110, 3, id="nothing happened"),
        pytest.param([(0, 3), (100, 4)], 110, 3, id="one was killed ten seconds before"),
        pytest.param([(0, 3), (100, 4)], 159, 3, id="nearly a minute before"),
        pytest.param([(0, 3), (100, 4)], 160, 4, id="a minute before"),
        pytest.param([(0, 3), (100, 4), (200, 4)], 210, 4, id="long ago"),
        pytest.param([(0, 3), (100, 4), (130, 6)], 140, 3, id="again and again"),
        pytest.param([(0, 3), (100, 4), (130, 6)], 170, 4, id="the last time just now"),
        pytest.param([(100, 3)], 110, 3, id="no longer known than that"),
        pytest.param([(0, 3), (100, 0)], 110, 0, id="it was restarted, and counts from zero"),
        pytest.param([(0, 3), (100, 4), (105, None)], 110, 3, id="not readable for once"),
        pytest.param([(0, None)], 10, None, id="never readable"),
        pytest.param([], 10, None, id="never seen"),
    ],
)
def test_the_count_before_failures_began(
    looks: list[tuple[float, int | None]], failing_at: float, count: int | None
) -> None:
    assert earlier(seen(*looks), failing_at) == count


def test_what_another_cgroup_counts_is_no_killing_here() -> None:
    known = counted(seen((0, 0)), Traces(cgroups=("/b",), oom_kills=7), 10)

    assert earlier(known, 20) == 7


@given(st.lists(st.tuples(st.floats(0, 300), st.integers(0, 5)), min_size=1), st.floats(0, 400))
def test_few_counts_are_remembered_and_they_answer_as_all_would(
    looks: list[tuple[float, int]], later: float
) -> None:
    at, rising = sorted(one for one, _ in looks), sorted(count for _, count in looks)
    both = list(zip(at, rising, strict=True))
    failing_at = at[-1] + later
    past = [count for one, count in both if one <= failing_at - MARGIN_S]

    known = seen(*both)

    assert earlier(known, failing_at) == (past[-1] if past else rising[0])
    assert len(known) <= 6


# How it is told


def explained(**known: Any) -> Incident:
    return replace(incident(**known), phrase=KILLED)


@pytest.mark.parametrize("tag", BUILT_IN)
@pytest.mark.parametrize("event", [Event.FAILURE, Event.REMINDER])
def test_it_is_a_sentence_after_the_reason(tag: str, event: Event) -> None:
    words = BUILT_IN[tag]
    told = subject(explained(), event=event)
    reason, phrase = (words.sentence(words.reason(one)) for one in (GONE, KILLED))

    assert compose(told, tag).text.endswith(f"{reason}{words.between}{phrase}")
    assert f"{words.between}{phrase}" in compose_text(told, tag).body


@pytest.mark.parametrize("event", [Event.RECOVERY, Event.FLAPPING])
def test_it_is_not_said_of_what_is_over_or_comes_and_goes(event: Event) -> None:
    told = subject(explained(over=event is Event.RECOVERY), event=event)

    assert "signal" not in compose(told, "en").text
    assert "signal" not in compose_text(told, "en").body


def test_a_text_leaves_it_out_before_anything_else() -> None:
    told = subject(explained(opened_at=NOON - timedelta(minutes=5)), host="a" * 60)

    short = compose_text(told, "en", most=1)

    assert compose_text(told, "en", most=2).body.count("signal 9") == 1
    assert "signal" not in short.body
    assert "No process named httpd is running." in short.body
    assert "..." not in short.body
    assert "Reply" in short.body


def test_a_message_of_ones_own_says_what_it_says() -> None:
    told = subject(explained())

    assert compose(told, "en", "{check} is down").text == "httpd is down"
    assert "signal" not in compose_text(told, "en", "{check} is down").body
