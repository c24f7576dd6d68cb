"""Handing a configuration over to the service's group."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from watchcall.service.laying import hand_over

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
GROUP, NUMBER = "daemon", 1


def made(folder: Path, mode: int, file_mode: int) -> tuple[Path, Path]:
    config = folder / "config.toml"
    config.write_text("")
    config.chmod(file_mode)
    folder.chmod(mode)
    return folder, config


def test_what_was_written_before_there_was_the_group_is_handed_over(tmp_path: Path) -> None:
    folder, config = made(tmp_path, 0o700, 0o600)
    secret = folder / "twilio_auth_token"
    secret.touch(0o600)

    assert hand_over(folder, GROUP) == [folder, config]
    seen = {path: (path.stat().st_gid, path.stat().st_mode & 0o777) for path in (folder, config)}
    assert seen == {folder: (NUMBER, 0o750), config: (NUMBER, 0o640)}
    assert (secret.stat().st_gid, secret.stat().st_mode & 0o777) == (0, 0o600)
    assert hand_over(folder, GROUP) == []


@pytest.mark.parametrize(("mode", "file_mode"), [(0o755, 0o644), (0o750, 0o640)])
def test_what_somebody_has_chosen_stays(tmp_path: Path, mode: int, file_mode: int) -> None:
    folder, config = made(tmp_path, mode, file_mode)

    assert hand_over(folder, GROUP) == []
    assert (folder.stat().st_gid, config.stat().st_gid) == (0, 0)


def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    assert hand_over(tmp_path / "none", GROUP) == []
