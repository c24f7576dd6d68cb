"""What systemd is asked of a unit, and what is made of its answers: real programs in its place."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import NOON
from watchcall.core.check import Check, HttpTarget, ProcessTarget
from watchcall.core.evidence import Traces, document, phrase_of
from watchcall.core.reason import NOTHING_SEEN
from watchcall.errors import CannotAsk, WitnessError
from watchcall.witness import SystemdWitness
from watchcall.witness.journal import entries_of, hit_start_limit
from watchcall.witness.systemd import AT_ONCE, unit_asked
from watchcall.witness.unit import facts_of, properties_of

BEFORE = Traces(pids=(812,), units=("httpd.service",), cgroups=("/system.slice/httpd.service",))
HTTPD = Check(name="httpd", target=ProcessTarget(process="httpd"))
FAILED = {
    "LoadState": "loaded",
    "ActiveState": "failed",
    "SubState": "failed",
    "Result": "signal",
    "ExecMainPID": "812",
    "ExecMainCode": "2",
    "ExecMainStatus": "9",
    "ExecMainExitTimestampMonotonic": "1000000",
    "NRestarts": "4",
    "ControlGroup": "",
}
LINE = {
    "__REALTIME_TIMESTAMP": "1795176000000000",
    "SYSLOG_IDENTIFIER": "httpd",
    "PRIORITY": "3",
    "MESSAGE": "no space left",
}


class Systemd:
    """Programs called systemctl and journalctl, found first; each notes how it was called."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        self.shows(FAILED)
        self.wrote(json.dumps(LINE))

    def program(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {self.folder}/{name}.asked\n{script}\n')
        path.chmod(0o755)

    def shows(self, properties: Mapping[str, str]) -> None:
        lines = "\n".join(f"{name}={value}" for name, value in properties.items())
        self.program("systemctl", f"cat <<'END'\n{lines}\nEND")

    def wrote(self, *lines: str, more: str = "") -> None:
        text = "\n".join(lines)
        self.program("journalctl", f"cat <<'END'\n{text}\nEND\n{more}")

    def asked(self, name: str) -> list[str]:
        return (self.folder / f"{name}.asked").read_text().splitlines()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    return Systemd(tmp_path, monkeypatch)


async def told(witness: SystemdWitness | None = None, **check: Any) -> dict[str, Any]:
    about = Check(name="httpd", target=ProcessTarget(process="httpd", **check))
    *_, last = [known async for known in (witness or SystemdWitness()).evidence(about, BEFORE)]
    facts: dict[str, Any] = last["systemd"]
    return facts


async def test_a_unit_that_was_killed_and_its_last_lines(systemd: Systemd) -> None:
    facts = await told()

    assert facts == {
        "unit": "httpd.service",
        "state": "failed",
        "substate": "failed",
        "result": "signal",
        "ended": "killed by signal 9 (SIGKILL)",
        "status": None,
        "signal": 9,
        "core_dumped": False,
        "pid": 812,
        "ended_s_ago": facts["ended_s_ago"],
        "restarts": 4,
        "oom_kills": None,
        "oom_kills_above": None,
        "gave_up": False,
        "journal": [
            {
                "at": "2026-11-20T12:00:00.000+00:00",
                "from": "httpd",
                "level": "err",
                "text": "no space left",
            }
        ],
        "journal_unread": None,
    }
    (asked,) = systemd.asked("systemctl")
    assert asked.startswith("show --property=LoadState,")
    assert asked.endswith(" -- httpd.service")
    (asked,) = systemd.asked("journalctl")
    assert asked.startswith("--unit=httpd.service --lines=500 --output=json --no-pager")


async def test_the_unit_that_a_check_names_goes_first(systemd: Systemd) -> None:
    assert (await told(unit="nginx"))["unit"] == "nginx.service"


@pytest.mark.parametrize(
    ("check", "before", "unit"),
    [
        pytest.param(HTTPD, BEFORE, "httpd.service", id="where it lived"),
        pytest.param(HTTPD, None, None, id="never seen alive"),
        pytest.param(HTTPD, Traces(pids=(8,)), None, id="in no unit"),
        pytest.param(Check(name="web", target=HttpTarget(url="http://x")), None, None, id="a URL"),
        pytest.param(
            Check(name="x", target=ProcessTarget(unit="--host=evil")), None, None, id="an option"
        ),
        pytest.param(Check(name="x", target=ProcessTarget(unit="a*")), None, None, id="a pattern"),
    ],
)
def test_which_unit_is_asked_about(check: Check, before: Traces | None, unit: str | None) -> None:
    assert unit_asked(check, before) == unit


async def test_a_check_without_a_unit_asks_nobody(systemd: Systemd) -> None:
    assert [known async for known in SystemdWitness().evidence(HTTPD, None)] == []
    assert not (systemd.folder / "systemctl.asked").exists()


async def test_a_journal_that_may_not_be_read_says_so(systemd: Systemd) -> None:
    systemd.program("journalctl", "echo 'No journal files were opened: permission' >&2; exit 1")
    facts = await told()

    assert facts["result"] == "signal"
    assert facts["journal"] is None
    assert facts["journal_unread"] == "No journal files were opened: permission"


async def test_without_journalctl_the_rest_is_known(systemd: Systemd, tmp_path: Path) -> None:
    systemd.program("journalctl", "")
    (tmp_path / "journalctl").chmod(0o600)
    os.environ["PATH"] = str(tmp_path)  # monkeypatch puts it back
    systemd.program("systemctl", "/bin/cat /dev/null")
    facts = await told()

    assert facts["journal"] is None
    assert facts["journal_unread"].startswith("journalctl cannot be run: ")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        pytest.param(
            "echo 'System has not been booted with systemd' >&2; exit 1",
            "systemctl exited with 1: System has not been booted with systemd",
            id="another init",
        ),
        pytest.param("exec sleep 600", "systemctl was killed after 0 s", id="it hangs"),
        pytest.param(
            "sleep 600 & exec sleep 600", "systemctl was killed after 0 s", id="with its children"
        ),
        pytest.param("kill -9 $$", "systemctl exited with -9", id="it dies"),
        pytest.param("exec yes", "systemctl was killed after 0 s", id="it writes without end"),
    ],
)
async def test_a_systemctl_that_is_of_no_use(systemd: Systemd, script: str, why: str) -> None:
    systemd.program("systemctl", script)
    began = time.monotonic()
    with pytest.raises(WitnessError) as caught:
        await told(SystemdWitness(deadline=timedelta(milliseconds=400)))

    assert str(caught.value) == why
    assert time.monotonic() - began < 10


