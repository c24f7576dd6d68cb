"""What `doctor` finds, against the simulator; nobody is rung."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.answers import answering, status
from tests.cli.stage import CHANNEL, Stage
from watchcall import __version__
from watchcall.cli import surroundings, twilio
from watchcall.service import fitness
from watchcall.service.material import marked
from watchcall.simulator.simulator import Simulator

GOOD = {"state": "ok", "reason": "calls are placed"}
SMS = f"""{CHANNEL}
[[channel]]
name = "text"
type = "sms"
"""
SAYS_OK = {
    "config": "ok",
    "state directory": "ok",
    "daemon": "warning",  # none runs
    "systemd": "ok",
    "Twilio": "ok",
    "credentials": "ok",
    "account": "ok",
    "balance": "ok",
    "from": "ok",
    "permission JP": "ok",
}


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with systemd, whose unit is there and enabled."""
    unit, wanted = tmp_path / "watchcall.service", tmp_path / "systemd" / "multi-user.target.wants"
    wanted.mkdir(parents=True)
    unit.touch()
    unit.with_name("watchcall-lastgasp.service").touch()
    (wanted / "watchcall.service").symlink_to(unit)
    monkeypatch.setattr(surroundings, "BOOTED", tmp_path)
    monkeypatch.setattr(fitness, "systemd_version", lambda: 252)
    monkeypatch.setattr(surroundings, "UNITS", (unit,))
    monkeypatch.setattr(surroundings, "WANTED", tmp_path / "systemd")
    monkeypatch.setattr(twilio, "CREDENTIALS", tmp_path / "none")
    return tmp_path


