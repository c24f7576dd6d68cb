"""What is in the packages, and what Debian's own checker says of them; nothing is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import text_of
from tests.packaging.built import DOCUMENTS, ROOT, Packages
from watchcall import __version__
from watchcall.cli import COMMANDS

pytestmark = pytest.mark.timeout(900)  # seconds; the first test may have to build them
SITE = re.compile(r"usr/lib/watchcall/lib/python3\.\d+/site-packages/")


@pytest.fixture(scope="module")
def tree(packages: Packages) -> Iterator[Path]:
    """The files of the .deb."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "--extract", packages.deb, folder], check=True)
        yield Path(folder)


def names(tree: Path) -> list[str]:
    return [str(path.relative_to(tree)) for path in tree.rglob("*") if not path.is_dir()]


def control(deb: Path, field: str) -> str:
    words = ["dpkg-deb", "--field", str(deb), field]
    return subprocess.run(words, text=True, capture_output=True, check=True).stdout.strip()


def of_rpm(rpm: Path, *words: str) -> list[str]:
    asked = ["rpm", "--query", "--package", *words, str(rpm)]
    return subprocess.run(asked, text=True, capture_output=True, check=True).stdout.splitlines()


def test_lintian_has_nothing_to_say(packages: Packages) -> None:
    assert packages.lintian == ""


def test_every_override_has_its_reason() -> None:
    text = (ROOT / "packaging/debian/watchcall.lintian-overrides").read_text()
    above = [
        before
        for before, line in zip(["", *text.splitlines()], text.splitlines(), strict=False)
        if line.startswith("watchcall:")
    ]

    assert above
    assert all(line.startswith("# ") for line in above)


def test_outside_of_the_environment_there_is_what_an_operator_looks_for(tree: Path) -> None:
    units = {f"usr/lib/systemd/system/{one.name}" for one in ROOT.glob("systemd/*.service")}
    pages = {
        f"usr/share/doc/watchcall/{one.relative_to(ROOT)}"
        for one in (ROOT / "docs").rglob("*")
        if one.is_file()
    }

    assert {name for name in names(tree) if not SITE.match(name)} == units | pages | {
        "usr/bin/watchcall",
        "usr/lib/sysusers.d/watchcall.conf",
        "usr/lib/watchcall/bin/python3",
        "usr/lib/watchcall/bin/python3.11",
        "usr/lib/watchcall/bin/restart",
        "usr/lib/watchcall/bin/watchcall",
        "usr/lib/watchcall/pyvenv.cfg",
        *(f"usr/share/doc/watchcall/{name}" for name in DOCUMENTS),
        "usr/share/doc/watchcall/changelog.Debian.gz",
        "usr/share/doc/watchcall/changelog.gz",
        "usr/share/doc/watchcall/copyright",
        "usr/share/lintian/overrides/watchcall",
        "usr/share/man/man1/watchcall.1.gz",
    }


def test_every_link_in_the_pages_leads_to_something_that_is_there(tree: Path) -> None:
    """LICENSE leads to Debian's own copyright."""
    folder = tree / "usr/share/doc/watchcall"
    dead = [
        f"{page.relative_to(folder)}: {target}"
        for page in folder.rglob("*.md")
        for target in re.findall(r"\]\(([^)\s#]+)", page.read_text("utf-8"))
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]

    assert len([*folder.rglob("*.md")]) > 30
    assert dead == []


def test_no_configuration_is_in_it_so_none_is_overwritten(packages: Packages, tree: Path) -> None:
    assert not (tree / "etc").exists()
    assert control(packages.deb, "Conffiles") == ""


def test_the_units_are_those_of_the_sources(tree: Path) -> None:
    for unit in ROOT.glob("systemd/*.service"):
        assert (tree / "usr/lib/systemd/system" / unit.name).read_bytes() == unit.read_bytes()


def test_the_environment_is_made_of_the_distributions_python(tree: Path) -> None:
    lib = tree / "usr/lib/watchcall"
    settings = dict(line.split(" = ") for line in (lib / "pyvenv.cfg").read_text().splitlines())

    assert (lib / "bin/python3").resolve() == (tree / "usr/bin/python3.11")
    assert settings["home"] == "/usr/bin"
    assert settings["executable"] == "/usr/bin/python3.11"
    assert "command" not in settings


def test_nothing_knows_where_it_was_built(packages: Packages, tree: Path) -> None:
    """Neither a text nor a library has the path of the build or of its user's home."""
    told = [b"/package.", str(ROOT).encode(), b"/.pyenv/"]
    for name in names(tree):
        path = tree / name
        if not path.is_symlink():
            content = path.read_bytes()
            assert not [word for word in told if word in content], name


def test_what_no_daemon_needs_is_left_out(tree: Path) -> None:
    inside = [SITE.sub("", name) for name in names(tree) if SITE.match(name)]

    assert not [name for name in inside if re.match(r"(pip|setuptools|wheel|_pytest|mypy)\b", name)]
    assert not [name for name in inside if "/tests/" in name or "__pycache__" in name]
    assert not [name for name in inside if re.search(r"\.(pyi|c|h|pyx)$", name)]
    assert not [name for name in inside if name.endswith(("/RECORD", "/direct_url.json"))]


