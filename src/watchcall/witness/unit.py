"""A unit's properties, as `systemctl show` writes them, in words that people understand."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from typing import Any

PROPERTIES = (
    "LoadState",
    "ActiveState",
    "SubState",
    "Result",
    "ExecMainPID",
    "ExecMainCode",
    "ExecMainStatus",
    "ExecMainExitTimestampMonotonic",
    "NRestarts",
    "ControlGroup",
)
# waitid(2), si_code: how a child ended.
EXITED, KILLED, DUMPED = 1, 2, 3
# systemd.exec(5), "Process Exit Codes": what systemd could not do before the program began.
STATUSES = {
    200: "CHDIR: no such working directory",
    201: "NICE",
    202: "FDS",
    203: "EXEC: the program could not be run",
    205: "LIMITS",
    206: "OOM_ADJUST",
    208: "STDIN",
    209: "STDOUT",
    210: "CHROOT",
    216: "GROUP: no such group",
    217: "USER: no such user",
    218: "CAPABILITIES",
    219: "CGROUP",
    222: "STDERR",
    225: "NETWORK",
    226: "NAMESPACE: its sandbox could not be set up",
    228: "SECCOMP",
    233: "RUNTIME_DIRECTORY",
    238: "STATE_DIRECTORY",
    239: "CACHE_DIRECTORY",
    240: "LOGS_DIRECTORY",
    241: "CONFIGURATION_DIRECTORY",
    243: "CREDENTIALS",
}


def properties_of(out: bytes) -> dict[str, str]:
    """Return what `systemctl show` says; a property that it does not know is not there."""
    lines = out.decode(errors="backslashreplace").splitlines()
    pairs = (line.partition("=") for line in lines)
    return {name: value for name, sign, value in pairs if sign and name in PROPERTIES}


def facts_of(properties: Mapping[str, str], now_s: float | None = None) -> dict[str, Any]:
    """Return the facts of a unit.

    now_s: of CLOCK_MONOTONIC, in which systemd says when the main process ended
    """
    if properties.get("LoadState") == "not-found":
        return {"state": None, "result": None, "ended": None, "note": "systemd has no such unit"}
    code, number = (_number(properties.get(f"ExecMain{one}")) for one in ("Code", "Status"))
    signalled = code in (KILLED, DUMPED)
    return {
        "state": properties.get("ActiveState"),
        "substate": properties.get("SubState"),
        "result": properties.get("Result"),
        "ended": _ended(code, number),
        "status": number if code == EXITED else None,
        "signal": number if signalled else None,
        "core_dumped": code == DUMPED if signalled else None,
        "pid": _number(properties.get("ExecMainPID")) or None,
        "ended_s_ago": _ago(properties, now_s) if code else None,
        "restarts": _number(properties.get("NRestarts")),
    }


def _ended(code: int | None, number: int | None) -> str | None:
    """Return how the main process ended, in words; None where it has not ended."""
    if number is None or code not in (EXITED, KILLED, DUMPED):
        return None
    if code == EXITED:
        meant = STATUSES.get(number)
        return f"exited with status {number}{f' ({meant})' if meant else ''}"
    dumped = ", and dumped its core" if code == DUMPED else ""
    return f"killed by signal {number}{_named(number)}{dumped}"


def _named(number: int) -> str:
    try:
        return f" ({signal.Signals(number).name})"
    except ValueError:
        return ""


def _ago(properties: Mapping[str, str], now_s: float | None) -> float | None:
    ended = _number(properties.get("ExecMainExitTimestampMonotonic"))
    if not ended:
        return None
    now_s = time.monotonic() if now_s is None else now_s
    return round(max(0.0, now_s - ended / 1e6), 1)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
