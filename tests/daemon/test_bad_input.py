"""What cannot work ends with one clear message and the right exit code, and starts nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.server import server


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("[twilio]", "[twilio", "line 1", id="half-written"),
        pytest.param("fail_after", "fail_affter", "did you mean fail_after?", id="unknown key"),
        pytest.param('name = "me"', "name = 7", "contact #1: name", id="wrong type"),
        pytest.param("+819012345678", "+8190", "not a possible phone number", id="bad number"),
        pytest.param("127.0.0.1", "example.com", "api_url", id="not Twilio and not loopback"),
        pytest.param(
            "[notify]", "[web]\nlisten = '127.0.0.1:9'\n[notify]", "not available yet", id="not yet"
        ),
        pytest.param(
            'name = "httpd"\n', 'name = "httpd"\ndepends_on = ["x"]\n', "unknown check", id="name"
        ),
    ],
)
async def test_a_wrong_file_is_exit_78(tmp_path: Path, old: str, new: str, message: str) -> None:
    async with server(tmp_path) as web1:
        web1.configure(**{old: new})
        for command in ("run", "validate"):
            code, out, err = await web1.run(command)

            assert (code, out) == (78, "")
            assert "config.toml: " in err
            assert message in err
            assert "Traceback" not in err
        assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"WATCHCALL_CONFIG": "/nowhere/config.toml"}, id="no file"),
        pytest.param({"WATCHCALL_TWILIO__AUTH_TOKEN": ""}, id="no token"),
        pytest.param({"WATCHCALL_DAEMON__STATE_DIR": "/dev/null/state"}, id="no state directory"),
        pytest.param({"WATCHCALL_DAEMON__DATABASE": "/dev/null/db"}, id="no place for a database"),
        pytest.param({"WATCHCALL_TWILIO__TIMEOUT": "soon"}, id="nonsense in the environment"),
        pytest.param({"TZ": "Foo/Bar"}, id="no time zone"),
        pytest.param({"PYTHONTZPATH": ""}, id="no time zone database"),
    ],
)
async def test_a_wrong_place_is_exit_78(tmp_path: Path, environ: dict[str, str]) -> None:
    async with server(tmp_path) as web1:
        code, out, err = await web1.run("run", **environ)

        assert (code, out) == (78, "")
        assert len(err.strip().splitlines()) == 1, err
        assert "Traceback" not in err


async def test_a_control_socket_that_cannot_be_is_exit_1(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        code, _, err = await web1.run("run", WATCHCALL_DAEMON__CONTROL_SOCKET="/dev/null/socket")

        assert code == 1
        assert "control_socket" in err
        assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["status"], 69, id="status without a daemon"),
        pytest.param(["calls"], 69, id="calls without a daemon"),
        pytest.param(["reload"], 69, id="reload without a daemon"),
        pytest.param(["status", "--config", "/nowhere.toml"], 78, id="a missing file"),
        pytest.param(["probe", "htpd"], 2, id="a check that does not exist"),
        pytest.param(["probe"], 2, id="a missing argument"),
        pytest.param(["frobnicate"], 2, id="an unknown command"),
        pytest.param(["silence", "web"], 2, id="a command of a later release"),
        pytest.param(["calls", "--limit", "0"], 2, id="a limit of nothing"),
        pytest.param([], 2, id="no command"),
        pytest.param(["validate"], 0, id="a good file"),
        pytest.param(["--version"], 0, id="the version"),
    ],
)
async def test_exit_codes(tmp_path: Path, words: list[str], code: int) -> None:
    async with server(tmp_path) as web1:
        got, _, err = await web1.run(*words)

        assert got == code, err
        assert "Traceback" not in err


@pytest.mark.parametrize(
    "command",
    ["run", "validate", "status", "calls", "probe", "reload", "simulator", "demo"],
)
async def test_every_command_has_help_with_one_example(tmp_path: Path, command: str) -> None:
    async with server(tmp_path) as web1:
        code, out, _ = await web1.run(command, "--help")

        assert code == 0
        assert out.count("example: watchcall ") == 1
