"""What root sees with root's rights, judged by those of the user that the service runs as.

Sandbox and access lists aside: what they deny, the daemon's own log says.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from watchcall import rights
from watchcall.config.load import Loaded
from watchcall.config.secrets import CREDENTIALS
from watchcall.config.sources import OURS, PREFIX
from watchcall.core.account import Finding
from watchcall.rights import User
from watchcall.service.standing import UNIT, Standing, standing

START = "systemctl restart watchcall"
MINE = ("lock", "watchcall.db*", "last-words.json", "last-gasp.json")  # in the state directory


def service_of(config: Path) -> Standing | None:
    """Return how the service stands that a configuration is for; None where there is none."""
    found = standing()
    return found if found and found.is_for(config) else None


def with_settings(service: Standing | None, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment with what the unit sets of the configuration; what is here wins."""
    return {**_settings(service), **environ}


def set_by_unit(service: Standing | None, environ: Mapping[str, str]) -> str:
    """Return which keys the unit sets, in a line for who looks at the file; empty for none."""
    names = sorted(_settings(service).keys() - environ.keys())
    return f"{UNIT} sets {', '.join(names)}, which counts here too" if names else ""


def _settings(service: Standing | None) -> dict[str, str]:
    """Return the variables of a unit that stand for keys of the configuration."""
    given = service.given.items() if service else ()
    return {
        name: value
        for name, value in given
        if name.upper().startswith(PREFIX) and name not in OURS and value
    }


def over(handed: Mapping[str, str], environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is handed over, and what an environment says before that."""
    return {**handed, **{name: value for name, value in environ.items() if value}}


def runs_as(service: Standing | None) -> User | None:
    """Return as whom the service runs, where that is somebody else than root, who we are."""
    if os.geteuid() != 0 or service is None or service.user is None:
        return None
    return rights.user(service.user, service.groups)


def unreadable(path: Path, who: User | None, subject: str = "config") -> Iterator[Finding]:
    """Yield what is wrong with a file that the service has to read, if it is."""
    blocked = rights.wall(path, os.R_OK, who) if who and path.exists() else None
    if who and blocked:
        whose, mode = rights.owned(blocked)
        yield Finding(
            subject=subject,
            state="error",
            detail=f"{path} cannot be read by {who.name}, as whom the service runs: {blocked} "
            f"belongs to {whose} with mode {mode}",
            remedy=f"{rights.opening(blocked, path, who)} && {START}",
        )


def secrets_unread(
    loaded: Loaded, who: User | None, environ: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield the files with secrets that the configuration names and the service cannot read.

    environ: with what the service is handed, which comes before those files
    """
    twilio = loaded.config.twilio
    if twilio is None or "CREDENTIALS_DIRECTORY" in environ:
        return
    for key in CREDENTIALS:
        file = getattr(twilio, f"{key}_file")
        if file is not None and not environ.get(f"WATCHCALL_TWILIO__{key.upper()}"):
            yield from unreadable(loaded.folder / file, who, "credentials")


def state_directory(folder: Path, service: Standing, who: User) -> Finding:
    """Whether the service can keep its database there."""
    made = folder == service.state_dir  # by systemd, before each start
    if made and folder.is_symlink():
        return _wrong(
            f"{folder} is a symbolic link, and systemd takes none there (238/STATE_DIRECTORY)",
            f"rm {folder} && mkdir {folder}, and mount the other place on it (mount --bind, fstab)",
        )
    if not folder.exists():
        blocked = None if made else rights.wall(folder, os.W_OK | os.X_OK, who)
        if blocked is None:
            return Finding(subject="state directory", state="ok", detail=f"{folder} can be made")
        return _cannot_write(blocked, who, f"install -d -m 700 -o {who.name} {folder}")
    for path in (folder, *_ours(folder)):
        wanted = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
        if blocked := rights.wall(path, wanted, who):
            return _cannot_write(blocked, who, _given(folder, blocked, who))
    return Finding(
        subject="state directory", state="ok", detail=f"{folder} can be written by {who.name}"
    )


def _ours(folder: Path) -> Iterator[Path]:
    return (path for pattern in MINE for path in sorted(folder.glob(pattern)))


def _given(folder: Path, blocked: Path, who: User) -> str:
    if blocked != folder and blocked in folder.parents:
        return f"let {who.name} pass {blocked}, or set daemon.state_dir to another place"
    if blocked.stat().st_uid == who.uid:
        mode = "700" if stat.S_ISDIR(blocked.stat().st_mode) else "600"
        return f"chmod {mode} {blocked} && {START}"
    return f"chown -R {who.name}: {folder} && {START}"


def _cannot_write(blocked: Path, who: User, remedy: str) -> Finding:
    whose, mode = rights.owned(blocked)
    return _wrong(
        f"{who.name}, as whom the service runs, cannot write {blocked}: it belongs to {whose} with "
        f"mode {mode}",
        remedy,
    )


def _wrong(detail: str, remedy: str) -> Finding:
    return Finding(subject="state directory", state="error", detail=detail, remedy=remedy)
