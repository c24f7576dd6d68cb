"""Installations that find something in their way: nobody is left unwatched without a word of it."""

from __future__ import annotations

from tests.acceptance.installed import Server
from tests.acceptance.testbed import IN_TESTBED
from tests.packaging.built import Packages
from watchcall import __version__

pytestmark = IN_TESTBED
STATE = "/var/lib/watchcall"
SITE = "/usr/lib/watchcall/lib/python3.11/site-packages"


def dpkg(web1: Server, *words: str) -> str:
    """Run it; return all that the operator reads, in one line. It must come to a good end."""
    return " ".join(web1.type(f"dpkg {' '.join(words)}").split())


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
