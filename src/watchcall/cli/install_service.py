"""`watchcall install-service`: units, user and an example, where no package has laid them down."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from watchcall.cli.exits import FINE, NOT_FINE
from watchcall.errors import ServiceError
from watchcall.rights import GROUP
from watchcall.service import fitness, laying
from watchcall.service.laying import Found, State
from watchcall.service.material import CONFIGURATION, UNITS, USERS, service

EXAMPLE = "sudo /opt/watchcall/bin/watchcall install-service --dry-run"
UNIT = "watchcall.service"
NEXT = """\
Next: write {config} ({example} shows every key),
Twilio's token into {token} (mode 600), then
  {program} validate
  systemctl enable --now watchcall"""
AGAIN = "Next: systemctl restart watchcall, if it runs"
LEFT = """\
The configuration, what was told and the user are still there. To be rid of them, too:
  rm -r {config} /var/lib/watchcall; userdel watchcall"""

# What was laid down comes before a package's unit; without it that one counts, and nothing runs it.
PACKAGED = """\
A package's unit is there, {unit}: {now}. Next:
  systemctl enable --now watchcall"""
COVERED = """\
{mine} stays, so it still comes before a package's unit, {unit}. To let that one count:
  systemctl revert watchcall"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be done; anybody may"
    )
    parser.add_argument(
        "--root", type=Path, metavar="DIR", help="for the system in that folder; runs nothing"
    )
    parser.add_argument(
        "--remove", action="store_true", help="stop the service, and take away what was laid down"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help=f"replace files of others as well; they stay beside as *{laying.SAVED}",
    )


def run(args: argparse.Namespace) -> int:
    live = args.root is None
    root = Path("/") if live else args.root.absolute()
    started = fitness.program()
    if live and os.geteuid() != 0 and not args.dry_run:
        return _refused([fitness.unprivileged(" ".join(_words(args)))])
    if not args.remove and (problems := [*fitness.unfit(root, started, live=live)]):
        return _refused(problems)
    try:
        found = laying.look(root, service(started))
        if args.remove:
            return _remove(args, root, found, live=live)
        return _install(args, root, found, live=live)
    except OSError as error:
        raise ServiceError(f"{error.filename or root}: {error.strerror}") from error


def _words(args: argparse.Namespace) -> Iterator[str]:
    yield "install-service"
    yield from (f"--{flag}" for flag in ("remove", "force") if getattr(args, flag))


def _refused(problems: Sequence[str]) -> int:
    for problem in problems:
        print(f"watchcall: {problem}", file=sys.stderr)
    return NOT_FINE


def _install(args: argparse.Namespace, root: Path, found: Sequence[Found], *, live: bool) -> int:
    foreign = [one for one in found if one.foreign]
    if foreign and not args.force:
        return _refused([*(_in_the_way(one) for one in foreign), "nothing was changed"])
    for one in found:
        print(_told(one, dry=args.dry_run))
    if args.dry_run:
        return FINE
    folder = root / CONFIGURATION
    fresh = not folder.is_dir()  # else its owner and mode are somebody's choice
    laying.lay(found)
    if fresh:
        folder.chmod(0o750)
    if live:
        _settle(found, folder if fresh else None)
        for path in laying.hand_over(folder, GROUP):
            print(f"{path}: the group {GROUP} may read it now")
    elif fresh:
        print(f"{folder}: give it to the group {GROUP}, once systemd-sysusers has made that")
    print(_next(root, again=(folder / "config.toml").exists()))
    return FINE


def _settle(found: Sequence[Found], fresh: Path | None) -> None:
    """Let systemd take notice; a folder that is new becomes the group's."""
    users = (str(one.path) for one in found if one.laid.place.parent == USERS)
    _command("systemd-sysusers", *users)
    if fresh is not None:
        shutil.chown(fresh, group=GROUP)
    _command("systemctl", "daemon-reload")
    version = fitness.systemd_version()
    if version is not None and version < fitness.TRIED:
        print(
            f"watchcall: systemd {version} knows all that the unit asks for, but it was only tried "
            f"with {fitness.TRIED} and newer",
            file=sys.stderr,
        )


def _in_the_way(one: Found) -> str:
    """Return what to do about a file that somebody else has written."""
    if one.path.is_symlink():
        there = f"a link to {one.path.readlink()}"
        return f"{one.path} is {there}: systemctl unmask {one.path.name}, or --force"
    return (
        f"{one.path} {one.state.value}: move it away (changes to a unit belong into a drop-in: "
        f"systemctl edit watchcall), or --force keeps it as "
        f"{laying.saved(one.path).name}"
    )


def _told(one: Found, *, dry: bool) -> str:
    if one.state is State.SAME:
        return f"{one.path}: as it is"
    verb = "write" if one.state is State.MISSING else "replace"
    done = f"would {verb}" if dry else {"write": "written", "replace": "replaced"}[verb]
    kept = f"; what was there is {laying.saved(one.path).name}" if one.foreign else ""
    return f"{one.path}: {done}{kept}"


def _next(root: Path, *, again: bool) -> str:
    folder = root / CONFIGURATION
    if again:
        return AGAIN
    return NEXT.format(
        config=folder / "config.toml",
        example=folder / "config.toml.example",
        token=folder / "twilio_auth_token",
        program=fitness.program(),
    )


def _remove(args: argparse.Namespace, root: Path, found: Sequence[Found], *, live: bool) -> int:
    there = [one for one in found if one.state is not State.MISSING]
    for one in there:
        verb = "would be removed" if args.dry_run else "removed"
        print(f"{one.path}: {f'stays, it {one.state.value}' if one.foreign else verb}")
    if not there:
        print("nothing is there that install-service has laid down")
    if args.dry_run or not there:
        return FINE
    ours = [one.path.name for one in there if not one.foreign and one.laid.place.parent == UNITS]
    packaged = (root / fitness.PACKAGE).exists()
    if live and UNIT in ours:
        _command("systemctl", "disable", "--now", UNIT)
        _command("systemctl", "stop", *ours)  # what it may have started in its place
    laying.take_away(root, found, packaged=packaged)
    if live:
        _command("systemctl", "daemon-reload")
    print(
        _packaged(root, stopped=UNIT in ours)
        if packaged
        else LEFT.format(config=root / CONFIGURATION)
    )
    return FINE


def _packaged(root: Path, *, stopped: bool) -> str:
    """Return what watches this machine now: a package's unit, once somebody has started it."""
    mine, unit = root / UNITS / UNIT, root / fitness.PACKAGE
    if os.path.lexists(mine):
        return COVERED.format(mine=mine, unit=unit)
    now = (
        "neither enabled nor started, so NOTHING WATCHES NOW" if stopped else "not enabled by this"
    )
    return PACKAGED.format(unit=unit, now=now)


def _command(*words: str) -> None:
    """Run a tool of systemd's; raises ServiceError with what it says."""
    try:
        done = subprocess.run(words, text=True, capture_output=True, check=False)
    except OSError as error:
        raise ServiceError(f"{words[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        raise ServiceError(f"{' '.join(words)} failed: {done.stderr.strip() or done.returncode}")
