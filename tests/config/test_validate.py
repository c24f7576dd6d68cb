"""`watchcall validate`, as an operator meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import time_machine

from tests.config.files import HTTPD, SMALL, write
from watchcall.cli import main


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WATCHCALL_CONFIG", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")


def test_a_file_that_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = SMALL + "[[contact]]\nname = 'you'\nphone = '+819012345679'\n"
    path = write(tmp_path, text + HTTPD.replace("httpd", "postgres"))

    code = main(["validate", "--config", str(path)])

    out, err = capsys.readouterr()
    assert code == 0
    assert out.splitlines() == [
        f"{path}: fine: 2 checks, 1 channel, 2 contacts",
        "CHECK     CHANNEL  TOLD",
        "httpd     phone    me (+81*******678), then you (+81*******679)",
        "postgres  phone    me (+81*******678), then you (+81*******679)",
    ]
    assert err == ""


def test_texts_and_what_stands_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    channels = (
        "[[channel]]\nname = 'phone'\nfallback = 'text'\n"
        "[[channel]]\nname = 'text'\ntype = 'sms'\ndefault = false\n"
        "[[group]]\nname = 'g'\nchecks = ['postgres']\nchannels = ['text']\n"
    )
    path = write(tmp_path, SMALL + HTTPD.replace("httpd", "postgres") + channels)

    assert main(["validate", "--config", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "httpd     phone    me (+81*******678); else channel text",
        "postgres  text     text to me (+81*******678)",
    ]


def test_who_is_left_alone_and_when(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quiet = (
        "quiet_hours = { from = '22:00', to = '07:00', timezone = 'Asia/Tokyo' }\n"
        "[[contact]]\nname = 'you'\nphone = '+819012345679'\n"
        "quiet_hours = { from = '00:00', to = '06:30', timezone = 'UTC', except = 'critical' }\n"
    )
    router = HTTPD.replace('"httpd"', '"router"', 1)
    text = SMALL.replace("[[check]]", f"{quiet}[[check]]") + "depends_on = ['router']\n" + router
    text += "".join(
        f"[[maintenance]]\nname = '{name}'\nchecks = ['httpd', '*']\n"
        f"timezone = 'Asia/Tokyo'\n{when}\n"
        for name, when in {
            "weekly": "schedule = '0 3 * * 0'\nduration = '2h'",
            "move": "from = 2026-12-01T00:00:00Z\nto = 2026-12-02T00:00:00Z",
            "past": "from = 2026-11-01T00:00:00Z\nto = 2026-11-02T00:00:00Z",
        }.items()
    )
    path = write(tmp_path, text)

    with time_machine.travel("2026-12-01T12:00:00Z", tick=False):
        assert main(["validate", "--config", str(path)]) == 0

    out, err = capsys.readouterr()
    assert out.splitlines()[4:] == [
        "left alone:",
        "  me: from 22:00 to 07:00, Asia/Tokyo",
        "  you: from 00:00 to 06:30, UTC, but for what is critical",
        "  httpd: while router fails",
        "  httpd, *: maintenance weekly, next from 2026-12-06 03:00 to 2026-12-06 05:00 (JST)",
        "  httpd, *: maintenance move, now, from 2026-12-01 09:00 to 2026-12-02 09:00 (JST)",
        "  httpd, *: maintenance past, over",
    ]
    assert 'maintenance "past": to: is over' in err


def test_the_same_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = (
        "[[maintenance]]\nname = 'move'\nchecks = ['httpd']\ntimezone = 'UTC'\n"
        "from = 2026-11-01T00:00:00Z\nto = 2026-11-02T00:00:00Z\n"
    )
    path = write(tmp_path, SMALL + old)

    with time_machine.travel("2026-12-01T12:00:00Z", tick=False):
        assert main(["validate", "--json", "--config", str(path)]) == 0

    answer = json.loads(capsys.readouterr().out)
    phone = {"name": "phone", "type": "voice", "told": "me (+81*******678)"}
    assert answer["path"] == str(path)
    assert answer["checks"] == [{"name": "httpd", "type": "process", "channels": [phone]}]
    assert answer["left_alone"] == ["httpd: maintenance move, over"]
    assert [warning for warning in answer["warnings"] if "is over" in warning]


def test_a_narrow_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    name = "the-web-server-of-the-shop-in-tokyo-and-osaka"
    path = write(tmp_path, SMALL.replace('"httpd"', f'"{name}"', 1))

    assert main(["validate", "--config", str(path)]) == 0

    _, *rows = capsys.readouterr().out.removeprefix(str(path)).split("CHECK")
    assert rows
    assert all(len(row) <= 40 for row in rows[0].splitlines())


def test_a_file_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, SMALL + "fail_affter = 3\nmn = 1\n")

    code = main(["validate", "--config", str(path)])

    out, err = capsys.readouterr()
    assert (code, out) == (78, "")
    assert err.splitlines() == [
        f'{path}: check "httpd": fail_affter: unknown key, did you mean fail_after?',
        f'{path}: check "httpd": mn: unknown key, did you mean min?',
    ]


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["validate", "--config", str(tmp_path / "none.toml")])

    assert code == 78
    assert f"{tmp_path}/none.toml: cannot be read: no such file or directory\n" == (
        capsys.readouterr().err
    )


def test_checks_that_are_all_disabled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, SMALL + "enabled = false\n")

    assert main(["validate", "--config", str(path)]) == 0
    assert f"{path}: fine: 0 checks, 1 channel, 1 contact\n" == capsys.readouterr().out
