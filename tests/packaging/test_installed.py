"""The life of an installation, on a booted machine without a network: by dpkg, and by pip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import TOOLS
from tests.acceptance.installed import CONFIG, Server, server
from tests.acceptance.testbed import IN_TESTBED
from tests.packaging.built import Packages
from watchcall import __version__

pytestmark = IN_TESTBED
KEPT = ("/etc/watchcall/config.toml", "/etc/watchcall/twilio_auth_token")
STATE = "/var/lib/watchcall"


@pytest.fixture
def web1(tmp_path: Path) -> Iterator[Server]:
    """A machine with httpd and systemd, and nothing of ours."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if "WATCHCALL_TESTBED" not in os.environ or os.geteuid() != 0 or missing:
        pytest.skip(f"boots a systemd: needs root, WATCHCALL_TESTBED and {', '.join(TOOLS)}")
    with server(f"watchcall-package-{os.getpid()}", tmp_path) as web1:
        yield web1


def rings(web1: Server, program: str = "watchcall") -> list[str]:
    """Stop httpd; return how the call went that it leads to."""
    web1.testbed.systemctl("stop", "httpd")
    web1.until(lambda: _outcomes(web1, program) == ["answered"])
    return _outcomes(web1, program)


def _outcomes(web1: Server, program: str) -> list[str]:
    return [call["outcome"] for call in web1.json("calls", program=program) or []]


def stat(web1: Server, path: str) -> str:
    return web1.testbed.exec("stat", "--format=%U:%G %a", path).strip()


def test_from_the_first_installation_to_the_purge(web1: Server, packages: Packages) -> None:
    said = web1.install(packages.older)

    # Nothing is configured: it does not run, it has not failed, and it is said what comes next.
    assert "systemctl enable --now watchcall" in said
    assert (web1.property("ActiveState"), web1.property("UnitFileState")) == (
        "inactive",
        "disabled",
    )
    assert stat(web1, "/etc/watchcall") == "root:watchcall 750"
    assert web1.testbed.exec("watchcall", "--version") == "watchcall 0.0.9\n"

    # Configured, it calls.
    web1.configure()
    web1.start_twilio()
    web1.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    web1.until(web1.watches)
    assert rings(web1) == ["answered"]
    (incident,) = web1.json("incidents")
    before = web1.property("MainPID")

    # An upgrade asks nothing, keeps all, and the daemon is the new one.
    said = web1.install(packages.deb)
    assert "nothing runs yet" not in said
    web1.until(lambda: web1.json("status") is not None)
    assert web1.property("MainPID") != before
    assert web1.json("status")["version"] == __version__
    assert [one["uuid"] for one in web1.json("incidents")] == [incident["uuid"]]
    assert _outcomes(web1, "watchcall") == ["answered"]  # told once is told
    assert web1.testbed.read(KEPT[0]) == CONFIG

    # Removed, it is gone, and what is the operator's stays.
    web1.testbed.exec("dpkg", "--remove", "watchcall")
    assert web1.property("ActiveState") == "inactive"
    assert not web1.exists("/usr/lib/watchcall")
    assert not web1.exists("/usr/bin/watchcall")
    assert all(web1.exists(path) for path in (*KEPT, f"{STATE}/watchcall.db"))
    assert (stat(web1, KEPT[0]), stat(web1, KEPT[1])) == (
        "root:watchcall 640",
        "root:watchcall 600",
    )

    # Installed again, it goes on where it was, since it was enabled.
    web1.install(packages.deb)
    web1.until(lambda: web1.json("status") is not None)
    assert [one["uuid"] for one in web1.json("incidents")] == [incident["uuid"]]

    # Purged, all of it is gone but the user, whose number nobody else shall have.
    web1.testbed.exec("dpkg", "--purge", "watchcall")
    assert not [place for place in ("/etc/watchcall", STATE) if web1.exists(place)]
    assert not web1.exists("/etc/systemd/system/multi-user.target.wants/watchcall.service")
    assert "watchcall" in web1.testbed.exec("id", "watchcall")


PROGRAM = "/opt/watchcall/bin/watchcall"


def test_by_pip_and_install_service(web1: Server, packages: Packages) -> None:
    wheels = web1.put(packages.wheels)
    web1.testbed.exec("python3", "-m", "venv", "/opt/watchcall")
    pip = ("/opt/watchcall/bin/pip", "install", "--quiet", "--no-index", "--find-links", wheels)
    web1.testbed.exec(*pip, "watchcall")

    planned = web1.testbed.exec(PROGRAM, "install-service", "--dry-run")
    assert "/etc/systemd/system/watchcall.service: would write\n" in planned
    said = web1.testbed.exec(PROGRAM, "install-service")
    assert f"{PROGRAM} validate" in said
    assert stat(web1, "/etc/watchcall") == "root:watchcall 750"
    assert web1.property("ActiveState") == "inactive"

    web1.configure()
    web1.start_twilio(PROGRAM)
    web1.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    web1.until(lambda: web1.watches(PROGRAM))
    assert rings(web1, PROGRAM) == ["answered"]

    # Again, as after an upgrade: nothing is written, nothing is lost.
    again = web1.testbed.exec(PROGRAM, "install-service")
    assert "watchcall.service: as it is\n" in again
    assert ": written" not in again
    assert ": replaced" not in again
    assert "systemctl restart watchcall" in again

    web1.testbed.exec(PROGRAM, "install-service", "--remove")
    assert web1.property("LoadState") == "not-found"
    assert all(web1.exists(path) for path in (*KEPT, f"{STATE}/watchcall.db"))


def test_a_package_and_install_service_do_not_cover_each_other(
    web1: Server, packages: Packages
) -> None:
    web1.install(packages.older)

    command = ("sh", "-c", "watchcall install-service 2>&1")
    said = web1.testbed.exec(*command, check=False)

    assert "a package has made WatchCall a service already" in said
    assert not web1.exists("/etc/systemd/system/watchcall.service")
