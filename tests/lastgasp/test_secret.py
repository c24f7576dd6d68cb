"""Where the gasp finds the secret: where the daemon would, in its order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lastgasp.words import words
from watchcall.lastgasp.secret import secret_of

VARIABLE = {"WATCHCALL_TWILIO__AUTH_TOKEN": "from-environment"}
CONFIG = '[twilio]\nauth_token = "from-configuration"\n'


def everything(folder: Path) -> dict[str, str]:
    """Put a secret into each place; return the environment."""
    (folder / "twilio_auth_token").write_text("from-credential\n")
    (folder / "twilio_auth_token.cred").write_text("from-encrypted")
    (folder / "token").write_text("from-file\n")
    (folder / "config.toml").write_text(CONFIG)
    (folder / "config.toml").chmod(0o600)
    return {**VARIABLE, "CREDENTIALS_DIRECTORY": str(folder)}


def test_the_first_of_its_places_counts(tmp_path: Path) -> None:
    environ = everything(tmp_path)
    known = words(
        tmp_path, secret_file=str(tmp_path / "token"), config=str(tmp_path / "config.toml")
    )
    found = [secret_of(known, environ)]
    del environ["WATCHCALL_TWILIO__AUTH_TOKEN"]
    for gone in ("twilio_auth_token", "twilio_auth_token.cred", "token", "config.toml"):
        found.append(secret_of(known, environ))
        (tmp_path / gone).unlink()
    found.append(secret_of(known, environ))

    assert found == [
        *("from-environment", "from-credential", "from-encrypted", "from-file"),
        *("from-configuration", None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\n", id="the empty line of SetCredential="),
        pytest.param("two words", id="no secret"),
        pytest.param("\udcff\udcfe", id="no text"),
    ],
)
def test_what_cannot_be_one_is_passed_over(tmp_path: Path, text: str) -> None:
    environ = everything(tmp_path)
    del environ["WATCHCALL_TWILIO__AUTH_TOKEN"]
    (tmp_path / "twilio_auth_token").write_text(text, errors="surrogateescape")

    assert secret_of(words(tmp_path), environ) == "from-encrypted"


@pytest.mark.parametrize(
    ("text", "mode", "found"),
    [
        pytest.param(CONFIG + "[nonsense]\n", 0o600, "from-configuration", id="a wrong one"),
        pytest.param(CONFIG + "[[", 0o600, None, id="one that is not even TOML"),
        pytest.param(CONFIG, 0o644, None, id="one that others may read"),
        pytest.param("twilio = 3\n", 0o600, None, id="another thing"),
    ],
)
def test_a_broken_configuration_may_still_hold_it(
    tmp_path: Path, text: str, mode: int, found: str | None
) -> None:
    (tmp_path / "config.toml").write_text(text)
    (tmp_path / "config.toml").chmod(mode)

    assert secret_of(words(tmp_path, config=str(tmp_path / "config.toml")), {}) == found


@pytest.mark.parametrize("of", ["token", "credentials/twilio_auth_token"])
def test_an_editors_mark_before_it_is_no_part_of_it(tmp_path: Path, of: str) -> None:
    """Some editors begin UTF-8 with U+FEFF."""
    (tmp_path / "credentials").mkdir()
    (tmp_path / of).write_text("\ufefftoken\n", encoding="utf-8")
    known = words(tmp_path, secret_file=str(tmp_path / "token"))

    assert secret_of(known, {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}) == "token"


def test_an_api_keys_secret_is_another(tmp_path: Path) -> None:
    known = words(tmp_path, secret="api_key_secret")
    environ = {**everything(tmp_path), "WATCHCALL_TWILIO__API_KEY_SECRET": "the-keys"}

    assert secret_of(known, environ) == "the-keys"
