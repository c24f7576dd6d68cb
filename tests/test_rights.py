"""What owners and modes alone allow; what is denied all the same is somebody else's doing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from watchcall import confinement, rights

R, W, X = os.R_OK, os.W_OK, os.X_OK
REFUSED = PermissionError(errno.EACCES, "Permission denied")


@pytest.fixture(autouse=True)
def ordinary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's capabilities, and no security module."""
    (tmp_path / "status").write_text("CapEff:\t0000000000000000\n")
    monkeypatch.setattr(rights, "STATUS", tmp_path / "status")
    monkeypatch.setattr(confinement, "SELINUX", tmp_path / "none")
    monkeypatch.setattr(confinement, "APPARMOR", tmp_path / "none")


@pytest.mark.parametrize(
    ("mode", "folder", "wanted", "granted"),
    [
        pytest.param(0o600, 0o700, R | W, True, id="ours"),
        pytest.param(0o400, 0o700, R | W, False, id="ours, and not to be written"),
        pytest.param(0o600, 0o600, R, False, id="in a folder that is closed"),
        pytest.param(0o600, 0o700, X, False, id="no program"),
        pytest.param(0o700, 0o700, X, True, id="a program"),
        pytest.param(None, 0o700, W, True, id="not there, but may be made"),
        pytest.param(None, 0o500, W, False, id="not there, and may not be made"),
        pytest.param(None, 0o700, R, False, id="not there"),
    ],
)
def test_what_modes_allow_to_the_owner(
    tmp_path: Path, mode: int | None, folder: int, wanted: int, granted: bool
) -> None:
    place = tmp_path / "folder"
    place.mkdir()
    if mode is not None:
        (place / "file").touch(mode=mode)
    place.chmod(folder)

    assert rights.granted(place / "file", wanted) is granted
    place.chmod(0o700)


@pytest.mark.parametrize(
    ("capable", "wanted", "granted"),
    [
        pytest.param(1 << 1, R | W, True, id="CAP_DAC_OVERRIDE"),
        pytest.param(1 << 1, X, False, id="CAP_DAC_OVERRIDE runs no text"),
        pytest.param(1 << 2, R, True, id="CAP_DAC_READ_SEARCH"),
        pytest.param(1 << 2, R | W, False, id="CAP_DAC_READ_SEARCH does not write"),
    ],
)
def test_capabilities_count(tmp_path: Path, capable: int, wanted: int, granted: bool) -> None:
    (tmp_path / "status").write_text(f"CapEff:\t{capable:016x}\n")
    (tmp_path / "file").touch(mode=0o000)
    (tmp_path / "file").chmod(0)

    assert rights.granted(tmp_path / "file", wanted) is granted


def test_a_refusal_against_the_modes_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch(mode=0o600)

    assert rights.explained(REFUSED, tmp_path / "file") == (
        "Permission denied, though owner and mode allow it; "
        "a sandbox, a security module or the file system denies it"
    )


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(OSError(errno.EIO, "Input/output error"), id="no refusal"),
        pytest.param(REFUSED, id="a refusal by the mode"),
    ],
)
def test_anything_else_is_said_as_it_is(tmp_path: Path, error: OSError) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(0)

    assert rights.explained(error, tmp_path / "file") == error.strerror
    assert rights.explained(error) == error.strerror


def test_where_selinux_says_no_nobody_is_sent_to_change_modes_that_are_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SELinux answers access(2); modes do not tell why."""
    (tmp_path / "enforce").write_text("1")
    monkeypatch.setattr(confinement, "SELINUX", tmp_path / "enforce")
    monkeypatch.setattr(os, "access", lambda *_: False)
    said = rights.denied(tmp_path)

    assert said is not None
    assert said.startswith(
        f"{tmp_path}: Permission denied, though owner and mode allow it; SELinux"
    )
    assert "must belong" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
@pytest.mark.parametrize(
    ("mode", "granted"),
    [
        pytest.param(0o604, True, id="for others"),
        pytest.param(0o600, False, id="only for its owner"),
        pytest.param(0o044, True, id="not even for its owner"),
    ],
)
def test_what_modes_allow_to_others(tmp_path: Path, mode: int, granted: bool) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(mode)
    os.chown(tmp_path / "file", 65534, 65534)

    assert rights.granted(tmp_path / "file", R) is granted
