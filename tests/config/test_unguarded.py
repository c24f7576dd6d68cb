"""The configuration itself: who else could read it, or say who is called."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.files import loaded, write
from watchcall.cli import main
from watchcall.config.unguarded import unguarded

SOMEBODY, THEIR_GROUP = 4301, 4302
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


@pytest.fixture
def etc() -> Iterator[Path]:
    """A folder that everybody gets to, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="watchcall-etc-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def said(path: Path) -> list[str]:
    folder = re.escape(str(path.parent))
    return [re.sub(folder, "ETC", str(one)) for one in unguarded(path)]


@pytest.mark.parametrize(
    ("folder", "file", "found"),
    [
        pytest.param(0o755, 0o600, [], id="nobody else may do anything"),
        pytest.param(0o755, 0o640, [], id="the group reads it"),
        pytest.param(
            0o755,
            0o644,
            [
                "ETC/config.toml can be read by everybody (mode 0644), and phone numbers are in "
                "it: chmod 600 ETC/config.toml"
            ],
            id="everybody reads it",
        ),
        pytest.param(0o700, 0o644, [], id="nobody gets to what everybody might read"),
        pytest.param(
            0o755,
            0o606,
            [
                "ETC/config.toml can be written by others (mode 0606), who are not to say who is "
                "called: chmod 600 ETC/config.toml"
            ],
            id="everybody writes it",
        ),
        pytest.param(0o700, 0o666, [], id="nobody gets to what everybody might write"),
        pytest.param(
            0o757,
            0o600,
            [
                "others can write into ETC (mode 0757), and put another config.toml there: "
                "chmod go-w ETC"
            ],
            id="everybody writes into its folder",
        ),
        pytest.param(0o1777, 0o600, [], id="everybody writes beside it"),
    ],
)
def test_modes(etc: Path, folder: int, file: int, found: list[str]) -> None:
    path = write(etc, mode=file)
    etc.chmod(folder)

    assert found == said(path)


@needs_root
@pytest.mark.parametrize(
    ("owner", "group", "folder", "file", "found"),
    [
        pytest.param(0, 0, 0o750, 0o664, [], id="root's group is root"),
        pytest.param(0, THEIR_GROUP, 0o750, 0o640, [], id="the package's own"),
        pytest.param(0, THEIR_GROUP, 0o750, 0o644, [], id="open behind a folder that is closed"),
        pytest.param(0, THEIR_GROUP, 0o750, 0o646, ["chmod 640"], id="the group gets there"),
        pytest.param(0, THEIR_GROUP, 0o750, 0o660, ["chmod 640"], id="the group writes it"),
        pytest.param(0, THEIR_GROUP, 0o770, 0o640, ["chmod go-w"], id="the group exchanges it"),
        pytest.param(
            SOMEBODY, 0, 0o755, 0o600, ["chown root", "chown root"], id="somebody else's both"
        ),
    ],
)
def test_owners_and_groups(
    etc: Path, owner: int, group: int, folder: int, file: int, found: list[str]
) -> None:
    path = write(etc, mode=file)
    for one, mode in ((path, file), (etc, folder)):
        os.chown(one, owner, group)
        one.chmod(mode)

    remedies = [one.rsplit(": ", 1)[1] for one in said(path)]
    assert [remedy.rsplit(" ", 1)[0] for remedy in remedies] == found


@needs_root
def test_what_a_link_leads_to_counts(etc: Path, tmp_path: Path) -> None:
    path = write(etc)
    os.chown(path, SOMEBODY, -1)
    (tmp_path / "config.toml").symlink_to(path)

    (one,) = unguarded(tmp_path / "config.toml")
    assert one.detail == f"{path} belongs to {SOMEBODY}, who can change it"


def test_run_validate_and_doctor_say_it(
    etc: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`run` logs the warnings of what is loaded."""
    found = loaded(etc, mode=0o602)
    monkeypatch.setenv("WATCHCALL_DAEMON__CONTROL_SOCKET", str(etc / "none.sock"))
    path = etc / "config.toml"
    words = f"{path} can be written by others (mode 0602)"

    assert [one for one in found.warnings if one.startswith(words)]
    assert main(["validate", "--config", str(path)]) == 0
    assert f"warning: {words}" in capsys.readouterr().err
    main(["doctor", "--json", "--config", str(path)])
    assert words in capsys.readouterr().out
