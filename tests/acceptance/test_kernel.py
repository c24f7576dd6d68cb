"""What a container shares with its host, on a machine of its own: memory's end, and the power's."""

from __future__ import annotations

import json

from tests.acceptance.kernel import Emulated
from tests.acceptance.machine import LEDGER, PLACES, PROCESS, UNIT, WHY_WAITS, Machine
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED
# httpd's main process is the one to be killed; what eats is not (the agent's score is inherited).
EATS = """
main=$(systemctl show --property=MainPID --value httpd)
choom --adjust 1000 --pid $main
echo $$ >/sys/fs/cgroup/system.slice/httpd.service/cgroup.procs
exec python3 -c 'eaten = [bytearray(1 << 20) for _ in range(500)]'
"""


def test_a_service_that_the_kernel_kills_for_want_of_memory_is_said_to_have_been(
    apparmor: Machine,
) -> None:
    """As on Red Hat's, where systemd says no more than signal 9, and its cgroup goes at once."""
    web1 = apparmor
    web1.restore()
    web1.drop_in("httpd", "[Service]\nMemoryMax=64M\nOOMPolicy=continue\n")
    web1.systemctl("restart", "httpd")
    web1.configure(PROCESS, UNIT, group_wait=WHY_WAITS)
    web1.watch()
    web1.exec("bash", "-c", EATS, check=False)
    (words,) = web1.heard()

    assert "Memory cgroup out of memory: Killed process" in web1.exec("journalctl", "-k")
    killed = "It was killed by the out-of-memory killer."
    assert f"no process named httpd is running. {killed}" in words
    assert f"was ended by the signal SIGKILL. {killed}" in words


def test_what_was_told_before_the_power_went_is_not_told_again(apparmor: Machine) -> None:
    web1 = apparmor
    assert isinstance(web1.testbed, Emulated)
    web1.restore()
    web1.watch()
    web1.systemctl("enable", "--quiet", "watchcall")
    web1.systemctl("disable", "--quiet", "httpd")
    web1.systemctl("stop", "httpd")
    web1.heard()
    web1.told()
    (before,) = web1.json("incidents")
    web1.testbed.stop()
    web1.testbed.start()
    web1.until(web1.fails)
    (after,) = web1.json("incidents")

    assert (after["uuid"], after["opened_at"]) == (before["uuid"], before["opened_at"])
    assert after["closed_at"] is None
    # The simulator has lost its latest lines, as who does not wait for the disk; WatchCall has not.
    _, _, since = web1.testbed.read(LEDGER).rpartition('"kind": "start"')
    asked = [json.loads(line) for line in since.splitlines()[1:] if '"kind": "request"' in line]
    assert asked
    assert [one for one in asked if (one["method"], one["path"][-11:]) == PLACES] == []
