"""What `doctor` finds, against the simulator; nobody is rung."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.answers import answering, status
from tests.cli.stage import AOI, CHANNEL, Stage
from watchcall import __version__
from watchcall.cli import asdaemon, doctor, surroundings, twilio
from watchcall.rights import User
from watchcall.service import fitness
from watchcall.service.material import marked
from watchcall.service.standing import Standing
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


NOBODY = User(name="watchcall", uid=4301, gid=4301, groups=frozenset({4301}))


def service(folder: Path, **changed: str) -> Standing:
    """A unit for a configuration in a folder, whose state directory is there too; it failed."""
    failed = {"ActiveState": "failed", "Result": "exit-code"}
    ended = {"ExecMainCode": "1", "ExecMainStatus": "1"}
    return Standing(
        properties={**failed, **ended, **changed},
        user="watchcall",
        config=folder / "config.toml",
        state_dir=folder / "state",
    )


@pytest.fixture
def open_folder(stage: Stage) -> Path:
    """The stage's folder, which everybody may pass; pytest's own is its user's alone."""
    for folder in (stage.folder, *stage.folder.parents):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(0o711)
    return stage.folder


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


class TestService:
    """What root learns of the service that the configuration is for."""

    async def found(
        self, stage: Stage, changed: dict[str, str] | None = None, user: User | None = None
    ) -> dict[str, dict[str, Any]]:
        known = service(stage.folder, **(changed or {}))
        stage.monkeypatch.setattr(asdaemon, "standing", lambda: known)
        stage.monkeypatch.setattr(asdaemon, "runs_as", lambda _: user)
        await stage.rehearse({}, "doctor", "--json")
        return {
            f"{one['subject']} {one['state']}".removesuffix(" ok"): one for one in findings(stage)
        }

    @pytest.mark.parametrize(
        ("changed", "said", "remedy"),
        [
            pytest.param(
                {"ExecMainStatus": "78"},
                "watchcall.service has failed (exit-code: exited with status 78)",
                "watchcall validate",
                id="the configuration",
            ),
            pytest.param(
                {"ExecMainStatus": "238"},
                "exited with status 238 (STATE_DIRECTORY)",
                "no symbolic link",
                id="the state directory",
            ),
            pytest.param(
                {"Result": "signal", "ExecMainCode": "2", "ExecMainStatus": "9"},
                "has failed (signal: killed by signal 9 (SIGKILL))",
                "journalctl -u watchcall",
                id="a signal",
            ),
            pytest.param(
                {"ActiveState": "activating", "SubState": "auto-restart", "ExecMainStatus": "1"},
                "keeps failing, and is started again (exit-code: exited with status 1)",
                "journalctl -u watchcall",
                id="again and again",
            ),
        ],
    )
    async def test_why_it_failed_is_said(
        self, stage: Stage, changed: dict[str, str], said: str, remedy: str
    ) -> None:
        found = await self.found(stage, changed)

        assert said in found["service error"]["detail"]
        assert remedy in found["service error"]["remedy"]
        assert "the row of the service says below" in found["daemon warning"]["remedy"]

    async def test_one_that_was_stopped_has_not_failed(self, stage: Stage) -> None:
        found = await self.found(stage, {"ActiveState": "inactive", "Result": "success"})

        assert "service error" not in found
        assert "start it" in found["daemon warning"]["remedy"]

    async def test_another_configurations_service_is_not_ours(self, stage: Stage) -> None:
        known = service(stage.folder / "elsewhere")
        stage.monkeypatch.setattr(asdaemon, "standing", lambda: known)
        await stage.rehearse({}, "doctor", "--json")

        assert states(stage) == SAYS_OK

    async def test_files_are_judged_as_the_services_user_meets_them(
        self, stage: Stage, open_folder: Path
    ) -> None:
        state = stage.folder / "state"
        state.mkdir(mode=0o777)
        state.chmod(0o777)
        (state / "watchcall.db").touch(mode=0o600)
        (stage.folder / "config.toml").touch(mode=0o600)
        found = await self.found(stage, user=NOBODY)

        assert "config.toml belongs to" in found["config error"]["detail"]
        assert "chmod 640" in found["config error"]["remedy"]
        wrong = found["state directory error"]
        assert f"cannot write {state}/watchcall.db: it belongs to" in wrong["detail"]
        assert wrong["remedy"].startswith(f"chown -R watchcall: {state} && systemctl restart")

    async def test_what_its_user_may_read_and_write_is_fine(
        self, stage: Stage, open_folder: Path
    ) -> None:
        (stage.folder / "state").mkdir()
        (stage.folder / "state").chmod(0o777)
        found = await self.found(stage, user=NOBODY)

        assert "can be written by watchcall" in found["state directory"]["detail"]
        assert "config error" not in found  # that everybody may read it is another matter

    async def test_a_state_directory_that_systemd_makes_may_be_missing_but_no_link(
        self, stage: Stage, open_folder: Path
    ) -> None:
        state = stage.folder / "state"
        assert "can be made" in (await self.found(stage, user=NOBODY))["state directory"]["detail"]

        state.symlink_to(stage.folder)
        wrong = (await self.found(stage, user=NOBODY))["state directory error"]
        assert f"{state} is a symbolic link" in wrong["detail"]

    async def test_nor_must_the_folders_above_one_that_the_daemon_makes_be_there(
        self, stage: Stage, open_folder: Path
    ) -> None:
        config = stage.folder / "config.toml"
        async with Simulator({}) as simulator:
            stage.configure(simulator)
            text = config.read_text().replace('state_dir = "state"', 'state_dir = "a/b/state"')
            known = service(stage.folder)
            stage.monkeypatch.setattr(asdaemon, "standing", lambda: known)
            stage.monkeypatch.setattr(asdaemon, "runs_as", lambda _: NOBODY)
            config.write_text(text)
            await stage.run("doctor", "--json")
            (found,) = [one for one in findings(stage) if one["subject"] == "state directory"]
            assert f"cannot write {stage.folder}: it belongs to" in found["detail"]

            stage.folder.chmod(0o777)
            await stage.run("doctor", "--json")
        (found,) = [one for one in findings(stage) if one["subject"] == "state directory"]
        assert "a/b/state can be made" in found["detail"]

    async def test_a_file_with_the_token_that_its_user_cannot_read_is_an_error(
        self, stage: Stage, open_folder: Path
    ) -> None:
        known = service(stage.folder)
        stage.monkeypatch.setattr(asdaemon, "standing", lambda: known)
        stage.monkeypatch.setattr(asdaemon, "runs_as", lambda _: NOBODY)
        async with Simulator({}) as simulator:
            stage.configure(simulator, token=False)
            stage.monkeypatch.delenv("WATCHCALL_TWILIO__AUTH_TOKEN", raising=False)
            config, token = stage.folder / "config.toml", stage.folder / "token"
            text = config.read_text().replace("[twilio]", "[twilio]\nauth_token_file = 'token'")
            config.write_text(text)
            token.write_text(simulator.account.token)
            token.chmod(0o600)
            assert await stage.run("doctor", "--json") == 1
            first = next(one for one in findings(stage) if one["subject"] == "credentials")
            assert f"{token} cannot be read by watchcall" in first["detail"]
            assert f"chmod 640 {token}" in first["remedy"]

            stage.monkeypatch.setattr(
                doctor, "environment", lambda _: {"WATCHCALL_TWILIO__AUTH_TOKEN": "handed-over"}
            )
            await stage.run("doctor", "--json")
        said = [one["detail"] for one in findings(stage) if one["subject"] == "credentials"]
        assert said == ["Twilio does not accept them"]

    async def test_the_state_directory_is_the_services(self, stage: Stage) -> None:
        """Also for who is not root, whose own would be below their home."""
        known = replace(service(stage.folder), state_dir=stage.folder / "daemon's")
        stage.monkeypatch.setattr(asdaemon, "standing", lambda: known)
        async with Simulator({}) as simulator:
            stage.configure(simulator)
            config = stage.folder / "config.toml"
            config.write_text(config.read_text().replace('state_dir = "state"\n', ""))
            await stage.run("doctor", "--json")
        (found,) = [one for one in findings(stage) if one["subject"] == "state directory"]

        assert f"{stage.folder}/daemon's can be made" in found["detail"]


