"""What root's commands find while the service does not run: as the daemon would."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.service import CONFIG, ME, TWILIO, Service
from tests.acceptance.testbed import IN_TESTBED

pytestmark = IN_TESTBED


def doctor(service: Service) -> dict[str, dict[str, Any]]:
    """Return what it finds, by subject."""
    found = json.loads(service.sh("watchcall doctor --json"))
    return {one["subject"]: one for one in found}


@pytest.mark.parametrize(
    ("spoilt", "subject", "said"),
    [
        pytest.param(
            "chown root:root /etc/watchcall/config.toml; chmod 600 /etc/watchcall/config.toml",
            "config",
            "/etc/watchcall/config.toml belongs to root:root with mode 0600",
            id="the configuration is root's alone",
        ),
        pytest.param(
            "touch /var/lib/watchcall/watchcall.db; chown root: /var/lib/watchcall/watchcall.db",
            "state directory",
            "cannot write /var/lib/watchcall/watchcall.db: it belongs to root:root",
            id="the database is root's",
        ),
    ],
)
def test_why_the_service_has_failed_and_a_remedy_that_helps(
    service: Service, spoilt: str, subject: str, said: str
) -> None:
    service.twilio()
    service.sh("install -d -m 700 -o watchcall -g watchcall /var/lib/watchcall")
    service.sh(spoilt)
    service.start()
    found = doctor(service)

    assert "has failed (exit-code: exited with status 78)" in found["service"]["detail"]
    assert found[subject]["state"] == "error"
    assert said in found[subject]["detail"]

    service.sh(found[subject]["remedy"])
    service.until_shown("ActiveState", "active")
    assert doctor(service)[subject]["state"] == "ok"


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_before_the_first_start_the_token_is_found_where_the_unit_says(
    service: Service, encrypted: bool
) -> None:
    """As README says: doctor, then test-call, and only then is the daemon started."""
    service.twilio(f'[phones]\n"{ME}" = ["human"]\n')
    if encrypted:
        token = "/etc/watchcall/twilio_auth_token"
        service.sh(f"systemd-creds encrypt {token} {token}.cred --name=twilio_auth_token.cred")
        service.path(token).unlink()

    assert doctor(service)["credentials"] == {
        "subject": "credentials",
        "state": "ok",
        "detail": "accepted",
        "remedy": None,
    }
    assert "answered after" in service.sh("watchcall test-call me")
    assert service.sh("watchcall doctor >/dev/null; echo $?") == "0\n"


def test_the_last_gasp_finds_it_while_the_daemon_is_down(service: Service) -> None:
    service.twilio()
    service.start()
    service.sh("systemctl stop watchcall")

    said = service.sh("watchcall lastgasp --dry-run; echo $?")
    assert said.endswith("twilio.auth_token is there\n0\n"), said


def test_a_probe_by_root_sees_what_the_daemon_sees(service: Service) -> None:
    """An `exe` that only root may know, and a plugin that would be root's."""
    check = '[[check]]\nname = "exe"\ntype = "process"\nexe = "/usr/sbin/httpd"\n'
    plugin = '[[check]]\nname = "whoami"\ntype = "command"\ncommand = ["/usr/bin/id", "-un"]\n'
    service.configure(CONFIG + check + plugin)
    service.twilio()
    service.start()
    service.until(lambda: "may not see the programs" in service.sh("watchcall status"))

    assert "may not see the programs" in service.sh("watchcall probe exe")
    assert "ok: watchcall" in service.sh("watchcall probe whoami")
    assert "ok: " in service.sh("watchcall probe httpd")
    assert "ok: httpd.service is active" in service.sh("watchcall probe unit")


def test_twilio_is_asked_through_the_proxy_of_a_drop_in(service: Service) -> None:
    """As docs/how-to/firewall.md says; here nobody listens where the proxy should be."""
    proxy = "http://127.0.0.1:3128"
    service.configure(CONFIG.replace(TWILIO, "https://api.twilio.com"))
    service.drop_in(f"[Service]\nEnvironment=HTTPS_PROXY={proxy}\n")
    service.start()
    why = "cannot connect to Twilio (the proxy: Connection refused)"
    service.until(lambda: why in service.sh("watchcall status"))
    found = doctor(service)

    assert found["proxy"]["detail"] == f"Twilio is asked through {proxy}, as by the service"
    assert why in found["Twilio"]["detail"]
    said = service.sh("watchcall test-call me; echo $?")
    assert f"asks Twilio through {proxy}, as the service does" in said
    assert "me (+81*******678): failed" in said
    assert why in said
    assert said.endswith("\n1\n")


def test_who_is_not_root_is_told_how_to_be_let_in_and_then_sees_the_daemons_places(
    service: Service,
) -> None:
    bob = "su -s /bin/sh bob -c"
    service.sh("useradd --create-home bob")
    denied = service.sh(f"{bob} 'watchcall status'; echo $?")
    remedy = "usermod -aG watchcall bob"
    assert f"permission denied; {remedy} (from the next login on)" in denied
    assert denied.endswith("\n78\n")

    service.sh(remedy)
    service.twilio()
    service.start()
    assert "httpd" in service.sh(f"{bob} 'watchcall status'")
    found = {
        one["subject"]: one for one in json.loads(service.sh(f"{bob} 'watchcall doctor --json'"))
    }
    assert "/var/lib/watchcall is another user's" in found["state directory"]["detail"]
    assert found["daemon"]["state"] == "ok"


def test_a_folder_in_the_place_of_the_token_is_called_one(service: Service) -> None:
    service.path("/etc/watchcall/twilio_auth_token").unlink()
    service.sh("mkdir /etc/watchcall/twilio_auth_token")
    found = doctor(service)

    assert "/etc/watchcall/twilio_auth_token is a folder" in found["config"]["detail"]
    assert "twilio_auth_token is a folder" in found["credentials"]["detail"]


def test_a_link_in_the_place_of_the_state_directory_is_named(service: Service) -> None:
    service.sh("mkdir /srv/watchcall; chown watchcall: /srv/watchcall")
    service.sh("ln -s /srv/watchcall /var/lib/watchcall")
    found = doctor(service)

    assert "/var/lib/watchcall is a symbolic link" in found["state directory"]["detail"]
    service.sh("rm /var/lib/watchcall")
