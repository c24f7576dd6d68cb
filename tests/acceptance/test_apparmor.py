"""AppArmor, the kernel's own: what a profile denies is told as that, and stops nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.machine import PROCESS, Machine
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED
PAGE = '[[check]]\nname = "page"\ntype = "tcp"\nhost = "127.0.0.1"\nport = 80\n'
SHOWS = "journalctl -t kernel -t audit | grep DENIED"
BLAMED = f"AppArmor profile watchcall (enforce), see: {SHOWS}"
FILE = "/etc/apparmor.d/watchcall"
# What WatchCall needs anyhow, and what an administrator may forget. Only what a profile does not
# mention is written down by the kernel: its `deny` rules are silent.
PROFILE = """\
abi <abi/3.0>,
profile watchcall /usr/lib/watchcall/bin/watchcall flags=({flags}) {{
  capability, unix, dbus, signal, ptrace,
  / r,
  /{{etc,usr,lib,dev,sys,proc,run,var}}/ r,
  /{{usr,lib,bin,dev,sys}}/** mrix,
  /dev/{{null,shm/**}} rw,
  /etc/[^w]** r,
  /proc/{{[^0-9],sys/}}** r,
  owner /proc/*/** r,
  /run/** rwk,
  /var/{{[^l],log/}}** rwk,
  /var/lib/watchcall/{{,lock}} rwk,
  /var/lib/watchcall/watchcall.db* rk,
{rules}}}
"""
RULES = {
    "configuration": "/etc/watchcall/** r,",
    "processes": "/proc/** r,",
    "database": "/var/lib/watchcall/** rwk,",
    "network": "network inet, network inet6,",
}


def confine(web1: Machine, *, without: tuple[str, ...] = (), complain: bool = False) -> None:
    """Load a profile in place of the one that is there; it takes effect at once."""
    rules = "".join(f"  {rule}\n" for name, rule in RULES.items() if name not in without)
    flags = "attach_disconnected, complain" if complain else "attach_disconnected"
    web1.write(FILE, PROFILE.format(flags=flags, rules=rules))
    web1.exec("apparmor_parser", "--replace", FILE)


@pytest.fixture
def web1(apparmor: Machine) -> Iterator[Machine]:
    apparmor.exec("systemctl", "stop", "auditd", "watchcall", check=False)
    apparmor.restore()
    yield apparmor
    apparmor.exec("systemctl", "stop", "auditd", "watchcall", check=False)
    apparmor.exec("apparmor_parser", "--remove", FILE)


def test_what_the_profile_denies_at_the_start_is_said_to_be_denied_by_it(web1: Machine) -> None:
    confine(web1, complain=True, without=("configuration",))
    web1.watch()
    complaining = web1.json("status")["confined"]
    web1.systemctl("start", "auditd")  # takes from the kernel's log what it denies
    confine(web1, without=("configuration",))
    web1.exec("systemctl", "restart", "watchcall", check=False)
    said = web1.logged("cannot be read")
    status = web1.property("ExecMainStatus")
    denied = web1.exec("sh", "-c", SHOWS)
    gasp = web1.heard()[-1]
    confine(web1)
    web1.exec("sed", "--in-place", "s/rwk,/rw,/; s/ rk,/ r,/", FILE)
    web1.exec("apparmor_parser", "--replace", FILE)
    web1.exec("systemctl", "restart", "watchcall", check=False)

    assert complaining == ["AppArmor profile watchcall (complain)"]
    assert said == (
        "/etc/watchcall/config.toml: cannot be read: permission denied, though owner and mode "
        f"allow it; {BLAMED}"
    )
    assert status == web1.property("ExecMainStatus") == "78"
    assert 'name="/etc/watchcall/config.toml"' in denied
    assert "Its configuration is wrong." in gasp
    # Nor is a lock that is denied taken for one that another program holds.
    unlocked = web1.logged("cannot lock")
    assert f"Permission denied, though owner and mode allow it; {BLAMED}" in unlocked


def test_what_else_the_profile_denies_is_unknown_and_the_phone_rings(web1: Machine) -> None:
    web1.configure(PROCESS, PAGE)
    confine(web1)
    web1.watch()
    confine(web1, without=("processes", "database"))
    web1.systemctl("restart", "watchcall")
    web1.until(lambda: "cannot be read" in reason(web1, "httpd"))
    troubles = web1.json("status")["troubles"]
    unseen = reason(web1, "httpd")
    web1.systemctl("stop", "httpd")
    (words,) = web1.heard()
    web1.told(2)  # the first is that of the database
    confine(web1, without=("processes", "database", "network"))
    web1.until(lambda: "could not be tried" in reason(web1, "page"))
    unasked = web1.exec("watchcall", "doctor", "--json", check=False)

    assert [one for one in troubles if "goes on in memory" in one and BLAMED in one]
    assert unseen == f"the processes cannot be read: /proc/1/comm: Permission denied; {BLAMED}"
    assert "port 80" in words
    assert reason(web1, "page") == f"the connection could not be tried: Permission denied; {BLAMED}"
    assert states(web1) == {"httpd": "ok", "page": "failing"}  # as it was confirmed
    assert f"cannot connect to Twilio (Permission denied; {BLAMED}" in unasked
    denied = web1.exec("sh", "-c", SHOWS)
    for what in ('name="/proc/1/comm"', "watchcall.db", 'family="inet"'):
        assert what in denied

    confine(web1)
    web1.systemctl("start", "httpd")
    web1.until(web1.watches)
    web1.logged("the database can be written again")


def states(web1: Machine) -> dict[str, str]:
    status = web1.json("status")
    return {one["name"]: one["state"] for one in status["checks"]} if status else {}


def reason(web1: Machine, check: str) -> str:
    found = next(one for one in web1.json("status")["checks"] if one["name"] == check)
    return str(found["reason"])
