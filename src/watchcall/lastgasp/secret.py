"""Where the secret is: the places and the order are those of the daemon (config/secrets.py)."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from watchcall.lastgasp.words import Words

LARGEST = 4 * 1024 * 1024  # bytes


def secret_of(words: Words, environ: Mapping[str, str]) -> str | None:
    """Return the secret, None where it is in none of its places."""
    for found in _places(words, environ):
        # One that cannot be read is passed over, whatever the reason: the next may be readable.
        with contextlib.suppress(OSError, ValueError, RecursionError):
            text = found().strip()
            if re.fullmatch(r"[!-~]+", text):
                return text
    return None


def _places(words: Words, environ: Mapping[str, str]) -> Iterator[Callable[[], str]]:
    variable = f"WATCHCALL_TWILIO__{words.secret.upper()}"
    yield lambda: environ.get(variable, "")
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        for name in (f"twilio_{words.secret}", f"twilio_{words.secret}.cred"):
            yield partial(_in_file, Path(folder, name))
    if words.secret_file:
        yield partial(_in_file, Path(words.secret_file))
    if words.config:
        yield lambda: _in_configuration(Path(words.config or ""), words.secret)


def _in_file(path: Path) -> str:
    return path.read_text("utf-8-sig")


def _in_configuration(path: Path, key: str) -> str:
    """It may be the configuration that is broken; as long as it is TOML, the secret is found."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & (stat.S_IRGRP | stat.S_IROTH):
            return ""  # the daemon would refuse it there, too
        tables = tomllib.loads(file.read(LARGEST).decode("utf-8-sig"))
    account = tables.get("twilio")
    return str(account.get(key, "")) if isinstance(account, dict) else ""