async def test_without_systemctl_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WitnessError, match="systemctl cannot be run: No such file"):
        await told()


async def test_who_asks_no_longer_leaves_nothing_behind(systemd: Systemd, tmp_path: Path) -> None:
    systemd.program(
        "systemctl",
        f"echo $$ > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; exec sleep 600",
    )
    asking = asyncio.create_task(told())
    async with asyncio.timeout(20):
        while not (tmp_path / "pid").exists():  # noqa: ASYNC110 - no event comes from another process
            await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}/fd").exists()


class Bus:
    """Units, as the bus tells of them; or `why` it does not."""

    def __init__(self, properties: Mapping[str, str] = FAILED, why: str = "") -> None:
        self.answer, self.why = properties, why
        self.asking = self.most = 0

    async def properties(self, unit: str, names: Sequence[str]) -> Mapping[str, str]:
        self.asking += 1
        self.most = max(self.most, self.asking)
        await asyncio.sleep(0)
        self.asking -= 1
        if self.why:
            raise CannotAsk(self.why)
        return {name: self.answer[name] for name in names}


async def test_the_bus_is_asked_and_no_program_but_for_the_journal(systemd: Systemd) -> None:
    facts = await told(SystemdWitness(Bus({**FAILED, "Result": "oom-kill"})))

    assert (facts["result"], facts["signal"]) == ("oom-kill", 9)
    assert facts["journal"][0]["text"] == "no space left"
    assert not (systemd.folder / "systemctl.asked").exists()


async def test_where_the_bus_does_not_answer_systemctl_is_asked(systemd: Systemd) -> None:
    facts = await told(SystemdWitness(Bus(why="no answer within 5 s")))

    assert facts["result"] == "signal"
    assert len(systemd.asked("systemctl")) == 1


async def test_how_it_ended_is_told_before_what_it_wrote(systemd: Systemd) -> None:
    systemd.program("journalctl", "exec sleep 600")
    async with aclosing(SystemdWitness(Bus()).evidence(HTTPD, BEFORE)) as telling:
        facts = (await anext(telling))["systemd"]

    assert (facts["result"], facts["journal_unread"]) == ("signal", "not read yet")


@pytest.mark.parametrize("bus", [None, Bus()], ids=["programs alone", "with the bus"])
async def test_however_many_fail_together_few_programs_run(
    systemd: Systemd, tmp_path: Path, bus: Bus | None
) -> None:
    """Each writes down how many run while it does."""
    script = (
        f"mkdir -p {tmp_path}/run; touch {tmp_path}/run/$$; ls {tmp_path}/run | wc -l >>"
        f"{tmp_path}/together; sleep 0.02; rm {tmp_path}/run/$$"
    )
    for name in ("systemctl", "journalctl"):
        systemd.program(name, script)
    witness = SystemdWitness(bus)
    await asyncio.gather(*(told(witness) for _ in range(30)))

    together = [int(line) for line in (tmp_path / "together").read_text().split()]
    assert len(together) == (30 if bus else 60)
    assert max(together) <= AT_ONCE
    assert bus is None or bus.most <= AT_ONCE


