"""The token: from where, from where not, and that no message ever shows it."""

from __future__ import annotations

import errno
import os
import re
import traceback
import unicodedata
from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, SMALL, TWILIO, loaded, problems, warnings, write
from tests.init.typist import wide
from watchcall.config import exposed, locate, secrets
from watchcall.config.hints import quoted
from watchcall.config.load import load
from watchcall.config.translate import plan
from watchcall.errors import ConfigError

CANARY = "canary0123456789canary0123456789"
FROM_ENVIRONMENT = {"WATCHCALL_TWILIO__AUTH_TOKEN": "from-environment"}
WAYS = (
    "give it as WATCHCALL_TWILIO__AUTH_TOKEN in the environment, as the systemd credential "
    "twilio_auth_token, as auth_token_file, or as auth_token in a file that only its owner can "
    "read"
)


@pytest.fixture(autouse=True)
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No service is installed on this machine, and no group of it."""
    monkeypatch.setattr(exposed, "service_group", lambda: None)


def account(*lines: str) -> str:
    return TWILIO + "".join(f"{line}\n" for line in lines) + ME + HTTPD


def credential(folder: Path, text: str, name: str = "twilio_auth_token") -> dict[str, str]:
    (folder / "credentials").mkdir(exist_ok=True)
    (folder / "credentials" / name).write_text(text)
    return {"CREDENTIALS_DIRECTORY": str(folder / "credentials")}


def token_file(folder: Path, text: str = "from-token-file\n", mode: int = 0o600) -> str:
    path = folder / "token"
    path.write_text(text)
    path.chmod(mode)
    return "auth_token_file = 'token'"


def token(folder: Path, text: str, environ: dict[str, str]) -> str | None:
    return plan(loaded(folder, text, environ, need_token=True), environ).twilio.auth_token


def test_first_found_first(tmp_path: Path) -> None:
    text = account("auth_token = 'from-file'", token_file(tmp_path))
    systemd = credential(tmp_path, "from-credential\n")

    assert token(tmp_path, text, FROM_ENVIRONMENT | systemd) == "from-environment"
    assert token(tmp_path, text, systemd) == "from-credential"
    assert token(tmp_path, text, {}) == "from-token-file"
    assert token(tmp_path, account("auth_token = 'from-file'"), {}) == "from-file"


def test_an_encrypted_credential_is_one_too_and_the_plain_one_comes_first(tmp_path: Path) -> None:
    """Where there is nothing to load, the unit's SetCredential= gives an empty line."""
    credential(tmp_path, "\n")
    systemd = credential(tmp_path, "from-encrypted", "twilio_auth_token.cred")
    assert token(tmp_path, SMALL, systemd) == "from-encrypted"

    credential(tmp_path, "from-credential")
    assert token(tmp_path, SMALL, systemd) == "from-credential"


@pytest.mark.parametrize(
    ("mode", "group", "open_"),
    [
        pytest.param(0o600, 7, False, id="root alone"),
        pytest.param(0o640, 0, False, id="root's group"),
        pytest.param(0o640, 7, True, id="the daemon's group, in which colleagues are"),
        pytest.param(0o644, 0, True, id="everybody"),
    ],
)
@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other groups")
def test_a_credentials_file_that_others_can_read_is_warned_of(
    tmp_path: Path, mode: int, group: int, *, open_: bool
) -> None:
    file = tmp_path / "twilio_auth_token"
    file.write_text("secret")
    os.chown(file, 0, group)
    file.chmod(mode)
    said = (
        f"systemd credential twilio_auth_token: {file} can be read by others (mode {mode:04o}); "
        f"only root needs to: chmod 600 {file}"
    )

    assert loaded(tmp_path, SMALL).warnings == ((said,) if open_ else ())


def test_a_folder_in_a_credentials_place_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "twilio_auth_token").mkdir(mode=0o755)
    (said,) = loaded(tmp_path, SMALL).warnings

    assert f"{tmp_path}/twilio_auth_token is a folder, and holds no secret" in said
    assert "rmdir" in said
    assert "chmod" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file of root's")
def test_roots_file_is_closed_so_that_the_service_can_still_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposed, "service_group", lambda: "watchcall")
    (said,) = loaded(tmp_path, account(token_file(tmp_path, mode=0o644))).warnings

    file = tmp_path / "token"
    assert said.endswith(f"(mode 0644): chgrp watchcall {file} && chmod 640 {file}")


