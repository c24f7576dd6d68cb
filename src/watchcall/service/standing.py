"""How watchcall.service stands: how it ended, as whom it runs, what it is handed.

Asked by commands that look or ask in the daemon's place, so that they do it as the daemon would.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

UNIT = "watchcall.service"
DEADLINE_S = 10
ASKED = (
    *("LoadState", "ActiveState", "SubState", "Result", "ExecMainCode", "ExecMainStatus"),
    *("MainPID", "User", "Group", "SupplementaryGroups", "ExecStart", "StateDirectory"),
    *("Environment", "EnvironmentFiles"),
)
STATE = Path("/var/lib")  # below it is StateDirectory= of a system's service (systemd.exec(5))
ROOT = ("", "root", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A unit as systemd knows it.

    properties:  as `systemctl show` writes them
    user:        as whom it runs; None is root
    groups:      what it is in besides the user's own
    config:      the configuration that it is started with, None where it names none
    state_dir:   what systemd makes for it
    environment: of the process that runs, where that may be read; else what the unit gives
    given:       what the unit gives it at its next start
    """

    properties: Mapping[str, str]
    user: str | None = None
    groups: tuple[str, ...] = ()
    config: Path | None = None
    state_dir: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold secrets
    given: Mapping[str, str] = field(default_factory=dict, repr=False)  # too

    def is_for(self, config: Path) -> bool:
        """Whether a configuration is the one of this unit."""
        return self.config is not None and _real(self.config) == _real(config)


def standing(unit: str = UNIT) -> Standing | None:
    """Return how a unit stands, None where systemd does not answer or does not know it."""
    said = systemctl("show", f"--property={','.join(ASKED)}", "--", unit)
    found = _properties(said)
    if found.get("LoadState") != "loaded":
        return None
    user, state = found.get("User", ""), found.get("StateDirectory", "").split()
    return Standing(
        properties=found,
        user=None if user in ROOT else user,
        groups=tuple(f"{found.get('Group', '')} {found.get('SupplementaryGroups', '')}".split()),
        config=_config(found.get("ExecStart", "")),
        state_dir=STATE / state[0].split(":")[0] if state else None,
        environment=_environment(found),
        given=_given(found),
    )


def credentials(names: Sequence[str], unit: str = UNIT) -> dict[str, tuple[Path, bool]]:
    """Return from where a unit is handed what: the file by its name, and whether it is encrypted.

    From the text of the unit and its drop-ins: `systemctl show` does not write these settings.
    """
    found: dict[str, tuple[Path, bool]] = {}
    for line in systemctl("cat", "--", unit).splitlines():
        key, sign, value = (part.strip() for part in line.partition("="))
        encrypted = key == "LoadCredentialEncrypted"
        if not sign or key not in ("LoadCredential", "LoadCredentialEncrypted"):
            continue
        if not value:  # systemd.exec(5): what was given before is forgotten
            found = {name: one for name, one in found.items() if one[1] is not encrypted}
            continue
        name, _, path = value.partition(":")
        if name in names and path.startswith("/"):
            found[name] = (Path(path), encrypted)
    return found


def systemctl(*words: str) -> str:
    """Return what it says, nothing where it fails."""
    tool = shutil.which("systemctl")
    if tool is None:
        return ""
    try:
        said = subprocess.run([tool, *words], capture_output=True, check=False, timeout=DEADLINE_S)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.decode(errors="replace") if said.returncode == 0 else ""


def _properties(said: str) -> dict[str, str]:
    """Return what `systemctl show` wrote; what has several lines (EnvironmentFiles) keeps them."""
    found: dict[str, str] = {}
    for line in said.splitlines():
        name, sign, value = line.partition("=")
        if sign:
            found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def _config(started: str) -> Path | None:
    """`{ path=… ; argv[]=/usr/bin/watchcall run --config /etc/watchcall/config.toml ; …}`"""
    found = re.search(r" --config[ =](\S+)", started)
    return Path(found[1]) if found else None


def _environment(found: Mapping[str, str]) -> dict[str, str]:
    running = Path("/proc", found.get("MainPID") or "0", "environ")
    try:
        return _pairs(running.read_bytes().decode(errors="replace").split("\0"))
    except OSError:  # it does not run, or only root may see it
        return _given(found)


def _given(found: Mapping[str, str]) -> dict[str, str]:
    """Return what the unit gives; of two values the later, as systemd.exec(5) has it."""
    files = found.get("EnvironmentFiles", "").splitlines()
    in_files = (words for named in files for words in _file(named))
    return _pairs([*_words(found.get("Environment", "")), *in_files])


def _file(named: str) -> Iterator[str]:
    """`/etc/default/watchcall (ignore_errors=yes)`: the variables in a file (systemd.exec(5))."""
    path = Path(named.partition(" (ignore_errors=")[0])
    try:
        lines = path.read_text("utf-8", "replace").splitlines() if path.is_absolute() else []
    except OSError:
        return
    for line in lines:
        if not line.lstrip().startswith(("#", ";")):
            yield from _words(line)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is not closed
        return []


def _pairs(given: Sequence[str]) -> dict[str, str]:
    return dict(one.split("=", 1) for one in given if "=" in one)


def _real(path: Path) -> str:
    return os.path.realpath(path)
