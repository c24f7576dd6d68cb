"""The testbed, booted once for the acceptance tests of each worker of pytest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance import kernel
from tests.acceptance.kernel import Emulated
from tests.acceptance.machine import Machine
from tests.acceptance.service import BINDS, Service
from tests.acceptance.testbed import Testbed
from tests.packaging import built

TOOLS = ("apt-get", "dpkg-deb", "unshare", "setpriv", "nsenter", "perl")


def boots_here() -> None:
    """Skip where no systemd can be booted."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if "WATCHCALL_TESTBED" not in os.environ:
        pytest.skip("boots a systemd; WATCHCALL_TESTBED=/var/cache/watchcall-testbed says where")
    if os.geteuid() != 0 or missing:
        pytest.skip(f"boots a systemd: needs root and Debian's {', '.join(missing or TOOLS)}")


@pytest.fixture(scope="session")
def booted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Testbed]:
    """A booted systemd, with WatchCall's source at /opt/watchcall and libraries at /opt/site.

    These are for a Python of the version that runs the tests.
    """
    boots_here()
    testbed = Testbed(
        name=f"watchcall-testbed-{os.getpid()}",
        console=tmp_path_factory.mktemp("testbed") / "console.log",
        binds=BINDS,
    )
    testbed.start()
    testbed.exec("useradd", "--system", "watchcall")
    yield testbed
    testbed.stop()


@pytest.fixture
def testbed(booted: Testbed) -> Testbed:
    """The testbed, with an httpd that runs."""
    booted.systemctl("reset-failed")
    booted.systemctl("start", "httpd")
    return booted


@pytest.fixture(scope="session")
def installed(booted: Testbed) -> Service:
    """WatchCall, installed as a service."""
    made = Service(booted)
    made.install()
    return made


@pytest.fixture
def service(installed: Service, testbed: Testbed) -> Iterator[Service]:
    """WatchCall as just installed and configured, beside an httpd that runs; not yet started."""
    installed.mark()
    installed.fresh()
    yield installed
    installed.sh("systemctl stop watchcall watchcall-lastgasp simulator")


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine of its own, booted, on which WatchCall's package can be installed."""
    boots_here()
    if missing := built.missing():
        pytest.skip(f"builds a package: {missing}")
    deb = built.packages().deb
    folder = tmp_path_factory.mktemp("machine")
    testbed = Testbed(name=f"watchcall-machine-{os.getpid()}", console=folder / "console.log")
    testbed.start()
    yield Machine(testbed, deb)
    testbed.stop()


@pytest.fixture
def web1(machine: Machine) -> Machine:
    """That machine as it is after the installation: httpd runs, WatchCall does not."""
    machine.restore()
    return machine


@contextmanager
def emulated(folder: Path, given: str) -> Iterator[Machine]:
    """Boot a machine with a kernel of its own, on which WatchCall's package is installed.

    It ends with the module that needs it: an emulated processor costs a real one even when idle.
    """
    boots_here()
    if missing := kernel.missing() or built.missing():
        pytest.skip(f"boots a kernel: {missing}")
    deb = built.packages().deb
    machine = Emulated(kernel.disk(deb), folder, given)
    machine.start()
    try:
        yield Machine(machine, deb)
    finally:
        machine.stop()


@pytest.fixture(scope="module")
def apparmor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which AppArmor is on, as Debian and Ubuntu have it."""
    with emulated(tmp_path_factory.mktemp("kernel"), kernel.APPARMOR) as machine:
        yield machine


@pytest.fixture(scope="module")
def selinux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which SELinux is enforcing, with Debian's policy."""
    with emulated(tmp_path_factory.mktemp("kernel"), kernel.SELINUX) as machine:
        yield machine
