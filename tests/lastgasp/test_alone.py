"""What the last gasp needs: Python, and its own few files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import watchcall
from tests.test_architecture import MODULES, imports, place, room

OURS = [module for module in MODULES if room(module) in ("lastgasp", "entry")]
SOURCE = Path(watchcall.__file__).parent


@pytest.mark.parametrize("module", OURS, ids=place)
def test_nothing_but_the_standard_library_is_imported(module: Path) -> None:
    names = {name.split(".")[0] for name in imports(module)} - {"watchcall"}

    assert names <= sys.stdlib_module_names


def test_all_else_may_be_gone(tmp_path: Path) -> None:
    """No site-packages (-S), and of WatchCall only these files."""
    for module in [*OURS, SOURCE / "__init__.py", SOURCE / "__main__.py"]:
        target = tmp_path / "watchcall" / module.relative_to(SOURCE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(module, target)
    done = subprocess.run(
        [sys.executable, "-S", "-m", "watchcall", "lastgasp"],
        env={"PYTHONPATH": str(tmp_path), "STATE_DIRECTORY": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (0, "")
    assert "WatchCall never ran in" in done.stderr
