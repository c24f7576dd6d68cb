"""The kernel's out-of-memory killer, which a container cannot have for itself: the phone says so."""

from __future__ import annotations

import pytest

from tests.acceptance.machine import PROCESS, WHY_WAITS, Machine
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED
# httpd's main process is the one to be killed; what eats is not (the agent's score is inherited).
CHOSEN = "main=$(systemctl show --property=MainPID --value httpd); choom -n 1000 -p $main"
GROUP = "echo $$ >/sys/fs/cgroup/system.slice/httpd.service/cgroup.procs"
EATS = """exec python3 -c '
import os, sys
eaten = []
while os.path.exists("/proc/" + sys.argv[1]):
    eaten.append(bytearray(1 << 22))
' $main"""


@pytest.mark.parametrize(
    "eats",
    [
        pytest.param(f"{CHOSEN}\n{GROUP}\n{EATS}", id="the service reaches its own limit"),
        pytest.param(f"{CHOSEN}\n{EATS}", id="the whole machine runs out"),
    ],
)
def test_a_service_that_the_kernel_kills_for_want_of_memory_is_said_to_have_been(
    apparmor: Machine, eats: str
) -> None:
    web1 = apparmor
    web1.restore()
    web1.drop_in("httpd", "[Service]\nMemoryMax=64M\nOOMPolicy=continue\n")
    web1.systemctl("restart", "httpd")
    web1.configure(PROCESS, group_wait=WHY_WAITS)
    web1.watch()
    web1.exec("bash", "-c", eats, check=False)
    (words,) = web1.heard()

    assert "Memory cgroup out of memory" in web1.exec("journalctl", "-k") or "Out of memory" in (
        web1.exec("journalctl", "-k")
    )
    assert "httpd is running. It was killed by the out-of-memory killer." in words
