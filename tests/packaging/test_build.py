"""What `make package` says where something is missing, before it does anything."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.built import ROOT

BUILD = ROOT / "packaging" / "build"
NEEDED = "bash dirname readlink sed head".split()


def say(tmp_path: Path, *words: str, python: str = "/usr/bin/python3", tools: str = "") -> str:
    """Run it with these tools alone; return what it complains of."""
    for tool in {*NEEDED, *tools.split()} - {one.name for one in tmp_path.iterdir()}:
        (tmp_path / tool).symlink_to(shutil.which(tool) or "/bin/true")
    command = [str(tmp_path / "bash"), str(BUILD), "--into", str(tmp_path / "dist"), *words]
    env = {"PATH": str(tmp_path), "PACKAGE_PYTHON": python}
    done = subprocess.run(command, env=env, text=True, capture_output=True, check=False)
    assert done.returncode in (1, 2)
    assert not (tmp_path / "dist").exists()
    return done.stderr


def fake(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("tools", "said"),
    [
        pytest.param(
            "",
            "strip, dh, rpmbuild missing: apt install binutils debhelper rpm",
            id="all of them",
        ),
        pytest.param("strip dh", "rpmbuild missing: apt install rpm", id="one"),
    ],
)
def test_what_is_missing_is_named_at_once_with_one_command_that_helps(
    tools: str, said: str, tmp_path: Path
) -> None:
    assert say(tmp_path, tools=tools) == f"packaging/build: {said}\n"


def test_only_what_was_asked_for_is_needed(tmp_path: Path) -> None:
    assert say(tmp_path, "deb", tools="strip").endswith("dh missing: apt install debhelper\n")


def test_without_python_its_package_is_named_too(tmp_path: Path) -> None:
    said = say(tmp_path, tools="strip dh rpmbuild", python="python3")

    assert "python3 missing: apt install python3 python3-venv" in said


def test_without_venv_its_package_is_named(tmp_path: Path) -> None:
    """Debian's Python has none until its package is there."""
    fake(tmp_path, "readlink", "echo /usr/bin/python3.11")
    bare = fake(tmp_path, "python3", 'case "$2" in *ensurepip*) exit 1 ;; esac')
    said = say(tmp_path, tools="strip dh", python=bare)

    assert said == "packaging/build: venv, rpmbuild missing: apt install python3-venv rpm\n"


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = fake(tmp_path, "python3.9", "exit 1")

    assert f"{old} is no Python 3.11 or newer" in say(tmp_path, python=old)


def test_a_python_of_somebodys_own_would_be_nowhere_else(tmp_path: Path) -> None:
    mine = fake(tmp_path, "python3", "exit 0")

    assert f"{mine} is not the distribution's Python" in say(tmp_path, python=mine)


def test_a_word_that_it_does_not_know_is_answered_with_the_usage(tmp_path: Path) -> None:
    assert "packaging/build [--into DIR] [deb] [rpm] [wheels]" in say(tmp_path, "snap")
