"""`watchcall simulator`, the process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
import requests

from tests.simulator.caller import ME, OURS, TWIML, WORDS
from watchcall.simulator.ledger import entries

COMMAND = [sys.executable, "-m", "watchcall", "simulator"]
ACCOUNT = "AC" + "0" * 32


@contextlib.contextmanager
def running(*words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command on a free port; end it afterwards if it still runs."""
    process = subprocess.Popen(
        [*COMMAND, "--listen", "127.0.0.1:0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", **environment},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def greeting(process: subprocess.Popen[str]) -> str:
    """Return the URL of its first line."""
    first = output(process).readline()
    assert first.startswith("listening on http://127.0.0.1:"), first
    return first.split()[-1]


def output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def call(url: str, account: str = ACCOUNT, token: str = "simulator") -> requests.Response:
    return requests.post(
        f"{url}/2010-04-01/Accounts/{account}/Calls.json",
        data={"To": ME, "From": OURS, "Twiml": TWIML},
        auth=(account, token),
        timeout=5,
    )


def refused(*words: str) -> tuple[int, str]:
    """Return the exit code and the complaint of a command that does not start."""
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=20)
    return done.returncode, done.stderr


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_with_0(signum: signal.Signals) -> None:
    with running() as process:
        url = greeting(process)
        assert call(url).status_code == 201  # even while a phone rings
        process.send_signal(signum)

        assert process.wait(3) == 0


def test_it_goes_on_when_nobody_reads_any_more() -> None:
    with running("--speed", "50") as process:
        url = greeting(process)
        output(process).close()
        for _ in range(2):
            assert call(url).status_code == 201
        listed = requests.get(
            f"{url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json",
            auth=(ACCOUNT, "simulator"),
            timeout=5,
        )
        process.terminate()

        assert len(listed.json()["calls"]) == 2
        assert process.wait(3) == 0


def test_it_goes_on_when_a_client_is_killed(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with running("--ledger", str(ledger)) as process:
        url = greeting(process)
        half = f"""
import socket, time
client = socket.create_connection(("127.0.0.1", {url.rpartition(":")[2]}))
client.sendall(b"POST /x HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 99\\r\\n\\r\\nTo=")
print("sent", flush=True)
time.sleep(60)
"""
        with subprocess.Popen([sys.executable, "-c", half], stdout=subprocess.PIPE) as client:
            assert client.stdout is not None
            assert client.stdout.readline()
            client.kill()
        assert call(url).status_code == 201
        kinds = [entry["kind"] for entry in entries(ledger)]

    assert kinds.count("request") == 1


def until_line(process: subprocess.Popen[str], words: str) -> str:
    """Return the next line of its output that holds these words."""
    return next(line for line in output(process) if words in line)


def test_sighup_reads_the_script_again_and_phones_go_on_counting(tmp_path: Path) -> None:
    script = tmp_path / "phones.toml"
    script.write_text(f'phones."{ME}" = ["fail", "fail"]')
    with running("--script", str(script)) as process:
        url = greeting(process)
        call(url)
        until_line(process, "cannot be reached")
        script.write_text(f'phones."{ME}" = ["fail", "busy"]')
        process.send_signal(signal.SIGHUP)
        until_line(process, "the script is read again")
        call(url)
        until_line(process, "is being called")

        assert "is busy" in output(process).readline()


def test_sighup_with_a_wrong_script_changes_nothing(tmp_path: Path) -> None:
    script = tmp_path / "phones.toml"
    script.write_text('default = "reject"')
    with running("--script", str(script)) as process:
        url = greeting(process)
        script.write_text('default = "rejekt"')
        process.send_signal(signal.SIGHUP)

        assert '"rejekt" is none of' in until_line(process, "nothing changes")
        assert call(url).status_code == 400


def test_sighup_without_a_script_does_no_harm() -> None:
    with running() as process:
        url = greeting(process)
        process.send_signal(signal.SIGHUP)
        until_line(process, "the script is read again")

        assert call(url).status_code == 201


def test_it_says_what_to_put_into_config_toml() -> None:
    with running() as process:
        url = greeting(process)
        process.terminate()
        said = output(process).read()

    assert f'api_url = "{url}"' in said
    assert f'account_sid = "{ACCOUNT}"' in said
    assert 'auth_token = "simulator"' in said


def test_it_shows_a_call_line_by_line_and_writes_the_ledger(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with running("--speed", "50", "--ledger", str(ledger)) as process:
        assert call(greeting(process)).status_code == 201
        shown = []
        for line in output(process):
            shown.append(line)
            if "hangs up" in line:
                break
        kinds = [entry["kind"] for entry in entries(ledger)]

    assert any(f"+8190****5678   hears (en-GB): “{WORDS}”" in line for line in shown)
    assert ME not in "".join(shown)
    assert "heard" in kinds


def test_account_and_token_can_come_from_the_environment() -> None:
    account = "AC" + "a" * 32
    with running(
        WATCHCALL_SIMULATOR_ACCOUNT_SID=account, WATCHCALL_SIMULATOR_AUTH_TOKEN="my-own"
    ) as process:
        url = greeting(process)
        assert call(url).status_code == 401
        assert call(url, account, "my-own").status_code == 201
        process.terminate()

        assert "my-own" not in output(process).read()


def test_a_script_with_errors_is_refused_with_78(tmp_path: Path) -> None:
    script = tmp_path / "phones.toml"
    script.write_text(f'[phones]\n"{ME}" = ["bussy"]\n')
    code, said = refused("--script", str(script))

    assert code == 78
    assert f'phones.toml: phones: "{ME}": entry 1: does: "bussy"' in said


@pytest.mark.parametrize(
    "address", ["0.0.0.0:8129", "192.0.2.1:8129", "example.org:8129", "8129", "127.0.0.1:x"]
)
def test_an_address_that_is_not_loopback_is_wrong_usage(address: str) -> None:
    code, said = refused("--listen", address)

    assert code == 2
    assert address in said


def test_a_port_that_is_taken_is_named_and_exits_1() -> None:
    with running() as process:
        address = greeting(process).removeprefix("http://")
        code, said = refused("--listen", address)

    assert code == 1
    assert f"cannot listen on {address}: Address already in use" in said


def test_help_documents_the_script() -> None:
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, timeout=20)

    assert done.returncode == 0
    assert "no-answer  rings until the caller's Timeout" in done.stdout
    assert "example: watchcall simulator" in done.stdout
