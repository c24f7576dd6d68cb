"""What keeps WatchCall from being a service here is said in one sentence each."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from watchcall.service import fitness


@pytest.fixture
def started(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    program = tmp_path / "watchcall"
    program.touch(0o755)
    return program


def test_a_machine_that_can_take_it(tmp_path: Path, started: Path) -> None:
    assert [*fitness.unfit(tmp_path, started, live=False)] == []


def test_a_package_that_is_there_is_not_covered_up(tmp_path: Path, started: Path) -> None:
    (tmp_path / fitness.PACKAGE).parent.mkdir(parents=True)
    (tmp_path / fitness.PACKAGE).touch()

    (said,) = fitness.unfit(tmp_path, started, live=False)

    assert "a package has made WatchCall a service already" in said
    assert "systemctl enable --now watchcall" in said


def test_a_program_that_was_never_installed(tmp_path: Path) -> None:
    (said,) = fitness.unfit(tmp_path, tmp_path / "watchcall", live=False)

    assert said.startswith(f"{tmp_path / 'watchcall'} is not there")
    assert "pipx install --global" in said


@pytest.mark.parametrize("name", ["watch call", "100%", "$HOME", 'a"b', "ö"])
def test_a_path_that_a_unit_would_misread(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()

    (said,) = fitness.unfit(tmp_path, tmp_path / name, live=False)

    assert "has characters that mean something in a unit" in said


def test_a_program_below_a_closed_folder_is_out_of_reach(tmp_path: Path, started: Path) -> None:
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    hidden = started.rename(closed / "watchcall")

    assert closed in [*fitness._walls(hidden)]


def test_where_a_link_leads_must_be_open_too(tmp_path: Path, started: Path) -> None:
    """A virtual environment's Python is a link, to pyenv's below /root perhaps."""
    closed = tmp_path / "pyenv"
    closed.mkdir(mode=0o700)
    started.rename(closed / "python3")
    started.symlink_to(closed / "python3")

    assert closed in [*fitness._walls(started)]


def test_a_machine_without_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitness, "BOOTED", tmp_path / "none")

    (said,) = fitness._systemd()

    assert said.startswith("systemd does not run this machine: start `watchcall run` by what does")


@pytest.mark.parametrize(
    ("line", "version", "problems"),
    [
        pytest.param("systemd 245 (245.4-4ubuntu3)", 245, 1, id="Ubuntu 20.04's"),
        pytest.param("systemd 247 (247.3-7)", 247, 0, id="the oldest that hands over secrets"),
        pytest.param("systemd 252 (252.38-1~deb12u1)", 252, 0, id="Debian 12's"),
        pytest.param("something else", None, 0, id="one that does not say"),
    ],
)
def test_the_version_of_systemd(
    line: str,
    version: int | None,
    problems: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = subprocess.CompletedProcess(["systemctl"], 0, stdout=f"{line}\n+PAM +AUDIT\n")
    monkeypatch.setattr(fitness, "BOOTED", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda *words, **how: said)

    assert fitness.systemd_version() == version
    assert len([*fitness._systemd()]) == problems
