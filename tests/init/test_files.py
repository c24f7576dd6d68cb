"""Files that are there whole or not at all, readable by nobody but whom they concern."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from watchcall import rights
from watchcall.init.answers import KEY, TOKEN
from watchcall.init.files import File, Home, backup_of, home, unwritable, write

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="gives files away, which only root may")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def config(folder: Path, text: str = "new\n", **changed: object) -> File:
    given = {"path": folder / "config.toml", "text": text, "mode": 0o640, **changed}
    return File(**given)  # type: ignore[arg-type]  # a test's shorthand


def secret(folder: Path, text: str = "5ecre7\n") -> File:
    return File(path=folder / "twilio_auth_token", text=text, mode=0o600)


@pytest.fixture(autouse=True)
def generous_umask() -> object:
    """Modes are ours, whatever the umask is."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_files_and_their_folder_are_made(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "watchcall"

    assert write([secret(folder), config(folder)], None) == []
    assert (folder / "config.toml").read_text() == "new\n"
    assert (folder / "twilio_auth_token").read_text() == "5ecre7\n"
    assert mode(folder) == 0o700
    assert mode(folder / "config.toml") == 0o640
    assert mode(folder / "twilio_auth_token") == 0o600
    assert len(list(folder.iterdir())) == 2


@AS_ROOT
def test_roots_files_are_of_the_daemons_group_but_for_the_secret(tmp_path: Path) -> None:
    folder = tmp_path / "watchcall"
    write([secret(folder), config(folder, group=4711)], 4711)
    there = {path.name: path.stat() for path in (folder, *folder.iterdir())}

    assert {name: (one.st_uid, one.st_gid) for name, one in there.items()} == {
        "watchcall": (0, 4711),
        "config.toml": (0, 4711),
        "twilio_auth_token": (0, 0),
    }
    assert mode(folder) == 0o750


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    write([config(tmp_path)], None)

    assert mode(tmp_path) == 0o711


def test_an_old_file_stays_beside_the_new_one_as_it_was(tmp_path: Path) -> None:
    old = tmp_path / "config.toml"
    old.write_text("old\n")
    old.chmod(0o604)

    (backup,) = write([config(tmp_path)], None)

    assert backup == tmp_path / "config.toml.bak"
    assert (backup.read_text(), mode(backup)) == ("old\n", 0o604)
    assert (old.read_text(), mode(old)) == ("new\n", 0o640)


def test_no_backup_is_ever_overwritten(tmp_path: Path) -> None:
    for text in ("first", "second", "third"):
        write([config(tmp_path, text)], None)

    assert (tmp_path / "config.toml.bak").read_text() == "first"
    assert (tmp_path / "config.toml.bak1").read_text() == "second"
    assert backup_of(tmp_path / "config.toml").name == "config.toml.bak2"


def test_the_same_once_more_needs_no_backup(tmp_path: Path) -> None:
    write([config(tmp_path)], None)

    assert write([config(tmp_path)], None) == []


def test_what_was_ours_a_moment_ago_needs_none_either(tmp_path: Path) -> None:
    write([config(tmp_path)], None)

    assert write([config(tmp_path, "newer")], None, [tmp_path / "config.toml"]) == []


def test_an_old_file_is_kept_where_the_file_system_knows_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write([config(tmp_path, "old")], None)
    write([config(tmp_path, "new")], None)

    assert (tmp_path / "config.toml.bak").read_text() == "old"


def test_where_the_second_cannot_be_written_the_first_is_not_there_either(tmp_path: Path) -> None:
    broken = config(tmp_path, "lone \udc80 surrogate")

    with pytest.raises(UnicodeError):
        write([secret(tmp_path), broken], None)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write([secret(tmp_path, "old"), config(tmp_path, "old")], None)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write([secret(tmp_path), config(tmp_path)], None)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "config.toml": "old",
        "twilio_auth_token": "old",
    }


def test_nobody_sees_a_part_of_a_file_or_a_mode_that_is_too_wide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        seen.append((target.name, mode(self), self.read_text()))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    write([secret(tmp_path), config(tmp_path)], None)

    assert seen == [("twilio_auth_token", 0o600, "5ecre7\n"), ("config.toml", 0o640, "new\n")]


# Where it belongs


def test_root_writes_the_systems_file() -> None:
    there = home(None, {}, root=True)

    assert (there.path, there.system, there.mode) == (
        Path("/etc/watchcall/config.toml"),
        True,
        0o640,
    )
    assert there.group == rights.daemon_group()
    assert there.secret(TOKEN) == Path("/etc/watchcall/twilio_auth_token")
    assert there.secret(KEY) == Path("/etc/watchcall/twilio_api_key_secret")


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"HOME": "/home/kei"}, "/home/kei/.config/watchcall/config.toml"),
        (
            {"HOME": "/home/kei", "XDG_CONFIG_HOME": "/home/kei/xdg"},
            "/home/kei/xdg/watchcall/config.toml",
        ),
        (
            {"HOME": "/home/kei", "XDG_CONFIG_HOME": "relative"},
            "/home/kei/.config/watchcall/config.toml",
        ),
        ({"WATCHCALL_CONFIG": "/srv/wc.toml", "HOME": "/home/kei"}, "/srv/wc.toml"),
    ],
)
def test_a_user_writes_their_own(environ: dict[str, str], path: str) -> None:
    assert home(None, environ, root=False) == Home(path=Path(path), system=False, mode=0o600)


def test_a_file_that_is_named_is_the_one_that_is_written(tmp_path: Path) -> None:
    there = home(tmp_path / "x.toml", {"WATCHCALL_CONFIG": "/y.toml"}, root=True)

    assert (there.path, there.system) == (tmp_path / "x.toml", False)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real" / "config.toml")

    assert home(tmp_path / "link", {}, root=False).path == tmp_path / "real" / "config.toml"


def test_what_cannot_be_written_is_known_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert unwritable(tmp_path / "new" / "deep" / "config.toml") is None
    assert unwritable(tmp_path) == errno.EISDIR
    assert unwritable(tmp_path / "file" / "config.toml") == errno.ENOTDIR


def test_a_disk_that_is_read_only_is_no_matter_of_permission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = os.statvfs(tmp_path)
    read_only = SimpleNamespace(f_flag=found.f_flag | os.ST_RDONLY)
    monkeypatch.setattr(os, "statvfs", lambda path: read_only)

    assert unwritable(tmp_path / "config.toml") == errno.EROFS
