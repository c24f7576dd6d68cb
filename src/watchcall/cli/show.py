"""Tables that fit the terminal; plain where nobody looks, or NO_COLOR is set."""

from __future__ import annotations

import argparse
import difflib
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from watchcall.cli.streams import speaks_unicode

if TYPE_CHECKING:
    from rich.console import RenderableType

UTC_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) UTC")

STYLES = {
    "ok": "green",
    "answered": "green",
    "human": "green",
    "acknowledged": "green",
    "delivered": "green",
    "sent": "green",
    "failing": "bold red",
    "critical": "bold red",
    "rejected": "bold red",
    "failed": "bold red",
    "undelivered": "bold red",
    "error": "bold red",
    "down": "bold red",
    "warning": "yellow",
    "unknown": "yellow",
    "degraded": "yellow",
    "busy": "yellow",
    "no_answer": "yellow",
    "machine": "yellow",
    "stuck": "yellow",
    "uncertain": "yellow",
    "open": "yellow",
    "pending": "dim",
    "passes": "dim",
    "holds": "yellow",
    "stops": "yellow",
    "tells": "green",
    "quiet": "dim",
    "exhausted": "bold red",
    "unplaced": "yellow",
    # `init` shows doctor's findings in the reader's language
    "正常": "green",
    "警告": "yellow",
    "エラー": "bold red",
    "不明": "yellow",
}


PADDING = re.compile(r" +$", re.MULTILINE)  # of no use to who copies a line, or greps
LEAST = 16  # columns of text that can still be read
HANG = 4  # columns further in, of a line that goes on
GAP = 2  # between two columns of a table


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    fold: its cells may be broken over lines; it gets a share of the width at most
    spare: left out where the terminal is too narrow, the highest first; 0 stays
    """

    heading: str
    fold: bool = False
    spare: int = 0


def warn_of_memory(answer: dict[str, Any]) -> None:
    """Say it where the daemon could not write down what it was told."""
    if not answer.get("kept", True):  # a daemon of an older version does not say
        line(
            "the daemon's disk takes nothing now, as watchcall status says: a restart before it "
            "can be written again forgets this"
        )


def as_json(answer: Any) -> None:
    """Print an answer for programs."""
    print(json.dumps(answer, ensure_ascii=not speaks_unicode(sys.stdout), indent=2))


def line(text: str = "") -> None:
    """Print a line of text, wrapped between words where a terminal is narrower."""
    from rich.text import Text

    _print(Text(text), _width(piped=sys.maxsize))


def hanging(text: str, indent: str) -> None:
    """Print a line of text behind an indent, and what a terminal has no room for further in."""
    from rich.console import Console
    from rich.text import Text

    width = _width(piped=sys.maxsize)
    room = max(LEAST, width - len(indent) - HANG)
    lines = Text(text).wrap(Console(file=io.StringIO(), width=room), room, overflow="fold")
    for nth, part in enumerate(lines):
        print(f"{indent}{' ' * HANG if nth else ''}{part.plain.rstrip()}")


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under headings; the last column takes the room that is left and wraps."""
    from rich.table import Table
    from rich.text import Text

    width = _width(piped=160)
    natural = _natural(columns, rows)
    shown = _fitting(columns, natural, width)
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for index in shown:
        column = columns[index]
        drawn.add_column(
            column.heading,
            width=None if index == len(columns) - 1 else _share(column, natural[index], width),
            overflow="fold",
        )
    for row in rows:
        drawn.add_row(*(Text(row[index], style=STYLES.get(row[index], "")) for index in shown))
    _print(drawn, width)


def _natural(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide each column is where nothing is broken."""
    from rich.cells import cell_len

    headings = [column.heading for column in columns]
    return [max(map(cell_len, cells)) for cells in zip(headings, *rows, strict=True)]


def _fitting(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    """Return which columns there is room for, the last one readable."""
    shown = list(range(len(columns)))
    last = min(natural[-1], max(LEAST, width // 3))
    spare = sorted((i for i in shown if columns[i].spare), key=lambda i: -columns[i].spare)
    for index in spare:
        if sum(_share(columns[i], natural[i], width) + GAP for i in shown[:-1]) + last <= width:
            break
        shown.remove(index)
    return shown


def _share(column: Column, natural: int, width: int) -> int:
    return min(natural, max(LEAST * 3 // 4, width * 3 // 10)) if column.fold else natural


def _print(what: RenderableType, width: int) -> None:
    """Draw first, then print: what becomes of the output is said in one place, `main`.

    A console on sys.stdout would flush it, and exit by itself where the reader has gone.
    """
    from rich.console import Console

    drawn = io.StringIO()
    Console(file=drawn, force_terminal=colour(), width=width, highlight=False).print(what)
    print(PADDING.sub("", drawn.getvalue()), end="")


def colour() -> bool:
    """Whether to colour: on a terminal that can, unless NO_COLOR (no-color.org) says otherwise."""
    dull = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not dull


def local(at: str | None) -> str:
    """Return an instant of the JSON as this machine's clock shows it."""
    if at is None:
        return "-"
    then = datetime.fromisoformat(at).astimezone()
    today = datetime.now().astimezone().date()
    return f"{then:%H:%M:%S}" if then.date() == today else f"{then:%Y-%m-%d %H:%M}"


def here(text: str) -> str:
    """Return a sentence with its times as this machine's clock shows them."""
    return UTC_TIME.sub(_moved, text)


def _moved(found: re.Match[str]) -> str:
    """Return a time as it is shown here, and no more precise than it was."""
    shown = local(f"{found[1]}T{found[2]}+00:00")
    return shown.rpartition(":")[0] if shown.count(":") > found[2].count(":") else shown


def positive(text: str) -> int:
    """Read a `--limit`."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def no_such(kind: str, name: str, known: Sequence[str]) -> str:
    """Return what to say of a name that nobody has."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f", did you mean {near[0]}?" if near else f"; there are: {', '.join(known) or 'none'}"
    return f"no {kind} is called {name!r}{hint}"


def _width(*, piped: int) -> int:
    """A pipe has no width: there it is as good as any."""
    return shutil.get_terminal_size((piped, 24)).columns
