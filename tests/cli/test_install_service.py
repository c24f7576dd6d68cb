"""`watchcall install-service` in a folder: idempotent, and nothing of anybody else's is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from watchcall.cli import main
from watchcall.service import fitness

UNIT = "etc/systemd/system/watchcall.service"
EXAMPLE = "etc/watchcall/config.toml.example"


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program to be started, as pip would have installed it."""
    installed = tmp_path / "bin" / "watchcall"
    installed.parent.mkdir()
    installed.touch(0o755)
    monkeypatch.setattr(fitness, "program", lambda: installed)
    return installed


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def install(root: Path, *flags: str) -> int:
    return main(["install-service", "--root", str(root), *flags])


def files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()
    }


def test_it_lays_down_a_service(root: Path, program: Path) -> None:
    assert install(root) == 0

    assert f"ExecStart={program} run " in (root / UNIT).read_text()
    assert (root / EXAMPLE).is_file()
    assert (root / "etc/watchcall").stat().st_mode & 0o777 == 0o750
    assert {path.stat().st_mode & 0o777 for path in (root / UNIT, root / EXAMPLE)} == {0o644}


def test_a_second_time_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(root)
    before = files(root)
    capsys.readouterr()

    assert install(root) == 0

    assert files(root) == before
    said = capsys.readouterr().out
    assert f"{root / UNIT}: as it is\n" in said
    assert "written" not in said


def test_a_dry_run_writes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert install(root, "--dry-run") == 0

    assert not root.exists()
    assert f"{root / UNIT}: would write\n" in capsys.readouterr().out


def test_what_an_older_version_laid_down_is_replaced(
    root: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(root)
    elsewhere = program.with_name("watchcall-2")
    elsewhere.touch()
    monkeypatch.setattr(fitness, "program", lambda: elsewhere)

    assert install(root) == 0

    assert f"ExecStart={elsewhere} run " in (root / UNIT).read_text()
    assert not [*root.rglob("*.saved")]


@pytest.mark.parametrize(
    ("text", "there"),
    [
        pytest.param("[Service]\nExecStart=/bin/mine\n", "somebody's own", id="somebody's own"),
        pytest.param(None, "ours, edited", id="ours, edited"),
    ],
)
def test_a_changed_unit_is_kept_and_everything_else_as_well(
    text: str | None, there: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(root)
    (root / UNIT).write_text(text or (root / UNIT).read_text() + "Nice=5\n")
    (root / EXAMPLE).unlink()
    before = files(root)
    capsys.readouterr()

    assert install(root) == 1

    assert files(root) == before
    said = capsys.readouterr().err
    assert f"{root / UNIT} is not as `watchcall install-service` has written it" in said
    assert "systemctl edit watchcall" in said
    assert said.endswith("nothing was changed\n")


def test_by_force_a_changed_unit_is_replaced_and_kept_beside(root: Path) -> None:
    (root / UNIT).parent.mkdir(parents=True)
    for mine in ("mine\n", "mine again\n"):
        (root / UNIT).write_text(mine)
        assert install(root, "--force") == 0

    assert "ExecStart=" in (root / UNIT).read_text()
    saved = {path.read_text() for path in (root / UNIT).parent.glob("*.saved*")}
    assert saved == {"mine\n", "mine again\n"}


def test_a_masked_unit_stays_masked(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / UNIT).parent.mkdir(parents=True)
    (root / UNIT).symlink_to("/dev/null")

    assert install(root) == 1

    assert (root / UNIT).is_symlink()
    assert "systemctl unmask watchcall.service" in capsys.readouterr().err


def test_it_takes_away_what_it_laid_down_and_nothing_else(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(root)
    (root / "etc/watchcall/config.toml").write_text("mine\n")
    edited = (root / UNIT).read_text() + "Nice=5\n"
    (root / UNIT).write_text(edited)

    assert install(root, "--remove") == 0

    assert files(root) == {UNIT: edited, "etc/watchcall/config.toml": "mine\n"}
    said = capsys.readouterr().out
    assert f"{root / UNIT}: stays" in said
    assert "userdel watchcall" in said


def test_nothing_is_left_of_what_nobody_touched(root: Path) -> None:
    install(root)
    install(root, "--remove")

    assert files(root) == {}
    assert not (root / "etc/watchcall").exists()


PACKAGED = "usr/lib/systemd/system/watchcall.service"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        pytest.param("", "systemctl enable --now watchcall\n", id="whose unit counts now"),
        pytest.param("Nice=5\n", "systemctl revert watchcall\n", id="whose unit is still covered"),
    ],
)
def test_what_goes_says_that_a_package_is_there(
    edit: str, said: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(root)
    (root / PACKAGED).parent.mkdir(parents=True)
    (root / PACKAGED).touch()
    with (root / UNIT).open("a") as unit:
        unit.write(edit)
    capsys.readouterr()

    assert install(root, "--remove") == 0

    out = capsys.readouterr().out
    assert str(root / PACKAGED) in out
    assert out.endswith(said)
    assert "rm -r" not in out  # what it names is the package's
    assert (root / "etc/watchcall").is_dir()


def test_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()

    assert install(tmp_path / "file") == 1

    said = capsys.readouterr().err
    assert said.startswith(f"watchcall: {tmp_path / 'file'}")
    assert said.endswith(": Not a directory\n")


def test_only_root_installs_a_service(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert main(["install-service", "--force"]) == 1

    assert capsys.readouterr().err == (
        f"watchcall: installing a service is root's: sudo {program} install-service --force\n"
    )
