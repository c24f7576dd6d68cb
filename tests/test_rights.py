"""What owners and modes alone allow; what is denied all the same is somebody else's doing."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
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


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that everybody may pass; pytest's own is its user's alone."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


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


class TestSomebodyElse:
    """What owners and modes allow to another user, as root has to know."""

    def user(self, uid: int = 4301, *groups: int) -> rights.User:
        return rights.User(name="watchcall", uid=uid, gid=4301, groups=frozenset({4301, *groups}))

    @pytest.mark.parametrize(
        ("mode", "folder", "wanted", "stopped"),
        [
            pytest.param(0o604, 0o701, R, None, id="for all"),
            pytest.param(0o600, 0o701, R, "folder/file", id="only its owner's"),
            pytest.param(0o604, 0o700, R, "folder", id="in a folder that is closed"),
            pytest.param(0o606, 0o701, R | W, None, id="written by all"),
            pytest.param(None, 0o703, W, None, id="not there, but may be made"),
            pytest.param(None, 0o701, W, "folder", id="not there, and may not be made"),
        ],
    )
    def test_what_stops_them(
        self, open_path: Path, mode: int | None, folder: int, wanted: int, stopped: str | None
    ) -> None:
        place = open_path / "folder"
        place.mkdir()
        if mode is not None:
            (place / "file").touch()
            (place / "file").chmod(mode)
        place.chmod(folder)

        found = rights.wall(place / "file", wanted, self.user())
        assert found == (open_path / stopped if stopped else None)

    def test_their_groups_count(self, open_path: Path) -> None:
        (open_path / "file").touch()
        (open_path / "file").chmod(0o640)

        assert rights.wall(open_path / "file", R, self.user(4301)) == open_path / "file"
        assert rights.wall(open_path / "file", R, self.user(4301, os.getegid())) is None

    def test_root_passes_everywhere(self, open_path: Path) -> None:
        (open_path / "file").touch(mode=0o000)

        assert rights.wall(open_path / "file", R | W, self.user(0)) is None

    def test_behind_a_link_too(self, open_path: Path) -> None:
        closed = open_path / "closed"
        closed.mkdir()
        (closed / "file").touch()
        (open_path / "link").symlink_to(closed / "file")
        closed.chmod(0o700)

        assert rights.wall(open_path / "link", R, self.user()) == closed

    @pytest.mark.parametrize(
        ("mode", "group", "commands"),
        [
            pytest.param(0o600, 0, "chgrp {own} {path} && chmod 640 {path}", id="root's alone"),
            pytest.param(
                0o600, 4399, "chgrp {own} {path} && chmod 640 {path}", id="not for its group"
            ),
            pytest.param(0o640, 4399, "usermod -aG 4399 watchcall", id="for a group to be joined"),
        ],
    )
    @pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
    def test_what_lets_them_read(
        self,
        open_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        mode: int,
        group: int,
        commands: str,
    ) -> None:
        monkeypatch.setattr(rights, "GROUP", "no such group")
        path = open_path / "file"
        path.touch()
        path.chmod(mode)
        os.chown(path, 0, group)

        assert rights.opening(path, path, self.user()) == commands.format(own=4301, path=path)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
    def test_who_is_refused_is_told_what_helps(
        self, open_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder, path = open_path / "etc", open_path / "etc" / "config.toml"
        folder.mkdir()
        path.touch()
        path.chmod(0o640)
        os.chown(path, 0, 4399)
        folder.chmod(0o750)
        os.chown(folder, 0, 4399)
        monkeypatch.setattr(rights, "ourselves", self.user)
        joins = "usermod -aG 4399 watchcall (from the next login on)"
        assert rights.advice(path) == joins

        monkeypatch.setattr(rights, "ourselves", lambda: self.user(4301, 4399))
        assert rights.advice(path) is None
        monkeypatch.setattr(rights, "ourselves", lambda: self.user(0))
        assert rights.advice(path) is None

    def test_their_own_file_they_open_themselves(
        self, open_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (open_path / "file").touch()
        (open_path / "file").chmod(0)
        us = rights.User(name="me", uid=os.geteuid() or 4301, gid=4301, groups=frozenset())
        if os.geteuid() == 0:
            os.chown(open_path / "file", us.uid, 0)
        monkeypatch.setattr(rights, "ourselves", lambda: us)

        assert rights.advice(open_path / "file") == f"chmod u+r {open_path}/file"
