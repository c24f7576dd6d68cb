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
    for tool in [*NEEDED, *tools.split()]:
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
        pytest.param("", "needs strip: apt install binutils", id="no strip"),
        pytest.param("strip", "needs debhelper: apt install debhelper", id="no debhelper"),
        pytest.param("strip dh", "needs rpmbuild: apt install rpm", id="no rpmbuild"),
    ],
)
def test_a_tool_that_is_missing_is_named_with_its_package(
    tools: str, said: str, tmp_path: Path
) -> None:
    assert said in say(tmp_path, tools=tools)


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = fake(tmp_path, "python3.9", "exit 1")

    assert f"{old} is no Python 3.11 or newer" in say(tmp_path, python=old)


def test_a_python_of_somebodys_own_would_be_nowhere_else(tmp_path: Path) -> None:
    mine = fake(tmp_path, "python3", "exit 0")

    assert f"{mine} is not the distribution's Python" in say(tmp_path, python=mine)


def test_a_word_that_it_does_not_know_is_answered_with_the_usage(tmp_path: Path) -> None:
    assert "packaging/build [--into DIR] [deb] [rpm] [wheels]" in say(tmp_path, "snap")
