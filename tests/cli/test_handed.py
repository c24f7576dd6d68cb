"""The credentials of a daemon that does not run, as systemd would hand them over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from watchcall.cli import handed, twilio
from watchcall.errors import ConfigError
from watchcall.service import standing

TOKEN = "0123456789abcdef0123456789abcdef"
VARIABLE = "WATCHCALL_TWILIO__AUTH_TOKEN"
DECRYPTS = "#!/bin/sh\n[ \"$1 $2\" = 'decrypt --name=twilio_auth_token.cred' ] && tr A-F a-f <$3\n"
HIDDEN = TOKEN.upper()


@pytest.fixture(autouse=True)
def unit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A unit with credentials in a folder, and a systemd-creds that decrypts after its fashion."""
    text = (
        f"LoadCredential=twilio_auth_token:{tmp_path}/twilio_auth_token\n"
        f"LoadCredentialEncrypted=twilio_auth_token.cred:{tmp_path}/twilio_auth_token.cred\n"
    )
    tool = tmp_path / "bin" / "systemd-creds"
    tool.parent.mkdir()
    tool.write_text(DECRYPTS)
    tool.chmod(0o755)
    monkeypatch.setattr(standing, "systemctl", lambda *_: text)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    for name in (VARIABLE, "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(twilio, "CREDENTIALS", tmp_path / "none")
    return tmp_path


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param({"": f"{TOKEN}\n"}, {VARIABLE: TOKEN}, id="plain"),
        pytest.param({".cred": HIDDEN}, {VARIABLE: TOKEN}, id="encrypted"),
        pytest.param(
            {"": "plain", ".cred": HIDDEN}, {VARIABLE: "plain"}, id="the plain one of both"
        ),
        pytest.param({"": "\n", ".cred": HIDDEN}, {VARIABLE: TOKEN}, id="an empty one is none"),
    ],
)
def test_what_is_handed_over(unit: Path, files: dict[str, str], found: dict[str, str]) -> None:
    for kind, text in files.items():
        (unit / f"twilio_auth_token{kind}").write_text(text)

    assert handed.secrets() == found


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("", None, "twilio_auth_token is a folder", id="a folder"),
        pytest.param("", b"two\nlines", "has several lines", id="several lines"),
        pytest.param("", b"\xff\xfe", "is not text", id="no text"),
        pytest.param("", b"two words", "one word of printable characters", id="two words"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place(
    unit: Path, name: str, content: bytes | None, said: str
) -> None:
    path = unit / f"twilio_auth_token{name}"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=said) as raised:
        handed.secrets()
    assert str(raised.value).startswith(f"systemd credential twilio_auth_token: {unit}")


def test_what_systemd_has_against_it_is_said(unit: Path) -> None:
    (unit / "twilio_auth_token.cred").write_text("spoilt")
    (unit / "bin" / "systemd-creds").write_text("#!/bin/sh\necho 'Bad message' >&2; exit 1\n")

    with pytest.raises(ConfigError, match="cannot be decrypted: Bad message"):
        handed.secrets()


class TestEnvironment:
    """Where the daemon's secrets are lent, and where not."""

    @pytest.fixture(autouse=True)
    def root(self, monkeypatch: pytest.MonkeyPatch, unit: Path) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        (unit / "twilio_auth_token").write_text(TOKEN)

    def test_root_is_lent_them(self) -> None:
        assert twilio.environment("watchcall.service")[VARIABLE] == TOKEN

    def test_not_for_another_configuration(self) -> None:
        assert VARIABLE not in twilio.environment(None)

    def test_not_to_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 4301)

        assert VARIABLE not in twilio.environment("watchcall.service")

    def test_the_environment_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(VARIABLE, "ours")

        assert twilio.environment("watchcall.service")[VARIABLE] == "ours"

    def test_those_of_a_daemon_that_runs_come_first(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(twilio, "CREDENTIALS", tmp_path)
        found = twilio.environment("watchcall.service")

        assert found["CREDENTIALS_DIRECTORY"] == str(tmp_path)
        assert VARIABLE not in found
