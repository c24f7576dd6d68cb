"""WatchCall as a service of this machine: reloaded, hung, rebooted, removed."""

from __future__ import annotations

from tests.acceptance.machine import HTTP, PROCESS, UNIT, Machine
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED
GRACE_S = 8.0  # longer than a boot and a confirmed failure take
SECONDS = f"{GRACE_S:g}s"
BROKEN = "fail_affter = 2\n"


def test_a_good_file_is_in_use_after_a_reload(web1: Machine) -> None:
    web1.watch()
    web1.configure(PROCESS, HTTP, language="ja-JP")
    web1.systemctl("reload", "watchcall")
    names = [check["name"] for check in web1.json("status")["checks"]]
    web1.systemctl("stop", "httpd")
    web1.heard()

    assert sorted(names) == ["httpd", "page"]
    assert {entry["language"] for entry in web1.ledger("heard")} == {"ja-JP"}


def test_a_bad_file_makes_the_reload_fail_and_the_old_one_goes_on(web1: Machine) -> None:
    web1.watch()
    web1.configure(PROCESS + BROKEN, phone="+819099999999")
    reload = web1.run("systemctl", "reload", "watchcall")
    why = web1.logged("reload failed, the old configuration stays")
    web1.systemctl("stop", "httpd")
    web1.heard()

    assert reload.returncode != 0
    assert 'check "httpd": fail_affter: unknown key, did you mean fail_after?' in why
    assert web1.exec("systemctl", "is-active", "watchcall").strip() == "active"
    assert [call["params"]["To"] for call in web1.dialled()] == ["+819012345678"]


def test_a_bad_file_at_the_start_is_failed_and_says_why(web1: Machine) -> None:
    web1.configure(PROCESS + BROKEN)
    start = web1.run("systemctl", "start", "watchcall")
    shown = web1.exec("systemctl", "show", "watchcall", "--property=ExecMainStatus,NRestarts")

    assert start.returncode != 0
    assert shown.split() == ["NRestarts=0", "ExecMainStatus=78"]
    assert web1.logged('check "httpd": fail_affter: unknown key, did you mean fail_after?')


def test_a_daemon_that_hangs_is_started_again_and_repeats_nothing(web1: Machine) -> None:
    # As shipped, only sooner: it is the unit's own watchdog that strikes.
    web1.drop_in("watchcall", "[Service]\nWatchdogSec=3s\nRestartSec=100ms\n")
    web1.watch()
    web1.systemctl("stop", "httpd")
    web1.told()
    web1.systemctl("kill", "--signal=STOP", "--kill-who=main", "watchcall")
    web1.logged("Scheduled restart job")
    web1.until(web1.fails)
    (failing,) = web1.json("incidents")
    web1.systemctl("start", "httpd")
    web1.logged("incident 1 closed")
    web1.systemctl("stop", "watchcall")

    assert any("Watchdog timeout" in line for line in web1.journal())
    assert (failing["id"], [one["outcome"] for one in failing["told"]]) == (1, ["answered"])
    assert len(web1.dialled()) == 1


def test_what_happens_while_it_hangs_is_called_afterwards(web1: Machine) -> None:
    web1.drop_in("watchcall", "[Service]\nWatchdogSec=3s\nRestartSec=100ms\n")
    web1.watch()
    web1.systemctl("kill", "--signal=STOP", "--kill-who=main", "watchcall")
    web1.systemctl("stop", "httpd")
    (words,) = web1.heard()

    assert "httpd has been failing since" in words
    assert any("Watchdog timeout" in line for line in web1.journal())


def test_a_reboot_forgets_nothing_and_repeats_nothing(web1: Machine) -> None:
    web1.systemctl("enable", "--quiet", "watchcall")
    web1.watch()
    web1.systemctl("stop", "httpd")
    web1.told()
    web1.systemctl("disable", "--quiet", "httpd")  # so that the outage outlasts the boot
    web1.reboot()
    web1.until(web1.fails)
    (failing,) = web1.json("incidents")
    web1.systemctl("start", "httpd")
    web1.logged("incident 1 closed")
    web1.systemctl("stop", "watchcall")

    assert (failing["id"], failing["closed_at"]) == (1, None)
    assert [one["outcome"] for one in failing["told"]] == ["answered"]
    assert len(web1.dialled()) == 1


def test_a_reboot_of_a_healthy_machine_calls_nobody_though_one_failure_confirms(
    web1: Machine,
) -> None:
    """Httpd may end a moment before WatchCall, which may see just that."""
    checks, quick = (PROCESS, UNIT, HTTP), {"fail_after": "1", "group_wait": "3s"}
    web1.configure(*checks, **quick)
    web1.systemctl("enable", "--quiet", "watchcall")
    web1.watch()
    web1.configure(*checks, **quick, boot_grace="1m")
    web1.reboot()
    web1.until(web1.watches)
    web1.systemctl("stop", "watchcall")

    assert not web1.dialled()


def test_what_failed_as_the_machine_went_down_and_is_up_again_calls_nobody(web1: Machine) -> None:
    quick = {"fail_after": "1", "retry_interval": "4s", "group_wait": "2s"}
    web1.configure(PROCESS, **quick)
    web1.systemctl("enable", "--quiet", "watchcall")
    web1.watch()
    web1.systemctl("stop", "httpd")
    web1.logged("incident 1: channel 'phone' tells")
    web1.configure(PROCESS, **quick, boot_grace="1m")
    web1.reboot()  # before it does
    web1.logged("failure of incident 1 on channel 'phone' waits: the machine has just booted")
    web1.logged("incident 1 closed")
    web1.systemctl("stop", "watchcall")

    assert not web1.dialled()


def test_what_fails_after_a_boot_is_called_when_the_grace_is_over(web1: Machine) -> None:
    """The machine's clock goes on over this boot: a container's systemd began anew, no kernel."""
    web1.configure(PROCESS, boot_grace=SECONDS)
    web1.systemctl("enable", "--quiet", "watchcall")
    web1.systemctl("disable", "--quiet", "httpd")
    web1.reboot()
    quiet = web1.logged("incident 1: channel 'phone' stays quiet")
    (words,) = web1.heard()
    (call,) = web1.dialled()

    assert "the machine has just booted" in quiet
    assert "httpd has been failing since" in words
    assert call["monotonic"] - web1.testbed.booted >= GRACE_S


def test_what_comes_up_within_the_grace_calls_nobody(web1: Machine) -> None:
    web1.configure(PROCESS, boot_grace=SECONDS)
    web1.systemctl("enable", "--quiet", "watchcall")
    web1.systemctl("disable", "--quiet", "httpd")
    web1.reboot()
    web1.logged("incident 1 opened")
    web1.systemctl("start", "httpd")
    web1.logged("incident 1 closed")
    web1.systemctl("stop", "watchcall")

    assert not web1.dialled()


def test_once_removed_it_is_gone_and_silent_and_the_configuration_stays(web1: Machine) -> None:
    web1.watch()
    web1.exec("apt-get", "remove", "--yes", "watchcall")
    web1.systemctl("stop", "httpd")
    left = web1.exec("ps", "--user", "watchcall", "-o", "args=", check=False)
    unit = web1.exec("systemctl", "show", "watchcall", "--property=LoadState,ActiveState")

    assert left == ""
    assert sorted(unit.split()) == ["ActiveState=inactive", "LoadState=not-found"]
    assert "[twilio]" in web1.exec("cat", "/etc/watchcall/config.toml")
    assert web1.exec("systemctl", "is-active", "twilio").strip() == "active"
    assert not web1.dialled()
