"""Who may write and read where: what is wrong with owners and modes, and what would be right.

Where nothing is wrong with them and permission is denied all the same, that is said too.
"""

from __future__ import annotations

import errno
import fcntl
import grp
import os
import pwd
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from watchcall import confinement

REFUSALS = (errno.EACCES, errno.EPERM)
STATUS = Path("/proc/self/status")
# Bits of capabilities(7): with them modes are no obstacle to reading, or to anything.
DAC_OVERRIDE, DAC_READ_SEARCH = 1 << 1, 1 << 2
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
GROUP = "watchcall"  # of those who may read the configuration, where the service is installed


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody whose rights are judged, by owners and modes alone: no access list, no capability.

    gid:    the primary group; groups: all of them
    """

    name: str
    uid: int
    gid: int
    groups: frozenset[int]


def user(name: str, more: Sequence[str] = ()) -> User | None:
    """Return somebody by name, in more groups by theirs; None where there is no such user."""
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    own = os.getgrouplist(name, found.pw_gid)
    groups = frozenset((*own, *filter(None, map(_gid, more))))
    return User(name=name, uid=found.pw_uid, gid=found.pw_gid, groups=groups)


def ourselves() -> User:
    """Return who runs this program."""
    uid, gid = os.geteuid(), os.getegid()
    return User(name=name_of(uid), uid=uid, gid=gid, groups=frozenset((gid, *os.getgroups())))


def wall(path: Path, wanted: int, who: User) -> Path | None:
    """Return what keeps somebody from a file: it, or a folder on the way; None where nothing does.

    wanted: as for access(2). Where nothing is, the nearest folder is judged: may it be made there?
    Raises OSError where we may not look ourselves.
    """
    for way in dict.fromkeys((path.absolute(), path.resolve())):
        for folder in filter(Path.exists, reversed(way.parents)):
            if not _allows(folder.stat(), os.X_OK, who):
                return folder
    try:
        return None if _allows(path.stat(), wanted, who) else path
    except (FileNotFoundError, NotADirectoryError):
        folder = next(filter(Path.exists, path.absolute().parents))
        return None if _allows(folder.stat(), os.W_OK | os.X_OK, who) else folder


def opening(blocked: Path, path: Path, who: User) -> str:
    """Return the commands that let somebody read a file.

    blocked: the wall before it
    """
    found = blocked.stat()
    folder = stat.S_ISDIR(found.st_mode)
    if found.st_uid == who.uid:
        return f"chmod u+r{'x' * folder} {blocked}"
    if blocked not in (path, path.parent):
        return f"put it where {who.name} may read it: {blocked} is closed"
    allowing = stat.S_IRGRP | (stat.S_IXGRP if folder else 0)
    group, commands = found.st_gid, []
    if group == 0 or (found.st_mode & allowing) != allowing:
        group = daemon_group() or who.gid
        mode = stat.S_IMODE(found.st_mode) & ~stat.S_IRWXO | allowing
        commands += [f"chgrp {_group(group)} {blocked}", f"chmod {mode:o} {blocked}"]
    if group not in who.groups:  # which counts from the next login
        commands.append(f"usermod -aG {_group(group)} {who.name}")
    return " && ".join(commands)


def owned(path: Path) -> tuple[str, str]:
    """Return whose a file is, and its mode, for people."""
    found = path.stat()
    whose = f"{name_of(found.st_uid)}:{_group(found.st_gid)}"
    return whose, f"{stat.S_IMODE(found.st_mode):04o}"


def advice(path: Path) -> str | None:
    """Return what would let us read a file; None where it is not owner and mode that deny it."""
    us = ourselves()
    try:
        blocked = wall(path, os.R_OK, us) if us.uid else None
    except OSError:
        return None
    if blocked is None:
        return None
    commands = opening(blocked, path, us)
    return f"{commands} (from the next login on)" if "usermod" in commands else commands


def daemon_group() -> int | None:
    """Return the number of the daemon's group, None where this machine has no such group."""
    return _gid(GROUP)


def service_group() -> str | None:
    """Return the group of those who may read the configuration, where the service is installed."""
    return None if daemon_group() is None else GROUP


