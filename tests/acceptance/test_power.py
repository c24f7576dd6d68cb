"""The power goes while an incident is open: after it, nobody is called again for the same."""

from __future__ import annotations

from tests.acceptance.kernel import Emulated
from tests.acceptance.machine import LEDGER, PLACES, Machine
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED


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
    since = web1.testbed.read(LEDGER).rpartition('"kind": "start"')[2]
    assert since
    assert PLACES[1] not in since
