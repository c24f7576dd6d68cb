"""The last gasp, against the simulator: who is called, how often, and when nobody is."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.lastgasp.words import KEI, ME, words
from watchcall.lastgasp import gasp
from watchcall.lastgasp.gasp import PATIENCE_S, Gasp, main, rehearse
from watchcall.lastgasp.words import STOPPED, TOLD, Words, write
from watchcall.simulator.simulator import Simulator

TOKEN = {"WATCHCALL_TWILIO__AUTH_TOKEN": "simulator"}
RUN = "d964db95327e454db20fe09edd192af1"
FAILED = {
    "MONITOR_SERVICE_RESULT": "exit-code",
    "MONITOR_EXIT_CODE": "exited",
    "MONITOR_EXIT_STATUS": "3",
    "MONITOR_INVOCATION_ID": RUN,
}
ON_78 = {**FAILED, "MONITOR_EXIT_STATUS": "78"}


@dataclass
class Scene:
    """A state directory whose daemon is dead, and a clock that leaps over waiting."""

    folder: Path
    slept: list[float] = field(default_factory=list)
    whenever: Callable[[], object] = lambda: None

    def wait(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.whenever()

    def run(self, known: Words, environ: dict[str, str]) -> int:
        write(self.folder, known)
        if "real" in environ:
            return main(environ)
        one = Gasp(known, "simulator", self.folder, environ, lambda: sum(self.slept), self.wait)
        return one.tell()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    (tmp_path / "lock").touch()
    return Scene(tmp_path)


@pytest.fixture
def here(scene: Scene) -> dict[str, str]:
    return {**FAILED, "STATE_DIRECTORY": str(scene.folder)}


async def gasped(
    scene: Scene, phones: dict[str, Any], environ: dict[str, str] = FAILED, **script: Any
) -> tuple[int, list[str], Simulator]:
    """Return the exit code, who was asked for in which order, and Twilio as it is then."""
    script = {"speed": 200, "queued": 0, "phones": phones, **script}
    async with Simulator(script) as simulator:
        known = words(scene.folder, api=simulator.url)
        code = await asyncio.to_thread(scene.run, known, environ)
        calls = len(simulator.calls)
        if calls:
            await simulator.until(lambda: all(call.status.final for call in simulator.calls))
        asked = [one for one in simulator.entries("request") if one["method"] == "POST"]
        return code, [one["params"]["To"] for one in asked], simulator


async def test_the_first_contact_hears_that_it_has_stopped(
    scene: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    code, asked, twilio = await gasped(scene, {ME: ["answer"]})

    assert (code, asked) == (0, [ME])
    assert [one["words"] for one in twilio.entries("heard")] == ["it has stopped"]
    assert (scene.folder / TOLD).exists()
    said = capfd.readouterr().err
    assert "WatchCall has stopped (exit-code, status 3); me is being called (CA" in said
    assert ME not in said


async def test_of_a_wrong_configuration_it_says_so(scene: Scene) -> None:
    _, _, twilio = await gasped(scene, {ME: ["answer"]}, ON_78)

    assert [one["words"] for one in twilio.entries("heard")] == ["its configuration is wrong"]


@pytest.mark.parametrize(
    ("mine", "keis", "code", "asked"),
    [
        pytest.param(["reject"], ["answer"], 0, [ME, KEI], id="a number that is refused"),
        pytest.param(["429", "429", "answer"], [], 0, [ME] * 3, id="too often, and then not"),
        pytest.param(["500", "answer"], [], 0, [ME] * 2, id="in doubt once more"),
        pytest.param(["500", "500"], ["answer"], 0, [ME, ME, KEI], id="in doubt, not three times"),
        pytest.param(["lost", "lost"], ["answer"], 0, [ME, ME, KEI], id="replies that are lost"),
        pytest.param(["garbage"], [], 0, [ME], id="a reply that nobody can read"),
        pytest.param(["reject"], ["reject"], 1, [ME, KEI], id="everybody is refused"),
        pytest.param(["429"] * 99, [], 1, [ME] * 8, id="too often for two minutes"),
        pytest.param(
            ["reject"],
            [{"does": "reject", "code": 21210}],
            *(1, [ME, KEI]),
            id="not from our number",
        ),
        pytest.param([{"does": "reject", "code": 21210}], [], 1, [ME], id="nor to anybody else"),
    ],
)
async def test_who_is_called(
    scene: Scene, mine: list[Any], keis: list[Any], code: int, asked: list[str]
) -> None:
    phones = {ME: mine, **({KEI: keis} if keis else {})}

    assert (await gasped(scene, phones))[:2] == (code, asked)
    assert (scene.folder / TOLD).exists() is (code == 0)


async def test_in_doubt_it_is_done_again_once(
    scene: Scene, here: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Twilio answers 500 and rings the phones nonetheless, however often systemd may try."""
    phones = {one: [{"does": "500", "placed": True}] for one in (ME, KEI)}
    for known in (False, True):
        assert (await gasped(scene, phones, here))[:2] == (1, [ME, ME, KEI, KEI])
        assert gasp.told(scene.folder) is known
    assert "and perhaps nobody was called" in capfd.readouterr().err
    code, asked, _ = await main_said(scene, here, capfd)
    assert (code, asked) == (0, [])


