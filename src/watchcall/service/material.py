"""The files that make WatchCall a service, as they are laid down for one program."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[2]
UNITS = Path("etc/systemd/system")
USERS = Path("etc/sysusers.d")
CONFIGURATION = Path("etc/watchcall")
PACKAGED = re.compile(r"/usr/bin/watchcall(?![\w-])")  # where a package has the program
MARK = re.compile(r"# Laid down by `watchcall install-service`; sha256 of the rest: ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """One file: where, below the root, and what is in it."""

    place: Path
    text: str


def service(program: Path) -> tuple[Laid, ...]:
    """Return the files for a program that is there, and not at /usr/bin/watchcall."""
    return tuple(
        Laid(place=place, text=marked(PACKAGED.sub(str(program), source.read_text("utf-8"))))
        for place, source in _sources(_material())
    )


def marked(text: str) -> str:
    """Return text that says of itself who laid it down, and whether it was changed since."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"# Laid down by `watchcall install-service`; sha256 of the rest: {digest}\n{text}"


def unchanged(text: str) -> bool:
    """Whether a file is as `install-service`, of whichever version, has laid it down."""
    mark, _, rest = text.partition("\n")
    return MARK.fullmatch(mark) is not None and marked(rest) == text


def laid_down(text: str) -> bool:
    """Whether a file was laid down by `install-service`, changed since or not."""
    return MARK.fullmatch(text.partition("\n")[0]) is not None


def _sources(folder: Path) -> Iterator[tuple[Path, Path]]:
    for unit in sorted((folder / "systemd").glob("*.service")):
        yield UNITS / unit.name, unit
    for users in sorted((folder / "systemd" / "sysusers.d").glob("*.conf")):
        yield USERS / users.name, users
    example = folder / "config.toml.example"
    yield CONFIGURATION / example.name, example


def _material() -> Path:
    """Wheels have it beside this file; a checkout that is used as it is, where it is written."""
    return HERE if (HERE / "systemd").is_dir() else CHECKOUT
