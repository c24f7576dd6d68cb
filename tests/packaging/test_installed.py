"""The life of an installation, on a booted machine without a network: by apt, and by pip.

What is typed is what docs/how-to/install.md shows; tests/docs/typed.py counts on it.
"""

from __future__ import annotations

from tests.acceptance.installed import CONFIG, Server
from tests.acceptance.testbed import IN_TESTBED
from tests.packaging import promised
from tests.packaging.built import ROOT, Packages
from tests.packaging.promised import INSTALL
from watchcall import __version__

pytestmark = IN_TESTBED
KEPT = ("/etc/watchcall/config.toml", "/etc/watchcall/twilio_auth_token")
STATE = "/var/lib/watchcall"


def row(name: str) -> str:
    return promised.command(INSTALL, "By the .deb", name)


def test_from_the_first_installation_to_the_purge(web1: Server, packages: Packages) -> None:
    said = web1.install(packages.older)

    # Nothing is configured: it does not run, it has not failed, and it is said what comes next.
    assert "systemctl enable --now watchcall" in said
    assert (web1.property("ActiveState"), web1.property("UnitFileState")) == (
        "inactive",
        "disabled",
    )
    assert web1.stat("/etc/watchcall") == "root:watchcall 750"
    assert web1.testbed.exec("watchcall", "--version") == "watchcall 0.0.9\n"

    # Configured, it calls.
    web1.configure()
    web1.start_twilio()
    web1.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    web1.until(web1.watches)
    assert web1.rings() == ["answered"]
    assert [*promised.misplaced(web1, 0)] == []
    (incident,) = web1.json("incidents")
    before = web1.property("MainPID")

    # An upgrade asks nothing, keeps all, and the daemon is the new one.
    web1.put(packages.deb, into="/root", name="watchcall_NEW.deb")
    said = web1.type(row("upgrade"))
    assert "nothing runs yet" not in said
    web1.until(lambda: web1.json("status") is not None)
    assert web1.property("MainPID") != before
    assert web1.json("status")["version"] == __version__
    assert [one["uuid"] for one in web1.json("incidents")] == [incident["uuid"]]
    assert web1.outcomes() == ["answered"]  # told once is told
    assert web1.testbed.read(KEPT[0]) == CONFIG

    # Removed, it is gone, and what is the operator's stays.
    web1.type(row("remove"))
    assert web1.property("ActiveState") == "inactive"
    assert not web1.exists("/usr/lib/watchcall")
    assert not web1.exists("/usr/bin/watchcall")
    assert all(web1.exists(path) for path in (*KEPT, f"{STATE}/watchcall.db"))
    assert (web1.stat(KEPT[0]), web1.stat(KEPT[1])) == (
        "root:watchcall 640",
        "root:watchcall 600",
    )

    # Installed again, it goes on where it was, since it was enabled.
    web1.type(row("install it again"))
    web1.until(lambda: web1.json("status") is not None)
    assert [one["uuid"] for one in web1.json("incidents")] == [incident["uuid"]]

    # Purged, all of it is gone but the user, whose number nobody else shall have.
    web1.type(row("be rid of all of it"))
    assert not [place for place in ("/etc/watchcall", STATE) if web1.exists(place)]
    assert not web1.exists("/etc/systemd/system/multi-user.target.wants/watchcall.service")
    assert "watchcall" in web1.testbed.exec("id", "watchcall")


PROGRAM = "/opt/watchcall/bin/watchcall"
PIPX = "/usr/local/bin/watchcall"


def sources(web1: Server, packages: Packages) -> str:
    """Put a checkout there, and what pip would fetch; return what is typed first, in it."""
    for name in ("src", "systemd"):
        web1.put(ROOT / name, into="/root/watchcall")
    for name in ("pyproject.toml", "README.md", "LICENSE", "config.toml.example"):
        web1.put(ROOT / name, into="/root/watchcall")
    found = f"{web1.put(packages.wheels)} {web1.put(packages.tools)}"
    return f"export PIP_NO_INDEX=1 PIP_FIND_LINKS='{found}'; cd /root/watchcall"


def by_pip(web1: Server, packages: Packages) -> str:
    """Install the program and its service, as the page says; return what was typed first."""
    there = sources(web1, packages)
    (block,) = promised.typed(INSTALL, "tests/packaging/test_installed.py")
    web1.type(f"{there}\n{block}")
    return there


