"""What root's commands find while the service does not run: as the daemon would."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.service import Service
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
