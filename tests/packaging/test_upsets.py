"""Installations that find something in their way: nobody is left unwatched without a word of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.installed import CONFIG, TOKEN, Server
from tests.acceptance.testbed import IN_TESTBED
from tests.packaging.built import OLDER, Packages
from watchcall import __version__

pytestmark = IN_TESTBED
STATE = "/var/lib/watchcall"
CONFIGURATION = "/etc/watchcall/config.toml"
DROP_INS = "/etc/systemd/system/watchcall.service.d"
NOT_RESTARTED = "WATCHCALL WAS NOT RESTARTED"
SITE = "/usr/lib/watchcall/lib/python3.11/site-packages"


def dpkg(web1: Server, *words: str) -> str:
    """Run it; return all that the operator reads, in one line. It must come to a good end."""
    return " ".join(web1.type(f"dpkg {' '.join(words)}").split())


def upgrade(web1: Server, deb: Path) -> str:
    return dpkg(web1, "--install", web1.put(deb))


def write(web1: Server, text: str, path: str = CONFIGURATION) -> None:
    """Write into a file, which keeps its owner and mode."""
    web1.testbed.exec("tee", path, input=text)


@pytest.fixture
def watching(web1: Server, packages: Packages) -> Server:
    """That machine with the older version, which watches."""
    web1.install(packages.older)
    web1.configure()
    web1.start_twilio()
    web1.testbed.systemctl("enable", "--quiet", "--now", "watchcall")
    web1.until(web1.watches)
    return web1


def test_what_watches_goes_on_where_the_new_version_refuses_its_configuration(
    watching: Server, packages: Packages
) -> None:
    before = watching.property("MainPID")
    write(watching, f"{CONFIG}\n[nonsense]\n")
    said = upgrade(watching, packages.deb)

    assert f"{NOT_RESTARTED}. Version {__version__} refuses its configuration" in said
    assert "nonsense: unknown" in said
    assert watching.property("MainPID") == before
    assert watching.json("status")["version"] == OLDER
    assert watching.rings() == ["answered"]

    # What it names helps.
    write(watching, CONFIG)
    assert "watchcall validate && systemctl restart watchcall" in said
    watching.type("watchcall validate && systemctl restart watchcall")
    assert watching.json("status")["version"] == __version__
    assert watching.outcomes() == ["answered"]


def test_a_configuration_that_only_the_unit_completes_is_not_refused(
    watching: Server, packages: Packages
) -> None:
    """The new version is asked with the environment and the rights that the daemon has."""
    watching.type(f"mkdir {DROP_INS}")
    drop_in = "[Service]\nEnvironment=WATCHCALL_TWILIO__FROM=+15005550006\n"
    write(watching, drop_in, f"{DROP_INS}/test.conf")
    write(watching, CONFIG.replace('from = "+15005550006"', 'auth_token_file = "/etc/token"'))
    watching.type(f"install -m 640 -g watchcall /dev/null /etc/token; echo {TOKEN} > /etc/token")
    watching.type("systemctl daemon-reload; systemctl restart watchcall")
    before = watching.property("MainPID")

    assert NOT_RESTARTED not in upgrade(watching, packages.deb)
    assert watching.property("MainPID") != before
    assert watching.json("status")["version"] == __version__


def test_what_is_masked_stopped_or_has_failed_is_named_or_runs_again(
    watching: Server, packages: Packages
) -> None:
    before = watching.property("MainPID")
    watching.testbed.systemctl("mask", "--quiet", "watchcall")
    said = upgrade(watching, packages.deb)
    assert f"{NOT_RESTARTED}: watchcall.service is masked" in said
    assert watching.property("MainPID") == before
    watching.type("systemctl unmask watchcall && systemctl restart watchcall")
    assert watching.json("status")["version"] == __version__

    # As Debian has it: what is enabled runs after an upgrade.
    watching.testbed.systemctl("stop", "watchcall")
    said = upgrade(watching, packages.deb)
    assert "WATCHCALL" not in said
    watching.until(watching.watches)

    # Where nothing watches any more, and nothing can.
    watching.testbed.systemctl("stop", "watchcall")
    write(watching, f"{CONFIG}\n[nonsense]\n")
    said = upgrade(watching, packages.deb)
    assert "WATCHCALL DOES NOT WATCH: watchcall.service is enabled, and failed" in said
    assert "nonsense: unknown" in said


def test_where_systemctl_asks_nobody_nothing_is_taken_for_a_daemon(
    watching: Server, packages: Packages
) -> None:
    """As in a chroot into which /run is bound: systemctl answers nothing, and that well."""
    before = watching.property("MainPID")
    deb = watching.put(packages.deb)
    said = " ".join(watching.type(f"SYSTEMD_OFFLINE=1 dpkg --install {deb}").split())

    assert "Running in chroot, ignoring" in said
    assert "Traceback" not in said
    assert watching.property("MainPID") == before


def test_without_room_for_bytecode_it_is_installed_all_the_same(
    web1: Server, packages: Packages
) -> None:
    web1.type(f"mkdir -p {SITE}/watchcall; touch {SITE}/watchcall/__pycache__")
    said = dpkg(web1, "--install", web1.put(packages.deb))

    assert "not all of it could be compiled" in said
    assert web1.type("watchcall --version") == f"watchcall {__version__}\n"


def test_a_purge_empties_what_it_cannot_remove_and_follows_no_link(
    web1: Server, packages: Packages
) -> None:
    web1.install(packages.deb)
    web1.configure()
    web1.type(
        "mkdir /srv/state; touch /srv/state/watchcall.db; mkdir /var/lib/watchcall;"
        "mount --bind /srv/state /var/lib/watchcall;"
        "mv /etc/watchcall /srv/etc; ln -s /srv/etc /etc/watchcall"
    )
    said = dpkg(web1, "--purge", "watchcall")

    assert f"{STATE} is empty, and stays: something is mounted there" in said
    assert web1.type("ls -A /srv/state") == ""
    assert "/etc/watchcall is a link. What it leads to stays" in said
    assert said.count("/srv/etc") == 1
    assert not web1.exists("/etc/watchcall")
    assert web1.exists("/srv/etc/twilio_auth_token")
    assert web1.ask("dpkg --status watchcall").returncode == 1
