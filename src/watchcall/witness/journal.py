"""Lines of the journal, as `journalctl --output=json` writes them, one JSON object each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

LINES = 10  # of a unit that are kept
ASKED = 500  # lines that are asked for: a unit of a hundred processes may end in as many lines
NOISE = ": Killing process "  # systemd's own line for each process that it ends
FIELDS = ("MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER")
LIMIT = ": Start request repeated too quickly"
LONGEST = 1000  # characters of a message
LEVELS = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")  # syslog(3)


def entries_of(out: bytes) -> list[dict[str, Any]]:
    """Return the last entries, oldest first; what is cut or garbled is left out."""
    found = (_entry(line) for line in reversed(out.splitlines()))
    telling = (entry for entry in found if entry is not None and not _is_noise(entry))
    return [*islice(telling, LINES)][::-1]


def hit_start_limit(entries: Sequence[Mapping[str, Any]]) -> bool:
    """Whether systemd has given up since it last started the unit.

    Its `Result` is how the last start ended then, unless somebody has tried once more.
    """
    for entry in reversed(entries):
        if entry["from"] == "systemd":
            if LIMIT in entry["text"]:
                return True
            if entry["text"].startswith("Started "):
                return False
    return False


def _is_noise(entry: dict[str, Any]) -> bool:
    return entry["from"] == "systemd" and NOISE in entry["text"]


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    text = _text(fields.get("MESSAGE"))
    return {
        "at": _instant(fields.get("__REALTIME_TIMESTAMP")),
        "from": _text(fields.get("SYSLOG_IDENTIFIER")),
        "level": _level(fields.get("PRIORITY")),
        "text": text if text is not None else "(too long, or binary)",
    }


def _text(value: object) -> str | None:
    """Return a field's text: what is no UTF-8 comes as a list of bytes, of several the first."""
    if isinstance(value, str):
        return value[:LONGEST]
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(one, int) and 0 <= one < 256 for one in value):
        return bytes(value[:LONGEST]).decode("utf-8", "backslashreplace")
    return _text(value[0]) if isinstance(value[0], str) else None


def _instant(value: object) -> str | None:
    """Return an instant that is given in microseconds since 1970, as RFC 3339 in UTC."""
    try:
        return datetime.fromtimestamp(int(str(value)) / 1e6, UTC).isoformat("T", "milliseconds")
    except (ValueError, OverflowError, OSError):
        return None


def _level(value: object) -> str | None:
    text = str(value)
    return LEVELS[int(text)] if text in "01234567" and len(text) == 1 else None