def test_a_file_that_may_not_be_read_is_named_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = account(token_file(tmp_path))
    file = tmp_path / "token"
    read = locate.content_of

    def refuse(path: Path, longest: int) -> tuple[bytes, int]:
        if path == file:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read(path, longest)

    monkeypatch.setattr(secrets, "content_of", refuse)
    monkeypatch.setattr(secrets, "explained", lambda *_: "Permission denied")
    monkeypatch.setattr(secrets, "advice", lambda path: f"chmod u+r {path}")
    (said,) = problems(tmp_path, text, need_token=True)

    assert said.endswith("cannot be read: permission denied; chmod u+r token"), said


def test_without_a_token_all_ways_to_give_one_are_named(tmp_path: Path) -> None:
    said = problems(tmp_path, SMALL, need_token=True)

    assert [f"config.toml: twilio: auth_token: missing; {WAYS}"] == said


def test_a_token_that_is_not_needed_may_be_missing_or_unreadable(tmp_path: Path) -> None:
    loaded(tmp_path, SMALL)
    loaded(tmp_path, account("auth_token_file = '/nowhere/token'"))
    loaded(tmp_path, account("api_key_sid = 'SK00000000000000000000000000000000'"))
    loaded(tmp_path, SMALL, {"CREDENTIALS_DIRECTORY": "/nowhere"})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_token_in_a_file_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    text = account(f"auth_token = '{CANARY}'")

    said = problems(tmp_path, text, FROM_ENVIRONMENT, mode=mode)

    assert [
        f"config.toml: twilio: auth_token: stands in a file that others can read (mode {mode:04o})"
        "; chmod 600 config.toml, or use auth_token_file"
    ] == said


def test_a_file_without_a_token_may_be_read_by_all(tmp_path: Path) -> None:
    loaded(tmp_path, SMALL, mode=0o644)


CLOSE = "chmod 600 token, and let it belong to the user that WatchCall runs as"


@pytest.mark.parametrize("need", [True, False], ids=["by run", "by validate"])
def test_a_token_file_that_everybody_can_read_is_refused(need: bool, tmp_path: Path) -> None:
    text = account(token_file(tmp_path, mode=0o644))

    said = problems(tmp_path, text, need_token=need, strict=not need)

    assert said == [
        f"config.toml: twilio: auth_token_file: token can be read by everybody (mode 0644); {CLOSE}"
    ]


WHOLE_KEY = ("api_key_sid = 'SK00000000000000000000000000000000'", "api_key_secret_file = 'token'")


@pytest.mark.parametrize("key", ["auth_token_file", "api_key_secret_file"])
def test_where_nobody_needs_its_secret_a_file_that_everybody_can_read_is_a_warning(
    key: str, tmp_path: Path
) -> None:
    file = token_file(tmp_path, mode=0o644)
    text = account(*(WHOLE_KEY if key == "api_key_secret_file" else (file,)))

    assert warnings(tmp_path, text) == [
        f"config.toml: twilio: {key}: token can be read by everybody (mode 0644): {CLOSE}"
    ]


@pytest.mark.parametrize("need", [True, False])
@pytest.mark.parametrize("strict", [True, False])
def test_a_secret_that_is_found_before_its_file_is_taken_and_the_file_warned_of(
    need: bool, strict: bool, tmp_path: Path
) -> None:
    text = account(token_file(tmp_path, mode=0o644))

    for environ in (FROM_ENVIRONMENT, credential(tmp_path, "from-credential")):
        (warning,) = loaded(tmp_path, text, environ, need_token=need, strict=strict).warnings
        assert "token can be read by everybody" in warning


@pytest.mark.parametrize("name", ["twilio_auth_token", "twilio_auth_token.cred"])
def test_validate_knows_which_credential_the_service_will_get(name: str, tmp_path: Path) -> None:
    """The unit's LoadCredential= reads it beside the configuration; that is no file of ours."""
    (tmp_path / name).write_text("from-credential")
    (tmp_path / name).chmod(0o600)
    text = account(token_file(tmp_path, mode=0o644))

    assert len(loaded(tmp_path, text, strict=True).warnings) == 1
    assert len(problems(tmp_path, text, need_token=True)) == 1  # run by hand it gets none