def test_every_version_is_the_one_that_is_tested(tree: Path) -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    pinned = {re.sub(r"[-_.]+", "_", name).lower(): version for name, version in pinned.items()}
    there = dict(
        path.name.removesuffix(".dist-info").split("-") for path in tree.rglob("*.dist-info")
    )
    there = {re.sub(r"[-_.]+", "_", name).lower(): version for name, version in there.items()}

    assert there.pop("watchcall") == __version__
    assert there.keys() >= {"twilio", "apscheduler", "apprise"}
    assert there == {name: pinned.get(name) for name in there}


def test_who_may_install_it(packages: Packages) -> None:
    wanted = control(packages.deb, "Depends")

    assert "python3 (>= 3.11), python3 (<< 3.12~)" in wanted
    assert "systemd (>= 247)" in wanted
    assert control(packages.deb, "Version") == f"{__version__}-1"


def test_its_size_is_the_one_with_bytecode(packages: Packages, tree: Path) -> None:
    """Which is made at the installation, and is nearly as much again."""
    files = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir())
    sources = sum(path.stat().st_size for path in tree.rglob("*.py"))

    installed = int(control(packages.deb, "Installed-Size")) * 1024
    assert files + 0.7 * sources < installed < files + 2 * sources


def test_the_manual_page_has_every_command(tree: Path) -> None:
    page = tree / "usr/share/man/man1/watchcall.1.gz"
    shown = subprocess.run(["zcat", page], text=True, capture_output=True, check=True).stdout

    assert [
        name for name in COMMANDS if f".SS watchcall {name}".replace("-", r"\-") not in shown
    ] == []


def test_the_manual_page_is_found_and_read(tree: Path) -> None:
    if shutil.which("man") is None:
        pytest.skip("needs man")
    there = {**os.environ, "MANPATH": str(tree / "usr/share/man"), "MANPAGER": "cat"}
    words = ["man", "watchcall"]
    shown = subprocess.run(words, env=there, text=True, capture_output=True, check=True)

    assert shown.stdout.startswith("WATCHCALL(1)")
    assert shown.stderr == ""


def test_what_builds_them_beforehand_says_where_they_are(packages: Packages) -> None:
    words = [sys.executable, "-m", "tests.packaging.built"]
    done = subprocess.run(words, cwd=ROOT, text=True, capture_output=True, check=True)

    assert done.stdout == f"{packages.folder}\n"


def test_the_rpm_holds_the_same_files(packages: Packages, tree: Path) -> None:
    """But for what is Debian's own: its change log, copyright and overrides, and compression."""
    debian = re.compile(r"usr/share/(doc/watchcall/(changelog|copyright)|lintian/)")
    in_deb = {name.removesuffix(".gz") for name in names(tree) if not debian.match(name)}
    listed = [line.removeprefix("/") for line in of_rpm(packages.rpm, "--list")]

    assert {name for name in listed if not (tree / name).is_dir()} == in_deb


def test_what_the_rpm_installs_is_root_s_and_complete(packages: Packages, tree: Path) -> None:
    archive = subprocess.run(
        ["rpm2archive", "-"], input=packages.rpm.read_bytes(), capture_output=True, check=True
    )
    with tempfile.TemporaryFile() as file:
        file.write(archive.stdout)
        file.seek(0)
        with tarfile.open(fileobj=file) as files:
            members = {member.name.removeprefix("./"): member for member in files}
            unit = files.extractfile(members["usr/lib/systemd/system/watchcall.service"])
            assert unit is not None
            assert unit.read() == (ROOT / "systemd/watchcall.service").read_bytes()

    assert members["usr/bin/watchcall"].linkname == "../lib/watchcall/bin/watchcall"
    assert members["usr/lib/watchcall/bin/watchcall"].mode & 0o777 == 0o755
    owners = of_rpm(packages.rpm, "--queryformat", r"[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]")
    assert set(owners) == {"root:root"}


def test_what_the_rpm_needs_and_does(packages: Packages) -> None:
    needs = of_rpm(packages.rpm, "--requires")
    scripts = "\n".join(of_rpm(packages.rpm, "--scripts"))

    assert "/usr/bin/python3.11" in needs
    assert "systemd >= 247" in needs
    assert "systemd-sysusers watchcall.conf" in scripts
    assert "/usr/lib/watchcall/bin/restart systemctl try-restart" in scripts
    assert not re.search(r"rm -r\S* /(etc|var)", scripts)


def test_no_library_wants_a_newer_glibc_than_the_rpm_and_the_page_say(
    packages: Packages, tree: Path
) -> None:
    libraries = [path for path in tree.rglob("*.so*") if not path.is_symlink()]
    wanted = re.findall(rb"GLIBC_2\.(\d+)", b"".join(path.read_bytes() for path in libraries))
    newest = max(map(int, wanted))

    assert f"glibc >= 2.{newest}" in of_rpm(packages.rpm, "--requires")
    assert f"glibc 2.{newest} " in text_of("docs/how-to/install.md")
