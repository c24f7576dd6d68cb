"""The secrets: where they may come from, and who else may read them there.

First found first: the environment, the systemd credential, the file that the configuration
names, the configuration file itself if nobody else can read it.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from watchcall.config.locate import content_of
from watchcall.config.sources import Problem, Sources
from watchcall.config.twilio import Twilio
from watchcall.config.types import Unusable, secret
from watchcall.rights import advice, explained

CREDENTIALS = {"auth_token": "twilio_auth_token", "api_key_secret": "twilio_api_key_secret"}
SECRET_KEYS = ("api_key_sid", *CREDENTIALS, *(f"{key}_file" for key in CREDENTIALS))
ENCRYPTED = ".cred"  # behind a credential's name: the one that systemd has decrypted
LONGEST = 64 * 1024  # bytes; a token has 32
OPEN_TO_ANY_BUT_OWNER = stat.S_IRGRP | stat.S_IROTH


def credentials(environ: Mapping[str, str], *, need: bool) -> dict[str, Any]:
    """Return what systemd hands over (LoadCredential=, LoadCredentialEncrypted=), as tables.

    An empty credential is none: the unit's SetCredential= gives one where nothing is to be loaded.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return {}
    found = {
        key: _credential(Path(folder, name), need)
        or _credential(Path(folder, name + ENCRYPTED), need)
        for key, name in CREDENTIALS.items()
    }
    given = {key: text for key, text in found.items() if text}
    return {"twilio": given} if given else {}


def _credential(path: Path, need: bool) -> str | None:
    """Return what stands in a credential; one that cannot be read matters only if it is needed."""
    try:
        return _text(path)
    except FileNotFoundError:
        return None
    except ValueError as error:
        return Unusable(str(error)) if need else None
    except OSError as error:
        return Unusable(f"cannot be read: {_why(error, path)}") if need else None


def credential_in(content: bytes) -> str:
    """Return the secret in the content of a credential; raise ValueError with what is wrong."""
    text = _line(content)
    try:
        return secret(SecretStr(text)).get_secret_value() if text else ""
    except ValueError as error:
        raise ValueError(f"is no secret: what stands in it {error}") from None


def _text(path: Path) -> str:
    """Return the one line of a file; raise OSError, or ValueError with what is wrong with it."""
    return _line(content_of(path, LONGEST)[0])


def _line(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError("is not text") from None
    if len(text.splitlines()) > 1:
        raise ValueError("has several lines, and must be one word")
    return text


def _why(error: OSError, path: Path) -> str:
    said = explained(error, path)
    right = advice(path) if isinstance(error, PermissionError) else None
    return said[:1].lower() + said[1:] + (f"; {right}" if right else "")


def resolved(
    twilio: Twilio, sources: Sources, *, need: bool, signed: bool = False
) -> tuple[Twilio, list[Problem]]:
    """Return the account with the secrets that count, and what is wrong with them.

    Where they are not needed, nothing is said of a file that cannot be read.
    signed: whether Twilio will ask us for something, which it signs with the token
    """
    problems = list(_in_the_open(sources))
    secrets = {}
    for key in CREDENTIALS:
        try:
            secrets[key] = _secret(twilio, key, sources, need=need)
        except ValueError as error:
            problems.append(Problem(("twilio", f"{key}_file"), str(error)))
    whole = twilio.model_copy(update=secrets)
    if not problems:
        problems.extend(_incomplete(whole, need=need, signed=signed))
    return whole, problems


def _in_the_open(sources: Sources) -> Iterator[Problem]:
    """Yield the secrets of a configuration file that others can read."""
    mode = sources.text.mode
    table = sources.text.tables.get("twilio")
    if not mode & OPEN_TO_ANY_BUT_OWNER or not isinstance(table, dict):
        return
    for key in CREDENTIALS:
        if key in table:
            yield Problem(
                ("twilio", key),
                f"stands in a file that others can read (mode {mode:04o}); "
                f"chmod 600 {sources.text.path}, or use {key}_file",
                in_file=True,
            )


def _secret(twilio: Twilio, key: str, sources: Sources, *, need: bool) -> SecretStr | None:
    path = named_files(twilio, sources).get(key)
    if path is None or above_the_file(key, sources):
        given: SecretStr | None = getattr(twilio, key)
        return given
    if not need:
        return None
    try:
        return _only_secret(path)
    except OSError as error:
        empty = isinstance(error, PermissionError) and _came_empty(key, sources.environ)
        why = f"permission denied, and {_empty(key)}" if empty else _why(error, path)
        raise ValueError(f"{path} cannot be read: {why}") from None


def _came_empty(key: str, environ: Mapping[str, str]) -> bool:
    """Whether systemd has handed over nothing where it could: no mode of a file helps then."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and Path(folder or "", CREDENTIALS[key]).is_file()


def _empty(key: str) -> str:
    return (
        f"the systemd credential {CREDENTIALS[key]} is empty: write the secret into the file that "
        f"LoadCredential= names, by default /etc/watchcall/{CREDENTIALS[key]}"
    )


def named_files(twilio: Twilio, sources: Sources) -> dict[str, Path]:
    """Return the files that the configuration names, by what they hold."""
    named = {key: getattr(twilio, f"{key}_file") for key in CREDENTIALS}
    return {key: folder_of(sources) / file for key, file in named.items() if file is not None}


def above_the_file(key: str, sources: Sources) -> bool:
    """Whether a secret is given by what comes before its file: the environment, a credential.

    So is one that is wrong there: what is said of it is not said of its file as well.
    """
    return sources.owner(("twilio", key)) not in (None, sources.text.tables)


def folder_of(sources: Sources) -> Path:
    return sources.text.path.absolute().parent


def _only_secret(path: Path) -> SecretStr:
    try:
        text = _text(path)
    except ValueError as error:
        raise ValueError(f"{path} {error}") from None
    if not text:
        raise ValueError(f"{path} is empty")
    try:
        return secret(SecretStr(text))
    except ValueError as error:
        raise ValueError(f"{path}: what stands in it {error}") from None


def _incomplete(twilio: Twilio, *, need: bool, signed: bool) -> Iterator[Problem]:
    """Yield what is missing for requests to Twilio, and for what Twilio sends to be believed."""
    if twilio.api_key_secret and not twilio.api_key_sid:
        text = "missing; api_key_secret is nothing without it"
        yield Problem(("twilio", "api_key_sid"), text, ("api_key_sid",))
    if not need:
        return
    if twilio.api_key_sid and not twilio.api_key_secret:
        yield _missing("api_key_secret")
    elif not twilio.auth_token and not twilio.api_key_secret:
        yield _missing("auth_token")
        return
    if signed and not twilio.auth_token:
        # https://www.twilio.com/docs/usage/security: with the primary token, whatever key is used
        yield _missing(
            "auth_token",
            "web.public_url needs it beside the API key, for Twilio signs what it sends with it; ",
        )


def _missing(key: str, why: str = "") -> Problem:
    """What is there, but wrong, is not missing: that has been said."""
    text = (
        f"missing; {why}give it as WATCHCALL_TWILIO__{key.upper()} in the environment, as the "
        f"systemd credential {CREDENTIALS[key]}, as {key}_file, or as {key} in a file that only "
        "its owner can read"
    )
    return Problem(("twilio", key), text, SECRET_KEYS)