def findings(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(stage.out)
    return found


def states(stage: Stage) -> dict[str, str]:
    return {one["subject"]: one["state"] for one in findings(stage)}


async def test_all_is_well_but_that_no_daemon_runs(stage: Stage) -> None:
    code = await stage.rehearse({}, "doctor", "--json")

    assert (code, stage.err) == (0, "")
    assert states(stage) == SAYS_OK
    assert list(states(stage)) == list(SAYS_OK)  # in this order
    assert all(set(one) == {"subject", "state", "detail", "remedy"} for one in findings(stage))


async def test_nobody_is_rung(stage: Stage) -> None:
    async with Simulator({"speed": 100}) as simulator:
        stage.configure(simulator, SMS)
        await stage.run("doctor")

        assert simulator.calls == []
        assert simulator.texts == []
        methods = {entry["method"] for entry in simulator.entries("request")}
        assert methods == {"GET"}


ACCOUNTS = {
    "a trial": ({"account_type": "Trial"}, "account", "warning", 0),
    "suspended": ({"account_status": "suspended"}, "account", "error", 1),
    "little money": ({"balance": 3}, "balance", "warning", 0),
    "no money": ({"balance": 0}, "balance", "error", 1),
    "another number": ({"owned": ["+15005550001"]}, "from", "error", 1),
    "a verified number": (
        {"owned": [], "caller_ids": ["+15005550006"]},
        "from",
        "warning",
        0,
    ),
    "a number without a voice": (
        {"owned": [{"number": "+15005550006", "voice": False}]},
        "from",
        "error",
        1,
    ),
    "a country": ({"geo": {"JP": False}}, "permission JP", "error", 1),
    "a balance that is not told": (
        {"faults": [{"path": "Balance", "does": "500", "every": True}]},
        "balance",
        "unknown",
        0,
    ),
}


@pytest.mark.parametrize(
    ("script", "subject", "state", "code"), ACCOUNTS.values(), ids=ACCOUNTS.keys()
)
async def test_what_is_wrong_at_twilio_has_a_remedy(
    stage: Stage, script: dict[str, Any], subject: str, state: str, code: int
) -> None:
    assert await stage.rehearse(script, "doctor", "--json") == code

    assert states(stage) == {**SAYS_OK, subject: state}
    for one in findings(stage):
        assert bool(one["remedy"]) is (one["state"] in ("warning", "error")), one


async def test_a_number_without_texts_matters_where_texts_are_sent(stage: Stage) -> None:
    script = {"owned": [{"number": "+15005550006", "sms": False}]}

    assert await stage.rehearse(script, "doctor") == 0
    assert await stage.rehearse(script, "doctor", more=SMS) == 1
    assert "capability SMS" in " ".join(stage.out.split())


async def test_a_wrong_token_is_an_error(stage: Stage) -> None:
    async with Simulator({}) as simulator:
        stage.configure(simulator)
        stage.monkeypatch.setenv("WATCHCALL_TWILIO__AUTH_TOKEN", "c0ffee" * 5)
        assert await stage.run("doctor", "--json") == 1

    assert states(stage)["credentials"] == "error"
    assert "c0ffee" not in stage.out


async def test_a_missing_token_is_a_finding_and_no_traceback(stage: Stage) -> None:
    async with Simulator({}) as simulator:
        stage.configure(simulator, token=False)
        stage.monkeypatch.delenv("WATCHCALL_TWILIO__AUTH_TOKEN", raising=False)
        assert await stage.run("doctor", "--json") == 1

    last = findings(stage)[-1]
    assert (last["subject"], last["state"]) == ("credentials", "error")
    assert "auth_token: missing" in last["detail"]
    assert "run this as root" in last["remedy"]
    assert stage.err == ""


async def test_a_token_file_that_everybody_can_read_is_a_finding_whose_remedy_helps(
    stage: Stage,
) -> None:
    token = stage.folder / "token"
    async with Simulator({}) as simulator:
        stage.configure(simulator, token=False)
        stage.monkeypatch.delenv("WATCHCALL_TWILIO__AUTH_TOKEN", raising=False)
        config = stage.folder / "config.toml"
        text = config.read_text().replace("[twilio]", "[twilio]\nauth_token_file = 'token'")
        config.write_text(text)
        token.write_text(simulator.account.token)
        token.chmod(0o644)
        assert await stage.run("doctor", "--json") == 1
        found = [one for one in findings(stage) if one["subject"] in ("config", "credentials")]

        assert [one["state"] for one in found] == ["warning", "error"]
        assert all(f"chmod 600 {token}" in one["remedy"] for one in found)
        assert "as root" not in found[-1]["remedy"]
        assert await stage.run("validate") == 78
        assert await stage.run("preview", "httpd") == 0  # needs none

        token.chmod(0o600)
        assert await stage.run("doctor") == 0


async def test_the_daemons_credential_is_used_where_it_may_be_read(
    stage: Stage, tmp_path: Path
) -> None:
    async with Simulator({}) as simulator:
        stage.configure(simulator, token=False)
        credentials = tmp_path / "credentials"
        credentials.mkdir()
        (credentials / "twilio_auth_token").write_text(simulator.account.token)
        stage.monkeypatch.setattr(twilio, "CREDENTIALS", credentials)
        assert await stage.run("doctor", "--json") == 0

    assert states(stage)["credentials"] == "ok"


async def test_where_twilio_cannot_be_reached_the_rest_is_unknown(stage: Stage) -> None:
    async with Simulator({}) as gone:
        stage.configure(gone)

    assert await stage.run("doctor", "--json") == 1
    found = states(stage)
    assert found["Twilio"] == "error"
    assert {found[one] for one in ("credentials", "account", "balance", "from")} == {"unknown"}


async def test_a_wrong_configuration_is_told_as_everywhere(stage: Stage) -> None:
    (stage.folder / "config.toml").write_text("[twilio]\nnonsense = 1\n")

    assert await stage.run("doctor") == 78
    assert "nonsense: unknown key" in stage.err


async def test_warnings_of_the_configuration_are_findings(stage: Stage) -> None:
    """+81101 is possible, and in no numbering plan."""
    odd = '[[contact]]\nname = "odd"\nphone = "+811012345678"\n'

    await stage.rehearse({}, "doctor", "--json", more=odd)
    (found,) = [one for one in findings(stage) if one["subject"] == "config"]
    assert found["state"] == "warning"
    assert "config.toml" in found["remedy"]


class TestDaemon:
    """What a running daemon says of itself."""

    async def found(self, stage: Stage, **changed: Any) -> dict[str, dict[str, Any]]:
        answer = {**status(), "version": __version__, "pager": GOOD, "troubles": [], **changed}
        with answering(stage.folder, status=answer):
            await stage.rehearse({}, "doctor", "--json")
        return {one["subject"]: one for one in findings(stage)}

    async def test_it_runs(self, stage: Stage) -> None:
        found = await self.found(stage)

        assert (found["daemon"]["state"], found["pager"]["state"]) == ("ok", "ok")

    @pytest.mark.parametrize(
        ("said", "state"),
        [("ok", "ok"), ("degraded", "warning"), ("down", "error"), ("unknown", "unknown")],
    )
    async def test_its_pagers_state_counts(self, stage: Stage, said: str, state: str) -> None:
        found = await self.found(stage, pager={"state": said, "reason": "so it is"})

        assert found["pager"]["state"] == state
        assert found["pager"]["detail"] == f"{said}: so it is"
        assert bool(found["pager"]["remedy"]) is (state in ("warning", "error"))

    async def test_its_troubles_are_errors(self, stage: Stage) -> None:
        found = await self.found(stage, troubles=["the disk is full"])

        assert (found["daemon"]["state"], found["daemon"]["detail"]) == (
            "error",
            "the disk is full",
        )

    @pytest.mark.parametrize(
        ("said", "state"),
        [("ok", "ok"), ("failing", "warning"), ("held", "warning"), ("pending", "unknown")],
    )
    async def test_its_heartbeat_counts(self, stage: Stage, said: str, state: str) -> None:
        beat = {"state": said, "reason": "so it is", "to": "https://hc-ping.com", "taken_at": None}
        found = await self.found(stage, heartbeat=beat)

        assert found["heartbeat"]["state"] == state
        assert bool(found["heartbeat"]["remedy"]) is (state == "warning")

    @pytest.mark.parametrize(
        ("confined", "said"),
        [
            pytest.param(["SELinux enforcing, domain x"], "SELinux enforcing, domain x", id="one"),
            pytest.param([], "sees neither SELinux nor AppArmor", id="none"),
        ],
    )
    async def test_what_confines_it_is_said(
        self, stage: Stage, confined: list[str], said: str
    ) -> None:
        found = await self.found(stage, confined=confined)

        assert found["security modules"]["state"] == "ok"
        assert said in found["security modules"]["detail"]

    async def test_people_who_cannot_be_called_are_named(self, stage: Stage) -> None:
        why = "kei cannot be called: Twilio's error 21214; check the contact's phone number"
        found = await self.found(
            stage, contacts=[{"name": "kei", "state": "degraded", "reason": why}]
        )

        assert found["contact kei"]["detail"] == why
        assert "watchcall test-call kei" in found["contact kei"]["remedy"]

    async def test_an_old_one_should_be_restarted(self, stage: Stage) -> None:
        found = await self.found(stage, version="0.0.1")

        assert found["daemon"]["state"] == "warning"
        assert "restart" in found["daemon"]["remedy"]


class TestMachine:
    """What the machine offers."""

    async def test_without_systemd_nothing_is_said_against_it(
        self, stage: Stage, machine: Path
    ) -> None:
        stage.monkeypatch.setattr(surroundings, "BOOTED", machine / "none")
        await stage.rehearse({}, "doctor", "--json")

        assert states(stage)["systemd"] == "unknown"

    @pytest.mark.parametrize(
        ("version", "state"),
        [
            pytest.param(245, "warning", id="hands over no token"),
            pytest.param(247, "ok", id="the oldest that does"),
            pytest.param(None, "ok", id="does not say"),
        ],
    )
    async def test_an_old_systemd_is_a_warning(
        self, stage: Stage, version: int | None, state: str
    ) -> None:
        stage.monkeypatch.setattr(fitness, "systemd_version", lambda: version)
        await stage.rehearse({}, "doctor", "--json")

        (found,) = [one for one in findings(stage) if one["subject"] == "systemd"]
        assert found["state"] == state
        assert ("auth_token_file" in (found["remedy"] or "")) is (state == "warning")

    async def test_a_missing_unit_is_a_warning(self, stage: Stage, machine: Path) -> None:
        (machine / "watchcall.service").unlink()

        assert await stage.rehearse({}, "doctor", "--json") == 0
        assert states(stage)["systemd"] == "warning"

    async def test_a_unit_that_is_not_enabled_is_a_warning(
        self, stage: Stage, machine: Path
    ) -> None:
        (machine / "systemd" / "multi-user.target.wants" / "watchcall.service").unlink()
        await stage.rehearse({}, "doctor", "--json")

        assert states(stage)["systemd"] == "warning"

    async def test_a_machine_on_which_the_last_gasp_is_missing_is_warned_of(
        self, stage: Stage, machine: Path
    ) -> None:
        (machine / "watchcall-lastgasp.service").unlink()
        await stage.rehearse({}, "doctor", "--json")

        (found,) = [one for one in findings(stage) if one["subject"] == "systemd"]
        assert found["state"] == "warning"
        assert "nobody is called when the daemon has failed for good" in found["detail"]

    @pytest.mark.parametrize(
        ("text", "remedy"),
        [
            pytest.param(marked("[Unit]\n"), "install-service --remove &&", id="install-service's"),
            pytest.param("[Unit]\n", "systemctl revert watchcall", id="somebody's own"),
        ],
    )
    async def test_a_unit_before_a_packages_is_a_warning(
        self, stage: Stage, machine: Path, text: str, remedy: str
    ) -> None:
        mine, packaged = machine / "watchcall.service", machine / "lib" / "watchcall.service"
        packaged.parent.mkdir()
        packaged.touch()
        mine.write_text(text)
        stage.monkeypatch.setattr(surroundings, "UNITS", (mine, packaged))
        await stage.rehearse({}, "doctor", "--json")

        _, found = [one for one in findings(stage) if one["subject"] == "systemd"]
        assert found["state"] == "warning"
        assert f"{mine} comes before {packaged}" in found["detail"]
        assert remedy in found["remedy"]

    async def test_a_mask_covers_nothing(self, stage: Stage, machine: Path) -> None:
        mask, packaged = machine / "mask" / "watchcall.service", machine / "watchcall.service"
        mask.parent.mkdir()
        mask.symlink_to("/dev/null")
        stage.monkeypatch.setattr(surroundings, "UNITS", (mask, packaged))
        await stage.rehearse({}, "doctor", "--json")

        assert len([one for one in findings(stage) if one["subject"] == "systemd"]) == 1

    async def test_a_state_directory_that_is_a_file_is_an_error(
        self, stage: Stage, machine: Path
    ) -> None:
        (machine / "state").touch(mode=0o700)

        assert await stage.rehearse({}, "doctor", "--json") == 1
        assert states(stage)["state directory"] == "error"

    async def test_a_state_directory_that_is_a_link_starts_under_no_systemd(
        self, stage: Stage, machine: Path
    ) -> None:
        (machine / "elsewhere").mkdir()
        (machine / "state").symlink_to(machine / "elsewhere")
        stage.monkeypatch.setattr(surroundings, "SYSTEMD_MAKES", machine / "state")

        assert await stage.rehearse({}, "doctor", "--json") == 1
        (found,) = [one for one in findings(stage) if one["subject"] == "state directory"]
        assert found["state"] == "error"
        assert f"{machine / 'state'} is a link" in found["detail"]
        assert "mount --bind" in found["remedy"]

    async def test_any_other_state_directory_may_be_a_link(
        self, stage: Stage, machine: Path
    ) -> None:
        (machine / "elsewhere").mkdir()
        (machine / "state").symlink_to(machine / "elsewhere")
        await stage.rehearse({}, "doctor", "--json")

        assert states(stage)["state directory"] == "ok"


@pytest.mark.parametrize("columns", [40, 80, 120])
async def test_the_table_fits(stage: Stage, columns: int) -> None:
    stage.monkeypatch.setenv("COLUMNS", str(columns))
    trouble = {"account_type": "Trial", "balance": 0, "geo": {"JP": False}}

    assert await stage.rehearse(trouble, "doctor") == 1
    lines = stage.out.splitlines()
    assert max(map(cell_len, map(str.rstrip, lines))) <= columns
    said = " ".join(stage.out.split())
    assert "remedy:" in said
    assert "permission" in said
