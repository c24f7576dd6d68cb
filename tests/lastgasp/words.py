"""Last words as the daemon leaves them, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from watchcall.lastgasp.words import MISCONFIGURED, OTHERWISE, Person, Words

ME, KEI = "+819012345678", "+819087654321"
SAID = {
    MISCONFIGURED: '<Response><Say language="en-US">its configuration is wrong</Say></Response>',
    OTHERWISE: '<Response><Say language="en-US">it has stopped</Say></Response>',
}


def person(name: str, to: str) -> Person:
    return Person(name=name, to=to, ring_s=25, said=SAID)


def words(folder: Path, **changed: Any) -> Words:
    known: dict[str, Any] = {
        "api": "http://127.0.0.1:1",
        "account_sid": "AC" + "0" * 32,
        "user": "AC" + "0" * 32,
        "secret": "auth_token",
        "secret_file": None,
        "config": None,
        "caller": "+15005550006",
        "timeout_s": 5.0,
        "lock": str(folder / "lock"),
        "people": (person("me", ME), person("kei", KEI)),
    }
    return Words(**{**known, **changed})
