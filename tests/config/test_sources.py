"""Where values come from: flag, environment, credential, file, default, in this order."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, SMALL, TWILIO, loaded, problems, write
from watchcall.config import locate
from watchcall.config.load import load
from watchcall.config.translate import plan
from watchcall.errors import ConfigError

RECOVERY = "WATCHCALL_NOTIFY__CALL_ON_RECOVERY"


def test_the_small_file_is_enough(tmp_path: Path) -> None:
    assert loaded(tmp_path).warnings == ()


@pytest.mark.parametrize(
    ("flag", "variable", "line", "expected"),
    [
        pytest.param(None, None, None, False, id="default"),
        pytest.param(None, None, "true", True, id="the file over the default"),
        pytest.param(None, "false", "true", False, id="the environment over the file"),
        pytest.param(True, "false", "false", True, id="the flag over the environment"),
        pytest.param(False, "1", "true", False, id="a flag that says no"),
    ],
)
def test_precedence(
    flag: bool | None, variable: str | None, line: str | None, expected: bool, tmp_path: Path
) -> None:
    text = SMALL + (f"[notify]\ncall_on_recovery = {line}\n" if line else "")
    environ = {RECOVERY: variable} if variable else {}
    overrides = {} if flag is None else {"notify": {"call_on_recovery": flag}}

    config = loaded(tmp_path, text, environ, overrides).config

    assert expected == config.notify.call_on_recovery


def test_a_layer_that_says_one_key_leaves_the_others(tmp_path: Path) -> None:
    text = SMALL + "[notify]\nhost = 'web1'\ngroup_wait = 5\n"

    notify = loaded(tmp_path, text, {"WATCHCALL_NOTIFY__GROUP_WAIT": "0"}).config.notify

    assert ("web1", timedelta(0)) == (notify.host, notify.group_wait)


def test_the_environment_has_numbers_flags_and_from(tmp_path: Path) -> None:
    environ = {
        "WATCHCALL_TWILIO__FROM": "+12025550123",
        "WATCHCALL_TWILIO__TIMEOUT": "4",
        "WATCHCALL_TWILIO__SHARED_FROM": "yes",
        "WATCHCALL_DEFAULTS__FAIL_AFTER": "7",
    }

    config = loaded(tmp_path, SMALL, environ).config

    assert config.twilio.caller == "+12025550123"
    assert timedelta(seconds=4) == config.twilio.timeout
    assert config.twilio.shared_from
    assert config.defaults.fail_after == 7


def test_an_empty_variable_says_nothing(tmp_path: Path) -> None:
    assert not loaded(tmp_path, SMALL, {RECOVERY: ""}).config.notify.call_on_recovery


def test_lists_of_tables_are_json_in_the_environment(tmp_path: Path) -> None:
    check = '[{"name": "cron", "type": "process", "process": "crond"}]'

    config = loaded(tmp_path, SMALL, {"WATCHCALL_CHECK": check}).config

    assert [check.name for check in config.check] == ["cron"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "WATCHCALL_TWILIO__TIMEOUT",
            "soon",
            'must be a duration such as "500ms", "30s", "5m", "2h" or "7d"',
        ),
        ("WATCHCALL_TWILIO__TIMEOUTT", "5s", "unknown key, did you mean timeout?"),
        ("WATCHCALL_TWILO__TIMEOUT", "5s", "unknown table, did you mean TWILIO?"),
        (
            "WATCHCALL_TWILIO_AUTH_TOKEN",
            "canary",
            "two underscores part table and key; did you mean WATCHCALL_TWILIO__AUTH_TOKEN?",
        ),
        ("WATCHCALL_DEFAULTS__FAIL_AFTER", "0", "must be at least 1"),
        (RECOVERY, "perhaps", "must be true or false, without quotes"),
        ("WATCHCALL_NOTIFY", '{"hots": "x"}', "hots: unknown key, did you mean host?"),
        ("WATCHCALL_CHECK", "no json", "check: must be a list of tables; write [[check]]"),
        (
            "WATCHCALL_CHECK",
            '[{"name": "x", "type": "process", "process": "x", "mn": 1}]',
            'check "x": mn: unknown key, did you mean min?',
        ),
        ("WATCHCALL_NOTIFY__MAX_REMINDERS", "-1", "must be at least 0"),
        ("WATCHCALL_MAINTENANCE", "no json", "must be a list of tables; write [[maintenance]]"),
    ],
)
def test_a_wrong_variable_is_called_by_its_name(
    name: str, value: str, expected: str, tmp_path: Path
) -> None:
    said = problems(tmp_path, SMALL, {name: value})

    assert len(said) == 1
    assert said[0].startswith(f"environment: {name}: {expected}".replace(": check: must", ": must"))
    assert "canary" not in said[0]


def test_a_wrong_entry_of_the_environment_where_the_file_has_fewer(tmp_path: Path) -> None:
    said = problems(tmp_path, "group = []\n" + SMALL, {"WATCHCALL_GROUP": '[{"name": "g"}]'})

    assert said == [
        'environment: WATCHCALL_GROUP: group "g": checks: missing; it is a list of names, globs or '
        '"tag:NAME"',
        'environment: WATCHCALL_GROUP: group "g": channels: missing; it is a list of channel names',
    ]


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    loaded(tmp_path, SMALL, {"WATCHCALL_CONFIG": "x", "WATCHCALL_FORBID_SKIPS": "1"})


def test_errors_of_the_file_come_before_those_of_the_environment(tmp_path: Path) -> None:
    said = problems(
        tmp_path, SMALL + "mn = 1", {"WATCHCALL_TWILIO__TIMEOUT": "x", "WATCHCALL_X__Y": "1"}
    )

    assert [line.split(":", maxsplit=1)[0] for line in said] == [
        "config.toml",
        "environment",
        "environment",
    ]


def test_the_file_is_looked_for_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, system, user = (tmp_path / name for name in ("named", "system", "user"))
    for folder in (named, system, user / "watchcall"):
        folder.mkdir(parents=True)
        write(folder)
    monkeypatch.setattr("watchcall.config.locate.SYSTEM", system / "config.toml")
    environ = {
        "WATCHCALL_CONFIG": str(named / "config.toml"),
        "XDG_CONFIG_HOME": str(user),
    }

    assert system / "config.toml" == load(system / "config.toml", environ=environ).path
    assert named / "config.toml" == load(environ=environ).path
    del environ["WATCHCALL_CONFIG"]
    assert system / "config.toml" == load(environ=environ).path
    (system / "config.toml").unlink()
    assert user / "watchcall" / "config.toml" == load(environ=environ).path


def test_no_file_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchcall.config.locate.SYSTEM", tmp_path / "etc")

    with pytest.raises(ConfigError) as caught:
        load(environ={"HOME": str(tmp_path)})

    assert (
        f"there is no configuration: neither {tmp_path}/etc nor "
        f"{tmp_path}/.config/watchcall/config.toml; `watchcall init` writes one, --config names "
        "another",
    ) == caught.value.problems


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "is empty; config.toml.example shows what belongs here", id="nothing"),
        pytest.param(
            b"# later\n", "is empty; config.toml.example shows what belongs here", id="comments"
        ),
        pytest.param(
            b"[a]\n\nb = \xff\n", "line 3: is not UTF-8 text; save it as UTF-8", id="not UTF-8"
        ),
        pytest.param(
            "[a]\nb\u3000= 1\n".encode(),
            "line 2, column 2: expected '=' after a key in a key/value pair; there stands "
            "U+3000 (ideographic space); type it with the keyboard set to ASCII",
            id="a full-width space",
        ),
        pytest.param(
            "[a]\r\nb = \u201chttpd\u201d\r\n".encode(),
            "line 2, column 5: invalid value; there stands U+201C (left double quotation "
            "mark); type it with the keyboard set to ASCII",
            id="a word processor's quotes",
        ),
        pytest.param(
            b"[a]\nb = httpd\n",
            'line 2, column 5: invalid value; text must be in quotes, such as "httpd"',
            id="no quotes",
        ),
        pytest.param(
            b"host: web1\n",
            "line 1, column 5: expected '=' after a key in a key/value pair; write key = value, "
            "with text in quotes, or [table]",
            id="YAML",
        ),
        pytest.param(
            b"[check]\na = 1\n[check]\n",
            "line 3, column 7: cannot declare ('check',) twice; this table stands here twice; a "
            "second check is written [[check]]",
            id="a table twice",
        ),
        pytest.param(b"x" * 5_000_000, "is larger than 4 MiB; is this the right file?", id="big"),
        pytest.param(b"a = " + b"[" * 100_000, "is nested too deeply", id="deep"),
        pytest.param(b"a = " + b"[" * 70 + b"]" * 70, "is nested too deeply", id="a little deep"),
        pytest.param(
            b"# x\na" + b".a" * 1_000_000 + b"=1", "line 2: is nested too deeply", id="a long key"
        ),
        pytest.param(
            b'[a . "b"' + b""" . "a.b" . 'a'""" * 100_000 + b"]",
            "line 1: is nested too deeply",
            id="a long key with quotes",
        ),
        pytest.param(b"a = " + b"9" * 5000, "holds a number that is too long", id="digits"),
        pytest.param(b"a = [0x" + b"f" * 5000 + b"]", "holds a number that is too long", id="hex"),
    ],
)
def test_a_file_that_is_no_toml_is_one_message(
    content: bytes, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)

    with pytest.raises(ConfigError) as caught:
        load(path, environ={})

    assert (f"{path}: {expected}",) == caught.value.problems


def test_text_with_many_dots_is_no_long_key(tmp_path: Path) -> None:
    dots = "a.b" * 100
    loaded(tmp_path, f'# {dots}\n{SMALL}cmdline = \'{dots}\'\nexclude = """\n{"." * 100}"""')


@pytest.mark.parametrize("what", ["pipe", "device", "socket"])
def test_what_is_no_file_is_neither_waited_for_nor_read(what: str, tmp_path: Path) -> None:
    path, listener = tmp_path / "config.toml", socket.socket(socket.AF_UNIX)
    match what:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "socket":
            listener.bind(str(path))
    listener.close()

    for read in (lambda: load(path, environ={}), lambda: locate.control_socket(path, {})):
        with pytest.raises(ConfigError) as caught:
            read()
        assert (f"{path}: cannot be read: is not a plain file",) == caught.value.problems


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("WATCHCALL_CHECK", "[" * 100_000, "WATCHCALL_CHECK: must be a list of tables; "),
        ("WATCHCALL_CHECK", "[" * 400 + "]" * 400, "WATCHCALL_CHECK: is nested too deeply"),
        ("WATCHCALL_TWILIO" + "__A" * 20_000, "x", "WATCHCALL_TWILIO: is nested too deeply"),
    ],
)
def test_a_deep_variable_is_one_message(
    name: str, value: str, expected: str, tmp_path: Path
) -> None:
    said = problems(tmp_path, SMALL, {name: value})

    assert len(said) == 1
    assert said[0].replace(": check: must", ": must").startswith(f"environment: {expected}")


def test_a_half_written_file_is_one_message(tmp_path: Path) -> None:
    """Cut anywhere, the file is read as far as it goes or refused; never another exception."""
    for end in range(len(SMALL)):
        with contextlib.suppress(ConfigError):
            loaded(tmp_path, SMALL[:end])


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path, why in (
        (tmp_path / "none", "cannot be read: no such file or directory"),
        (tmp_path, "is a folder; name the file in it"),
        (write(tmp_path) / "x", "cannot be read: not a directory"),
    ):
        with pytest.raises(ConfigError) as caught:
            load(path, environ={})
        assert (f"{path}: {why}",) == caught.value.problems


def test_who_may_not_read_it_is_told_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an ordinary user who is not in the group that may."""
    path = write(tmp_path)

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(locate, "content_of", refuse)
    monkeypatch.setattr(locate, "explained", lambda *_: "Permission denied")
    monkeypatch.setattr(locate, "advice", lambda _: "usermod -aG watchcall alice")
    with pytest.raises(ConfigError) as caught:
        load(path, environ={})

    (said,) = caught.value.problems
    assert said == f"{path}: cannot be read: permission denied; usermod -aG watchcall alice"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    loaded(tmp_path, "\ufeff" + SMALL)


def test_relative_paths_are_meant_from_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    write(
        tmp_path / "etc",
        TWILIO + ME + HTTPD + "pidfile = 'httpd.pid'\n[daemon]\nstate_dir = '../state'\n",
    )
    monkeypatch.chdir(tmp_path)

    made = plan(load(Path("etc/config.toml"), environ={}), {})

    assert tmp_path / "etc" / ".." / "state" == made.daemon.state_dir
    assert f"sqlite:///{tmp_path}/etc/../state/watchcall.db" == made.daemon.database
    assert tmp_path / "etc" / "httpd.pid" == made.checks[0].target.pidfile  # type: ignore[union-attr]  # it is a process check
