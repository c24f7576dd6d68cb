"""What the states of a unit mean: looks at a unit over time, five seconds apart where nothing else
is said; it may be on its way for 15 (fail_after 3, retry_interval 5 s)."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import watchcall.probes.standing
from watchcall.core.check import Check, ProcessTarget, UnitTarget
from watchcall.core.evidence import Traces, traces_of
from watchcall.core.health import Level, Observation
from watchcall.core.words.en import ENGLISH
from watchcall.errors import CannotAsk
from watchcall.ports import UnitState
from watchcall.probes.unit import UnitProbe

HTTPD = "httpd.service"
CHECK = Check(name="web", target=UnitTarget(unit=HTTPD))
MARKS = {Level.OK: "+", Level.UNKNOWN: "?", Level.CRITICAL: "-", Level.WARNING: "w"}
EVERY_S = 5.0

UP = UnitState(unit=HTTPD, active="active", sub="running", for_s=3600)
STOPPED = UnitState(unit=HTTPD, for_s=0, result="success")
FAILED = replace(STOPPED, active="failed", sub="failed")
STARTING = UnitState(unit=HTTPD, active="activating", sub="start", job="start")
STOPPING = UnitState(unit=HTTPD, active="deactivating", sub="stop-sigterm", job="stop")
WAITING = UnitState(unit=HTTPD, active="activating", sub="auto-restart", restarts=1)


def restarted(times: int, seconds: float = 0.0) -> UnitState:
    return replace(UP, restarts=times, for_s=seconds)


@dataclass
class FakeUnits:
    """Implements ports.Units: each look meets the next state; None is that nobody answers."""

    states: list[UnitState | None]
    asked: list[str] = field(default_factory=list)

    async def state(self, unit: str) -> UnitState:
        self.asked.append(unit)
        state = self.states.pop(0)
        if state is None:
            raise CannotAsk("there is no system bus")
        return state

    async def names(self) -> Sequence[str]:
        raise NotImplementedError("no look asks for it")


async def look(*states: UnitState | None, check: Check = CHECK) -> list[Observation]:
    now = iter(range(1000, 100_000, int(EVERY_S)))
    probe = UnitProbe(FakeUnits([*states]), clock=lambda: next(now))
    try:
        return [await probe.look(check) for _ in states]
    finally:
        probe.close()


@pytest.mark.parametrize(
    ("states", "marks"),
    [
        pytest.param(
            [UP, replace(UP, active="reloading")], "++", id="active and reloading are well"
        ),
        pytest.param([replace(UP, active="refreshing")], "+", id="so is refreshing"),
        pytest.param([UP, STOPPED, STOPPED], "+--", id="a stopped unit fails at once"),
        pytest.param([UP, FAILED], "+-", id="so does a failed one"),
        pytest.param(
            [UP, STOPPING, replace(STOPPED, job="start"), STARTING, UP],
            "+???+",
            id="a restart is neither well nor a failure",
        ),
        pytest.param([STARTING, STARTING, STARTING, UP], "???+", id="nor is a start"),
        pytest.param(
            [UP, *[STOPPING] * 5], "+???--", id="what stops for longer than three looks fails"
        ),
        pytest.param([*[STARTING] * 5], "???--", id="so does what starts for longer"),
        pytest.param(
            [replace(STARTING, for_s=15.0), UP],
            "-+",
            id="which systemd knows from before we looked",
        ),
        pytest.param(
            [replace(STOPPED, job="start", for_s=86400.0)],
            "?",
            id="but not how long a start has waited for its turn",
        ),
        pytest.param(
            [replace(STOPPED, job="restart")] * 4,
            "???-",
            id="a start that never gets its turn fails",
        ),
        pytest.param(
            [STOPPED, replace(STOPPED, job="stop")], "--", id="a job that stops it is no excuse"
        ),
        pytest.param(
            [STOPPING, STARTING, STOPPING, STARTING], "???-", id="to and fro is one long way"
        ),
        pytest.param(
            [STOPPING, STARTING, UP, STOPPING, STARTING, UP], "??+??+", id="each way counts anew"
        ),
        pytest.param([None, UP, None], "?+?", id="what cannot be asked is unknown"),
        pytest.param(
            [replace(STOPPED, load="not-found")], "?", id="a unit that does not exist is unknown"
        ),
        pytest.param(
            [replace(UP, load="not-found")], "+", id="one whose file was removed runs nevertheless"
        ),
        pytest.param([replace(STOPPED, load="masked")], "-", id="a masked unit does not run"),
        pytest.param([replace(UP, load="masked")], "+", id="unless it was masked while it ran"),
        pytest.param([replace(STOPPED, load="bad-setting")], "-", id="a broken one does not run"),
        pytest.param(
            [replace(STOPPED, active="maintenance")], "-", id="a state that nobody knows fails"
        ),
    ],
)
async def test_what_states_mean(states: list[UnitState | None], marks: str) -> None:
    assert marks == "".join(MARKS[seen.level] for seen in await look(*states))


@pytest.mark.parametrize(
    ("states", "marks"),
    [
        pytest.param(
            [UP, WAITING, restarted(1), restarted(1, 10), restarted(1, 15)],
            "+???+",
            id="started again by systemd, it is on trial, and then well",
        ),
        pytest.param(
            [UP, restarted(1), restarted(1, 14.9), restarted(1, 14.9), restarted(1, 14.9)],
            "+????",
            id="one restart is no failure",
        ),
        pytest.param(
            [UP, restarted(1), restarted(2), restarted(3), restarted(4), restarted(5)],
            "+???--",
            id="one after the other, though it is up at every look",
        ),
        pytest.param(
            [UP, WAITING, replace(WAITING, restarts=2), replace(WAITING, restarts=3), WAITING],
            "+???-",
            id="one after the other, and it is down at every look",
        ),
        pytest.param(
            [restarted(7), restarted(7)], "++", id="restarts from before we looked do not count"
        ),
        pytest.param(
            [restarted(7), restarted(0)], "++", id="somebody who starts it begins a new count"
        ),
        pytest.param(
            [
                UP,
                replace(WAITING, active="failed", sub="failed-before-auto-restart"),
                restarted(1, 60),
            ],
            "+?+",
            id="systemd 254: failed for a moment only",
        ),
        pytest.param([UP, *[WAITING] * 4], "+???-", id="it waits to be started for too long"),
        pytest.param(
            [UP, WAITING, FAILED, UP], "+?-+", id="a failure ends what is known of restarts"
        ),
    ],
)
async def test_what_systemd_restarts(states: list[UnitState], marks: str) -> None:
    assert marks == "".join(MARKS[seen.level] for seen in await look(*states))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        pytest.param(UP, "httpd.service is active", id="active"),
        pytest.param(STOPPED, "httpd.service is stopped", id="stopped"),
        pytest.param(STARTING, "httpd.service is starting", id="starting"),
        pytest.param(STOPPING, "httpd.service is stopping", id="stopping"),
        pytest.param(
            replace(STOPPED, job="start"), "httpd.service is starting", id="about to start"
        ),
        pytest.param(
            WAITING, "httpd.service has ended, systemd is about to start it again", id="waiting"
        ),
        pytest.param(
            replace(WAITING, for_s=20),
            "httpd.service has ended, and systemd has not started it again yet",
            id="waiting for too long",
        ),
        pytest.param(
            replace(STARTING, for_s=20), "httpd.service takes too long to start", id="slow to start"
        ),
        pytest.param(
            replace(STOPPING, for_s=20), "httpd.service takes too long to stop", id="slow to stop"
        ),
        pytest.param(
            replace(FAILED, result="exit-code", ended_by="exited", status=3),
            "httpd.service has failed with exit status 3",
            id="exit-code",
        ),
        pytest.param(
            replace(FAILED, result="exit-code", ended_by="exited"),
            "httpd.service has failed",
            id="exit-code of a helper, not of the main process",
        ),
        pytest.param(
            replace(FAILED, result="signal", ended_by="killed", status=9),
            "httpd.service was ended by the signal SIGKILL",
            id="signal",
        ),
        pytest.param(
            replace(FAILED, result="signal", ended_by="killed", status=63),
            "httpd.service was ended by the signal 63",
            id="a signal without a name",
        ),
        pytest.param(
            replace(FAILED, result="core-dump", ended_by="dumped", status=11),
            "httpd.service has crashed",
            id="core-dump",
        ),
        pytest.param(
            replace(FAILED, result="oom-kill"),
            "httpd.service was killed because memory ran out",
            id="oom-kill",
        ),
        pytest.param(
            replace(FAILED, result="watchdog"),
            "httpd.service no longer gave a sign of life and was ended by systemd",
            id="watchdog",
        ),
        pytest.param(
            replace(FAILED, result="timeout"),
            "httpd.service did not start or stop in time",
            id="timeout",
        ),
        pytest.param(
            replace(FAILED, result="start-limit-hit"),
            "httpd.service has failed too often, systemd does not start it any more",
            id="start-limit-hit",
        ),
        pytest.param(
            replace(FAILED, result="resources"),
            "httpd.service could not be started, the system lacks resources for it",
            id="resources",
        ),
        pytest.param(
            replace(FAILED, result="protocol"), "httpd.service has failed", id="anything else"
        ),
        pytest.param(
            replace(STOPPED, load="masked"),
            "httpd.service is masked and cannot be started",
            id="masked",
        ),
        pytest.param(
            replace(STOPPED, load="bad-setting"),
            "the unit file of httpd.service cannot be used",
            id="bad-setting",
        ),
        pytest.param(
            replace(STOPPED, load="not-found"),
            "systemd knows no unit named httpd.service",
            id="not-found",
        ),
        pytest.param(None, "systemd cannot be asked: there is no system bus", id="nobody answers"),
    ],
)
async def test_why(state: UnitState | None, said: str) -> None:
    (seen,) = await look(state)

    assert said == ENGLISH.reason(seen.reason)


async def test_what_is_said_of_what_systemd_starts_again_and_again() -> None:
    seen = await look(UP, restarted(1), restarted(2), restarted(3), restarted(4), restarted(5))

    assert [ENGLISH.reason(seen[one].reason) for one in (1, -1)] == [
        "httpd.service had ended, systemd has just started it again",
        "httpd.service keeps ending, systemd starts it again and again",
    ]


async def test_a_plain_failure_has_the_level_of_its_check() -> None:
    (seen,) = await look(STOPPED, check=replace(CHECK, level=Level.WARNING))

    assert seen.level is Level.WARNING


async def test_the_evidence_is_in_systemds_own_words() -> None:
    at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    alias = replace(CHECK, target=UnitTarget(unit="web.service"))
    failed = replace(
        FAILED, since=at, result="exit-code", ended_by="exited", status=3, restarts=2, job="start"
    )

    (seen,) = await look(failed, check=alias)

    assert seen.evidence == {
        "unit": HTTPD,
        "alias": "web.service",
        "load": "loaded",
        "active": "failed",
        "sub": "failed",
        "since": "2026-11-20T12:00:00+00:00",
        "job": "start",
        "result": "exit-code",
        "main_pid": None,
        "ended_by": "exited",
        "status": 3,
        "restarts": 2,
        "rules": [{"rule": "state", "level": "unknown"}],
    }


async def test_where_its_processes_live_is_remembered_with_what_was_killed_there(
    tmp_path: Path,
) -> None:
    """systemd says no more than signal 9 of a service with OOMPolicy=continue."""
    group = tmp_path / "system.slice" / HTTPD
    group.mkdir(parents=True)
    (group / "memory.events").write_text("oom 3\noom_kill 2\n")
    (group.parent / "memory.events").write_text("oom 6\noom_kill 5\n")
    runs = replace(UP, main_pid=812, cgroup=f"/system.slice/{HTTPD}")
    no_main, none = replace(runs, main_pid=0), replace(runs, cgroup="/user.slice/none")
    probe = UnitProbe(FakeUnits([runs, no_main, none, FAILED]), cgroups=tmp_path)

    known = Traces(pids=(812,), units=(HTTPD,), cgroups=(f"/system.slice/{HTTPD}",))
    seen = [traces_of((await probe.look(CHECK)).evidence) for _ in range(4)]
    assert seen == [
        replace(known, oom_kills=2, oom_kills_above=5),
        None,
        replace(known, cgroups=("/user.slice/none",)),
        None,
    ]


async def test_checks_of_one_unit_have_their_own_patience() -> None:
    patient = replace(CHECK, name="patient", needed=replace(CHECK.needed, fail_after=100))
    probe = UnitProbe(FakeUnits([replace(STARTING, for_s=20)] * 2), clock=lambda: 1000.0)

    assert (await probe.look(CHECK)).level is Level.CRITICAL
    assert (await probe.look(patient)).level is Level.UNKNOWN


async def test_it_looks_at_units_only() -> None:
    other = replace(CHECK, target=ProcessTarget(process="httpd"))

    with pytest.raises(TypeError, match="'web' is not about a unit"):
        await look(UP, check=other)


def test_everything_that_is_seen_of_a_unit_can_be_said_and_nothing_else() -> None:
    source = ast.parse(Path(watchcall.probes.standing.__file__).read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(source) if isinstance(node, ast.Constant)}
    codes = {text for text in texts if isinstance(text, str) and text.startswith("unit.")}

    assert codes | {"unit.cannot_look"} == {
        code for code in ENGLISH.reasons if code.startswith("unit.")
    }
