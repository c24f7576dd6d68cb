"""Kills, restarts, reloads and damage: with the real daemon and real signals."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from tests.daemon.server import WITHIN, Server, server


async def test_what_was_told_is_not_told_again_after_a_kill(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("reached")
        await web1.kill()
        await web1.start()
        await web1.until(lambda: _seen(web1))

        assert len(web1.simulator.calls) == 1


async def test_a_failure_that_begins_while_it_is_off_is_called_after_its_start(
    tmp_path: Path,
) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        assert await web1.stop() == 0
        await web1.kill_httpd()
        await web1.start()
        await web1.until(lambda: web1.rung(1))


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param({"does": "slow", "delay": 60}, id="the call was placed"),
        pytest.param({"does": "500", "placed": False}, id="the call was not placed"),
    ],
)
async def test_a_kill_in_the_middle_of_the_post_loses_no_call_and_rings_once(
    tmp_path: Path, behaviour: object
) -> None:
    async with server(tmp_path, behaviour, "answer") as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.until(lambda: web1.simulator.entries("request"))
        await web1.kill()
        await web1.start()
        await web1.logged("reached")

        assert len(web1.simulator.calls) == 1
        assert (await web1.json("calls"))[0]["outcome"] == "answered"


async def test_a_second_daemon_on_the_same_state_ends_with_one_message(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        code, _, err = await web1.run("run", WATCHCALL_DAEMON__CONTROL_SOCKET=str(tmp_path / "2"))

        assert code == 1
        assert f"another WatchCall runs on {tmp_path}/state" in err
        assert "Traceback" not in err
        assert (await web1.run("status"))[0] == 0


@pytest.mark.parametrize("by", ["signal", "command"])
async def test_a_reload_takes_the_new_file_and_forgets_nothing(tmp_path: Path, by: str) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("reached")
        web1.configure('\n[[check]]\nname = "second"\ntype = "process"\nprocess = "nobody-here"\n')
        if by == "command":
            assert (await web1.run("reload"))[:2] == (0, "reloaded\n")
        else:
            assert web1.daemon is not None
            web1.daemon.send_signal(signal.SIGHUP)
            await web1.logged("reloaded: 2 checks")
        await web1.until(lambda: web1.rung(2))

        assert [("second" in words) for words in web1.words] == [False, True]
        assert len(web1.simulator.calls) == 2


async def test_many_hangups_are_few_reloads_and_disturb_no_end(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        assert web1.daemon is not None
        for _ in range(40):
            web1.daemon.send_signal(signal.SIGHUP)
            await asyncio.sleep(0.01)  # apart, or the kernel would make them one
        assert (await web1.run("reload"))[0] == 0  # it waits behind all that are queued
        assert sum("reloaded" in line for line in web1.log) <= 10

        for _ in range(5):
            web1.daemon.send_signal(signal.SIGHUP)
        assert await web1.stop() == 0
        assert not any("Traceback" in line or "Error" in line for line in web1.log), web1.log


async def test_a_wrong_file_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        web1.configure("\n[twilo]\n")
        code, _, err = await web1.run("reload")
        assert code == 78
        assert "did you mean twilio?" in err

        status = await web1.json("status")
        assert any("twilo" in trouble for trouble in status["troubles"])
        await web1.kill_httpd()
        await web1.until(lambda: web1.rung(1))

        web1.configure()
        assert (await web1.run("reload"))[0] == 0
        assert (await web1.json("status"))["troubles"] == []


async def test_a_corrupt_database_is_set_aside_said_aloud_and_monitoring_goes_on(
    tmp_path: Path,
) -> None:
    async with server(tmp_path) as web1:
        (tmp_path / "state").mkdir()
        damaged = b"SQLite format 3\0" + b"\xa5" * 8192
        (tmp_path / "state" / "watchcall.db").write_bytes(damaged)
        await web1.start()
        await web1.kill_httpd()
        await web1.until(lambda: web1.rung(1))

        (kept,) = (tmp_path / "state").glob("watchcall.db.corrupt-*")
        assert kept.read_bytes() == damaged
        assert any("database was corrupt" in line for line in web1.log)
        status = await web1.json("status")
        assert str(kept) in status["troubles"][0]


async def test_a_database_that_cannot_be_written_is_said_aloud_and_the_call_is_made_up_for(
    tmp_path: Path,
) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        with sqlite3.connect(tmp_path / "state" / "watchcall.db") as other:
            other.execute("begin immediate")
            await web1.kill_httpd()
            await web1.logged("nobody can be called until this ends")
            code, out, _ = await web1.run("status", "--json")
            status = json.loads(out)
            refused, _, why = await web1.run("calls")
            other.rollback()
        other.close()

        assert code == 1
        assert status["checks"][0]["state"] == "failing"
        assert status["pager"]["state"] == "down"
        assert "locked" in status["troubles"][0]
        assert (refused, "locked" in why) == (1, True)
        await web1.until(lambda: web1.rung(1))
        await web1.logged("the database can be written again")


async def test_a_state_directory_that_went_away_is_said_aloud(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        (tmp_path / "state").rename(tmp_path / "elsewhere")

        assert "was removed or replaced" in (await web1.json("status"))["troubles"][0]
        _, said, _ = await web1.run("silence", "httpd", "--for", "1h")
        assert "forgets this" in said


async def test_what_it_writes_is_nobody_elses(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        files = list((tmp_path / "state").iterdir())

        assert {"watchcall.db", "lock"} <= {file.name for file in files}
        assert {stat.S_IMODE(file.stat().st_mode) & 0o077 for file in files} == {0}


async def test_what_lies_in_the_current_directory_is_not_run(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        (tmp_path / "pickle.py").write_text("raise SystemExit('a stranger was here')")
        process = await asyncio.create_subprocess_exec(
            *(Path(sys.executable).parent / "watchcall", "run"),
            stderr=asyncio.subprocess.PIPE,
            cwd=tmp_path,
            env=web1.environ(),
        )
        web1.daemon = process
        assert process.stderr is not None
        async with asyncio.timeout(WITHIN):
            while line := (await process.stderr.readline()).decode():
                if "watches 1 check of web1" in line:
                    break

        assert line


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("from watchcall import cli as room; name = '_parser'", id="at once"),
        pytest.param(
            "from watchcall.config.aside import Reading as room; name = 'result'",
            id="while the configuration is read",
        ),
    ],
)
async def test_being_told_to_reload_while_it_starts_is_made_up_for(
    tmp_path: Path, moment: str
) -> None:
    hangup = (
        f"{moment}\nimport os, signal\nreal = getattr(room, name)\n"
        "def interrupted(given):\n"
        "    setattr(room, name, real)\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "    return real(given)\n"
        "setattr(room, name, interrupted)\n"
    )
    async with server(tmp_path, hurry=hangup) as web1:
        await web1.start()

        await web1.logged("reloaded: 1 check")
        assert await web1.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_being_told_to_stop_while_it_starts_is_a_good_end(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with server(tmp_path) as web1:
        web1.daemon = await web1.command("run")
        reader = Path(f"/proc/{web1.daemon.pid}/task/{web1.daemon.pid}/children")
        await web1.until(lambda: reader.read_text().strip())
        web1.daemon.send_signal(number)
        async with asyncio.timeout(20):
            _, err = await web1.daemon.communicate()

        assert (web1.daemon.returncode, err) == (0, b"")


async def test_the_control_socket_is_not_for_everybody(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        mode = (tmp_path / "control.sock").stat().st_mode
        await web1.stop()

        assert stat.S_IMODE(mode) == 0o660
        assert not (tmp_path / "control.sock").exists()


async def test_a_socket_left_by_a_killed_daemon_is_no_obstacle(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        await web1.kill()
        assert (tmp_path / "control.sock").exists()
        await web1.start()

        assert (await web1.run("status"))[0] == 0


async def test_every_commit_of_an_attempt_comes_before_its_post(tmp_path: Path) -> None:
    """Seen from outside: when Twilio has the request, the database has the intent."""
    async with server(tmp_path, {"does": "slow", "delay": 60}) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.until(lambda: web1.asked("POST"))
        await web1.kill()
        with sqlite3.connect(tmp_path / "state" / "watchcall.db") as database:
            rows = database.execute("select phase, outcome, sid, tries from attempt").fetchall()
        database.close()

        assert rows == [("posting", "pending", None, 1)]


def _seen(web1: Server) -> bool:
    """Whether the daemon has looked often enough to decide, had it forgotten."""
    return sum("watches" in line for line in web1.log) == 2
