"""What the pages about packages promise, read from them: to be typed, and looked for, as it is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from tests.acceptance.installed import Server
from tests.docs.blocks import blocks, text_of

INSTALL, UPGRADE = "docs/how-to/install.md", "docs/how-to/upgrading.md"
GOES_BACK = "tests/packaging/test_upgraded.py"
CODE = re.compile(r"`([^`]+)`")
MODE = re.compile(r"\((?:`(\S+)`, )?0(\d{3})\)")  # (`root:watchcall`, 0750)
CHANGES = "your changes to a unit"  # are not there where nobody has made any


def typed(page: str, test: str) -> list[str]:
    """Return the blocks of a page that a test runs, each as one text."""
    mine = (one for one in blocks(page) if (one.mark or "").startswith(f"run by {test}:"))
    return ["\n".join(command.text for command in block.commands) for block in mine]


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """Return the rows of the first table below a heading, by their first cell."""
    _, _, below = text_of(page).partition(f"\n## {heading}\n")
    lines = below.partition("\n## ")[0].splitlines()
    cells = [line[1:-1].split("|") for line in lines if line.startswith("|")]
    return {first.strip(): [one.strip() for one in rest] for first, *rest in cells[2:]}


def command(page: str, heading: str, row: str) -> str:
    """Return what a row of that table says to type."""
    cell = rows(page, heading)[row][0]
    return cell.split("`")[1]


def shown(page: str) -> list[str]:
    """Return what a page shows of the log."""
    found = re.findall(r"(?:^ {4}.*\n)+", text_of(page), re.MULTILINE)
    return [inspect.cleandoc(one) for one in found]


def like(text: str) -> str:
    """Return a pattern of a line that a page shows: with any numbers, wherever it is broken."""
    words = re.escape(" ".join(text.split()))
    return re.sub(r"\d+(\\\.\d+)?", r"[\\d.]+", words)


def misplaced(server: Server, column: int) -> Iterator[str]:
    """Yield what is not where "Where everything is" says, or not as it says; the daemon runs.

    column: 0 for a package, 1 for pip
    """
    for what, cells in rows(INSTALL, "Where everything is").items():
        cell = cells[0] if cells[column] == "the same" else cells[column]
        paths = [one for one in CODE.findall(cell) if one.startswith("/")]
        if what == "units":
            paths = [f"{one}watchcall.service" for one in paths]
        lost = [one for one in paths if what != CHANGES and not server.exists(one)]
        yield from (f"{what}: there is no {one}" for one in lost)
        if found := MODE.search(cell):
            mode = server.stat(paths[0])
            if mode != f"{found[1] or 'watchcall:watchcall'} {found[2]}":
                yield f"{paths[0]}: {mode}"
