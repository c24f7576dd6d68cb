"""kill -9 at any moment, again and again, while Twilio goes on: nothing lost, little repeated."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, cast

import pytest

from tests.daemon.server import ME, TOKEN, WITHIN, Server
from watchcall.simulator import ledger
from watchcall.simulator.simulator import Simulator

SEED = 20261
KILLS = 25
SCRIPT = f"""
speed = 200
queued = 0

[phones]
"{ME}" = [{{ does = "slow", delay = 0.3 }}]
"""
# Questions about calls come more often, or most of the storm would be waiting; and however often
# it breaks, every outage is told as one.
HURRY = """
from watchcall.core import flapping
from watchcall.pager import calls
calls.POLL_S = calls.LOOK_S = 0.2
flapping.OFTEN = 1000
"""


class Elsewhere:
    """Twilio in a process of its own, which outlives the daemon; its ledger says what it saw."""

    def __init__(self, url: str, path: Path) -> None:
        self.url, self._path = url, path

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return [entry for entry in ledger.entries(self._path) if entry["kind"] == kind]

    @property
    def calls(self) -> list[str]:
        """The SIDs of all calls, in the order in which they were placed."""
        return list(dict.fromkeys(entry["sid"] for entry in self.entries("call")))


@pytest.mark.timeout(120)
async def test_a_storm_of_kills_loses_nothing_and_repeats_at_most_once_per_kill(
    tmp_path: Path,
) -> None:
    """Each outage lasts until its phone rang, and each repair until it was noticed."""
    dice = random.Random(SEED)
    async with elsewhere(tmp_path) as twilio:
        web1 = Server(tmp_path, cast(Simulator, twilio), hurry=HURRY)
        web1.configure()
        await web1.start_httpd()
        await web1.start()
        kills = outages = 0
        try:
            while kills < KILLS:
                known = len(twilio.calls)
                outages += 1
                await web1.kill_httpd()
                kills += await _storm(web1, dice, dice.choice((1, 1, 2)))
                await web1.until(lambda known=known: len(twilio.calls) > known)  # type: ignore[misc]  # mypy cannot type a default of a lambda
                await web1.start_httpd()
                kills += await _storm(web1, dice, dice.choice((0, 0, 1)))
                await web1.until(lambda: _all_over(tmp_path))
            calls, incidents = await web1.json("calls"), await web1.json("incidents")
        finally:
            for process in (web1.daemon, web1.httpd):
                if process is not None and process.returncode is None:
                    process.kill()
                    await process.wait()

    assert len(incidents) == outages
    for incident in incidents:
        reached = [one for one in incident["told"] if one["outcome"] == "answered"]
        assert reached, incident
    repeated = len(twilio.calls) - outages
    assert 0 <= repeated <= kills
    assert {call["sid"] for call in calls if call["sid"]} <= set(twilio.calls)
    assert max(entry["live"] for entry in twilio.entries("call")) == 1
    assert any("found at Twilio after its reply was lost" in line for line in web1.log)
    assert not any("Traceback" in line for line in web1.log), web1.log


async def _storm(web1: Server, dice: random.Random, kills: int) -> int:
    """Kill the daemon so many times, also while it starts; it runs in the end."""
    for nth in range(kills):
        if nth:
            await web1.spawn()
        await asyncio.sleep(dice.uniform(0, 1.5 if nth else 0.8))
        await web1.kill()
    if kills:
        await web1.start()
    return kills


def _all_over(folder: Path) -> bool:
    """Whether every incident is closed, and everything that was to be told was."""
    return not _asked(
        folder,
        "select (select count(*) from incident where closed_at is null)"
        " + (select count(*) from notification where settled_at is null)",
    )


def _asked(folder: Path, statement: str) -> Any:
    with closing(sqlite3.connect(folder / "state" / "watchcall.db")) as database:
        return database.execute(statement).fetchone()[0]


@asynccontextmanager
async def elsewhere(folder: Path) -> AsyncIterator[Elsewhere]:
    """Twilio as `watchcall simulator` runs it."""
    (folder / "phones.toml").write_text(SCRIPT)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "watchcall", "simulator", "--plain", "--listen", "127.0.0.1:0"),
        *("--script", "phones.toml", "--ledger", "ledger.jsonl", "--auth-token", TOKEN),
        stdin=DEVNULL,
        stdout=PIPE,
        cwd=folder,
    )
    try:
        yield Elsewhere(await _url(process), folder / "ledger.jsonl")
    finally:
        process.terminate()
        await process.communicate()


async def _url(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(WITHIN):
        async for line in process.stdout:
            if found := re.search(rb"listening on (\S+)", line):
                return found[1].decode()
    raise AssertionError("the simulator does not listen")
