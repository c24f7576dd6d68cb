"""Units of a real systemd, looked at by an unprivileged, hardened user."""

from __future__ import annotations

import json
import logging
import queue
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.testbed import IN_TESTBED, Testbed

log = logging.getLogger(__name__)

pytestmark = IN_TESTBED
WATCHER = Path(__file__).with_name("watcher.py")
UNIT = "watcher.service"
WITHIN = 30.0  # seconds for anything that is to happen
# As hardened as it can be: what the daemon's own unit allows beyond this no unit check needs.
HARDENED = {
    "User": "watchcall",
    "Environment": "PYTHONPATH=/opt/watchcall:/opt/site PYTHONDONTWRITEBYTECODE=1",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "ProtectProc": "invisible",
    "ProcSubset": "pid",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "PrivateNetwork": "yes",
    "PrivateUsers": "yes",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "CapabilityBoundingSet": "",
    "NoNewPrivileges": "yes",
    "MemoryDenyWriteExecute": "yes",
    "RestrictAddressFamilies": "AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "LockPersonality": "yes",
    "SystemCallFilter": "@system-service",
}

Line = dict[str, Any]


class Watcher:
    """What the one inside has seen, line by line."""

    def __init__(self, testbed: Testbed, *units: str) -> None:
        (testbed.root / "opt/watcher.py").write_text(WATCHER.read_text())
        self._testbed = testbed
        self._lines: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._process = testbed.service(UNIT, "python3", "/opt/watcher.py", *units, **HARDENED)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.until(lambda line: line.get("asked") == units[-1])
        except AssertionError:
            self.close()
            raise

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def until(self, wanted: Callable[[Line], bool]) -> list[Line]:
        """Return what was seen up to the line that is wanted."""
        seen: list[Line] = []
        deadline = time.monotonic() + WITHIN
        while not seen or not wanted(seen[-1]):
            try:
                seen.append(self._lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"not seen within {WITHIN:g} s; seen: {seen}") from None
        return seen

    def close(self) -> None:
        self._testbed.exec("systemctl", "stop", UNIT, check=False)
        self._process.communicate()
        self._reader.join()


@pytest.fixture
def httpd(testbed: Testbed) -> Iterator[Watcher]:
    with closing(Watcher(testbed, "httpd.service")) as watcher:
        yield watcher


def is_(active: str, **more: Any) -> Callable[[Line], bool]:
    wanted = {"active": active, **more}
    return lambda line: line.items() >= wanted.items()


def levels(lines: list[Line]) -> set[str]:
    return {line["level"] for line in lines if "level" in line}


@pytest.fixture
def lingering(testbed: Testbed) -> Iterator[Path]:
    """What httpd waits for when it stops: it is seen on its way however busy the machine is."""
    over = testbed.root / "run/over"
    drop_in = testbed.root / "run/systemd/system/httpd.service.d/lingers.conf"
    drop_in.parent.mkdir(exist_ok=True)
    waits = "until [ -e /run/over ]; do sleep 0.05; done"
    drop_in.write_text(f"[Service]\nExecStopPost=/bin/sh -c '{waits}'\n")
    testbed.systemctl("daemon-reload")
    yield over
    over.touch()
    drop_in.unlink()
    testbed.systemctl("daemon-reload")
    over.unlink()


def test_a_stop_is_a_failure_when_it_is_over(
    testbed: Testbed, lingering: Path, httpd: Watcher
) -> None:
    testbed.systemctl("stop", "--no-block", "httpd")
    *_, stopping = httpd.until(is_("deactivating"))
    lingering.touch()
    *before, stopped = httpd.until(is_("inactive", job=None))

    assert (stopping["level"], stopping["reason"]) == ("unknown", "httpd.service is stopping")
    assert levels(before) <= {"unknown"}
    assert (stopped["level"], stopped["reason"]) == ("critical", "httpd.service is stopped")
    assert (stopped["ended_by"], stopped["status"], stopped["main_pid"]) == ("exited", 0, None)


