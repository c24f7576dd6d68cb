"""The last resort: the operator's own command, run for what nobody could be told of."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.stories.town import ALICE, BOB, LADDER, PHONE, Town, check, town
from watchcall.pager import undelivered
from watchcall.pager.undelivered import LastResort

FIRST = replace(LADDER, to=(ALICE,), rounds=1, fallback="other")
OTHER = replace(PHONE, name="other", to=(BOB,), default=False)


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Writes down what it reads, a line each time."""
    program = tmp_path / "command.py"
    program.write_text(
        "import sys\n"
        f"with open({str(tmp_path / 'given')!r}, 'a') as given:\n"
        "    given.write(sys.stdin.read() + '\\n')\n"
    )
    return [sys.executable, str(program)]


def given(folder: Path) -> list[dict[str, Any]]:
    """What the command was given, in order."""
    path = folder / "given"
    return [json.loads(one) for one in path.read_text().splitlines()] if path.exists() else []


async def deliver(night: Town, command: list[str] | None) -> None:
    await LastResort(night.store, night.clock, command, "web1").turn()


async def test_where_nobody_was_reached_the_command_is_given_the_incident(
    tmp_path: Path, command: list[str]
) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(LADDER, rounds=1),))
        await night.fail()
        await night.ring()
        await deliver(night, command)
        (about,) = given(tmp_path)
        (listed,) = await night.store.incidents(10)

    contract = (
        "id check level opened_at acknowledged_by acknowledged_at closed_at reason told quiet"
    )
    assert set(contract.split()) <= set(about)
    assert {name: about[name] for name in listed} == listed
    assert about["host"] == "web1"
    assert [(one["contact"], one["outcome"]) for one in about["told"]] == [
        ("alice", "no_answer"),
        ("bob", "no_answer"),
    ]


async def test_it_is_run_once_for_each_incident(tmp_path: Path, command: list[str]) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(
            check("httpd"),
            check("db"),
            channels=(replace(FIRST, fallback=None), replace(OTHER, default=True, rounds=2)),
        )
        night.phone.behaviours = ["no-answer"]
        await night.fail("httpd", "db")
        for _ in range(30):
            await night.wait(60)
            await deliver(night, command)
        await night.restart(off_for=timedelta(0), channels=(FIRST,))
        await deliver(night, command)

    assert sorted(one["check"] for one in given(tmp_path)) == ["db", "httpd"]


async def test_it_is_not_run_where_another_channel_reached_somebody(
    tmp_path: Path, command: list[str]
) -> None:
    async with town(tmp_path, "no-answer", "answered") as night:
        await night.start(channels=(replace(FIRST, fallback=None), replace(OTHER, default=True)))
        await night.fail()
        await night.wait(60)
        await deliver(night, command)

    assert given(tmp_path) == []


async def test_it_is_run_only_when_the_last_of_several_channels_has_given_up(
    tmp_path: Path, command: list[str]
) -> None:
    slow = replace(LADDER, name="slow", to=(BOB,), rounds=2, round_delay=timedelta(minutes=5))
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(FIRST, fallback=None), slow))
        await night.fail()
        await night.wait(60)
        await deliver(night, command)
        assert given(tmp_path) == []

        await night.wait(400)
        await deliver(night, command)
    assert len(given(tmp_path)) == 1


async def test_it_is_run_when_the_fallback_is_exhausted_too(
    tmp_path: Path, command: list[str]
) -> None:
    async with town(tmp_path, "no-answer", "failed") as night:
        await night.start(channels=(FIRST, OTHER))
        await night.fail()
        await night.ring()
        await deliver(night, command)

    assert len(given(tmp_path)) == 1


async def test_a_broken_channel_without_a_fallback_runs_it_at_once(
    tmp_path: Path, command: list[str]
) -> None:
    async with town(tmp_path, "reject:20003") as night:
        await night.start()
        await night.fail()
        await night.ring()
        await deliver(night, command)

    assert len(given(tmp_path)) == 1


async def test_what_recovered_is_not_delivered(tmp_path: Path, command: list[str]) -> None:
    async with town(tmp_path, "unreachable") as night:
        await night.start()
        await night.fail()
        await night.ring()
        await night.recover()
        await night.wait(60)
        await deliver(night, command)

    assert given(tmp_path) == []


async def test_a_crash_while_it_runs_runs_it_again(tmp_path: Path, command: list[str]) -> None:
    class Crash(BaseException):
        pass

    async def dies(*_: object) -> None:
        raise Crash

    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(FIRST, fallback=None),))
        await night.fail()
        await night.ring()
        night.store.ran = dies  # type: ignore[assignment, method-assign]  # it ran, and nobody wrote it down
        with pytest.raises(Crash):
            await deliver(night, command)
        await night.restart()
        await deliver(night, command)
        await deliver(night, command)

    assert len(given(tmp_path)) == 2


async def test_one_that_hangs_is_killed_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(undelivered, "DEADLINE", timedelta(seconds=0.5))
    pids = tmp_path / "pids"
    script = f'sleep 300 & echo $! $$ > {pids}; trap "" TERM; cat > /dev/null; wait'
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(FIRST, fallback=None),))
        await night.fail()
        await night.ring()
        began = time.monotonic()
        await deliver(night, ["/bin/sh", "-c", script])

        assert time.monotonic() - began < 10
        assert "was killed after" in caplog.text
        for pid in map(int, pids.read_text().split()):
            await _gone(pid)
        assert await night.store.undelivered() == []


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param(["/nowhere/at-all"], "cannot be run: No such file", id="it is not there"),
        pytest.param(
            ["/bin/sh", "-c", "echo no route >&2; exit 3"],
            "exited with 3: no route",
            id="it fails",
        ),
        pytest.param(["/bin/true"], "exited with 0", id="it reads nothing"),
        pytest.param(None, "no command is configured", id="there is none"),
    ],
)
async def test_what_came_of_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, argv: list[str] | None, said: str
) -> None:
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(FIRST, fallback=None),))
        await night.fail()
        await night.ring()
        await deliver(night, argv)

        assert await night.store.undelivered() == []
    assert "nobody was told of incident 1; " in caplog.text
    assert said in caplog.text


async def test_it_never_sees_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHCALL_TWILIO__AUTH_TOKEN", "not-for-others")
    seen = tmp_path / "environment"
    async with town(tmp_path, "no-answer") as night:
        await night.start(channels=(replace(FIRST, fallback=None),))
        await night.fail()
        await night.ring()
        await deliver(night, ["/bin/sh", "-c", f"env > {seen}"])

    assert "PATH=" in seen.read_text()
    assert "not-for-others" not in seen.read_text()


async def _gone(pid: int) -> None:
    """Wait until a process has ended; nobody else reaps an orphan but init."""
    async with asyncio.timeout(10):
        while _runs(pid):  # noqa: ASYNC110 - a stranger's end can only be asked for
            await asyncio.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
