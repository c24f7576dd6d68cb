"""watchcall.service, on a systemd that is really booted: what it is told, and what it holds."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.service import CONFIG, TOKEN, Service
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED
STATUS = "StatusText"


def test_systemd_knows_how_many_are_watched_and_fail_and_whether_people_can_be_called(
    service: Service,
) -> None:
    """READY when it watches, STATUS as it changes, and nothing of root's while it runs."""
    service.twilio()
    service.start()
    shown = service.show("ActiveState", "MainPID", "Type")
    assert shown["ActiveState"] == "active"
    service.until_shown(STATUS, "2 checks, 0 failing; pager ok")
    owner = service.sh(f"stat -c %U /proc/{shown['MainPID']}").strip()
    assert owner == "watchcall"

    service.sh("systemctl stop httpd")
    service.until_shown(STATUS, "2 checks, 2 failing; pager ok")
    service.until(service.posts)
    assert "WatchCall on server web1" in service.posts()[0]["Twiml"]


def test_looks_by_process_pidfd_and_dbus_work_in_the_sandbox(service: Service) -> None:
    """Looks an hour apart, so that only the kernel and systemd can have told of the end."""
    service.twilio()
    slow = CONFIG.replace('interval = "1s"', 'interval = "1h"').replace("_after = 2", "_after = 1")
    service.configure(slow)
    service.start()
    service.until_shown(STATUS, "2 checks, 0 failing; pager ok")
    status = service.sh("watchcall status --json")
    assert '"units": "dbus"' in status
    assert '"processes": "pidfd"' in status

    service.sh("systemctl kill --signal=KILL --kill-who=main httpd")
    service.until_shown(STATUS, "2 checks, 2 failing; pager ok")
    service.until(service.posts)


def test_a_reload_is_one_for_systemd_and_a_wrong_file_makes_it_fail(service: Service) -> None:
    service.twilio()
    service.start()
    before = service.show("MainPID")
    service.configure(CONFIG + '[[check]]\nname = "one"\ntype = "process"\nprocess = "systemd"\n')
    assert service.sh("systemctl reload watchcall; echo $?").strip() == "0"
    service.until_shown(STATUS, "3 checks, 0 failing; pager ok")

    service.configure(CONFIG + "[nonsense]\n")
    assert service.sh("systemctl reload watchcall; echo $?").split()[-1] == "1"
    assert "nonsense" in service.journal()
    assert service.show(STATUS)[STATUS].startswith("3 checks")

    service.configure(CONFIG + "[twilio\n")  # no TOML, so that not even the socket is named
    assert service.sh("systemctl reload watchcall; echo $?").split()[-1] == "1"
    assert "trouble: /etc/watchcall/config.toml: line" in service.sh("watchcall status")

    service.configure(CONFIG)
    service.sh("systemctl kill --signal=HUP --kill-who=main watchcall")
    service.until_shown(STATUS, "2 checks, 0 failing; pager ok")
    service.until_shown("ActiveState", "active")
    assert service.show("MainPID") == before


def test_a_daemon_that_hangs_is_started_again_and_tells_nothing_twice(service: Service) -> None:
    service.drop_in("[Service]\nWatchdogSec=5s\n")
    service.twilio()
    service.start()
    service.sh("systemctl stop httpd")
    service.until_shown(STATUS, "2 checks, 2 failing; pager ok")
    service.until(lambda: '"outcome": "human"' in service.sh("watchcall calls --json"))
    told = len(service.posts())
    before = service.show("MainPID")["MainPID"]

    service.sh(f"kill -STOP {before}")
    service.until(lambda: service.show("NRestarts")["NRestarts"] == "1", within=120)
    service.until_shown("ActiveState", "active")
    service.until_shown(STATUS, "2 checks, 2 failing; pager ok")

    assert "watchdog" in service.journal()
    assert service.show("MainPID")["MainPID"] != before
    assert len(service.posts()) == told
    assert service.journal("watchcall-lastgasp").count("Starting") == 0


def test_what_a_drop_in_sets_counts_for_validate_as_for_the_daemon(service: Service) -> None:
    service.sh(
        "echo WATCHCALL_NOTIFY__GROUP_WAIT=soon > /run/one; echo NO_PROXY=localhost > /run/two"
    )
    service.drop_in("[Service]\nEnvironmentFile=/run/one\nEnvironmentFile=/run/two\n")

    said = service.sh("watchcall validate 2>&1; echo $?")
    assert "watchcall.service sets WATCHCALL_NOTIFY__GROUP_WAIT, which counts here too" in said
    assert "environment: WATCHCALL_NOTIFY__GROUP_WAIT: " in said
    assert said.split()[-1] == "78"
    service.sh("systemctl start watchcall || true")
    assert service.show("ExecMainStatus") == {"ExecMainStatus": "78"}


