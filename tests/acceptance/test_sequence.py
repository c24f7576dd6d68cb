"""The user's sequence: the service is stopped, started, restarted, killed; what the phone hears.

Every test begins with a web server that runs and WatchCall that does not; see machine.py.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.acceptance.machine import HTTP, ME, PROCESS, UNIT, WHY_WAITS, Machine
from tests.acceptance.testbed import IN_TESTBED
from watchcall.core.words.en import ENGLISH
from watchcall.core.words.ja import JAPANESE
from watchcall.core.words.language import Language

pytestmark = IN_TESTBED
KILLED = ("kill", "--signal=KILL", "--kill-who=main", "httpd")


def lately(language: Language) -> set[str]:
    """How this minute and the one before are said; it is UTC inside."""
    now = datetime.now(UTC)
    return {language.clock(now - timedelta(minutes=ago), now) for ago in (0, 1)}


def test_a_stop_is_one_call_that_says_what_failed_where_and_since_when(web1: Machine) -> None:
    web1.configure(PROCESS, group_wait=WHY_WAITS)
    web1.watch()
    web1.systemctl("stop", "httpd")
    (words,) = web1.heard()

    said = re.match(r"WatchCall on server web1: httpd has been failing since (.+?)\. (.*)", words)
    assert said, words
    assert said[1] in lately(ENGLISH)
    assert said[2].startswith("No process named httpd is running. It ended without an error.")
    (call,) = web1.dialled()
    assert call["params"]["To"] == ME


def test_a_start_is_silent(web1: Machine) -> None:
    web1.watch()
    web1.systemctl("stop", "httpd")
    web1.told()
    web1.systemctl("start", "httpd")
    web1.logged("incident 1 closed")
    web1.systemctl("stop", "watchcall")  # whatever was to be said would be said by then

    assert len(web1.dialled()) == 1
    assert web1.logged("stays quiet: recoveries are not told")


def test_with_the_flag_a_start_is_told(web1: Machine) -> None:
    web1.configure(PROCESS, call_on_recovery="true")
    web1.watch()
    web1.systemctl("stop", "httpd")
    web1.told()
    web1.systemctl("start", "httpd")
    failure, recovery = web1.heard(2)

    assert "httpd has been failing since" in failure
    assert recovery.startswith("WatchCall on server web1: httpd recovered at ")


def test_it_is_said_in_japanese(web1: Machine) -> None:
    web1.configure(PROCESS, language="ja-JP")
    web1.watch()
    web1.systemctl("stop", "httpd")
    (words,) = web1.heard()

    said = re.match(r"ウォッチコールです、サーバー web1 の httpd に、(.+?)から", words)
    assert said, words
    assert said[1] in lately(JAPANESE)
    assert "httpd という名前のプロセスが動いていません。" in words
    assert {entry["language"] for entry in web1.ledger("heard")} == {"ja-JP"}


def test_all_that_one_stop_breaks_is_told_in_one_call(web1: Machine) -> None:
    web1.configure(PROCESS, UNIT, HTTP, group_wait="3s")
    web1.watch()
    web1.systemctl("stop", "httpd")
    (words,) = web1.heard()

    assert words.startswith("WatchCall on server web1: 3 checks are failing: page, ")
    assert len(web1.dialled()) == 1


def test_a_restart_calls_nobody(web1: Machine) -> None:
    web1.configure(PROCESS, UNIT, HTTP, retry_interval="2s")
    web1.watch()
    web1.systemctl("restart", "httpd")
    web1.well()
    web1.systemctl("stop", "watchcall")

    assert any("check 'page' failure 1/3" in line for line in web1.journal())  # it was seen
    assert not any("incident" in line for line in web1.journal())
    assert not web1.dialled()


def test_a_restart_of_a_watched_unit_calls_nobody_though_one_failure_confirms(
    web1: Machine,
) -> None:
    web1.configure(UNIT, retry_interval="5s", fail_after="1")
    web1.watch()
    for _ in range(3):
        web1.testbed.restart()
    web1.well()
    web1.systemctl("stop", "watchcall")

    assert any("httpd.service is stopping" in line for line in web1.journal())  # it was seen
    assert not any("incident" in line for line in web1.journal())
    assert not web1.dialled()


def test_a_reload_of_the_service_calls_nobody(web1: Machine) -> None:
    web1.configure(PROCESS, UNIT, HTTP, fail_after="1")
    web1.watch()
    web1.systemctl("reload", "httpd")
    web1.well()
    web1.systemctl("stop", "watchcall")

    assert not any("incident" in line for line in web1.journal())
    assert not web1.dialled()


def test_the_next_outage_calls_again(web1: Machine) -> None:
    web1.watch()
    for outage in (1, 2):
        web1.systemctl("stop", "httpd")
        web1.told(outage)
        web1.systemctl("start", "httpd")
        web1.logged(f"incident {outage} closed")
    web1.systemctl("stop", "watchcall")

    assert len(web1.heard(2)) == len(web1.dialled()) == 2


@pytest.mark.parametrize(
    ("check", "what"),
    [
        pytest.param(PROCESS, "httpd has been failing since", id="process"),
        pytest.param(UNIT, "service has been failing since", id="unit"),
        pytest.param(HTTP, "page has been failing since", id="http"),
    ],
)
def test_a_kill_is_called_where_systemd_does_not_restart(
    web1: Machine, check: str, what: str
) -> None:
    web1.configure(check)
    web1.watch()
    web1.systemctl(*KILLED)
    (words,) = web1.heard()

    assert what in words


def test_a_kill_calls_nobody_where_systemd_restarts(web1: Machine) -> None:
    web1.drop_in("httpd", "[Service]\nRestart=on-failure\nRestartSec=200ms\n")
    web1.configure(PROCESS, UNIT, HTTP, retry_interval="2s")
    web1.watch()
    web1.systemctl(*KILLED)
    web1.well()
    web1.systemctl("stop", "watchcall")

    assert any("check 'httpd' failure 1/3" in line for line in web1.journal())  # it was seen
    assert any("Scheduled restart job" in line for line in web1.journal("httpd"))
    assert not any("incident" in line for line in web1.journal())
    assert not web1.dialled()
