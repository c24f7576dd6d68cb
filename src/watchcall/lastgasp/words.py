"""What the last gasp has to know, left on disk by the daemon at every start and reload.

There is no secret in it; phone numbers are, so that it is its owner's alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

WORDS = "last-words.json"
TOLD = "last-gasp.json"  # there since the last gasp was told, until the daemon has run well again
STOPPED = "told-to-stop"  # holds the $INVOCATION_ID of the run that was told to stop
LARGEST = 4 * 1024 * 1024  # bytes; a hundred people have some 300 kB
MISCONFIGURED, OTHERWISE = "misconfigured", "otherwise"
HERE = "/var/lib/watchcall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who may be called. `said`: the TwiML, by why WatchCall has stopped."""

    name: str
    to: str
    ring_s: int
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All that is known.

    api:         scheme and host of Twilio, or of a simulator on a loopback address
    user:        the account's SID, or an API key's
    secret:      the key of [twilio] that belongs to `user`
    secret_file: where the configuration says that it stands, if it does
    config:      the configuration, where the secret may stand itself
    timeout_s:   of one request
    lock:        held while the daemon runs
    people:      in the order in which they are called
    """

    api: str
    account_sid: str
    user: str
    secret: str
    secret_file: str | None
    config: str | None
    caller: str
    timeout_s: float
    lock: str
    people: tuple[Person, ...]


def folder(environ: Mapping[str, str]) -> Path:
    """Return where the words are: systemd's StateDirectory=, by default root's own."""
    return Path(environ.get("STATE_DIRECTORY", "").split(":")[0] or HERE)


def write(place: Path, words: Words) -> None:
    """Leave the words, whole or not at all; raise OSError where they cannot be left."""
    replace(place / WORDS, json.dumps(dataclasses.asdict(words), ensure_ascii=False))


def replace(path: Path, text: str) -> None:
    """Write a file of our own, so that after a crash there is the old one or the new one."""
    fresh = path.with_name(f".{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    with open(fresh, "x", encoding="utf-8", opener=_private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def read(place: Path) -> Words | None:
    """Return the words, None where the daemon never left any.

    Raise OSError where they cannot be read, ValueError where they are none.
    """
    try:
        with (place / WORDS).open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    try:
        return _words(json.loads(content[:LARGEST]))
    except (TypeError, KeyError, AttributeError, RecursionError, json.JSONDecodeError) as error:
        raise ValueError(f"is not what the daemon writes ({type(error).__name__})") from None


def _words(found: dict[str, Any]) -> Words:
    people = tuple(Person(**one) for one in found.pop("people"))
    words = Words(**found, people=people)
    if not allowed(words.api):
        raise ValueError("names neither Twilio over https nor a loopback address")
    for one in people:
        if not re.fullmatch(r"\+[0-9]{7,15}", one.to) or OTHERWISE not in one.said:
            raise ValueError("names somebody who cannot be called")
    return words


def allowed(api: str) -> bool:
    """Whether the secret may be sent there: the rule of twilio.api_url."""
    parts = urlsplit(api)
    host = parts.hostname or ""
    if parts.scheme == "https" and re.fullmatch(r"([a-z0-9-]+\.)*twilio\.com", host):
        return True
    return parts.scheme in ("http", "https") and is_loopback(host)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
