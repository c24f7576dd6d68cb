"""What the pages show as an answer, with no command above it in its block, is really said.

Below a command the answer is compared where the command is run (test_run.py).
"""

from __future__ import annotations

import logging
import re
import sqlite3
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES, commands_of, pieces, text_of
from tests.docs.stage import missing
from tests.docs.test_reference import fitting
from tests.store.older import laid_out
from tests.store.scene import url
from tests.store.test_upgrade import META
from watchcall.core.speech import stopped_speech
from watchcall.core.words.en import ENGLISH
from watchcall.errors import StartError
from watchcall.store import SqlStore

ACKNOWLEDGING = "docs/how-to/acknowledging.md"
UPGRADING = "docs/how-to/upgrading.md"
LEVELLED = re.compile(r"(?:(INFO|WARNING|ERROR) +)?(.*)")
# What shows no answer, by how it begins, and what else holds it.
OTHERS = {
    " APScheduler ──due──> Looks": "a drawing",
    "# nginx, in the server block": "another program's configuration",
    "# me sleeps too well": "a file that a command below reads",
    "environment, where no option": "written by `make docs`",
}


def shown(page: str) -> list[str]:
    """Return the blocks of a page that show something, and no command."""
    return [
        "\n".join(code).rstrip()
        for _, language, code, _ in pieces(page)
        if language in ("", "text") and not commands_of(language, code)
    ]


def after(page: str, beginning: str) -> tuple[str, ...]:
    """Return the lines of the block that begins so; none where it begins otherwise now."""
    return tuple(next((one for one in shown(page) if one.startswith(beginning)), "").splitlines())


LOGGED = [
    *after(ACKNOWLEDGING, "WARNING  check 'shop' is failing"),
    *after(ACKNOWLEDGING, "INFO     text from"),
    " ".join(after(ACKNOWLEDGING, "a request to https://")),
]
UPGRADED = after(UPGRADING, "upgrading the database")
REFUSED = after(UPGRADING, "the database has schema")


@pytest.mark.parametrize("line", LOGGED)
def test_a_line_of_the_log_is_one_that_can_be_said(line: str) -> None:
    level, text = LEVELLED.fullmatch(line).groups()  # type: ignore[union-attr]  # fits anything
    found = fitting(text)

    assert found
    assert level is None or level.lower() in {one.level or level.lower() for one in found}


async def test_an_upgrade_says_what_the_page_shows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    laid_out("schema-2", tmp_path)
    with caplog.at_level(logging.INFO):
        await SqlStore(url(tmp_path), "web1").close()
    said = "\n".join(record.getMessage() for record in caplog.records)

    assert missing(UPGRADED, said.replace(str(tmp_path), "/var/lib/watchcall")) == []


def test_a_newer_database_is_refused_in_the_words_of_the_page(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "watchcall.db") as database:
        database.executescript(f"{META} insert into meta values ('schema', '99')")
    database.close()
    with pytest.raises(StartError) as caught:
        SqlStore(url(tmp_path), "web1")

    assert missing(REFUSED, str(caught.value)) == []


def test_the_last_gasp_says_what_the_page_has() -> None:
    page = " ".join(text_of("docs/reference/last-gasp.md").replace("\n> ", " ").split())
    said = stopped_speech("web1", "en-US", None, misconfigured=True)

    assert said.text in page


def test_the_phrases_that_explain_a_failure_are_those_that_are_said() -> None:
    """The page leaves out what two phrases in a row have in common."""
    table = text_of("docs/reference/evidence.md").partition("| phrase |")[2].partition("\n\n")[0]
    phrases = [
        phrase.strip().removeprefix("it ")
        for row in table.splitlines()[2:]
        for phrase in row.split("|")[1].split(";")
    ]
    said = [
        text.format(status=3, signal=11 if code == "evidence.crash" else 9)
        for code, text in ENGLISH.reasons.items()
        if code.startswith("evidence.")
    ]

    assert [one for one in said if not any(phrase in one for phrase in phrases)] == []
    assert [phrase for phrase in phrases if not any(phrase in one for one in said)] == []


def test_no_answer_is_shown_that_nothing_holds() -> None:
    """Give a new one its test, or say in OTHERS what holds it."""
    held = [*LOGGED, *UPGRADED, *REFUSED]
    lost = [
        f"{page}: {block}"
        for page in PAGES
        for block in shown(page)
        if not block.startswith(tuple(OTHERS))
        and not all(line in held or line in LOGGED[-1] for line in block.splitlines())
    ]

    assert lost == []
