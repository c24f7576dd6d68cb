"""What systemd says of the unit, as systemd 252 writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchcall.service import standing
from watchcall.service.standing import credentials

SHOWN = """\
LoadState=loaded
ActiveState=failed
SubState=failed
Result=exit-code
ExecMainCode=1
ExecMainStatus=78
MainPID=0
User=watchcall
Group=watchcall
SupplementaryGroups=adm systemd-journal
StateDirectory=watchcall
ExecStart={ path=/usr/bin/watchcall ; argv[]=/usr/bin/watchcall run --config \
/etc/watchcall/config.toml ; ignore_errors=no ; start_time=[n/a] ; pid=0 }
Environment=PYTHONFAULTHANDLER=1 "HTTPS_PROXY=http://u:a b@proxy:3128"
"""
UNIT = """\
# /usr/lib/systemd/system/watchcall.service
[Service]
LoadCredential=twilio_auth_token:/etc/watchcall/twilio_auth_token
LoadCredential=other:/etc/other
LoadCredentialEncrypted=twilio_auth_token.cred:/etc/watchcall/twilio_auth_token.cred
SetCredential=twilio_auth_token:\\n
"""
NAMES = ("twilio_auth_token", "twilio_auth_token.cred")


def says(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(standing, "systemctl", lambda *_: text)


def test_a_unit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, SHOWN)
    found = standing.standing()

    assert found is not None
    assert (found.user, found.groups) == ("watchcall", ("watchcall", "adm", "systemd-journal"))
    assert found.state_dir == Path("/var/lib/watchcall")
    assert found.is_for(Path("/etc/watchcall/config.toml"))
    assert not found.is_for(Path("config.toml"))
    assert found.environment["HTTPS_PROXY"] == "http://u:a b@proxy:3128"
    assert "proxy:3128" not in repr(found).replace(repr(dict(found.properties)), "")


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("", id="systemd does not answer"),
        pytest.param("LoadState=not-found\nUser=\n", id="no such unit"),
        pytest.param("LoadState=masked\n", id="masked"),
    ],
)
def test_where_there_is_no_unit_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    says(monkeypatch, said)

    assert standing.standing() is None


def test_variables_of_several_files_count_and_the_last_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As systemd 252 shows them: a line for each."""
    (tmp_path / "one").write_text("WATCHCALL_NOTIFY__HOST=one\nNO_PROXY=one\n")
    (tmp_path / "two").write_text("WATCHCALL_NOTIFY__HOST=two\n")
    files = (f"EnvironmentFiles={tmp_path}/{name} (ignore_errors=no)\n" for name in ("one", "two"))
    says(monkeypatch, f"{SHOWN}{''.join(files)}")
    found = standing.standing()

    assert found is not None
    assert (found.environment["NO_PROXY"], found.environment["PYTHONFAULTHANDLER"]) == ("one", "1")
    assert found.given["WATCHCALL_NOTIFY__HOST"] == "two"
    assert "two" not in repr(found).replace(repr(dict(found.properties)), "")


def test_variables_in_a_file_count_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# a note\nNO_PROXY='a b'\nbroken='\n")
    says(monkeypatch, f"{SHOWN}EnvironmentFiles={tmp_path}/env (ignore_errors=yes)\n")
    found = standing.standing()

    assert found is not None
    assert found.environment["NO_PROXY"] == "a b"


@pytest.mark.parametrize(
    ("drop_in", "found"),
    [
        pytest.param(
            "",
            {
                "twilio_auth_token": (Path("/etc/watchcall/twilio_auth_token"), False),
                "twilio_auth_token.cred": (Path("/etc/watchcall/twilio_auth_token.cred"), True),
            },
            id="as shipped",
        ),
        pytest.param(
            "LoadCredential=\nLoadCredential=twilio_auth_token:/srv/token\n",
            {
                "twilio_auth_token": (Path("/srv/token"), False),
                "twilio_auth_token.cred": (Path("/etc/watchcall/twilio_auth_token.cred"), True),
            },
            id="from another place, by a drop-in",
        ),
        pytest.param("LoadCredential=\nLoadCredentialEncrypted=\n", {}, id="none any more"),
    ],
)
def test_where_credentials_come_from(
    monkeypatch: pytest.MonkeyPatch, drop_in: str, found: dict[str, tuple[Path, bool]]
) -> None:
    says(monkeypatch, UNIT + drop_in)

    assert credentials(NAMES) == found
