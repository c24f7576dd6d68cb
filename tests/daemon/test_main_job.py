"""The main job with real processes: httpd dies, the phone rings."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.daemon.server import ME, TOKEN, server


async def test_httpd_stops_and_the_phone_rings_with_the_right_words(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        await web1.kill_httpd()
        await web1.until(lambda: web1.rung(1))

        (call,) = web1.simulator.calls
        assert call.to == ME
        (words,) = web1.words
        assert words.startswith("WatchCall on server web1: httpd has been failing since ")
        assert "No process named httpd is running." in words


async def test_the_words_are_japanese_for_a_japanese_contact(tmp_path: Path) -> None:
    async with server(tmp_path, language="ja-JP") as web1:
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        await web1.kill_httpd()
        await web1.until(lambda: web1.rung(1))

        (words,) = web1.words
        assert words.startswith("ウォッチコールです、サーバー web1 の httpd に、")
        assert "httpd という名前のプロセスが動いていません。" in words
        assert {entry["language"] for entry in web1.simulator.entries("heard")} == {"ja-JP"}


async def test_one_outage_one_call_silent_recovery_and_the_next_outage_calls_again(
    tmp_path: Path,
) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        for outage in (1, 2):
            await web1.kill_httpd()
            await web1.logged(f"incident {outage} opened")
            await web1.until(lambda outage=outage: web1.rung(outage))  # type: ignore[misc]  # mypy cannot type a default of a lambda
            await web1.start_httpd()
            await web1.logged(f"incident {outage} closed")

        assert len(web1.simulator.calls) == 2
        assert any("stays quiet: recoveries are not told" in line for line in web1.log)


@pytest.mark.parametrize(
    ("extra", "flags", "told"),
    [
        pytest.param("", [], False, id="silent by default"),
        pytest.param("call_on_recovery = true\n", [], True, id="told where the file says so"),
        pytest.param("", ["--call-on-recovery"], True, id="told where the flag says so"),
        pytest.param(
            "call_on_recovery = true\n", ["--no-call-on-recovery"], False, id="the flag wins"
        ),
    ],
)
async def test_the_recovery(tmp_path: Path, extra: str, flags: list[str], told: bool) -> None:
    async with server(tmp_path) as web1:
        web1.configure(**{"group_wait = 0\n": f"group_wait = 0\n{extra}"})
        await web1.start(*flags)
        await web1.kill_httpd()
        await web1.until(lambda: web1.rung(1))
        await web1.start_httpd()
        await web1.logged("incident 1 closed")
        if told:
            await web1.until(lambda: web1.rung(2))

        assert any("httpd recovered at" in words for words in web1.words) is told
        assert len(web1.simulator.calls) == 1 + told


async def test_the_ledger_and_the_status_say_what_happened(tmp_path: Path) -> None:
    async with server(tmp_path, "no-answer") as web1:
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        assert (await web1.run("status"))[0] == 0
        await web1.kill_httpd()
        await web1.logged("nobody was reached")

        code, out, _ = await web1.run("status", "--json")
        status = json.loads(out)
        (check,) = status["checks"]
        assert code == 1
        assert (status["host"], status["pager"]["state"]) == ("web1", "degraded")
        assert status["pager"]["reason"] == "nobody was reached about incident 1"
        assert (check["state"], check["level"], check["incident"]) == ("failing", "critical", 1)
        assert check["reason"].startswith("no process named httpd is running, the last one, PID ")
        assert (check["fail_after"], check["silenced"]) == (2, False)

        (call,) = await web1.json("calls")
        assert (call["outcome"], call["contact"], call["to"]) == ("no_answer", "me", ME)
        assert (call["incident"], call["attempt"], call["round"]) == (1, 1, 1)
        assert call["sid"] == web1.simulator.calls[0].sid
        code, table, _ = await web1.run("calls")
        assert code == 0
        assert "no_answer" in table
        assert ME not in table


@pytest.mark.parametrize(
    ("behaviour", "rings", "outcomes"),
    [
        pytest.param("answer", 1, ["answered"], id="answered"),
        pytest.param("busy", 2, ["answered", "busy"], id="busy, and once more"),
        pytest.param("fail", 1, ["failed"], id="failed"),
        pytest.param("reject", 0, ["rejected"], id="rejected with a code"),
        pytest.param({"does": "429", "retry_after": 1}, 1, ["answered"], id="too many requests"),
        pytest.param({"does": "slow", "delay": 0.5}, 1, ["answered"], id="slow"),
        pytest.param("lost", 1, ["answered"], id="a lost reply"),
        pytest.param(
            {"does": "500", "placed": True}, 1, ["answered"], id="an error, but the phone rings"
        ),
    ],
)
async def test_what_becomes_of_a_call(
    tmp_path: Path, behaviour: object, rings: int, outcomes: list[str]
) -> None:
    async with server(tmp_path, behaviour, "answer") as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("failure of incident 1 on channel 'phone':")

        assert [call["outcome"] for call in await web1.json("calls")] == outcomes
        assert len(web1.simulator.calls) == rings


async def test_no_secret_and_no_full_number_is_ever_seen(tmp_path: Path) -> None:
    async with server(tmp_path, "reject") as web1:
        web1.configure(
            '\n[[channel]]\nname = "mine"\n\n[[channel]]\nname = "bare"\nto = ["+15005550009"]\n'
        )
        await web1.start(WATCHCALL_DAEMON__LOG_LEVEL="debug")
        await web1.kill_httpd()
        await web1.logged("rejected")
        await web1.logged("channel 'bare': reached")
        assert web1.daemon is not None
        arguments = Path(f"/proc/{web1.daemon.pid}/cmdline").read_text()
        status = (await web1.run("status", "--json"))[1] + (await web1.run("status"))[1]
        await web1.stop()

        seen = "\n".join([arguments, status, *web1.log])
        assert TOKEN not in seen
        assert ME not in seen
        assert "+15005550009" not in seen


async def test_probe_looks_once_and_shows_why_without_a_daemon(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        fine = await web1.json("probe", "httpd")
        assert (fine["name"], fine["type"], fine["level"]) == ("httpd", "process", "ok")
        assert web1.httpd is not None
        assert str(web1.httpd.pid) in json.dumps(fine["evidence"])
        assert fine["took_ms"] > 0

        await web1.kill_httpd()
        code, out, _ = await web1.run("probe", "httpd")
        assert code == 1
        assert "no process named httpd is running" in out
        assert not (tmp_path / "state").exists()


async def test_systemd_hears_that_it_is_ready_alive_and_stopping(tmp_path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        async with server(tmp_path) as web1:
            await web1.start(
                NOTIFY_SOCKET=str(tmp_path / "notify"),
                WATCHDOG_USEC="1000000",
            )
            heard: list[str] = []
            while sum("WATCHDOG=1" in one for one in heard) < 2:
                heard.append(manager.recv(1000).decode())
            await web1.stop()
            while "STOPPING=1" not in heard[-1]:
                heard.append(manager.recv(1000).decode())

    assert heard[0].startswith("READY=1\nSTATUS=1 check, ")
    assert "STATUS=1 check, 0 failing; pager " in heard[1]
    assert all(line.startswith("<") for line in web1.log), web1.log


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
async def test_systemd_hears_of_a_reload_and_when_it_began(tmp_path: Path, *, right: bool) -> None:
    """Type=notify-reload (systemd 253) wants both in one message, and READY in any case."""
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        async with server(tmp_path) as web1:
            await web1.start(NOTIFY_SOCKET=str(tmp_path / "notify"))
            web1.configure("" if right else "[nonsense]\n")
            began = time.monotonic_ns() // 1000
            assert (await web1.run("reload"))[0] == (0 if right else 78)
            heard = [manager.recv(1000).decode()]
            while "RELOADING=1" not in heard[-1]:
                heard.append(manager.recv(1000).decode())
            told = heard[-1]
            while "READY=1" not in heard[-1]:
                heard.append(manager.recv(1000).decode())

    first, second = told.splitlines()
    assert first == "RELOADING=1"
    assert began <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


async def test_a_daemon_that_stops_is_asked_kindly_and_ends_well(tmp_path: Path) -> None:
    async with server(tmp_path, {"does": "slow", "delay": 1}) as web1:
        await web1.start()
        await web1.kill_httpd()
        await web1.until(lambda: web1.simulator.entries("request"))
        assert await web1.stop() == 0

        await web1.start()
        await web1.until(lambda: web1.rung(1))
        await web1.logged("reached")
        assert len(web1.simulator.calls) == 1
        assert os.access(tmp_path / "control.sock", os.F_OK)
