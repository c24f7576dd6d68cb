"""The life of the .rpm, by dnf and rpm, on a booted Debian: nothing here is a Red Hat system.

What the package wants is there, but as Debian's files, of which rpm's database knows nothing. So
two rpms without a file in them say what Debian has: one Python, as on RHEL, the other the rest.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.installed import CONFIG, Server
from tests.acceptance.testbed import IN_TESTBED
from tests.docs.blocks import text_of
from tests.packaging import promised
from tests.packaging.built import NEWER, Packages
from tests.packaging.promised import INSTALL, UPGRADE
from watchcall import __version__

pytestmark = IN_TESTBED
HERE = "tests/packaging/test_dnf.py"
KEPT = ("/etc/watchcall/config.toml", "/etc/watchcall/twilio_auth_token")
DATABASE = "/var/lib/watchcall/watchcall.db"
DEBIAN = """\
Name: debian
Version: 12
Release: 1
Summary: What Debian has already
License: MIT
BuildArch: noarch
Provides: /bin/sh
Provides: glibc = {glibc}
Provides: systemd = {systemd}
Provides: tzdata
Provides: ca-certificates
%description
%{{summary}}.
%package -n python3.11
Summary: Debian's Python
Provides: /usr/bin/python3.11
%description -n python3.11
%{{summary}}.
%files
%files -n python3.11
"""


@pytest.fixture
def redhat(with_dnf: Server, packages: Packages, tmp_path: Path) -> Server:
    """That machine, with our packages in root's folder; rpm's database knows all but Python."""
    version = ["dpkg-query", "--show", "--showformat=${source:Upstream-Version}"]
    glibc, systemd = (with_dnf.testbed.exec(*version, name) for name in ("libc6", "systemd"))
    spec = tmp_path / "debian.spec"
    spec.write_text(DEBIAN.format(glibc=glibc, systemd=systemd))
    build = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {tmp_path}", str(spec)]
    subprocess.run(build, check=True)
    for rpm in tmp_path.rglob("*.rpm"):
        with_dnf.put(rpm, into="/root")
    with_dnf.put(packages.rpm, into="/root/dist")
    with_dnf.put(packages.rpm, into="/root", name="watchcall-OLD.rpm")
    with_dnf.put(packages.newer_rpm, into="/root", name="watchcall-NEW.rpm")
    with_dnf.type("rpm --install debian-*.rpm")
    return with_dnf


def row(name: str) -> str:
    return promised.command(INSTALL, "By the .rpm", name)


def test_from_the_first_installation_to_the_last_trace(redhat: Server) -> None:
    (install,) = promised.typed(INSTALL, HERE)

    # The page says which dnf and which rpm these are.
    dnf, rpm = (redhat.type(f"{name} --version | head -n 1") for name in ("dnf", "rpm"))
    tested = "`dnf` ({}) and `rpm` ({}) ".format(*re.findall(r"\b\d+\.\d+", f"{dnf} {rpm}"))
    assert tested in " ".join(text_of(INSTALL).split())

    # Without its Python it is not installed, and dnf says what is missing.
    refused = redhat.ask(install)
    assert refused.returncode == 1
    assert "nothing provides /usr/bin/python3.11 needed by watchcall-" in refused.stdout
    assert not redhat.exists("/usr/bin/watchcall")

    # With it it is: the user, the folder, and what comes next; nothing runs.
    redhat.type("dnf install ./python3.11-*.rpm")
    said = redhat.type(install)
    assert "then: systemctl enable --now watchcall" in said
    assert "warning: " not in said
    assert redhat.stat("/etc/watchcall") == "root:watchcall 750"
    assert (redhat.property("ActiveState"), redhat.property("UnitFileState")) == (
        "inactive",
        "disabled",
    )
    assert redhat.type("watchcall --version; rpm --verify watchcall") == (
        f"watchcall {__version__}\n"
    )

    # Configured, it calls.
    redhat.configure()
    redhat.start_twilio()
    redhat.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    redhat.until(redhat.watches)
    assert redhat.rings() == ["answered"]
    assert [*promised.misplaced(redhat, 0)] == []
    before = redhat.property("MainPID")

    # An upgrade asks nothing, keeps all, and the daemon is the new one.
    said = redhat.type(row("upgrade"))
    assert "does not run yet" not in said
    redhat.until(lambda: redhat.json("status") is not None)
    assert redhat.property("MainPID") != before
    assert redhat.json("status")["version"] == NEWER
    assert redhat.outcomes() == ["answered"]  # told once is told
    assert redhat.testbed.read(KEPT[0]) == CONFIG

    # Back again: what was told since would be told once more, and nothing was.
    redhat.type(promised.typed(UPGRADE, promised.GOES_BACK)[-1])
    redhat.type(promised.command(UPGRADE, "Go back", "the .rpm"))
    redhat.testbed.systemctl("start", "watchcall")
    assert redhat.json("status")["version"] == __version__
    assert redhat.outcomes() == ["answered"]

    # What watches goes on where the new version refuses the configuration.
    before = redhat.property("MainPID")
    redhat.testbed.exec("tee", KEPT[0], input=f"{CONFIG}\n[nonsense]\n")
    said = redhat.type(row("upgrade"))
    assert f"WATCHCALL WAS NOT RESTARTED. Version {NEWER} refuses its configuration" in said
    assert redhat.property("MainPID") == before
    assert redhat.json("status")["version"] == __version__
    redhat.testbed.exec("tee", KEPT[0], input=CONFIG)

    # Removed, it is gone, and what is the operator's stays.
    redhat.type(row("remove"))
    assert redhat.property("ActiveState") == "inactive"
    assert not redhat.exists("/etc/systemd/system/multi-user.target.wants/watchcall.service")
    assert not redhat.exists("/usr/lib/watchcall")
    assert not redhat.exists("/usr/bin/watchcall")
    assert all(redhat.exists(path) for path in (*KEPT, DATABASE))

    # Installed again, it says how to go on where it was.
    redhat.type("rm watchcall-NEW.rpm")
    said = redhat.type(row("install it again"))
    assert "it does not run yet" in said
    assert redhat.property("ActiveState") == "inactive"
    redhat.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    redhat.until(lambda: redhat.outcomes() == ["answered"])

    # And all of it is gone but the user, whose number nobody else shall have.
    redhat.type(row("remove"))
    redhat.type(row("be rid of all of it"))
    assert not [place for place in ("/etc/watchcall", "/var/lib/watchcall") if redhat.exists(place)]
    assert "watchcall" in redhat.testbed.exec("id", "watchcall")
