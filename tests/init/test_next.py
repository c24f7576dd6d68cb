"""What comes next, for whoever has set up what where."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.init.whole import KEI, WHOLE
from watchcall.config import locate
from watchcall.init.answers import Person
from watchcall.init.files import Home
from watchcall.init.next import Next
from watchcall.init.terminal import Terminal
from watchcall.init.tools import Tools
from watchcall.init.words import Words

SYSTEM = Home(path=locate.SYSTEM, system=True, mode=0o640)


def next_(home: Home, *, installed: bool = True, running: bool = False, **environ: str) -> Next:
    tools = Tools(
        check=lambda path, tag: (),
        doctor=lambda path, tag: (),
        ring=lambda path, name, tag: True,
        installed=lambda: installed,
        running=lambda path: running,
    )
    return Next(home, tools, Terminal(colour=False), Words("en"), environ)


def commands(what: Next, capsys: pytest.CaptureFixture[str], person: Person = KEI) -> list[str]:
    what.say(replace(WHOLE, people=(person,)))
    lines = capsys.readouterr().out.splitlines()
    return [line.strip() for line in lines if line.startswith("  ") and line[2] != " "]


@pytest.mark.parametrize(
    ("installed", "running", "first"),
    [
        pytest.param(True, False, ["systemctl enable --now watchcall"], id="all is there"),
        pytest.param(True, True, ["systemctl restart watchcall"], id="an old one runs"),
        pytest.param(
            False,
            False,
            ["watchcall install-service", "systemctl enable --now watchcall"],
            id="no unit yet",
        ),
    ],
)
def test_the_service_is_started(
    installed: bool,
    running: bool,
    first: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    what = next_(SYSTEM, installed=installed, running=running)

    assert commands(what, capsys) == [
        *first,
        "watchcall status",
        "watchcall test-call kei",
        "systemctl reload watchcall",
    ]


def test_a_user_runs_it_themselves(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before the file is there as well as after it."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(locate, "SYSTEM", tmp_path / "none")
    path = Path(os.path.realpath(tmp_path)) / ".config" / "watchcall" / "config.toml"
    what = next_(Home(path=path, system=False, mode=0o600), HOME=str(tmp_path))

    assert commands(what, capsys)[0] == "watchcall run"
    path.parent.mkdir(parents=True)
    path.touch()
    assert commands(what, capsys)[-1] == "watchcall reload"


def test_a_file_elsewhere_is_named_in_every_command_ready_to_be_typed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    what = next_(Home(path=tmp_path / "my file.toml", system=False, mode=0o600))
    person = Person(name="kei's", phone=KEI.phone, language="ja-JP")
    option = f" --config '{tmp_path}/my file.toml'"

    assert commands(what, capsys, person) == [
        f"watchcall run{option}",
        f"watchcall status{option}",
        f"watchcall test-call{option} 'kei'\"'\"'s'",
        f"watchcall reload{option}",
    ]
