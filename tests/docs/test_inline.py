"""Every command that stands within a sentence or a table's cell is typed somewhere, as it stands.

tests/docs/typed.py says how and where; what is the same as a command in a block is run with that
(test_run.py). How many there are of each is held below.
"""

from __future__ import annotations

import re
import subprocess
import sys
from argparse import _SubParsersAction

import pytest

from tests.docs import typed
from tests.docs.apart import played
from tests.docs.blocks import PAGES, ROOT
from tests.docs.inline import commands, marked, spans, whole
from tests.docs.test_run import NOT_RUN, SHOWN
from tests.docs.typed import Typed
from tests.packaging import built
from watchcall.cli import COMMANDS, _parser

INLINE, MARKED = commands(), marked()
NAMES = {text for text in INLINE if " " not in text} - set(typed.NOT_TYPED)
IN_BLOCKS = {
    command.text.partition("  #")[0].strip().removeprefix("sudo "): block
    for block in SHOWN
    for command in block.commands
}
OPTION_AFTER = re.compile(r"[a-z.][\w.+/-]* (?:.* )?--?[a-z]")
OPTIONS_OF_OTHERS = {"--seed", "--input-logs"}  # of `make bench`, of ausearch


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("namespaces")
def test_what_is_typed_beside_a_daemon_does_what_the_pages_say() -> None:
    assert played("tests.docs.say") == []


@pytest.mark.parametrize("command", typed.IN_A_CHECKOUT, ids=lambda one: one.shown)
def test_what_is_typed_in_a_checkout_does_what_the_pages_say(command: Typed) -> None:
    words = command.line.replace("python ", f"{sys.executable} ").split()
    if words[0] == "apt-get" and (lacking := built.missing()):
        pytest.skip(lacking)  # and no list of packages, perhaps, to look them up in
    done = subprocess.run(words, cwd=ROOT, text=True, capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert command.says in done.stdout


def places(text: str) -> list[str]:
    """Return where a command is dealt with."""
    tables = {
        "stage": {one.shown for one in typed.ON_STAGE},
        "checkout": {one.shown for one in typed.IN_A_CHECKOUT},
        "server": {one.shown for one in typed.ON_A_SERVER},
        "elsewhere": typed.ELSEWHERE.keys() | (MARKED.keys() - NAMES),
        "not typed": typed.NOT_TYPED,
        "no command": {*typed.NO_COMMANDS, *NAMES},
    }
    found = [place for place, table in tables.items() if text in table]
    if found or text not in IN_BLOCKS:
        return found
    return ["not typed" if IN_BLOCKS[text] in NOT_RUN else "block"]


@pytest.mark.parametrize("text", INLINE)
def test_none_is_left_out_without_a_word(text: str) -> None:
    """Put a new one into one of the tables of tests/docs/typed.py."""
    assert len(places(text)) == 1, f"{text} in {INLINE[text]}: {places(text)}"


def test_the_tables_have_none_that_no_page_has() -> None:
    tables = (typed.ON_STAGE, typed.IN_A_CHECKOUT, typed.ON_A_SERVER)
    listed = [one.shown for table in tables for one in table]
    listed += [*typed.ELSEWHERE, *typed.NOT_TYPED, *typed.NO_COMMANDS]

    assert [text for text in listed if text not in INLINE] == []


def test_no_command_is_taken_for_words() -> None:
    """What has an option has a program before it: one that is known as such."""
    with_option = {text for page in PAGES for text in spans(page) if OPTION_AFTER.match(text)}

    assert {one for one in with_option if one not in INLINE and whole(one) not in INLINE} == set()


def options(command: str) -> set[str]:
    (commands,) = (one for one in _parser([command])._actions if isinstance(one, _SubParsersAction))
    return {name for one in commands.choices[command]._actions for name in one.option_strings}


def test_an_option_that_is_named_is_one_of_some_command() -> None:
    named = {text.split()[0] for page in PAGES for text in spans(page) if text.startswith("--")}
    known = {name for command in COMMANDS for name in options(command)} | OPTIONS_OF_OTHERS

    assert named - known == set()


def test_what_a_table_says_is_typed_elsewhere_has_a_test() -> None:
    assert [test for test in MARKED.values() if not (ROOT / test).exists()] == []


@pytest.mark.parametrize(("test", "words"), [*typed.ELSEWHERE.values()])
def test_what_is_typed_elsewhere_stands_there(test: str, words: str) -> None:
    assert words in (ROOT / test).read_text("utf-8")


def test_how_much_is_typed_is_no_secret() -> None:
    """Change the numbers with the pages; those of what is not typed should not grow."""
    kinds = ("block", "stage", "checkout", "server", "elsewhere", "not typed", "no command")
    counted = {kind: sum(kind in places(text) for text in INLINE) for kind in kinds}

    assert counted == {
        "block": 16,
        "stage": 37,
        "checkout": 2,
        "server": 16,
        "elsewhere": 41,
        "not typed": 1,
        "no command": 36,
    }
