"""A copy of this checkout, in which a shown command does what it does here and spoils nothing.

Its `.venv` is the environment that runs the tests, so that nothing is set up anew.
"""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.docs.blocks import ROOT

IGNORED = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
# What this run was given, and the `make` that it may be part of, are not for those that it starts.
FOREIGN = ("ARGS", "MAKE", "MFLAGS", "NO_COLOR", "PYTEST_", "PYTHON", "VIRTUAL_ENV", "WATCHCALL_")
CACHE = ".mypy_cache"  # of the same sources
ENTER = "Press Enter"


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where it is."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Checkout:
        # With the times of its files, by which mypy knows them.
        shutil.copytree(ROOT, folder, ignore=_ignored, symlinks=True)
        if (ROOT / CACHE).is_dir():
            shutil.copytree(ROOT / CACHE, folder / CACHE)
        (folder / ".venv").mkdir()
        for part in Path(sys.prefix).iterdir():
            if part.name != ".installed":
                (folder / ".venv" / part.name).symlink_to(part)
        (folder / ".venv" / ".installed").touch()
        return cls(folder)

    def run(self, command: str, **environ: str) -> str:
        """Run a command as it is written, which must end well; return what it says."""
        with self._started(command, subprocess.DEVNULL, subprocess.PIPE, environ) as process:
            said, _ = process.communicate()
        return _well(command, process.returncode, said)

    def typed(self, command: str) -> str:
        """The same on a terminal, with Enter pressed where that is asked for."""
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, 100))
        said, pressed = "", 0
        with self._started(command, theirs, theirs, {"TERM": "xterm"}) as process:
            os.close(theirs)
            while some := _read(ours):
                said += some
                if said.count(ENTER) > pressed:
                    os.write(ours, b"\n")
                    pressed += 1
            process.wait()
        os.close(ours)
        return _well(command, process.returncode, said)

    @contextmanager
    def _started(
        self, command: str, stdin: int, output: int, environ: dict[str, str]
    ) -> Iterator[subprocess.Popen[str]]:
        """Start a command, the first of a group of its own, of which nothing is left at the end."""
        own = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=self.folder,
            env={**own, "PYTHONPATH": str(self.folder / "src"), **environ},
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def files(self) -> dict[str, bytes]:
        """Return what is in the files that may be committed."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and IGNORED.isdisjoint(path.relative_to(self.folder).parts[:-1])
        }


def _ignored(folder: str, names: list[str]) -> set[str]:
    return {
        name
        for name in names
        if name == ".git"
        or ((name in IGNORED or name.endswith(".egg-info")) and (Path(folder) / name).is_dir())
    }


def _well(command: str, code: int, said: str) -> str:
    assert code == 0, f"{command}: exit code {code}:\n{said}"
    return said


def _read(terminal: int) -> str:
    """Return what comes next, nothing at the end: Linux then says EIO."""
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:
        return ""
