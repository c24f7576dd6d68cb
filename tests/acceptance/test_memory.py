"""The kernel's out-of-memory killer, which a container has not for itself: the phone says so."""

from __future__ import annotations

from tests.acceptance.machine import PROCESS, WHY_WAITS, Machine
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
    web1.configure(PROCESS, group_wait=WHY_WAITS)
    web1.watch()
    web1.exec("bash", "-c", EATS, check=False)
    (words,) = web1.heard()

    assert "Memory cgroup out of memory: Killed process" in web1.exec("journalctl", "-k")
    assert "httpd is running. It was killed by the out-of-memory killer." in words
