"""Why a service ended, as far as the hardened daemon can see it: kept, and one phrase said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.machine import PROCESS, UNIT, WHY_WAITS, Machine
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED
READS_JOURNALS = "[Service]\nSupplementaryGroups=systemd-journal\n"
FAILS = "[Unit]\nStartLimitIntervalSec=1min\nStartLimitBurst=2\n[Service]\nRestart=always\n"


def evidence(web1: Machine) -> dict[str, Any]:
    """What was gathered about the first incident, once it is there."""
    found: list[dict[str, Any]] = []

    def gathered() -> bool:
        found[:] = [one["evidence"] for one in web1.json("incidents") if one["evidence"]]
        return bool(found)

    web1.until(gathered)
    return found[-1]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        pytest.param(PROCESS, "httpd is running. It was killed by signal 9.", id="process"),
        pytest.param(UNIT, "Httpd service was ended by the signal SIGKILL.", id="unit"),
    ],
)
def test_a_kill_is_said_and_what_systemd_and_the_service_wrote_is_kept(
    web1: Machine, check: str, said: str
) -> None:
    web1.drop_in("watchcall", READS_JOURNALS)
    web1.drop_in("httpd", "[Service]\nExecStartPost=echo 'ready, password=hunter2'\n")
    web1.systemctl("restart", "httpd")
    web1.configure(check, group_wait=WHY_WAITS)
    web1.watch()
    web1.systemctl("kill", "--signal=KILL", "--kill-who=main", "httpd")
    (words,) = web1.heard()
    systemd = evidence(web1)["systemd"]
    journal = {line["from"]: line["text"] for line in systemd["journal"]}

    assert said in words
    assert (systemd["unit"], systemd["state"], systemd["result"], systemd["signal"]) == (
        *("httpd.service", "failed", "signal", 9),
    )
    assert journal["systemd"] == "httpd.service: Failed with result 'signal'."
    assert journal["echo"] == "ready, password=***"


def test_where_the_journal_is_slow_the_phone_says_why_and_the_journal_comes_later(
    web1: Machine,
) -> None:
    slow = "#!/bin/sh\nuntil [ -e /run/answers ]; do sleep 0.1; done\nexec /usr/bin/journalctl $*\n"
    web1.exec("rm", "-f", "/run/answers")
    web1.write("/opt/slow/journalctl", slow, mode="755")
    web1.drop_in("watchcall", f"{READS_JOURNALS}Environment=PATH=/opt/slow:/usr/bin:/bin\n")
    web1.configure(PROCESS, group_wait=WHY_WAITS)
    web1.watch()
    web1.systemctl("kill", "--signal=KILL", "--kill-who=main", "httpd")
    (words,) = web1.heard()
    before = evidence(web1)["systemd"]
    web1.write("/run/answers", "")
    web1.until(lambda: evidence(web1)["systemd"]["journal"])

    assert "httpd is running. It was killed by signal 9." in words
    assert (before["result"], before["journal_unread"]) == ("signal", "not read yet")


def test_without_the_group_it_says_that_it_may_not_read_the_journal(web1: Machine) -> None:
    web1.watch()
    web1.systemctl("kill", "--signal=KILL", "--kill-who=main", "httpd")
    systemd = evidence(web1)["systemd"]

    assert systemd["result"] == "signal"
    assert systemd["journal"] is None
    assert "permission" in systemd["journal_unread"]


def test_a_service_that_cannot_start_any_more_is_said_to_have_hit_its_start_limit(
    web1: Machine,
) -> None:
    web1.drop_in("watchcall", READS_JOURNALS)
    web1.drop_in("httpd", FAILS)
    web1.configure(PROCESS, group_wait=WHY_WAITS, retry_interval="2s")  # systemd gives up first
    web1.watch()
    web1.exec("sed", "-i", "1i NoSuchDirective on", "/etc/httpd/httpd.conf")
    web1.systemctl("kill", "--signal=KILL", "--kill-who=main", "httpd")
    (words,) = web1.heard()
    systemd = evidence(web1)["systemd"]

    assert "The service hit its start limit." in words
    assert systemd["gave_up"] is True
    assert any("Invalid command 'NoSuchDirective'" in line["text"] for line in systemd["journal"])
