"""SELinux, enforcing with Debian's policy: WatchCall works, and names it where it denies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.machine import PROCESS, UNIT, Machine
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED
PAGE = '[[check]]\nname = "page"\ntype = "tcp"\nhost = "127.0.0.1"\nport = 80\n'
DOMAIN = "system_u:system_r:watchcall_t:s0"  # of watchcall.cil, which forgets something
CONFINED = f"[Service]\nSELinuxContext={DOMAIN}\n"
SHOWS = "ausearch -m avc -ts recent"
BLAMED = f"SELinux enforcing, domain {DOMAIN}, see: {SHOWS}"
CONFIG = "/etc/watchcall/config.toml"


@pytest.fixture
def web1(selinux: Machine) -> Iterator[Machine]:
    selinux.exec("setenforce", "1")
    selinux.restore()
    yield selinux
    selinux.exec("systemctl", "stop", "watchcall", check=False)


def shown(web1: Machine) -> str:
    """What the command shows at a terminal; without one it would read its standard input."""
    return web1.exec("script", "--quiet", "--return", "--command", SHOWS, "/dev/null")


def test_under_the_policy_of_the_system_it_watches_and_calls(web1: Machine) -> None:
    web1.configure(PROCESS, UNIT)
    web1.watch()
    status = web1.json("status")
    web1.systemctl("stop", "httpd")

    assert web1.heard()
    assert status["confined"] == ["SELinux enforcing, domain system_u:system_r:initrc_t:s0"]
    assert status["troubles"] == []


def test_in_a_domain_of_its_own_what_is_denied_is_said_to_be(web1: Machine) -> None:
    web1.configure(PROCESS, UNIT, PAGE)
    web1.drop_in("watchcall", CONFINED)
    web1.exec("chcon", "--type=shadow_t", CONFIG)
    web1.exec("systemctl", "start", "watchcall", check=False)
    said = web1.logged("cannot be read")
    status = web1.property("ExecMainStatus")
    denied = shown(web1)
    web1.exec("setenforce", "0")
    web1.watch()
    permissive = web1.json("status")["confined"]
    web1.exec("setenforce", "1")
    web1.systemctl("restart", "dbus")
    web1.until(lambda: unknown(web1) == {"httpd", "service"})
    web1.systemctl("stop", "httpd")
    rang = web1.heard()

    assert said == (
        f"{CONFIG}: cannot be read: permission denied, though owner and mode allow it; {BLAMED}"
    )
    assert status == "78"
    assert f'path="{CONFIG}"' in denied
    assert DOMAIN in denied
    assert permissive == [f"SELinux permissive, domain {DOMAIN}"]
    assert rang
    # No process of httpd is left that might be hidden: of the unit alone nothing is known.
    assert unknown(web1) == {"service"}
    assert "SELinux policy prevents" in reason(web1, "service")


def unknown(web1: Machine) -> set[str]:
    """The checks that could not look the last time."""
    said = ("processes cannot be read", "may not see the programs", "systemd cannot be asked")
    checks = web1.json("status")["checks"]
    return {one["name"] for one in checks if any(words in one["reason"] for words in said)}


def reason(web1: Machine, check: str) -> str:
    found = next(one for one in web1.json("status")["checks"] if one["name"] == check)
    return str(found["reason"])
