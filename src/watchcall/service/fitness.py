"""What keeps WatchCall from being a service of this machine: one sentence for each."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import watchcall

BOOTED = Path("/run/systemd/system")  # sd_booted(3)
PACKAGE = Path("usr/lib/systemd/system/watchcall.service")
# 247 is the first that hands over secrets (LoadCredential=) and leaves other users' processes to be
# seen on demand (ProtectProc=). An older one starts the unit, and the daemon has no token.
OLDEST = 247
TRIED = 252
# What stands in a unit as it is, without quotes or doubled percent signs.
PLAIN = re.compile(r"[\w/.+@:=~-]+", re.ASCII)


def program() -> Path:
    """Return this very program, as it was installed; it may be missing."""
    return Path(sysconfig.get_path("scripts")) / "watchcall"


def unprivileged(words: str) -> str:
    """Return what to say to somebody who is not root; sudo has a PATH of its own."""
    return f"installing a service is root's: sudo {program()} {words}"


def unfit(root: Path, started: Path, *, live: bool) -> Iterator[str]:
    """Yield what is wrong, whatever is in the places of the files.

    started: the program that the units are to start
    live: it is for the system that runs, rather than for one that lies in a folder
    """
    if (root / PACKAGE).exists():
        yield (
            f"{root / PACKAGE} is there: a package has made WatchCall a service already. Use that "
            "(systemctl enable --now watchcall), or remove the package first"
        )
    if not started.is_file():
        yield (
            f"{started} is not there, so nothing could be started: install WatchCall "
            "(pip install, pipx install --global), and run install-service of that one"
        )
    elif not PLAIN.fullmatch(str(started)):
        yield (
            f"{started} has characters that mean something in a unit: "
            "install it where the path has letters, digits and -._+@ only"
        )
    elif live:
        yield from _out_of_reach(started)
    if live:
        yield from _systemd()


def _out_of_reach(started: Path) -> Iterator[str]:
    """The daemon is an ordinary user; what is below /root (pipx, pyenv) is not for it."""
    needed = (started, Path(sys.executable), Path(watchcall.__file__))
    walls = (next(_walls(one), None) for one in needed)
    for wall in dict.fromkeys(wall for wall in walls if wall):
        yield (
            f"{wall} is closed to the user watchcall, and {started} needs what is in it: install "
            "where everybody may read, say `pipx install --global` or a virtual environment in "
            "/opt, with the system's own python3"
        )


def _walls(path: Path) -> Iterator[Path]:
    """Yield what others than its owner cannot pass on the way to a file, links followed."""
    for way in dict.fromkeys((path, path.resolve())):
        yield from (place for place in (*reversed(way.parents), way) if not _open(place))


def _open(place: Path) -> bool:
    try:
        mode = place.stat().st_mode
    except OSError:  # not even we may look
        return False
    return bool(mode & (stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH))


def _systemd() -> Iterator[str]:
    if not BOOTED.is_dir():
        yield (
            "systemd does not run this machine: start `watchcall run` by what does, as a user of "
            "its own (with --root DIR the files are laid down for another machine)"
        )
        return
    version = systemd_version()
    if version is not None and version < OLDEST:
        yield (
            f"systemd {version} runs this machine, and the unit needs {OLDEST}: an older one would "
            "start it and not hand over Twilio's token"
        )


def systemd_version() -> int | None:
    """Return the version of systemd, None where it does not say."""
    tool = shutil.which("systemctl")
    if tool is None:
        return None
    said = subprocess.run([tool, "--version"], text=True, capture_output=True, check=False)
    found = re.match(r"systemd (\d+)", said.stdout)
    return int(found[1]) if found else None
