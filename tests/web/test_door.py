"""Where the daemon listens: who gets to the socket, and who does not."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from watchcall.errors import StartError
from watchcall.web.door import Door

OURS = os.getegid()


@contextmanager
def opened(path: Path) -> Iterator[Door]:
    made = Door(path)
    with made.listening:
        yield made


def modes(*paths: Path) -> list[str]:
    return [f"{stat.S_IMODE(path.stat().st_mode):04o}" for path in paths]


def group(monkeypatch: pytest.MonkeyPatch, gid: int | None) -> None:
    """Let there be a group `watchcall`, or none."""

    def named(name: str) -> grp.struct_group:
        if name != "watchcall" or gid is None:
            raise KeyError(name)
        return grp.struct_group((name, "x", gid, []))

    monkeypatch.setattr(grp, "getgrnam", named)


@pytest.mark.parametrize(
    ("gid", "made"),
    [
        pytest.param(None, ["0700", "0700", "0660"], id="is its owner's where there is no group"),
        pytest.param(OURS, ["0750", "0750", "0660"], id="lets the group in where there is one"),
    ],
)
def test_a_folder_that_is_made_for_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gid: int | None, made: list[str]
) -> None:
    group(monkeypatch, gid)
    path = tmp_path / "new" / "sub" / "control.sock"
    before = os.umask(0o022)
    try:
        with opened(path):
            assert made == modes(path.parents[1], path.parent, path)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_a_folder_stays_its_owners_where_the_group_may_not_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    group(monkeypatch, OURS)
    monkeypatch.setattr(os, "chown", refuse)
    path = tmp_path / "new" / "control.sock"

    with opened(path):
        assert modes(path.parent, path) == ["0700", "0660"]


def test_a_folder_that_was_there_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group(monkeypatch, OURS)
    tmp_path.chmod(0o711)

    with opened(tmp_path / "control.sock"):
        assert modes(tmp_path) == ["0711"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to any group")
def test_root_gives_the_group_its_folder_and_its_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group(monkeypatch, 4999)
    path = tmp_path / "run" / "control.sock"

    with opened(path):
        assert [(one.stat().st_uid, one.stat().st_gid) for one in (path.parent, path)] == [
            (0, 4999),
            (0, 4999),
        ]


def test_one_socket_is_one_daemons(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    with opened(path), pytest.raises(StartError, match=f"another daemon listens on {path}"):
        Door(path)


def test_another_socket_at_the_same_place_is_left_there(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    with opened(path) as ours:
        path.rename(tmp_path / "ours.sock")
        with opened(path) as another:
            ours.remove()
            assert (ours.there, another.there) == (False, True)
        another.remove()
    assert not path.exists()