def denied(path: Path) -> str | None:
    """Return why we may not write to a file, or into a folder, that is there; None where we may.

    A disk that is read-only denies it to everybody: that is no matter of rights.
    """
    if not there(path) or os.statvfs(path).f_flag & os.ST_RDONLY:
        return None
    folder = path.is_dir()
    wanted = os.R_OK | os.W_OK | (os.X_OK if folder else 0)
    if os.access(path, wanted):
        return None
    if granted(path, wanted):  # SELinux answers access(2) too
        refused = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return f"{path}: {explained(refused, path, wanted)}"
    found = path.stat()
    us, right = name_of(os.geteuid()), "0700" if folder else "0600"
    return (
        f"{path} belongs to {name_of(found.st_uid)} with mode {stat.S_IMODE(found.st_mode):04o}, "
        f"and WatchCall runs as {us}: it must belong to {us} with mode {right}"
    )


def explained(error: OSError, path: Path | None = None, wanted: int = os.R_OK) -> str:
    """Return what an error says; of a refusal also who may be behind it, where modes are not.

    path:   what it was about, if it was a file; wanted: as for access(2)
    """
    said = error.strerror or str(error) or repr(error)
    if error.errno not in REFUSALS:
        return said
    suspect = confinement.suspect()
    if path is None:
        return f"{said}; {suspect}" if suspect else said
    if not granted(path, wanted):
        return said
    blamed = suspect or "a sandbox, a security module or the file system denies it"
    return f"{said}, though owner and mode allow it; {blamed}"


def granted(path: Path, wanted: int) -> bool:
    """Whether owners and modes alone would allow it, of the file and of each folder on the way.

    Not by access(2), which asks security modules too. Where an access list says more than the
    modes, or programs may not be run at all, nothing is granted: others may have denied it.
    """
    way = path.absolute()
    for folder in reversed(way.parents):
        try:
            if not _grants(folder, os.X_OK):
                return False
        except OSError as error:
            return error.errno in REFUSALS  # though all above it is open to us
    try:
        return _grants(way, wanted)
    except FileNotFoundError:
        return bool(wanted & os.W_OK) and granted(way.parent, os.W_OK | os.X_OK)
    except OSError as error:
        return error.errno in REFUSALS


def lock_refused(path: Path) -> OSError | None:
    """Return how a lock on a file that may be read is refused; None where it is only held.

    On Linux a lock that somebody holds is EAGAIN. The first byte of a database is nobody's: SQLite
    locks none of it (sqlite.org/lockingv3.html).
    """
    try:
        with path.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1)
    except OSError as error:
        return error if error.errno in REFUSALS else None
    return None


def too_open(folder: Path, *files: Path) -> list[str]:
    """Return a sentence for each thing that others may do here and must not."""
    found = []
    mode = _mode(folder)
    if mode & OTHERS_WRITE:
        found.append(f"others can write into {folder} (mode {mode:04o}): chmod 700 {folder}")
    for file in files:
        mode = _mode(file)
        if mode & (OTHERS_READ | OTHERS_WRITE):
            found.append(f"others can read {file} (mode {mode:04o}): chmod 600 {file}")
    return found


def there(path: Path) -> bool:
    """Whether something is there, as far as we may see."""
    try:
        return path.exists()
    except PermissionError:
        return False


def _grants(path: Path, wanted: int) -> bool:
    found, capable = path.stat(), _capabilities()
    any_x = bool(found.st_mode & 0o111) or stat.S_ISDIR(found.st_mode)
    if wanted & os.X_OK and os.statvfs(path).f_flag & os.ST_NOEXEC and path.is_file():
        return False
    if capable & DAC_OVERRIDE:
        return any_x or not wanted & os.X_OK
    if capable & DAC_READ_SEARCH:
        wanted &= ~(os.R_OK | (os.X_OK if path.is_dir() else 0))
    if found.st_uid == os.geteuid():
        return (found.st_mode >> 6) & wanted == wanted
    if _has_access_list(path):
        return False
    ours = found.st_gid in (os.getegid(), *os.getgroups())
    return (found.st_mode >> (3 if ours else 0)) & wanted == wanted


def _allows(found: os.stat_result, wanted: int, who: User) -> bool:
    if who.uid == 0:
        return True
    if found.st_uid == who.uid:
        return (found.st_mode >> 6) & wanted == wanted
    return (found.st_mode >> (3 if found.st_gid in who.groups else 0)) & wanted == wanted


def _has_access_list(path: Path) -> bool:
    try:
        return bool(os.getxattr(path, "system.posix_acl_access"))
    except OSError:
        return False


def _capabilities() -> int:
    """Return the effective ones (proc(5), "CapEff")."""
    lines = STATUS.read_text().splitlines()
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) if there(path) else 0


def name_of(uid: int) -> str:
    """Return who somebody is; the number where nobody has that name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _gid(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