async def test_the_lines_are_bounded_however_many_there_are(systemd: Systemd) -> None:
    long = json.dumps({**LINE, "MESSAGE": "x" * 3000})
    systemd.wrote(*([long] * 50))
    facts = await told()

    assert len(facts["journal"]) == 10
    assert {len(entry["text"]) for entry in facts["journal"]} == {1000}


async def test_the_last_lines_are_kept_oldest_first_without_those_of_each_process_killed(
    systemd: Systemd,
) -> None:
    killing = {**LINE, "SYSLOG_IDENTIFIER": "systemd", "MESSAGE": "a.service: Killing process 7"}
    lines = [*({**LINE, "MESSAGE": f"line {n}"} for n in range(1, 31)), *([killing] * 150)]
    systemd.wrote(*map(json.dumps, lines))
    facts = await told()

    assert [entry["text"] for entry in facts["journal"]] == [f"line {n}" for n in range(21, 31)]


async def test_of_more_than_can_be_read_the_end_is_kept(systemd: Systemd) -> None:
    systemd.wrote(*(json.dumps({**LINE, "MESSAGE": f"{n} {'x' * 4000}"}) for n in range(200)))
    facts = await told()

    assert facts["journal"][-1]["text"].startswith("199 ")
    assert len(facts["journal"]) == 10


@pytest.mark.parametrize(
    ("changed", "facts"),
    [
        pytest.param(
            {"Result": "exit-code", "ExecMainCode": "1", "ExecMainStatus": "203"},
            {"ended": "exited with status 203 (EXEC: the program could not be run)", "status": 203},
            id="before it began",
        ),
        pytest.param(
            {"Result": "core-dump", "ExecMainCode": "3", "ExecMainStatus": "11"},
            {"ended": "killed by signal 11 (SIGSEGV), and dumped its core", "core_dumped": True},
            id="a crash",
        ),
        pytest.param(
            {"ExecMainCode": "0", "ExecMainStatus": "0", "ActiveState": "active"},
            {"ended": None, "status": None, "signal": None, "ended_s_ago": None},
            id="it runs",
        ),
        pytest.param(
            {"LoadState": "not-found"},
            {"state": None, "note": "systemd has no such unit"},
            id="there is none",
        ),
        pytest.param(
            {"ExecMainStatus": "999", "ExecMainPID": "x", "NRestarts": "9" * 40},
            {"ended": "killed by signal 999", "pid": None, "restarts": None},
            id="nonsense",
        ),
        pytest.param({}, {"ended_s_ago": 41.0}, id="when"),
    ],
)
def test_properties_in_words(changed: dict[str, str], facts: dict[str, Any]) -> None:
    found = facts_of({**FAILED, **changed}, now_s=42.0)

    assert {name: found[name] for name in facts} == facts


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (json.dumps("plain"), "plain"),
        (json.dumps([104, 105, 255]), r"hi\xff"),
        (json.dumps(["first", "second"]), "first"),
        ("null", "(too long, or binary)"),
        ("[]", "(too long, or binary)"),
    ],
)
def test_messages_as_journalctl_writes_them(message: str, text: str) -> None:
    line = json.dumps({**LINE, "MESSAGE": json.loads(message)})

    assert [entry["text"] for entry in entries_of(line.encode())] == [text]


@pytest.mark.parametrize(
    ("texts", "gave_up"),
    [
        (["Started a.", "a: Start request repeated too quickly.", "Failed to start a."], True),
        (["a: Start request repeated too quickly.", "Started a.", "a: Failed"], False),
        (["Started a."], False),
    ],
)
def test_whether_systemd_has_given_up_since_it_last_started_the_unit(
    texts: list[str], gave_up: bool
) -> None:
    lines = [{**LINE, "SYSLOG_IDENTIFIER": "systemd", "MESSAGE": text} for text in texts]
    by_itself = [{**LINE, "MESSAGE": text} for text in texts]

    assert hit_start_limit(entries_of("\n".join(map(json.dumps, lines)).encode())) is gave_up
    assert not hit_start_limit(entries_of("\n".join(map(json.dumps, by_itself)).encode()))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from([*LINE, "other"])
ENTRIES = st.dictionaries(NAMES, JSON, max_size=5).map(lambda one: json.dumps(one).encode())


@given(st.lists(st.binary(max_size=60) | ENTRIES, max_size=15), st.binary(max_size=200))
def test_whatever_the_programs_write_it_can_be_kept_and_told(
    lines: list[bytes], shown: bytes
) -> None:
    entries = entries_of(b"\n".join(lines))
    facts = facts_of(properties_of(shown + b"\nResult=" + shown), now_s=0)
    kept = document(NOON, {}, BEFORE, {"systemd": {**facts, "journal": entries}})

    assert len(entries) <= 10
    assert json.dumps(kept, ensure_ascii=False, allow_nan=False).isprintable()
    assert phrase_of(kept, NOTHING_SEEN) is None