def test_a_stop_is_an_end_without_a_failure(service: Service) -> None:
    service.twilio()
    service.start()
    service.sh("systemctl stop watchcall")

    assert service.show("ActiveState", "Result") == {"ActiveState": "inactive", "Result": "success"}
    assert "Starting" not in service.journal("watchcall-lastgasp")
    assert service.posts() == []


@pytest.mark.parametrize("unit", ["watchcall.service", "watchcall-lastgasp.service"])
def test_how_exposed_a_service_is(service: Service, unit: str) -> None:
    said = service.sh(f"systemd-analyze security --no-pager {unit}")
    (level,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", said)

    assert float(level) <= 2.0
    assert service.sh(f"systemd-analyze verify --man=no {unit}") == ""


def encrypt(service: Service, name: str = "twilio_auth_token") -> None:
    """As docs/how-to/systemd.md says."""
    made = f"/etc/watchcall/{name}.cred"
    said = service.sh(f"printf {TOKEN} | systemd-creds encrypt - {made} && chmod 600 {made}")
    assert service.path(made).exists(), said


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("plain", id="plain"),
        pytest.param("encrypted", id="encrypted"),
        pytest.param("both", id="the plain one of both"),
        pytest.param("file", id="in the configuration's own place"),
    ],
)
def test_where_the_token_may_be(service: Service, kind: str) -> None:
    """Whichever kind there is, the others are not missed: no 243/CREDENTIALS."""
    if kind in ("encrypted", "file"):
        service.path("/etc/watchcall/twilio_auth_token").unlink()
    if kind in ("encrypted", "both"):
        encrypt(service)
    if kind == "file":
        own = '[twilio]\nauth_token_file = "token"\n'
        service.configure(CONFIG.replace("[twilio]\n", own))
        service.secret(TOKEN, "token", 0o640)
        service.sh("chgrp watchcall /etc/watchcall/token")
    service.twilio()
    service.start()

    service.until_shown(STATUS, "2 checks, 0 failing; pager ok")
    assert TOKEN not in service.sh("cat /proc/$(systemctl show -P MainPID watchcall)/environ")


def test_without_any_token_it_says_where_one_may_be(service: Service) -> None:
    service.path("/etc/watchcall/twilio_auth_token").unlink()
    service.start()

    assert service.show("ActiveState", "ExecMainStatus") == {
        "ActiveState": "failed",
        "ExecMainStatus": "78",
    }
    assert "as the systemd credential twilio_auth_token" in service.journal()
    assert service.show("NRestarts") == {"NRestarts": "0"}


def test_a_token_that_others_may_read_works_and_is_complained_of(service: Service) -> None:
    service.secret(TOKEN, mode=0o644)
    service.twilio()
    service.start()

    service.until_shown(STATUS, "2 checks, 0 failing; pager ok")
    said = "/etc/watchcall/twilio_auth_token can be read by others (mode 0644)"
    assert said in service.journal()
    assert said in service.sh("watchcall doctor --json")


def test_an_encrypted_token_of_another_machine_ends_in_words_of_systemd(service: Service) -> None:
    service.path("/etc/watchcall/twilio_auth_token").unlink()
    encrypt(service)
    service.sh("echo c3BvaWx0IHNwb2lsdCBzcG9pbHQgc3BvaWx0 > /etc/watchcall/twilio_auth_token.cred")
    service.start()

    service.until(lambda: "status=243/CREDENTIALS" in service.journal())


def test_where_twilio_cannot_be_reached_it_watches_says_so_and_tells_later(
    service: Service,
) -> None:
    service.start()

    assert service.show("ActiveState") == {"ActiveState": "active"}
    service.until_shown(
        STATUS,
        "2 checks, 0 failing; pager down",
    )
    assert "cannot connect to Twilio" in service.sh("watchcall status")
    assert "cannot connect to Twilio" in service.sh("watchcall doctor")

    service.sh("systemctl stop httpd")
    service.until_shown(STATUS, "2 checks, 2 failing; pager down")
    service.twilio()
    service.until(service.posts, within=120)
    assert "httpd" in service.posts()[0]["Twiml"]
    service.until_shown(STATUS, "2 checks, 2 failing; pager ok")