class TestProxy:
    """By which way Twilio is asked: the daemon's."""

    @pytest.fixture(autouse=True)
    def shell(self, stage: Stage) -> None:
        """An environment of our own, which nothing changes beyond the test."""
        plain = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        stage.monkeypatch.setattr(os, "environ", plain)

    async def said(self, stage: Stage, **theirs: str) -> list[dict[str, Any]]:
        known = replace(service(stage.folder), environment=theirs)
        stage.monkeypatch.setattr(asdaemon, "standing", lambda: known)
        await stage.rehearse({}, "doctor", "--json")
        return [one for one in findings(stage) if one["subject"] == "proxy"]

    async def test_the_services_is_used_and_shown_without_its_password(self, stage: Stage) -> None:
        os.environ["https_proxy"] = "http://elsewhere:1"
        theirs = {"HTTPS_PROXY": "http://me:hush@proxy:3128", "NO_PROXY": "localhost"}
        (found,) = await self.said(stage, **theirs, OTHER="x")

        detail = "Twilio is asked through http://proxy:3128, as by the service"
        assert (found["state"], found["detail"]) == ("ok", detail)
        assert {**os.environ, **theirs} == os.environ
        assert not {"https_proxy", "OTHER"} & os.environ.keys()

    async def test_one_that_only_this_shell_has_is_a_warning(self, stage: Stage) -> None:
        os.environ["HTTPS_PROXY"] = "proxy:3128"
        (found,) = await self.said(stage)

        assert found["state"] == "warning"
        assert "http://proxy:3128, which this shell has and the service has not" in found["detail"]
        assert "Environment=HTTPS_PROXY" in found["remedy"]

    async def test_where_there_is_none_nothing_is_said(self, stage: Stage) -> None:
        assert await self.said(stage, HTTPS_PROXY="") == []

    async def test_a_test_call_goes_the_same_way(self, stage: Stage) -> None:
        known = replace(service(stage.folder), environment={"ALL_PROXY": "http://proxy:3128"})
        stage.monkeypatch.setattr(asdaemon, "service_of", lambda _: known)
        phones = {"phones": {AOI: ["human"]}}
        assert await stage.rehearse(phones, "test-call", "--json") == 0

        assert os.environ["ALL_PROXY"] == "http://proxy:3128"
        assert "asks Twilio through http://proxy:3128, as the service does" in stage.err


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