async def test_who_has_nobody_to_call_is_not_tried_again(
    scene: Scene, here: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    write(scene.folder, words(scene.folder, people=()))

    assert main({**here, **TOKEN}) == 0
    assert "names nobody who could be called" in capfd.readouterr().err


async def test_a_token_that_is_wrong_is_wrong_for_everybody(
    scene: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    every = [{"method": "POST", "does": "401", "times": 9}]
    code, asked, _ = await gasped(scene, {}, faults=every)

    assert (code, asked) == (1, [ME])
    assert "nobody can be called: Twilio says 401, code 20003" in capfd.readouterr().err


def test_without_a_network_it_is_patient_but_not_for_ever(
    scene: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    """Then systemd starts it again, minutes later."""
    assert scene.run(words(scene.folder), FAILED) == 1

    assert scene.slept[:4] == [1, 2, 5, 10]
    assert PATIENCE_S / 2 < sum(scene.slept) <= PATIENCE_S
    assert "cannot connect to Twilio (Connection refused)" in capfd.readouterr().err
    assert not (scene.folder / TOLD).exists()


def test_when_the_daemon_is_there_again_nobody_is_called(
    scene: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    with (scene.folder / "lock").open("rb") as lock:
        scene.whenever = lambda: fcntl.flock(lock, fcntl.LOCK_EX)

        assert scene.run(words(scene.folder), FAILED) == 0
    assert "WatchCall runs again" in capfd.readouterr().err


async def main_said(
    scene: Scene, environ: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> tuple[int, list[str], str]:
    code, asked, _ = await gasped(scene, {}, {**TOKEN, **environ, "real": "yes"})
    return code, asked, capfd.readouterr().err


async def test_it_is_told_once(
    scene: Scene, here: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert (await main_said(scene, here, capfd))[:2] == (0, [ME])

    code, asked, said = await main_said(scene, here, capfd)
    assert (code, asked) == (0, [])
    assert "has not run well since the last gasp was told; nobody is called" in said


async def test_whoever_was_told_to_stop_may_take_too_long_for_it(
    scene: Scene, here: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    (scene.folder / STOPPED).write_text(RUN)
    code, asked, said = await main_said(scene, here, capfd)
    assert (code, asked) == (0, [])
    assert "was told to stop" in said

    later = {**here, "MONITOR_INVOCATION_ID": RUN[::-1]}
    assert (await main_said(scene, later, capfd))[:2] == (0, [ME])


async def test_while_the_daemon_runs_nobody_is_called(
    scene: Scene, here: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    with (scene.folder / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert (await main_said(scene, here, capfd))[:2] == (0, [])


async def test_without_the_secret_it_says_so(
    scene: Scene, here: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    code, asked, said = await main_said(scene, {**here, "WATCHCALL_TWILIO__AUTH_TOKEN": ""}, capfd)

    assert (code, asked) == (78, [])
    assert "twilio.auth_token is in none of its places; nobody can be called" in said


def test_where_the_daemon_never_ran_nobody_is_known(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main({"STATE_DIRECTORY": str(tmp_path)}) == 0
    assert "WatchCall never ran in" in capfd.readouterr().err


def test_what_cannot_be_read_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "last-words.json").write_text("{")

    assert main({"STATE_DIRECTORY": str(tmp_path)}) == 78
    assert "cannot be used: is not what the daemon writes" in capfd.readouterr().err


async def test_that_it_cannot_be_noted_is_no_reason_not_to_call(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gasp, "replace", full)

    assert (await gasped(scene, {}))[:2] == (0, [ME])
    assert "may be told again: No space left on device" in capfd.readouterr().err


@pytest.mark.parametrize(("more", "code"), [(TOKEN, 0), ({}, 78)])
def test_a_rehearsal_calls_nobody(
    scene: Scene,
    here: dict[str, str],
    more: dict[str, str],
    code: int,
    capfd: pytest.CaptureFixture[str],
) -> None:
    write(scene.folder, words(scene.folder))

    assert rehearse({**here, **more}) == code
    assert "would be called: me, then kei\n" in capfd.readouterr().out
