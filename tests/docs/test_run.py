"""Every command that the pages show in a block is run, in order, where the page says it works.

RUN_HERE is run by this module, and what is shown below a command is compared with what it says.
ON_A_SERVER is run in the same way on a booted Debian, by tests/acceptance/test_documented.py.
ELSEWHERE is run by the test that stands above it in the page, not as it is written there.
NOT_RUN is not run at all; each has its reason above it. How many there are of each is held below.

What stands in backticks within a sentence or a cell is run by test_inline.py, and what is shown
without a command above it is compared by test_said.py. Commands in files that a page shows are
parsed only (test_shown.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.docs.apart import played
from tests.docs.blocks import PAGES, ROOT, Block, blocks, fenced
from tests.docs.play import REHEARSING, SCENES

SERVER = "tests/acceptance/test_documented.py"
ITS_PAGES = {"docs/tutorial.md", "docs/how-to/install.md", "docs/how-to/systemd.md"}
SHOWN = [block for page in PAGES for block in blocks(page)]
RUN_HERE = [one for one in SHOWN if one.mark is None and one.page in SCENES]
ON_A_SERVER = [
    one
    for one in SHOWN
    if (one.mark is None and one.page in ITS_PAGES)
    or (one.mark or "").startswith(f"run by {SERVER}")
]
ELSEWHERE = [
    one for one in SHOWN if (one.mark or "").startswith("run by ") and one not in ON_A_SERVER
]
NOT_RUN = [one for one in SHOWN if (one.mark or "").startswith("not run: ")]


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("namespaces")
@pytest.mark.parametrize("page", [page for page in SCENES if page != REHEARSING])
def test_the_commands_of_a_page_do_what_it_says(page: str) -> None:
    assert played("tests.docs.play", page) == []


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("namespaces")
def test_the_rehearsal_goes_as_it_is_written() -> None:
    """All scenes at once, each on a stage of its own: they mostly wait for phones."""
    numbers = range(len(blocks(REHEARSING)))
    with ThreadPoolExecutor(max_workers=len(numbers)) as actors:
        wrong = actors.map(lambda nth: played("tests.docs.play", REHEARSING, str(nth)), numbers)
    assert [one for some in wrong for one in some] == []


def test_no_block_is_left_out_without_a_word() -> None:
    said = [*RUN_HERE, *ON_A_SERVER, *ELSEWHERE, *NOT_RUN]

    assert [one.where for one in SHOWN if one not in said] == []
    assert len(said) == len(SHOWN)


def test_what_is_run_elsewhere_is_run_by_a_test_that_exists() -> None:
    tests = [(one.mark or "").removeprefix("run by ").partition(":")[0] for one in ELSEWHERE]

    assert [name for name in tests if not (ROOT / name).is_file()] == []


def test_the_only_dialogue_is_held_on_a_terminal() -> None:
    """By tests/acceptance/test_init.py."""
    assert [page for page in PAGES for _ in fenced(page, "console")] == ["docs/how-to/set-up.md"]


def commands(some: Sequence[Block]) -> int:
    return sum(len(one.commands) for one in some)


def test_how_much_is_run_is_no_secret() -> None:
    """Change the numbers with the pages; the last should not grow."""
    counted = [commands(some) for some in (RUN_HERE, ON_A_SERVER, ELSEWHERE, NOT_RUN)]

    assert counted == [61, 69, 32, 0]