def test_one_file_that_is_both_is_warned_of_once(tmp_path: Path) -> None:
    file = tmp_path / "twilio_auth_token"
    file.write_text("secret")
    file.chmod(0o644)

    (warning,) = warnings(tmp_path, account("auth_token_file = 'twilio_auth_token'"))
    assert warning.startswith("systemd credential twilio_auth_token: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other groups")
def test_a_file_that_its_group_reads_is_closed_to_the_rest_alone(tmp_path: Path) -> None:
    text = account(token_file(tmp_path, mode=0o644))
    os.chown(tmp_path / "token", 0, 7)

    assert problems(tmp_path, text, need_token=True)[0].endswith("; chmod 640 token")


def test_a_token_file_that_its_group_can_read_is_fine(tmp_path: Path) -> None:
    assert token(tmp_path, account(token_file(tmp_path, mode=0o640)), {}) == "from-token-file"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "token is empty"),
        ("one\ntwo", "token has several lines, and must be one word"),
        ("two words", "token: what stands in it must be one word of printable characters"),
        ("'abc'", "token: what stands in it must be the secret alone, without quotes around it"),
        (
            "AC" + "0" * 32,
            "token: what stands in it must be the secret, and is an SID; both stand in the Twilio "
            "console",
        ),
    ],
)
def test_a_token_file_without_a_token(text: str, expected: str, tmp_path: Path) -> None:
    said = problems(tmp_path, account(token_file(tmp_path, text)), need_token=True)

    assert [f"config.toml: twilio: auth_token_file: {expected}"] == said


def test_a_credential_that_is_no_token(tmp_path: Path) -> None:
    said = problems(tmp_path, SMALL, credential(tmp_path, "two words"))

    assert said == [
        "systemd credential twilio_auth_token: must be one word of printable characters"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"one\ntwo\n", "has several lines, and must be one word"),
        (b"two words", "must be one word of printable characters"),
        (b"\xff", "is not text"),
    ],
)
def test_a_wrong_credential_is_not_called_missing(
    text: bytes, expected: str, tmp_path: Path
) -> None:
    environ = credential(tmp_path, "")
    (tmp_path / "credentials" / "twilio_auth_token").write_bytes(text)

    said = problems(tmp_path, SMALL, environ, need_token=True)

    assert [f"systemd credential twilio_auth_token: {expected}"] == said


def test_a_token_may_be_pasted_by_any_editor(tmp_path: Path) -> None:
    environ = credential(tmp_path, "\ufefffrom-credential\r\n")

    assert token(tmp_path, SMALL, environ) == "from-credential"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "one\ntwo\n",
            "systemd credential twilio_auth_token: has several lines, and must be one word",
            id="wrong",
        ),
        pytest.param(
            "\n",
            "config.toml: twilio: auth_token_file: token cannot be read: permission denied, and "
            "the systemd credential twilio_auth_token is empty: write the secret into the file "
            "that LoadCredential= names, by default /etc/watchcall/twilio_auth_token",
            id="empty",
        ),
    ],
)
def test_where_systemd_reads_roots_file_nobody_is_told_to_open_it(
    text: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`watchcall init` names the file that LoadCredential= names, too; it is root's alone."""
    roots = tmp_path / "token"
    read = locate.content_of

    def denied(path: Path, longest: int) -> tuple[bytes, int]:
        if path == roots:
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path, longest)

    monkeypatch.setattr(secrets, "content_of", denied)
    environ = credential(tmp_path, text)

    said = problems(tmp_path, account(token_file(tmp_path)), environ, need_token=True)

    assert said == [expected]


def test_a_credential_that_cannot_be_read_is_not_called_missing(tmp_path: Path) -> None:
    environ = credential(tmp_path, "")
    (tmp_path / "credentials" / "twilio_auth_token").unlink()
    os.mkfifo(tmp_path / "credentials" / "twilio_auth_token")

    said = problems(tmp_path, SMALL, environ, need_token=True)

    assert said == ["systemd credential twilio_auth_token: cannot be read: is not a plain file"]
    loaded(tmp_path, SMALL, environ)  # where it is not needed


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_credential_is_none(text: str, tmp_path: Path) -> None:
    """The unit's SetCredential= gives one where there is nothing to load."""
    environ = credential(tmp_path, text)

    assert token(tmp_path, account(token_file(tmp_path)), environ) == "from-token-file"
    assert problems(tmp_path, SMALL, environ, need_token=True) == [
        f"config.toml: twilio: auth_token: missing; {WAYS}"
    ]


