"""The packages, built once for the same sources, however many workers and test runs ask for them.

`python -m tests.packaging.built` builds them beforehand, and says where they are.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = "make package"  # as pages have it, with a folder of its own, and wheels
TOOLS = ("dh", "lintian", "rpmbuild", "rpm2cpio", "strip")
# Everything that can make another package of it.
SOURCES = ("src", "systemd", "packaging", "docs", "pyproject.toml", "constraints.txt")
DOCUMENTS = ("config.toml.example", "LICENSE", *sorted(one.name for one in ROOT.glob("*.md")))
PYTHON = "/usr/bin/python3"  # what packaging/build takes
OLDER = "0.0.9"
NEWER = "9.0.0"
STEP = """\
from sqlalchemy import Column, Text


def upgrade(db):
    db.add("incident", Column("later", Text))
"""
PIPS_TOOLS = ("hatchling", "pip", "pipx")
KEPT = 3  # builds, the newest, so that two branches do not take turns
# What one test run has set for itself, or the `make` that runs it, must not be in a package.
FOREIGN = (
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SOURCE_DATE_EPOCH"),
    *("ARGS", "MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "MFLAGS"),
)


@dataclass(frozen=True, slots=True)
class Packages:
    """Where they are.

    older: the same .deb with a lower version
    newer, newer_rpm: the same with a higher version, whose database has a schema more
    lintian: all that lintian has said of the .deb
    wheels: a folder from which pip installs without a network
    tools: the same for pipx, and for what makes wheels of sources
    """

    folder: Path

    @property
    def deb(self) -> Path:
        return _only(self.folder, "watchcall_*_*.deb")

    @property
    def older(self) -> Path:
        return _only(self.folder / "older", "*.deb")

    @property
    def rpm(self) -> Path:
        return _only(self.folder, "watchcall-*.rpm")

    @property
    def newer(self) -> Path:
        return _only(self.folder / "newer", "*.deb")

    @property
    def newer_rpm(self) -> Path:
        return _only(self.folder / "newer", "*.rpm")

    @property
    def wheels(self) -> Path:
        return self.folder / "wheels"

    @property
    def tools(self) -> Path:
        return self.folder / "tools"

    @property
    def lintian(self) -> str:
        return (self.folder / "lintian").read_text()


def missing() -> str:
    """Return what keeps packages from being built here, empty where nothing does."""
    tools = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"needs {', '.join(tools)}: apt install debhelper lintian rpm" if tools else ""


def packages() -> Packages:
    """Return the packages of these sources; build them where nobody has."""
    shelf = _shelf()
    with _locked(shelf):
        folder = shelf / _stamp()
        if not folder.is_dir():
            _build(shelf, folder)
        os.utime(folder)
        for old in sorted(_builds(shelf), key=lambda one: one.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old)
    return Packages(folder)


def _shelf() -> Path:
    above = (
        os.environ.get("WATCHCALL_TESTBED") or f"{tempfile.gettempdir()}/watchcall-{os.getuid()}"
    )
    shelf = Path(above) / "packages"
    shelf.mkdir(parents=True, exist_ok=True)
    return shelf


@contextmanager
def _locked(shelf: Path) -> Iterator[None]:
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _builds(shelf: Path) -> Iterator[Path]:
    return (one for one in shelf.iterdir() if one.is_dir() and not one.name.endswith(".new"))


def _stamp() -> str:
    """Return what changes with anything that goes into a package, and with this recipe."""
    seen = hashlib.sha256(os.path.realpath(PYTHON).encode() + Path(__file__).read_bytes())
    for place in (*SOURCES, *DOCUMENTS):
        path = ROOT / place
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                seen.update(f"{file.relative_to(ROOT)} {file.stat().st_mode}\0".encode())
                seen.update(file.read_bytes())
    return seen.hexdigest()[:16]


def _build(shelf: Path, folder: Path) -> None:
    new = shelf / f"{folder.name}.new"
    shutil.rmtree(new, ignore_errors=True)
    clean = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    make = [*COMMAND.split(), "--directory", str(ROOT), f"ARGS=--into {new} deb rpm wheels"]
    built = subprocess.run(make, env=clean, text=True, capture_output=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    made = Packages(new)
    _make_others(made.deb, new)
    _fetch(made.tools, new)
    (new / "lintian").write_text(_lint(made.deb))
    new.rename(folder)


def _fetch(into: Path, new: Path) -> None:
    """Fetch pip's own tools, where there is a network: where they are used there is none."""
    apart, constraints = new / "pip", ROOT / "constraints.txt"
    subprocess.run([PYTHON, "-m", "venv", apart], check=True)
    fetch = f"{apart}/bin/pip --quiet download --constraint {constraints} --dest {into}".split()
    clean = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    subprocess.run([*fetch, *PIPS_TOOLS], env=clean, check=True)
    shutil.rmtree(apart)


