"""What the unit sets of the configuration (Environment=WATCHCALL_…) counts where root looks."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.stage import Stage
from tests.cli.test_doctor import service
from watchcall.cli import asdaemon, doctor, test_call, twilio
from watchcall.cli.exits import CONFIGURATION, FINE
from watchcall.simulator.simulator import Simulator

WAIT, TOKEN = "WATCHCALL_NOTIFY__GROUP_WAIT", "WATCHCALL_TWILIO__AUTH_TOKEN"
NOTE = f"watchcall.service sets {WAIT}, which counts here too"


@pytest.fixture(autouse=True)
def _nothing_is_handed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(twilio, "CREDENTIALS", tmp_path / "none")


def sets(stage: Stage, **given: str) -> None:
    known = replace(service(stage.folder), given=given)
    stage.monkeypatch.setattr(asdaemon, "standing", lambda: known)
    stage.monkeypatch.setattr(asdaemon, "runs_as", lambda _: None)


async def validate(stage: Stage) -> int:
    async with Simulator({}) as simulator:
        stage.configure(simulator)
        return await stage.run("validate")


async def test_what_the_service_would_refuse_is_refused(stage: Stage) -> None:
    sets(stage, **{WAIT: "soon"})

    assert await validate(stage) == CONFIGURATION
    assert f"watchcall: {NOTE}\n" in stage.err
    assert f"environment: {WAIT}: " in stage.err


async def test_what_is_set_here_wins_and_is_not_told_as_the_units(stage: Stage) -> None:
    sets(stage, **{WAIT: "soon"})
    stage.monkeypatch.setenv(WAIT, "5s")

    assert await validate(stage) == FINE
    assert stage.err == ""


async def test_only_what_is_a_key_counts(stage: Stage) -> None:
    """Which file it is, the unit's command says; and what is empty sets nothing."""
    sets(stage, **{"WATCHCALL_CONFIG": "/srv/other.toml", WAIT: "", "HTTPS_PROXY": "http://proxy"})

    assert await validate(stage) == FINE
    assert stage.err == ""


async def test_another_configuration_is_not_the_units(stage: Stage) -> None:
    sets(stage, **{WAIT: "soon"})
    other = stage.folder / "other.toml"
    async with Simulator({}) as simulator:
        stage.configure(simulator)
        other.write_text((stage.folder / "config.toml").read_text())
        other.chmod(0o600)
        assert await stage.run("validate", "--config", str(other)) == FINE
    assert stage.err == ""


async def test_doctor_says_what_it_has_from_there(stage: Stage) -> None:
    sets(stage, **{WAIT: "5s"})
    await stage.rehearse({}, "doctor", "--json")

    found: list[dict[str, Any]] = json.loads(stage.out)
    assert NOTE in [one["detail"] for one in found if one["subject"] == "config"]


@pytest.mark.parametrize("command", [doctor, test_call])
async def test_a_token_that_the_unit_sets_comes_before_a_credential(
    stage: Stage, command: Any
) -> None:
    async with Simulator({"speed": 100, "queued": 0}) as simulator:
        stage.configure(simulator, token=False)
        stage.monkeypatch.delenv(TOKEN, raising=False)
        sets(stage, **{TOKEN: simulator.account.token})
        given = {**os.environ, TOKEN: "f" * 32}
        stage.monkeypatch.setattr(command, "environment", lambda _: given)
        code = await stage.run(command.__name__.rpartition(".")[2].replace("_", "-"))

    assert "does not accept" not in stage.out
    assert f"watchcall.service sets {TOKEN}, which counts here too" in stage.out + stage.err
    assert code == FINE or command is doctor, stage.err
