"""`watchcall init` without a terminal: flags, the environment, what is missing."""

from __future__ import annotations

import io
import os
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.stage import Stage
from watchcall.cli import main
from watchcall.cli.init import _legible
from watchcall.config.load import load
from watchcall.init import files
from watchcall.simulator.api import Account
from watchcall.simulator.simulator import Simulator

SID = "AC" + "0" * 32
KEY = Account(api_key_sid="SK" + "1" * 32, api_key_secret="k3y5ecre7")
TOKEN = Account().token
ALL = ["--account-sid", SID, "--from", "+15005550006", "--contact", "kei=+819012345678"]


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """English, no systemd, nothing configured, nobody at a terminal."""
    for name in os.environ:
        if name.startswith(("WATCHCALL_TWILIO__", "LC_", "LANG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("watchcall.init.discovery.servers.listeners", lambda without: [])


@pytest.fixture
def config(stage: Stage) -> Path:
    """Where the stage lets every command find its configuration."""
    return stage.folder / "config.toml"


@pytest.fixture
def token_file(tmp_path: Path) -> str:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return str(path)


def tables(config: Path) -> dict[str, Any]:
    return tomllib.loads(config.read_text("utf-8"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def set_up(stage: Stage, *words: str, script: dict[str, Any] | None = None) -> int:
    """Run it against a simulator of its own."""
    async with Simulator({"speed": 100, "queued": 0, **(script or {})}) as simulator:
        return await stage.run("init", "--api-url", simulator.url, *words)


async def test_a_secret_may_come_through_a_pipe(stage: Stage, config: Path) -> None:
    """As the shell's <(…) gives it."""
    reading, writing = os.pipe()
    try:
        os.write(writing, f"{TOKEN}\n".encode())
        os.close(writing)
        words = ("--token-file", f"/dev/fd/{reading}", "--no-checks", "--no-doctor")
        assert await set_up(stage, *ALL, *words) == 0
    finally:
        os.close(reading)

    assert config.with_name("twilio_auth_token").read_text() == f"{TOKEN}\n"


async def test_where_every_key_is_explained_is_named_as_it_lies_here(
    stage: Stage, config: Path, token_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = tmp_path / "doc" / "config.toml.example"
    example.parent.mkdir()
    example.touch()
    monkeypatch.setattr(files, "EXAMPLES", (tmp_path / "none", example))
    await set_up(stage, *ALL, "--token-file", token_file, "--no-checks", "--no-doctor")

    assert f"{example} explains every key" in stage.out.replace("\n      ", " ")
    assert f"{example} shows every key" in config.read_text()


async def test_all_flags_make_a_file_that_calls(
    stage: Stage, config: Path, token_file: str
) -> None:
    code = await set_up(stage, *ALL, "--token-file", token_file, "--no-checks")

    assert (code, stage.err) == (0, "")
    assert tables(config)["contact"] == [
        {"name": "kei", "phone": "+819012345678", "language": "ja-JP"}
    ]
    assert [check["name"] for check in tables(config)["check"]] == ["disk"]
    secret = config.with_name("twilio_auth_token")
    assert tables(config)["twilio"]["auth_token_file"] == str(secret)
    assert secret.read_text() == f"{TOKEN}\n"
    assert mode(secret) == 0o600
    assert mode(config) == (0o640 if os.geteuid() == 0 else 0o600)
    assert "auth_token =" not in config.read_text()
    assert load(config, environ={}, need_token=True).warnings == ()
    assert "credentials" in stage.out  # doctor has spoken
    assert "What comes next:" in stage.out
    assert "\x1b" not in stage.out


async def test_a_second_command_reads_what_was_written(
    stage: Stage, config: Path, token_file: str
) -> None:
    await set_up(stage, *ALL, "--token-file", token_file, "--no-checks", "--no-doctor")

    assert await stage.run("validate") == 0
    assert stage.err == ""
    assert "kei" in stage.out


async def test_a_key_takes_the_place_of_the_token(
    stage: Stage, config: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(KEY.api_key_secret or "")
    async with Simulator({}, account=KEY) as simulator:
        words = ("--api-key-sid", KEY.api_key_sid or "", "--api-key-secret-file", str(secret))
        code = await stage.run(
            "init", "--api-url", simulator.url, *ALL, *words, "--check", "process:init"
        )

    assert (code, stage.err) == (0, "")
    assert tables(config)["twilio"]["api_key_sid"] == KEY.api_key_sid
    assert config.with_name("twilio_api_key_secret").read_text() == f"{KEY.api_key_secret}\n"
    assert not config.with_name("twilio_auth_token").exists()


@pytest.mark.parametrize("given", ["stdin", "environment"])
async def test_the_token_comes_from(
    given: str, stage: Stage, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if given == "stdin":
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"  {TOKEN}\n"))
        code = await set_up(stage, *ALL, "--no-checks", "--token-file", "-")
    else:
        monkeypatch.setenv("WATCHCALL_TWILIO__AUTH_TOKEN", TOKEN)
        code = await set_up(stage, *ALL, "--no-checks")

    assert (code, stage.err) == (0, "")
    assert config.with_name("twilio_auth_token").read_text() == f"{TOKEN}\n"


async def test_the_environment_gives_the_rest_too(
    stage: Stage, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Simulator({}) as simulator:
        for key, value in {
            "ACCOUNT_SID": SID,
            "AUTH_TOKEN": TOKEN,
            "FROM": "+15005550006",
            "API_URL": simulator.url,
        }.items():
            monkeypatch.setenv(f"WATCHCALL_TWILIO__{key}", value)
        code = await stage.run("init", "--contact", "kei=+819012345678", "--no-checks")

    assert (code, stage.err) == (0, "")
    assert tables(config)["twilio"]["account_sid"] == SID
    assert tables(config)["twilio"]["api_url"] == simulator.url


def test_there_is_no_flag_for_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    """What stands on a command line is seen by everybody who runs ps."""
    main(["init", "--help"])
    said = capsys.readouterr().out

    assert "--auth-token" not in said
    assert "--api-key-secret " not in said


async def test_people_are_called_in_the_order_of_the_flags(
    stage: Stage, config: Path, token_file: str
) -> None:
    more = ["--contact", "a=b=+4930901820", "--contact-language", "de-DE", "--call-on-recovery"]
    code = await set_up(stage, *ALL, *more, "--token-file", token_file, "--no-checks")

    assert (code, stage.err) == (0, "")
    assert [one["name"] for one in tables(config)["contact"]] == ["kei", "a=b"]
    assert {one["language"] for one in tables(config)["contact"]} == {"de-DE"}
    assert tables(config)["notify"] == {"call_on_recovery": True}


@pytest.mark.parametrize(
    ("words", "checks"),
    [
        (["--check", "disk"], [("disk", "host")]),
        (
            ["--check", "process:worker", "--check", "http://127.0.0.1:9/x"],
            [("worker", "process"), ("127.0.0.1-9-x", "http")],
        ),
        (["--check", "httpd.service", "--check", "httpd.service"], [("httpd", "unit")]),
    ],
)
async def test_checks_are_named(
    words: list[str],
    checks: list[tuple[str, str]],
    stage: Stage,
    config: Path,
    token_file: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("watchcall.init.discovery.processes._running", set)
    flags = ["--token-file", token_file, "--no-doctor", *words]
    assert await set_up(stage, *ALL, *flags) == 0

    assert [(one["name"], one["type"]) for one in tables(config)["check"]] == checks


@pytest.mark.parametrize(("flag", "names"), [("--all-found", "sshd disk"), ("--yes", "disk")])
async def test_all_that_is_found_or_what_is_usual(
    flag: str,
    names: str,
    stage: Stage,
    config: Path,
    token_file: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("watchcall.init.discovery.processes._running", lambda: {"sshd"})
    await set_up(stage, *ALL, "--token-file", token_file, "--no-doctor", flag)

    assert [one["name"] for one in tables(config)["check"]] == names.split()


async def test_the_simulator_is_nothing_to_be_watched(
    stage: Stage, token_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_by: list[int] = []

    def listeners(without: tuple[int, ...]) -> list[object]:
        passed_by.extend(without)
        return []

    monkeypatch.setattr("watchcall.init.discovery.servers.listeners", listeners)
    async with Simulator({}) as simulator:
        words = [*ALL, "--token-file", token_file, "--yes", "--no-doctor"]
        await stage.run("init", "--api-url", simulator.url, *words)

        assert passed_by == [int(simulator.url.rpartition(":")[2])]


# What is missing, and what is wrong


async def test_everything_that_is_missing_is_named_at_once(stage: Stage, config: Path) -> None:
    assert await stage.run("init") == 2

    assert stage.out == ""
    lines = stage.err.splitlines()
    assert lines[0] == "watchcall: there is no terminal to ask at, and these are missing:"
    assert [line.split()[0] for line in lines[1:]] == [
        "--account-sid",
        "--token-file",
        "--from",
        "--contact",
        "--check",
    ]
    assert not config.exists()


async def test_what_is_wrong_and_what_is_missing_is_said_together(
    stage: Stage, config: Path, tmp_path: Path
) -> None:
    (tmp_path / "two").write_text("two words")
    words = ["--account-sid", "AC1", "--token-file", str(tmp_path / "two"), "--yes"]
    words += ["--contact", "kei=110", "--contact", "kei", "--contact", "mia=090-1234-5678"]
    assert await stage.run("init", *words) == 2

    assert stage.err == (
        "watchcall: --token-file: a secret is one word of printable characters, without spaces or "
        "quotes, and no SID\n"
        "--contact: it is not clear in which country 110 is; write it as +, country "
        "code, number, such as +819012345678\n"
        "--contact: kei has no number; write NAME=NUMBER, such as kei=+819012345678\n"
        "--contact: it is not clear in which country 090-1234-5678 is; write it as +, country "
        "code, number, such as +819012345678\n"
        "--account-sid: AC1 is no account SID: AC and 32 hexadecimal digits (these are 3 "
        "characters)\n"
        "there is no terminal to ask at, and these are missing:\n"
        "  --from NUMBER\n"
    )
    assert not config.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--api-url", "http://192.0.2.1"], "or a loopback address", id="a stranger"),
        pytest.param(["--token-file", "/nope"], "/nope cannot be read: no such file", id="no file"),
        pytest.param(["--token-file", "/"], "/ cannot be read: is a directory", id="a folder"),
        pytest.param(
            ["--token-file", "-", "--api-key-sid", "SK" + "0" * 32, "--api-key-secret-file", "-"],
            "only one secret can come from standard input",
            id="two secrets from one place",
        ),
        pytest.param(["--api-key-sid", "SK" + "0" * 32], "--api-key-secret-file", id="half a key"),
        pytest.param(["--contact-language", "tlh"], "no language that WatchCall speaks", id="tlh"),
        pytest.param(["--contact", "x=+15005550006"], "cannot call itself", id="the caller called"),
        pytest.param(["--check", "nothing"], "nothing that was found", id="an unknown check"),
    ],
)
async def test_wrong_usage_is_exit_2_and_nothing_is_written(
    words: list[str], said: str, stage: Stage, config: Path, token_file: str
) -> None:
    given = [] if "--api-key-sid" in words else ["--token-file", token_file]
    checks = [] if "--check" in words else ["--no-checks"]
    assert await stage.run("init", *ALL, *given, *checks, *words) == 2

    assert said in stage.err
    assert TOKEN not in stage.err
    assert not config.exists()


async def test_it_is_said_in_the_readers_language(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    await stage.run("init")
    assert "足りません" in stage.err

    await stage.run("init", "--language", "en")
    assert "are missing" in stage.err


def test_where_the_output_has_no_japanese_letters_it_is_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    assert _legible() == "en"

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="euc-jp"))
    assert _legible() is None


@pytest.mark.parametrize("locale", ["ja_JP.UTF-8", "C.UTF-8"])
async def test_in_japanese_a_number_is_written_as_in_japan(
    locale: str, stage: Stage, config: Path, token_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", locale)
    words = [
        "--language",
        "ja",
        "--account-sid",
        SID,
        "--from",
        "+15005550006",
        "--contact",
        "太郎=090-1234-5678",
    ]
    words += ["--token-file", token_file, "--no-checks"]
    assert await set_up(stage, *words) == 0

    assert tables(config)["contact"] == [
        {"name": "太郎", "phone": "+819012345678", "language": "ja-JP"}
    ]
    assert "# 連絡先。" in config.read_text("utf-8")


# What is there already


async def test_a_file_that_is_there_is_left_alone(
    stage: Stage, config: Path, token_file: str
) -> None:
    config.write_text("mine")
    words = [*ALL, "--token-file", token_file, "--yes"]
    assert await set_up(stage, *words) == 2

    assert "--force writes a new one and keeps it as config.toml.bak" in stage.err
    assert config.read_text() == "mine"
    assert list(stage.folder.glob("config*")) == [config]


async def test_force_keeps_the_old_file_and_the_old_token(
    stage: Stage, config: Path, token_file: str
) -> None:
    config.write_text("mine")
    old = config.with_name("twilio_auth_token")
    old.write_text("old")
    words = [*ALL, "--token-file", token_file, "--no-checks", "--force"]
    assert await set_up(stage, *words) == 0

    assert config.with_name("config.toml.bak").read_text() == "mine"
    assert old.with_name("twilio_auth_token.bak").read_text() == "old"
    assert mode(old) == 0o600
    secret = old.with_name("twilio_auth_token.bak")
    assert f"The old one is kept: {config.with_name('config.toml.bak')}\n" in stage.out
    said = " ".join(stage.out.split())
    assert f"The old secret is kept: {secret}; once the new one works, it is yours" in said


@pytest.mark.parametrize("place", ["a folder", "below a file"])
async def test_a_place_that_cannot_be_written_is_exit_1_at_once(
    place: str, stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    path = tmp_path if place == "a folder" else tmp_path / "file" / "config.toml"
    assert await stage.run("init", "--config", str(path)) == 1

    assert f"{path} cannot be written:" in stage.err


# What Twilio says


@pytest.mark.parametrize(
    ("script", "subject"),
    [
        pytest.param({"owned": ["+15005550001"]}, "from", id="another's number"),
        pytest.param({"account_status": "suspended"}, "account", id="a suspended account"),
    ],
)
async def test_what_doctor_finds_is_exit_1_and_the_file_stays(
    script: dict[str, Any], subject: str, stage: Stage, config: Path, token_file: str
) -> None:
    words = [*ALL, "--token-file", token_file, "--no-checks"]
    assert await set_up(stage, *words, script=script) == 1

    assert subject in stage.out
    assert "remedy:" in stage.out
    assert config.exists()


async def test_in_a_japanese_setting_up_doctor_speaks_japanese(
    stage: Stage, config: Path, token_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    words = [*ALL, "--language", "ja", "--token-file", token_file, "--no-checks"]
    assert await set_up(stage, *words, script={"balance": 0}) == 1

    table = stage.out.partition("watchcall doctor:\n")[2].partition("\n\n")[0]
    assert max(map(cell_len, map(str.rstrip, table.splitlines()))) <= 60
    assert "対処:" in table
    for english in ("SUBJECT", "remedy", "unknown", "error", "balance", "account", "accepted"):
        assert english not in table.replace("daemon.state_dir", "")


async def test_a_token_of_before_does_not_hide_the_new_one(
    stage: Stage, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A running daemon's credential, or the environment, would speak for a wrong token."""
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "twilio_auth_token").write_text(TOKEN)
    (tmp_path / "token").write_text("wrong")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    monkeypatch.setenv("WATCHCALL_TWILIO__AUTH_TOKEN", TOKEN)
    words = [*ALL, "--token-file", str(tmp_path / "token"), "--no-checks"]

    assert await set_up(stage, *words) == 1
    assert "Twilio does not accept them" in stage.out


async def test_without_doctor_twilio_is_not_asked(
    stage: Stage, config: Path, token_file: str
) -> None:
    async with Simulator({}) as simulator:
        words = [*ALL, "--token-file", token_file, "--no-checks", "--no-doctor"]
        assert await stage.run("init", "--api-url", simulator.url, *words) == 0

        assert list(simulator.entries("request")) == []  # and no server of another test either


@pytest.mark.parametrize(("does", "code"), [("answer", 0), ("busy", 1)])
async def test_a_test_call_is_placed_on_demand(
    does: str, code: int, stage: Stage, config: Path, token_file: str
) -> None:
    async with Simulator({"speed": 100, "queued": 0, "default": [does]}) as simulator:
        words = [*ALL, "--token-file", token_file, "--no-checks", "--test-call"]
        assert await stage.run("init", "--api-url", simulator.url, *words) == code

        assert [call.to for call in simulator.calls] == ["+819012345678"]
