"""Files with secrets that others can read: which is refused, which is warned of."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watchcall.config.report import sentence
from watchcall.config.secrets import (
    CREDENTIALS,
    ENCRYPTED,
    above_the_file,
    folder_of,
    named_files,
)
from watchcall.config.sources import Problem, Sources
from watchcall.config.twilio import Twilio
from watchcall.rights import service_group


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """A file to which others may do too much: which, what they may, and what would be right."""

    path: Path
    detail: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.detail}: {self.remedy}"


def exposed(twilio: Twilio | None, sources: Sources) -> list[Exposed]:
    """Return the files with secrets that others can read, each once.

    First those that systemd (root) reads credentials from; they lie where the unit's
    LoadCredential= looks, beside the configuration. Then those that the configuration names.
    """
    found = [*_exposed_credentials(folder_of(sources))]
    known = {one.path for one in found}
    named = named_files(twilio, sources).items() if twilio else ()
    for key, path in named:
        mode = _mode_for_all(path)
        if mode is not None and path not in known:
            text = f"{path} can be read by everybody (mode {mode:04o})"
            detail = sentence(Problem(("twilio", f"{key}_file"), text), sources)
            found.append(Exposed(path=path, detail=detail, remedy=_closing(path)))
    return found


def _exposed_credentials(folder: Path) -> Iterator[Exposed]:
    for name in CREDENTIALS.values():
        path = folder / name
        try:
            found = path.stat()
        except (OSError, ValueError):
            continue
        if stat.S_ISDIR(found.st_mode):
            yield Exposed(
                path=path,
                detail=f"systemd credential {name}: {path} is a folder, and holds no secret",
                remedy=f"rmdir {path}, and write the secret into a file of that name, mode 0600",
            )
            continue
        group = stat.S_IRGRP if found.st_gid != 0 else 0
        if found.st_mode & (stat.S_IROTH | group):
            mode = stat.S_IMODE(found.st_mode)
            yield Exposed(
                path=path,
                detail=f"systemd credential {name}: {path} can be read by others (mode "
                f"{mode:04o}); only root needs to",
                remedy=f"chmod 600 {path}",
            )


def open_to_all(twilio: Twilio, sources: Sources, *, foreseen: bool) -> Iterator[Problem]:
    """Yield the files that a secret would be taken from and that everybody can read.

    foreseen: whether one is spared that systemd will hand over as a credential, which comes first
    """
    for key, path in named_files(twilio, sources).items():
        mode = _mode_for_all(path)
        spared = foreseen and _handed_over(key, folder_of(sources))
        if mode is None or spared or above_the_file(key, sources):
            continue
        text = f"{path} can be read by everybody (mode {mode:04o}); {_closing(path)}"
        yield Problem(("twilio", f"{key}_file"), text)


def _handed_over(key: str, folder: Path) -> bool:
    """Whether something lies where the unit's LoadCredential= looks for a secret."""
    name = CREDENTIALS[key]
    return any((folder / file).is_file() for file in (name, name + ENCRYPTED))


def _mode_for_all(path: Path) -> int | None:
    """Return the mode of a file that everybody can read; None of any other, or where none is."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except (OSError, ValueError):
        return None
    return mode if mode & stat.S_IROTH else None


def _closing(path: Path) -> str:
    """Return how a file is closed to everybody, so that those who are meant can still read it."""
    found = path.stat()
    if found.st_gid != 0 and found.st_mode & stat.S_IRGRP:
        return f"chmod 640 {path}"
    if found.st_uid == 0 and (group := service_group()):
        return f"chgrp {group} {path} && chmod 640 {path}"
    return f"chmod 600 {path}, and let it belong to the user that WatchCall runs as"
