"""WatchCall itself is what has died, on a systemd that is really booted."""

from __future__ import annotations

import pytest

from tests.acceptance.service import CONFIG, KEI, ME, TOKEN, Service
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED
GASP = "watchcall-lastgasp"
WELL = "2 checks, 0 failing; pager ok"
# Deaths as quick as they come, and few of them.
HASTY = "[Unit]\nStartLimitBurst=3\n[Service]\nRestartSec=100ms\n"


def started(service: Service) -> None:
    service.start()
    service.until_shown("StatusText", WELL)


def gasped(service: Service) -> None:
    """Wait until the gasp has come to its end."""
    service.until(lambda: "Starting watchcall-lastgasp" in service.journal(GASP))
    service.until(lambda: service.show("ActiveState", unit=GASP)["ActiveState"] != "activating")


def die_until_the_limit(service: Service) -> None:
    """Killed each time that it runs, until systemd gives up."""
    while service.show("ActiveState")["ActiveState"] != "failed":
        service.sh("systemctl kill --signal=KILL --kill-who=main watchcall; sleep 0.2")


def test_a_daemon_that_keeps_dying_is_mourned_once_and_not_before_the_end(
    service: Service,
) -> None:
    service.drop_in(HASTY)
    service.twilio()
    started(service)
    service.sh("systemctl kill --signal=KILL --kill-who=main watchcall")
    service.until_shown("NRestarts", "1")
    service.until_shown("StatusText", WELL)
    assert "Starting" not in service.journal(GASP)

    die_until_the_limit(service)
    gasped(service)
    (call,) = service.posts()
    assert call["To"] == ME
    assert "WatchCall on server web1 has stopped." in call["Twiml"]
    said = service.journal(GASP)
    assert "me is being called (CA" in said
    assert "WatchCall has stopped (" in said
    assert ME not in said
    assert TOKEN not in said

    service.sh("systemctl reset-failed watchcall")
    started(service)
    die_until_the_limit(service)
    service.until(lambda: "has not run well since the last gasp was told" in service.journal(GASP))
    assert len(service.posts()) == 1


def test_a_configuration_that_became_wrong_is_told_as_such(service: Service) -> None:
    service.twilio()
    started(service)
    service.configure(CONFIG + "[nonsense\n")
    service.sh("systemctl restart watchcall")
    gasped(service)

    (call,) = service.posts()
    assert "Its configuration is wrong." in call["Twiml"]
    assert service.show("NRestarts", "ExecMainStatus") == {"NRestarts": "0", "ExecMainStatus": "78"}
    service.sh("systemctl restart watchcall")
    service.until(lambda: service.journal(GASP).count("nobody is called") == 1)
    assert len(service.posts()) == 1


def test_a_fresh_install_with_a_wrong_configuration_calls_nobody(service: Service) -> None:
    service.twilio()
    service.configure(CONFIG + "[nonsense\n")
    service.start()
    gasped(service)

    assert "WatchCall never ran in /var/lib/watchcall" in service.journal(GASP)
    assert service.posts() == []
    assert service.show("ActiveState", unit=GASP) == {"ActiveState": "inactive"}


@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_whoever_stops_it_calls_nobody_even_if_it_must_be_killed(
    service: Service, verb: str
) -> None:
    """A request to Twilio that hangs outlasts the patience of systemd."""
    service.drop_in("[Service]\nTimeoutStopSec=1s\n")
    service.twilio(f'[phones]\n"{ME}" = [{{ does = "slow", delay = 3000 }}]\n')
    service.configure(CONFIG.replace("[notify]", '[notify]\nremind_every = "0"'))
    started(service)
    service.sh("systemctl stop httpd")
    service.until(service.posts)
    service.sh(f"systemctl {verb} watchcall")
    gasped(service)

    assert "Failed with result 'timeout'" in service.journal()
    assert "was told to stop" in service.journal(GASP)
    assert "has stopped" not in str(service.posts())


def test_with_an_encrypted_token_and_a_first_number_that_is_refused(service: Service) -> None:
    service.path("/etc/watchcall/twilio_auth_token").unlink()
    name = "/etc/watchcall/twilio_auth_token.cred"
    service.sh(f"printf {TOKEN} | systemd-creds encrypt - {name}")
    service.twilio(f'[phones]\n"{ME}" = ["reject"]\n')
    started(service)
    service.configure("")
    service.sh("systemctl restart watchcall")
    gasped(service)

    mine, keis = service.posts()
    assert (mine["To"], keis["To"]) == (ME, KEI)
    assert "WatchCall auf Server web1 ist beendet." in keis["Twiml"]
    assert "me is not called: Twilio says 400" in service.journal(GASP)


def test_it_works_where_all_that_the_daemon_needs_is_gone(service: Service) -> None:
    """Its libraries, its command line and its database; Python and a few files are left."""
    service.drop_in(HASTY)
    service.twilio()
    started(service)
    libraries = service.path("/usr/lib/python3/dist-packages/watchcall.pth")
    whole = libraries.read_text()
    try:
        libraries.write_text("/opt/broken\n")
        service.sh(
            "install -d /opt/broken/watchcall;"
            "cd /opt/watchcall/watchcall;"
            "cp -r __init__.py entry.py hangup.py lastgasp /opt/broken/watchcall;"
            "echo garbage > /var/lib/watchcall/watchcall.db"
        )
        service.sh("systemctl restart watchcall")
        gasped(service)
    finally:
        libraries.write_text(whole)

    assert "No module named 'watchcall.cli'" in service.journal()
    assert [call["To"] for call in service.posts()] == [ME]


def test_without_twilio_it_is_tried_again_by_systemd(service: Service) -> None:
    """Nobody answers at first; before the second try Twilio is there again."""
    service.drop_in(
        "[Service]\nRestartSec=1s\nEnvironment=PYTHONPATH=/opt/hurry\n", f"{GASP}.service"
    )
    service.twilio()
    started(service)
    service.no_twilio()
    hurry = "import watchcall.lastgasp.gasp as gasp\ngasp.PATIENCE_S = 0\n"
    service.sh("install -d /opt/hurry")
    service.path("/opt/hurry/sitecustomize.py").write_text(hurry)
    service.configure("")
    service.sh("systemctl restart watchcall")
    service.until(lambda: "nobody can be called: cannot connect" in service.journal(GASP))
    service.twilio()
    service.until(lambda: "me is being called" in service.journal(GASP))

    assert [call["To"] for call in service.posts()] == [ME]


def test_a_state_directory_that_became_a_link_is_told_and_a_bind_mount_is_what_works(
    service: Service,
) -> None:
    """systemd takes no link for StateDirectory=, so the daemon cannot start; its gasp can."""
    service.drop_in(HASTY)
    service.twilio()
    started(service)
    service.sh(
        "systemctl stop watchcall; rm -rf /srv/watchcall; mv /var/lib/watchcall /srv;"
        "ln -s /srv/watchcall /var/lib/watchcall; systemctl start watchcall"
    )
    gasped(service)

    assert "238/STATE_DIRECTORY" in service.journal() + service.sh("systemctl status watchcall")
    assert [call["To"] for call in service.posts()] == [ME]
    assert service.path("/srv/watchcall/last-gasp.json").exists()
    assert "is a symbolic link" in service.sh("watchcall doctor --json")

    service.sh(
        "rm /var/lib/watchcall; mkdir /var/lib/watchcall;"
        "mount --bind /srv/watchcall /var/lib/watchcall; systemctl reset-failed watchcall"
    )
    try:
        started(service)
    finally:
        service.sh("systemctl stop watchcall; umount /var/lib/watchcall; rm -rf /srv/watchcall")