def test_a_restart_is_none(testbed: Testbed, lingering: Path, httpd: Watcher) -> None:
    testbed.systemctl("restart", "--no-block", "httpd")
    seen = httpd.until(is_("deactivating"))
    assert seen[-1]["reason"] == "httpd.service is stopping"
    lingering.touch()
    seen += httpd.until(is_("active", job=None))

    assert levels(seen) <= {"unknown", "ok"}
    assert seen[-1]["main_pid"]


def test_a_reload_is_none(testbed: Testbed, httpd: Watcher) -> None:
    testbed.systemctl("reload", "httpd")
    seen = httpd.until(is_("active", job=None))

    assert levels(seen) == {"ok"}


def test_a_kill_is_a_failure_at_once_and_says_which(testbed: Testbed, httpd: Watcher) -> None:
    testbed.systemctl("kill", "--signal=KILL", "--kill-who=main", "httpd")
    failed = httpd.until(is_("failed"))[-1]

    assert failed["level"] == "critical"
    assert failed["reason"] == "httpd.service was ended by the signal SIGKILL"
    assert (failed["result"], failed["ended_by"], failed["status"]) == ("signal", "killed", 9)


def test_an_alias_is_as_good_as_the_name(testbed: Testbed) -> None:
    with closing(Watcher(testbed, "web.service")) as web:
        testbed.systemctl("stop", "httpd")
        stopped = web.until(is_("inactive", job=None))[-1]

    assert (stopped["asked"], stopped["unit"]) == ("web.service", "httpd.service")


def test_a_unit_that_does_not_exist_is_not_down(testbed: Testbed) -> None:
    with closing(Watcher(testbed, "httpd.service", "nope.service")) as watcher:
        testbed.systemctl("daemon-reload")
        seen = watcher.until(lambda line: line.get("asked") == "nope.service")[-1]

    assert (seen["level"], seen["reason"]) == (
        "unknown",
        "systemd knows no unit named nope.service",
    )


def test_a_unit_that_keeps_ending_is_a_failure_though_systemd_restarts_it(testbed: Testbed) -> None:
    unit = "[Service]\nExecStart=sleep 0.05\nRestart=always\nRestartSec=0.1\n"
    unit = f"[Unit]\nStartLimitIntervalSec=0\n{unit}"
    (testbed.root / "run/systemd/system/loop.service").write_text(unit)
    testbed.systemctl("daemon-reload")
    with closing(Watcher(testbed, "loop.service")) as loop:
        testbed.systemctl("start", "loop")
        failing = loop.until(lambda line: line.get("level") == "critical" and line["restarts"] > 2)
        testbed.systemctl("stop", "loop")

    said = "loop.service keeps ending, systemd starts it again and again"
    assert failing[-1]["reason"] == said


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(["restart", "dbus"], id="the bus was restarted"),
        pytest.param(["daemon-reexec"], id="systemd was executed again"),
        pytest.param(["daemon-reload"], id="unit files were read again"),
    ],
)
def test_it_goes_on_when(testbed: Testbed, httpd: Watcher, what: list[str]) -> None:
    testbed.systemctl(*what)
    seen = httpd.until(lambda line: line.get("asked") == "httpd.service")
    testbed.systemctl("stop", "httpd")
    seen += httpd.until(is_("inactive", job=None))

    assert levels(seen[:1]) <= {"ok"}


def test_how_soon_it_is_told(testbed: Testbed, httpd: Watcher) -> None:
    """From systemd's own stamp of the change to our hearing of it: mostly below a millisecond."""
    took_ms = []
    for _ in range(10):
        testbed.systemctl("kill", "--signal=KILL", "--kill-who=main", "httpd")
        failed = next(line for line in httpd.until(is_("failed")) if line["active"] == "failed")
        stamp = datetime.fromisoformat(failed["since"]).timestamp()
        took_ms.append((failed["told"] - stamp) * 1000)
        testbed.systemctl("start", "httpd")
        httpd.until(is_("active", job=None))

    log.info("change to news: %s ms", sorted(round(ms, 2) for ms in took_ms))
    assert statistics.median(took_ms) < 250
