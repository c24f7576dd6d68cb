"""Every command that the pages show in a block is run, in order, where the page says it works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.docs.blocks import PAGES, ROOT, Block, blocks
from tests.docs.play import REHEARSING, SCENES

SHOWN = [block for page in PAGES for block in blocks(page)]
RUN_HERE = [block for block in SHOWN if block.mark is None]
PRIVILEGES = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
APART = ["unshare", *PRIVILEGES, "--mount", "--pid", "--net", "--fork", "--kill-child"]


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    """Namespaces keep the pages' ports and processes apart; not every machine lets us have some."""
    if subprocess.run(
        [*APART, "--mount-proc", "true"], check=False, capture_output=True
    ).returncode:
        pytest.skip("needs root, or a kernel that lets users have namespaces")


def played(page: str, numbers: Sequence[int]) -> list[str]:
    """Play some blocks of a page; return what was not as shown."""
    words = [sys.executable, "-m", "tests.docs.play", page, *map(str, numbers)]
    done = subprocess.run(
        [*APART, "--mount-proc", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.parametrize("page", [page for page in SCENES if page != REHEARSING])
def test_the_commands_of_a_page_do_what_it_says(page: str) -> None:
    assert played(page, range(len(blocks(page)))) == []


def test_the_rehearsal_goes_as_it_is_written() -> None:
    """All scenes at once, each on a stage of its own: they mostly wait for phones."""
    numbers = range(len(blocks(REHEARSING)))
    with ThreadPoolExecutor(max_workers=len(numbers)) as actors:
        wrong = actors.map(lambda nth: played(REHEARSING, [nth]), numbers)
    assert [one for some in wrong for one in some] == []


def _unplayed(block: Block) -> bool:
    return block.mark is None and block.page not in SCENES


def test_no_block_is_left_out_without_a_word() -> None:
    assert [block.where for block in SHOWN if _unplayed(block)] == []