@pytest.mark.parametrize("key", ["auth_token", "api_key_sid"])
def test_what_is_wrong_is_not_missing_too(key: str, tmp_path: Path) -> None:
    assert len(problems(tmp_path, account(f"{key} = 'two words'"), need_token=True)) == 1


def test_a_token_file_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "token", mode=0o600)

    said = problems(tmp_path, account("auth_token_file = 'token'"), need_token=True)

    assert said == [
        "config.toml: twilio: auth_token_file: token cannot be read: is not a plain file"
    ]


def test_a_token_file_that_is_not_there(tmp_path: Path) -> None:
    said = problems(tmp_path, account("auth_token_file = 'token'"), need_token=True)

    assert said == [
        "config.toml: twilio: auth_token_file: token cannot be read: no such file or directory"
    ]


def test_a_key_instead_of_the_token(tmp_path: Path) -> None:
    sid = "api_key_sid = 'SK00000000000000000000000000000000'"
    systemd = credential(tmp_path, "from-credential", "twilio_api_key_secret")

    made = plan(loaded(tmp_path, account(sid), systemd, need_token=True), systemd)

    assert (made.twilio.api_key_secret, made.twilio.auth_token) == ("from-credential", None)


def test_half_a_key(tmp_path: Path) -> None:
    half = account("api_key_sid = 'SK00000000000000000000000000000000'")
    other = account("api_key_secret = 'x'")

    assert problems(tmp_path, half, need_token=True)[0].startswith(
        "config.toml: twilio: api_key_secret: missing; give it as WATCHCALL_TWILIO__API_KEY_SECRET"
    )
    assert problems(tmp_path, other) == [
        "config.toml: twilio: api_key_sid: missing; api_key_secret is nothing without it"
    ]


@pytest.mark.parametrize("need", [True, False])
@pytest.mark.parametrize("line", ["api_key_sid = 'SK1'", "api_key_sdi = 'SK1'"])
def test_a_key_whose_name_is_wrong_is_not_missing_too(
    need: bool, line: str, tmp_path: Path
) -> None:
    (said,) = problems(tmp_path, account(line, "api_key_secret = 'x'"), need_token=need)

    assert "missing" not in said


TOKEN = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


@pytest.mark.parametrize(
    "secret", [TOKEN, TOKEN.upper(), f"x{TOKEN}", "aZ9" * 11, f"Bearer {TOKEN}", f"AC{TOKEN}0"]
)
@pytest.mark.parametrize(
    ("text", "place"),
    [
        (SMALL.replace("+15005550006", "{}"), "twilio: from: "),
        (SMALL.replace("+819012345678", "{}"), 'contact "me": phone: '),
        (SMALL + "[[channel]]\nname = 'phone'\nto = ['{}']", 'channel "phone": to #1: unknown '),
        (SMALL + "level = '{}'", 'check "httpd": level: must be '),
        (account("'{}' = 1"), "twilio: "),
        (SMALL + "['{}']\nx = 1", ""),
    ],
)
def test_a_secret_under_the_wrong_key_is_not_repeated(
    text: str, place: str, secret: str, tmp_path: Path
) -> None:
    said = problems(tmp_path, text.replace("{}", secret))

    assert len(said) == 1
    assert said[0].startswith(f"config.toml: {place}")
    assert secret[-29:] not in said[0]
    assert TOKEN[3:12] not in said[0].lower()


def test_a_hidden_secret_can_be_known_by_its_owner_and_a_sid_is_none() -> None:
    assert quoted(TOKEN) == '"0a1… (32 characters)"'
    assert quoted("AC" + "ab" * 16) == f'"AC{"ab" * 16}"'
    assert quoted("SK" + "ab" * 16) == f'"SK{"ab" * 16}"'


