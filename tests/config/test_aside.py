"""The plan that a child has read is the plan that this process would have read."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzlocal.unix

from tests.config.files import SMALL, loaded, write
from watchcall.config.aside import Reading
from watchcall.config.plan import Plan
from watchcall.config.translate import plan
from watchcall.errors import ConfigError, StartError

WHOLE = (
    SMALL.replace(
        "[[check]]",
        "quiet_hours = { from = '22:00', to = '07:00', timezone = 'Asia/Tokyo' }\n[[check]]",
    )
    + """
cmdline = "httpd -f"
[[maintenance]]
name = "weekly"
checks = ["httpd"]
schedule = "0 3 * * 0"
duration = "2h"
timezone = "Europe/Berlin"
[[maintenance]]
name = "once"
checks = ["*"]
from = 2031-12-01T03:00:00
to = 2031-12-01T04:00:00+09:00
timezone = "Asia/Tokyo"
"""
)
AT_HOME = WHOLE.replace('timezone = "Europe/Berlin"', "")
SUMMER = datetime(2026, 7, 1)  # noqa: DTZ001 - the zone is what is asked


@pytest.fixture(autouse=True)
def _an_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WATCHCALL_CONFIG", "CREDENTIALS_DIRECTORY", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WATCHCALL_TWILIO__AUTH_TOKEN", "0" * 32)


def handed_over(folder: Path, text: str) -> Plan:
    return Reading(write(folder, text), {}).result()[0]


def test_all_of_it_is_handed_over(tmp_path: Path) -> None:
    token = {"WATCHCALL_TWILIO__AUTH_TOKEN": "0" * 32}

    found = handed_over(tmp_path, WHOLE)

    # zones are the same where they are one object: of one name there is one in a process
    assert found == plan(loaded(tmp_path, WHOLE, token, need_token=True))
    assert found.maintenance[0].zone is ZoneInfo("Europe/Berlin")


def test_the_machines_zone_is_handed_over_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Australia/Lord_Howe")

    assert handed_over(tmp_path, AT_HOME).maintenance[0].zone is ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize("name", ["ours", "UTC"], ids=["its own name", "some zone's name"])
def test_the_machines_zone_may_be_a_mere_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where /etc/localtime is a copy: such a zone cannot be pickled."""
    shutil.copy("/usr/share/zoneinfo/Asia/Kathmandu", tmp_path / name)
    monkeypatch.setenv("TZ", f":{tmp_path}/{name}")
    monkeypatch.setattr(tzlocal.unix, "_cache_tz", None)

    zone = handed_over(tmp_path, AT_HOME).maintenance[0].zone

    assert zone is tzlocal.get_localzone()
    assert zone.utcoffset(SUMMER) == timedelta(hours=5, minutes=45)


def test_what_is_wrong_comes_back_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='maintenance "weekly": timezone: unknown time zone'):
        handed_over(tmp_path, WHOLE.replace("Berlin", "Bärlin"))


def test_a_reader_that_may_not_be_started_is_said_with_what_was_denied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python").touch(mode=0o600)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))

    with pytest.raises(StartError, match=rf"cannot start: {tmp_path}/python: Permission denied"):
        Reading(None, {})


def test_however_often_a_hangup_meets_the_reader_the_configuration_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `systemctl kill -s HUP` does, twice while the daemon starts."""
    python = tmp_path / "python"
    python.write_text(
        f"#!/bin/sh\necho >> {tmp_path}/begun\n"
        f'[ $(wc -l < {tmp_path}/begun) -gt 2 ] || kill -HUP $$\nexec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))

    assert handed_over(tmp_path, SMALL).checks[0].name == "httpd"
