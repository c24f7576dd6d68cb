"""Whether a new version takes what an old one runs with is asked as the old one was started."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

from tests.packaging.built import ROOT

NAMED = "/srv/watchcall.toml"


pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="asks as somebody else: only root may")


@pytest.fixture
def restart() -> ModuleType:
    """The program beside the packages."""
    spec = importlib.util.spec_from_file_location("restart", ROOT / "packaging/restart.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("words", "environ", "asked", "named"),
    [
        pytest.param(
            ["--config", NAMED], "", f"validate --config {NAMED}", NAMED, id="as the unit does"
        ),
        pytest.param(
            [f"--config={NAMED}"], "", f"validate --config={NAMED}", NAMED, id="in one word"
        ),
        pytest.param([], f"WATCHCALL_CONFIG={NAMED}", "validate", NAMED, id="by the environment"),
        pytest.param([], "", "validate", "/etc/watchcall/config.toml", id="not at all"),
    ],
)
def test_the_configuration_is_the_one_that_the_process_was_given(
    words: list[str],
    environ: str,
    asked: str,
    named: str,
    restart: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process, program = tmp_path / "1", tmp_path / "watchcall"
    process.mkdir()
    (process / "cmdline").write_text("\0".join(["python3", "watchcall", "run", *words, ""]))
    (process / "environ").write_text(f"HOME=/\0{environ}\0")
    groups = " ".join(map(str, os.getgroups()))
    (process / "status").write_text(f"Name:\twatchcall\nGroups:\t{groups}\n")
    program.write_text('#!/bin/sh\necho "$@ ($WATCHCALL_CONFIG)" >&2; exit 78\n')
    program.chmod(0o755)
    monkeypatch.setattr(restart, "PROGRAM", str(program))

    assert restart.refusal(process) == f"{asked} ({environ.partition('=')[2]})"
    assert restart.config(process) == named