def test_by_pip_and_install_service(web1: Server, packages: Packages) -> None:
    there = by_pip(web1, packages)
    assert web1.stat("/etc/watchcall") == "root:watchcall 750"
    assert web1.property("ActiveState") == "inactive"

    web1.configure()
    web1.start_twilio(PROGRAM)
    web1.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    web1.until(lambda: web1.watches(PROGRAM))
    assert web1.rings(PROGRAM) == ["answered"]
    assert [*promised.misplaced(web1, 1)] == []

    # An upgrade: nothing is written where nothing is new, nothing is lost.
    web1.type(f"{there}; PATH=/opt/watchcall/bin:$PATH; pip install --upgrade .")
    again = web1.testbed.exec(PROGRAM, "install-service")
    assert "watchcall.service: as it is\n" in again
    assert ": written" not in again
    assert ": replaced" not in again
    assert "systemctl restart watchcall" in again
    web1.type(f'{there}; PATH=/opt/watchcall/bin:$PATH; pip install "watchcall[apprise]"')
    web1.testbed.exec("/opt/watchcall/bin/python3", "-c", "import apprise")

    web1.testbed.exec(PROGRAM, "install-service", "--remove")
    web1.testbed.exec("rm", "-r", "/opt/watchcall")
    assert web1.property("LoadState") == "not-found"
    assert all(web1.exists(path) for path in (*KEPT, f"{STATE}/watchcall.db"))


def test_by_pipx(web1: Server, packages: Packages) -> None:
    there = sources(web1, packages)
    web1.type(f"{there}; python3 -m venv /opt/tools; /opt/tools/bin/pip install pipx")
    there += "; PATH=/opt/tools/bin:$PATH"
    web1.type(f"{there}; pipx install --global .")

    planned = web1.testbed.exec(PIPX, "install-service", "--dry-run")
    assert "/etc/systemd/system/watchcall.service: would write\n" in planned
    said = web1.type("/usr/local/bin/watchcall install-service")
    assert "/opt/pipx/venvs/watchcall/bin/watchcall validate" in said

    web1.configure()
    web1.start_twilio(PIPX)
    web1.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    web1.until(lambda: web1.watches(PIPX))
    assert web1.rings(PIPX) == ["answered"]

    web1.testbed.exec(PIPX, "install-service", "--remove")
    web1.type(f"{there}; pipx uninstall --global watchcall")
    assert web1.property("LoadState") == "not-found"
    assert not web1.exists(PIPX)


def test_a_package_and_install_service_do_not_cover_each_other(
    web1: Server, packages: Packages
) -> None:
    web1.install(packages.older)

    command = ("sh", "-c", "watchcall install-service 2>&1")
    said = web1.testbed.exec(*command, check=False)

    assert "a package has made WatchCall a service already" in said
    assert not web1.exists("/etc/systemd/system/watchcall.service")


HAND_OVER = "watchcall install-service --remove && systemctl enable --now watchcall"


def test_a_package_over_install_service_is_told_who_watches(
    web1: Server, packages: Packages
) -> None:
    by_pip(web1, packages)
    web1.configure()
    web1.start_twilio(PROGRAM)
    web1.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    web1.until(lambda: web1.watches(PROGRAM))

    # The package does not cover what runs, and says so; it goes on, also when the package goes.
    before = web1.property("MainPID")
    said = web1.install(packages.older)
    assert HAND_OVER in " ".join(said.split())
    assert web1.property("FragmentPath") == "/etc/systemd/system/watchcall.service"
    assert web1.property("MainPID") == before
    web1.testbed.exec("dpkg", "--purge", "watchcall")
    web1.until(lambda: web1.watches(PROGRAM))
    assert all(web1.exists(path) for path in KEPT)

    # What goes says that nothing watches now; what it names does it.
    web1.install(packages.deb)
    doctor = web1.json("doctor")
    assert HAND_OVER in [one["remedy"] for one in doctor if one["subject"] == "systemd"]
    said = web1.testbed.exec("watchcall", "install-service", "--remove")
    assert "NOTHING WATCHES NOW" in said
    assert said.endswith("systemctl enable --now watchcall\n")
    assert web1.property("ActiveState") == "inactive"
    web1.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    web1.until(web1.watches)
    assert web1.property("FragmentPath").endswith("lib/systemd/system/watchcall.service")
    assert all(web1.exists(path) for path in (*KEPT, f"{STATE}/watchcall.db"))
