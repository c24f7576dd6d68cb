"""Every `make` that a page shows is run as it is written, in a copy of this checkout.

Benchmarks are run on a small scale (bench/scale.py): each must print all that it prints at its full
size, and what it holds to be right must be so. `make test` is this run itself; the packages are
made by tests/packaging/built.py, once for all tests.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from bench.__main__ import ALL, NAMED

from tests.docs.blocks import PAGES, ROOT, blocks, text_of
from tests.docs.checkout import Checkout
from tests.docs.printed import PRINTED
from tests.docs.stage import missing
from tests.packaging import built

ITSELF, DEMO = "make test", "make demo"
SOME = 'make test ARGS="-k restart"'
ALOUD = ("make aloud", "make aloud ARGS=write", "make aloud ARGS=play")
# What writes files: a file that it writes.
WRITE = {"make format": "src/watchcall/clock.py", "make docs": "docs/reference/commands.md"}
OPEN_JTALK = ROOT / "build/aloud/venv"


def shown() -> list[str]:
    """Return each `make` that stands in a block or in backticks, without its comment.

    "# and: tls" and, after one with an argument, "`ARGS=tls`" stand for the same with another.
    """
    found, last = dict[str, None](), ""
    for page in PAGES:
        for text in [*_lines(page), *re.findall(r"`(make [^`]+|ARGS=[^`]+)`", text_of(page))]:
            command, _, comment = (part.strip() for part in text.partition("#"))
            if command.startswith("ARGS="):
                command = f"{last.partition(' ARGS=')[0]} {command}"
            found[command], last = None, command
            if others := re.match(r"and: (.*)", comment):
                found |= {f"make bench ARGS={name}": None for name in others[1].split(", ")}
    return [*found]


def _lines(page: str) -> Iterator[str]:
    return (
        command.text
        for block in blocks(page)
        for command in block.commands
        if command.text.startswith("make ")
    )


SHOWN = shown()
MEASUREMENTS = [one for one in SHOWN if one.startswith("make bench")]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout.make(tmp_path_factory.mktemp("make") / "watchcall")


def measured(command: str) -> list[str]:
    """Return which measurements a command takes."""
    names = re.findall(r"ARGS=\"?(\w+)", command)
    return names or [*ALL]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", MEASUREMENTS)
def test_a_measurement_prints_every_row_and_column(checkout: Checkout, command: str) -> None:
    said = checkout.run(command, WATCHCALL_BENCH_SCALE="small")

    absent = re.findall(r"^.*: left out, .*$", said, re.MULTILINE)
    assert "on a small scale: these figures say nothing" in said
    if absent:
        pytest.skip("; ".join(absent))
    wanted = "".join(PRINTED[name] for name in measured(command))
    assert missing(tuple(wanted.splitlines()), said) == [], said


def test_every_measurement_that_there_is_is_shown() -> None:
    assert {name for one in MEASUREMENTS for name in measured(one)} == {*ALL, *NAMED}


def test_every_make_that_is_shown_is_run_here() -> None:
    run = {ITSELF, DEMO, built.COMMAND, SOME, *ALOUD, *WRITE, *MEASUREMENTS}

    assert run == {*SHOWN}


def test_this_run_is_make_test() -> None:
    """Where skips are forbidden nothing may be added to it: it is what the pages show."""
    lines = [one.cmdline() for one in psutil.Process().parents()]
    makes = [" ".join(line) for line in lines if line[:1] == ["make"]]  # its own, then those above
    if not makes:
        pytest.skip("pytest was started by hand, not by `make test`")
    assert [one for one in makes if one.startswith(ITSELF)] == makes
    if os.environ.get("WATCHCALL_FORBID_SKIPS"):
        assert makes == [ITSELF]


@pytest.mark.parametrize(
    "command",
    [
        *(ITSELF, DEMO),
        *("tests/acceptance/testbed.sh build", "python3 -m tests.packaging.built"),
    ],
)
def test_what_decides_runs_what_contributing_says(command: str) -> None:
    lines = [line.partition("#")[0].strip(" &") for line in text_of(".ci/run").splitlines()]

    assert [line for line in lines if line.endswith(command)]
    assert command in text_of("CONTRIBUTING.md")


def test_some_tests(checkout: Checkout) -> None:
    """With all that `make test` does before; of the tests those of one room."""
    said = checkout.run(SOME, PYTEST_ADDOPTS="tests/store -p no:cacheprovider")

    assert "Success: no issues found" in said
    assert re.search(r"^=* ?[1-9]\d* passed in ", said, re.MULTILINE), said


def test_the_demo_on_a_terminal(checkout: Checkout) -> None:
    said = checkout.typed(DEMO)

    assert said.count("Press Enter to ") == 2, said
    assert "the phone rings" in said
    assert re.search(r"alex +Twilio is asked to call after \d+ ms, rings after \d+ ms", said)
    assert re.search("\x1b\\[[0-9;]*3[1-7]m", said), "a terminal has colours"


@pytest.mark.parametrize(("command", "name"), WRITE.items())
def test_what_is_committed_is_what_is_written(checkout: Checkout, command: str, name: str) -> None:
    before, file = checkout.files(), checkout.folder / name
    file.write_text(file.read_text("utf-8") + "\n\n\n", "utf-8")
    assert checkout.files() != before

    checkout.run(command)

    assert [name for name, text in checkout.files().items() if before.get(name) != text] == []


@pytest.mark.timeout(900)  # it may have to build them
def test_the_packages(packages: built.Packages) -> None:
    assert packages.deb.is_file()
    assert packages.rpm.is_file()


@pytest.mark.parametrize("command", ALOUD)
def test_a_voice_reads_as_is_written_down(checkout: Checkout, command: str) -> None:
    """All of it is said aloud in minutes, so of that only the beginning."""
    if shutil.which("espeak-ng") is None or not OPEN_JTALK.is_dir():
        pytest.skip("needs espeak-ng, and Open JTalk: make build/aloud/venv/.installed")
    _lend(OPEN_JTALK, checkout.folder / "build/aloud/venv")
    before, said = checkout.files(), checkout.folder / "tests/aloud/said.py"
    if command.endswith("play"):
        said.write_text(said.read_text("utf-8") + FEW, "utf-8")
    try:
        told = checkout.run(command)
    finally:
        said.write_bytes(before["tests/aloud/said.py"])

    assert checkout.files() == before
    if command.endswith("play"):
        assert "6 recordings in build/aloud" in told
    else:
        assert re.findall(r"^(en|ja): [1-9]\d+ sentences read aloud$", told, re.M) == ["en", "ja"]


FEW = """
_all = sentences
def sentences(tag: str) -> list[str]: return _all(tag)[:3]
"""


def _lend(there: Path, here: Path) -> None:
    here.parent.mkdir(parents=True, exist_ok=True)
    if not here.is_symlink():
        here.symlink_to(there)