@pytest.mark.parametrize(
    "number",
    [
        "(090) 1234-5678",
        "090\u30fc1234\u30fc5678",
        wide("090-1234-5678"),
        wide("090 1234 5678"),
        wide("+81(90)1234-5678"),
    ],
)
def test_a_number_is_masked_however_it_is_written(number: str) -> None:
    shown = unicodedata.normalize("NFKC", quoted(number))

    assert "678" in shown
    assert not {"1234", "5678"} & set(re.findall(r"\d+", shown))


LEAKS = [
    pytest.param(account(f"auth_tokn = '{CANARY}'"), id="under a mistyped key"),
    pytest.param(account(f"auth_token = ['{CANARY}']"), id="as a list"),
    pytest.param(account(f"auth_token = '{CANARY} x'"), id="with a space"),
    pytest.param(account(f"auth_token = {CANARY}"), id="without quotes"),
    pytest.param(account(f"auth_token = '{CANARY}"), id="without the closing quote"),
    pytest.param(account(f"api_key_sid = '{CANARY}'"), id="in the place of the key's SID"),
    pytest.param(SMALL.replace("AC" + 32 * "0", CANARY), id="in the place of the account's SID"),
    pytest.param(account(f"edge = '{CANARY}!'"), id="in the place of the edge"),
    pytest.param(account(f"api_url = 'https://{CANARY}@api.twilio.com'"), id="in the API's URL"),
    pytest.param(SMALL + f"[daemon]\ndatabase = 'mysql://me:{CANARY}@db'", id="in the database"),
    pytest.param(f"twilio = '{CANARY}'\n" + ME + HTTPD, id="in the place of the table"),
    pytest.param(
        SMALL.replace('process"\nprocess = "httpd"', 'http"\nurl = "https://x"')
        + f'headers = {{ Authorization = "{CANARY}\\n" }}',
        id="in a header",
    ),
]


@pytest.mark.parametrize("text", LEAKS)
def test_no_message_shows_a_secret(text: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        load(path, environ={"WATCHCALL_TWILIO__AUTH_TOKEN": f"{CANARY} "}, need_token=True)

    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_no_repr_shows_a_secret(tmp_path: Path) -> None:
    environ = {
        "WATCHCALL_TWILIO__AUTH_TOKEN": CANARY,
        "WATCHCALL_TWILIO__API_KEY_SID": "SK00000000000000000000000000000000",
        "WATCHCALL_TWILIO__API_KEY_SECRET": CANARY,
    }
    found = loaded(tmp_path, SMALL, environ, need_token=True)

    assert CANARY not in repr(found)
    assert CANARY not in repr(plan(found, environ))
    assert plan(found, environ).twilio.auth_token == CANARY


@pytest.mark.parametrize(
    "url",
    [
        "https://api.twilio.com",
        "https://api.dublin.ie1.twilio.com/",
        "http://127.0.0.1:8080",
        "https://localhost:8443",
        "http://[::1]:8080",
        "http://127.9.9.9",
    ],
)
def test_the_token_may_go_to_twilio_and_to_this_machine(url: str, tmp_path: Path) -> None:
    loaded(tmp_path, account(f"api_url = '{url}'"))


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com",
        "https://twilio.com.example.com",
        "https://eviltwilio.com",
        "https://example.com/twilio.com",
        "https://twilio.com@example.com",
        "https://example.com#.twilio.com",
        "https://example.com?.twilio.com",
        "https://example.com\\\\.twilio.com",
        "https://api.twilio.com/other",
        "http://128.0.0.1",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0",
        "ftp://127.0.0.1",
        "127.0.0.1:8080",
        "https://[::1",
        "",
    ],
)
def test_the_token_goes_to_nobody_else(url: str, tmp_path: Path) -> None:
    said = problems(tmp_path, account(f'api_url = "{url}"'))

    assert len(said) == 1
    assert said[0].startswith("config.toml: twilio: api_url: must ")


@pytest.mark.parametrize("place", ["example.com/", "a.b", "A", "x@y", ""])
def test_edge_and_region_cannot_lead_elsewhere(place: str, tmp_path: Path) -> None:
    right = "must be a name such as tokyo: lower-case letters, digits and hyphens"

    assert [
        f"config.toml: twilio: edge: {right}",
        f"config.toml: twilio: region: {right}",
    ] == problems(tmp_path, account(f"edge = '{place}'", f"region = '{place}'"))