def _make_others(deb: Path, new: Path) -> None:
    """Make the same packages anew as other versions, which say so themselves, too."""
    tree = new / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
    _renumber(tree, OLDER)
    _pack(tree, new / "older")
    _renumber(tree, NEWER)
    _add_a_schema(next(tree.rglob("watchcall/store")))
    _pack(tree, new / "newer")
    _pack_rpm(tree, new / "newer")
    shutil.rmtree(tree)


def _renumber(tree: Path, version: str) -> None:
    _edit(tree / "DEBIAN" / "control", "\nVersion: ", f"{version}-1")
    _edit(next(tree.rglob("watchcall/__init__.py")), "\n__version__ = ", f'"{version}"')


def _add_a_schema(store: Path) -> None:
    """Let the program have a further step, as CONTRIBUTING.md says."""
    _, _, rest = (store / "schema.py").read_text().partition("\nVERSION = ")
    number = int(rest.partition("\n")[0]) + 1
    _edit(store / "schema.py", "\nVERSION = ", str(number))
    (store / "migrations" / f"to_{number}.py").write_text(STEP)
    with (store / "migrations" / "__init__.py").open("a") as steps:
        steps.write(f"from watchcall.store.migrations import to_{number}\n")
        steps.write(f"STEPS[{number}] = to_{number}.upgrade\n")


def _pack(tree: Path, into: Path) -> None:
    into.mkdir()
    # Not compressed: it is thrown away soon.
    build = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(into)]
    subprocess.run(build, check=True, capture_output=True)


def _pack_rpm(tree: Path, into: Path) -> None:
    """Make an .rpm of the tree of a .deb, with the time of the first build, as packaging/build."""
    for debian in ("DEBIAN", "usr/share/lintian"):
        shutil.rmtree(tree / debian)
    site = next(tree.rglob("site-packages"))
    told = {
        "_topdir": into / "rpm",
        "_rpmdir": into,
        "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        "tree": tree,
        "upstream": NEWER,
        "python": site.parent.name.removeprefix("python"),
    }
    defined = [word for key, value in told.items() for word in ("--define", f"{key} {value}")]
    time = str(int((site / "twilio" / "__init__.py").stat().st_mtime))
    subprocess.run(
        ["rpmbuild", "-bb", "--quiet", *defined, str(ROOT / "packaging" / "watchcall.spec")],
        env={**os.environ, "SOURCE_DATE_EPOCH": time},
        check=True,
        capture_output=True,
    )
    shutil.rmtree(into / "rpm")


def _edit(file: Path, key: str, value: str) -> None:
    before, _, after = file.read_text().partition(key)
    _, _, rest = after.partition("\n")
    file.write_text(f"{before}{key}{value}\n{rest}")


def _lint(deb: Path) -> str:
    words = ["lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "none", str(deb)]
    done = subprocess.run(words, text=True, capture_output=True, check=True)
    return done.stdout


def _only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


if __name__ == "__main__":
    sys.stdout.write(f"{missing() or packages().folder}\n")
