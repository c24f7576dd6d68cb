"""The files: where they belong, whose they are, and how they get there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import signal
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchcall.config.locate import SYSTEM, own
from watchcall.init.answers import KEY
from watchcall.rights import daemon_group

CREDENTIALS = {"key": "twilio_api_key_secret", "token": "twilio_auth_token"}
EXAMPLE = "config.toml.example"  # a package lays it down here, `install-service` there
EXAMPLES = (Path("/usr/share/doc/watchcall") / EXAMPLE, SYSTEM.with_name(EXAMPLE))
SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where the configuration belongs.

    system: it is the one that watchcall.service reads
    mode:   of the configuration
    group:  whose it is besides; None where only its owner may read it
    """

    path: Path
    system: bool
    mode: int
    group: int | None = None

    def secret(self, means: str | None) -> Path:
        """Return the file of the secret; its name is that of systemd's credential."""
        return self.path.parent / CREDENTIALS["key" if means == KEY else "token"]


def home(named: Path | None, environ: Mapping[str, str], root: bool) -> Home:
    """Return where to write: the file that is named, else where it is looked for.

    Root's may be read by the group of the daemon, where there is one.
    """
    given = named or (
        Path(environ["WATCHCALL_CONFIG"]) if environ.get("WATCHCALL_CONFIG") else None
    )
    path = given or (SYSTEM if root else own(environ))
    path = Path(os.path.realpath(path))  # a link stays a link: what it leads to is written
    if not root:
        return Home(path=path, system=False, mode=0o600)
    return Home(path=path, system=path == SYSTEM, mode=0o640, group=daemon_group())


def example() -> str:
    """Return where the example is that explains every key; its name, where none was laid down."""
    return str(next((one for one in EXAMPLES if one.is_file()), EXAMPLE))


def unwritable(path: Path) -> int | None:
    """Return why no file can be put there, by its errno, None where it can: known before anything
    is asked."""
    try:
        if path.is_dir():
            return errno.EISDIR
        folder = next(one for one in path.absolute().parents if one.exists())
        read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
    except OSError as error:
        return error.errno or errno.EIO
    if not folder.is_dir():
        return errno.ENOTDIR
    if read_only:  # access(2) alone does not say which it is
        return errno.EROFS
    return None if os.access(folder, os.W_OK | os.X_OK) else errno.EACCES


def backup_of(path: Path) -> Path:
    """Return the name under which an old file is kept: the first that is free."""
    names = (f"{path.name}.bak{nth or ''}" for nth in range(1000))
    return next(path.with_name(name) for name in names if not os.path.lexists(path.parent / name))


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What is to stand where."""

    path: Path
    text: str
    mode: int
    group: int | None = None


def write(files: Sequence[File], group: int | None, lost: Collection[Path] = ()) -> list[Path]:
    """Write all files, or none of them; return where the old ones are. Raises OSError.

    group: of folders that have to be made, which are nobody else's
    lost:  files that need not be kept
    """
    for file in files:
        _folder(file.path.parent, group)
    prepared: list[Path] = []
    try:
        for file in files:
            prepared.append(_prepared(file))
        with _undisturbed():
            old = [file for file in files if file.path not in lost]
            backups = [kept for file in old if (kept := _kept(file))]
            for file, ready in zip(files, prepared, strict=True):
                ready.replace(file.path)
    finally:
        for ready in prepared:
            ready.unlink(missing_ok=True)
    for folder in {file.path.parent for file in files}:
        _sync(folder)
    return backups


def _folder(folder: Path, group: int | None) -> None:
    if folder.is_dir():
        return
    folder.mkdir(parents=True, mode=0o700)
    if group is not None:
        os.chown(folder, -1, group)
        folder.chmod(0o750)


def _prepared(file: File) -> Path:
    """Write a file beside where it belongs, safe on the disk; others never see a part of it."""
    path = file.path.with_name(f".{file.path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            if file.group is not None:
                os.fchown(descriptor, -1, file.group)
            os.fchmod(descriptor, file.mode)
            out.write(file.text)
            out.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _kept(file: File) -> Path | None:
    """Keep an old file under another name, as it is: its owner, its mode, its times."""
    if not os.path.lexists(file.path) or _same(file):
        return None
    backup = backup_of(file.path)
    try:
        backup.hardlink_to(file.path)
    except OSError:  # a file system without links
        shutil.copy2(file.path, backup)
    return backup


def _same(file: File) -> bool:
    try:
        return file.path.read_text("utf-8") == file.text
    except (OSError, ValueError):
        return False


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no Ctrl-C come between two files that belong together; it comes right after."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
