#!/usr/lib/watchcall/bin/python3
"""Restarts the daemon once a new version is complete, unless that would end it.

usage: restart COMMAND..., which starts or restarts the unit that is named behind it

Both packages run it. A configuration can have become wrong while the daemon goes on with the one
before, and a new version can refuse what the old one took. Then the old process watches on: it has
read all of its program at its start. Whatever keeps WatchCall from watching is said on stderr. The
exit code is 0: a package that counts as broken mends nothing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from watchcall import __version__
from watchcall.config.locate import SYSTEM
from watchcall.service.fitness import BOOTED
from watchcall.service.material import laid_down
from watchcall.service.standing import UNIT, systemctl

PROGRAM = "/usr/bin/watchcall"
VARIABLE = "WATCHCALL_CONFIG"  # names the configuration where no flag does
PATIENCE_S = 120.0
NOT_RESTARTED = """\
WATCHCALL WAS NOT RESTARTED. Version {version} refuses its configuration:
{why}
What ran before goes on watching, as it is in memory; the next start would fail.
Mend {config}, then:
watchcall validate && systemctl restart watchcall"""
MASKED = """\
WATCHCALL WAS NOT RESTARTED: {unit} is masked, and what ran before goes on.
To let version {version} watch:
systemctl unmask watchcall && systemctl restart watchcall"""
NOT_WATCHING = """\
WATCHCALL DOES NOT WATCH: {unit} is enabled, and {state}.{why}
systemctl status watchcall says more. Once that is mended: systemctl start watchcall"""


def main(restart: list[str]) -> None:
    if not BOOTED.is_dir():
        return
    systemctl("daemon-reload")
    if laid_down(_text(Path(shown("FragmentPath") or "/dev/null"))):
        return  # it starts a program of its own, which is as it was
    pid = shown("MainPID") or "0"  # nothing, where systemctl is told to ask nobody: in a chroot
    process, runs = Path("/proc", pid), pid != "0"
    if shown("LoadState") == "masked":
        if runs:
            say(MASKED.format(unit=UNIT, version=__version__))
        return
    if runs and (why := refusal(process)):
        say(NOT_RESTARTED.format(version=__version__, why=why, config=config(process)))
        return
    subprocess.run([*restart, UNIT], stdout=subprocess.DEVNULL, check=False)
    if (state := shown("ActiveState")) != "active" and shown("UnitFileState") == "enabled":
        why = _answer(["runuser", "-u", "watchcall", "--", PROGRAM, "validate"])
        say(
            NOT_WATCHING.format(
                unit=UNIT, state=state, why=f" Its configuration:\n{why}" * bool(why)
            )
        )


def refusal(process: Path) -> str:
    """Return why this version refuses what a daemon runs with, empty where it does not.

    It is asked as that process: by its user, and with what its unit gives it.
    """
    status = process.stat()
    groups = next(line for line in _text(process / "status").splitlines() if "Groups:" in line)
    return _answer(
        [PROGRAM, "validate", *_flag(process)],
        environ=_environ(process),
        user=status.st_uid,
        group=status.st_gid,
        groups=list(map(int, groups.split()[1:])),
    )


def config(process: Path) -> str:
    """Return where the configuration is that a daemon runs with, as it was told."""
    flag = _flag(process)
    named = flag[-1].removeprefix("--config=") if flag else _environ(process).get(VARIABLE)
    return named or str(SYSTEM)


def _flag(process: Path) -> list[str]:
    """Return the words by which its configuration was named, none where none did."""
    words = _text(process / "cmdline").split("\0")
    if "--config" in words:
        at = words.index("--config")
        return words[at : at + 2]
    return [word for word in words if word.startswith("--config=")][-1:]


def _environ(process: Path) -> dict[str, str]:
    pairs = (process / "environ").read_bytes().decode("utf-8", "surrogateescape").split("\0")
    return dict(pair.partition("=")[::2] for pair in pairs if "=" in pair)


def _answer(
    words: list[str],
    environ: dict[str, str] | None = None,
    user: int | None = None,
    group: int | None = None,
    groups: list[int] | None = None,
) -> str:
    """Return what a command says that fails, empty where it does not."""
    try:
        done = subprocess.run(
            words,
            env=environ,
            user=user,
            group=group,
            extra_groups=groups,
            text=True,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"{error}"
    return (done.stderr or done.stdout).strip() if done.returncode else ""


def shown(name: str) -> str:
    return systemctl("show", "--value", f"--property={name}", UNIT).strip()


def say(text: str) -> None:
    sys.stderr.write("".join(f"watchcall: {line}\n" for line in text.splitlines()))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


if __name__ == "__main__":
    main(sys.argv[1:])
