"""Tells what happens on the stage: one line an event, with the time since the scene began."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.table import Table
from rich.text import Text

from watchcall.core.contact import masked
from watchcall.demo.stage import Line

PEOPLE = {"+819012345678": "hanako", "+15005550009": "alex"}
COLOURS = {
    "you": "bold",
    "watchcall": "cyan",
    "httpd": "magenta",
    "hanako": "green",
    "alex": "green",
}
_STAMP = re.compile(r"^\S+ \S+ (\w+)\s+(.*)$")  # the log's date, time and level
_SHOWN = ("WatchCall ", "check ")  # the log also says what the phones show better
PICTURE_COLUMNS = 112


class Narrator:
    """Prints the story, on a terminal in colour and otherwise plain."""

    def __init__(self, *, plain: bool, draw: bool = False) -> None:
        colour = draw or (sys.stdout.isatty() and not plain and not os.environ.get("NO_COLOR"))
        self._console = Console(
            highlight=False,
            no_color=not colour,
            force_terminal=True if draw else None,
            record=draw,
            width=PICTURE_COLUMNS if draw else None,
        )
        self._began = time.monotonic()

    def scene(self, title: str) -> None:
        """Begin a scene: times count from here."""
        self._began = time.monotonic()
        self.plain()
        self.plain(title, style="bold underline")

    def say(self, who: str, text: str, at: float | None = None, style: str = "") -> None:
        """Print one event; `at` is CLOCK_MONOTONIC, now if it is not given."""
        after = f"{((at or time.monotonic()) - self._began) * 1000:.0f} ms"
        if not self._console.is_terminal:
            self.plain(f"{after:>9}  {who:<10} {text}")
            return
        row = Table.grid(padding=(0, 1))
        row.add_column(width=8, justify="right", style="dim")
        row.add_column(width=9, style=COLOURS.get(who, ""))
        row.add_column(ratio=1, style=style, overflow="fold")
        row.add_row(after, who, Text(text))
        self._console.print(row)

    def plain(self, text: str = "", style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=not self._console.is_terminal)

    def draw(self, to: Path) -> None:
        """Write what was printed as a picture (SVG) of the terminal; it loads no web font."""
        form = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
        self._console.save_svg(str(to), title="watchcall demo", code_format=form)

    def tell(self, said: Line | dict[str, Any]) -> None:
        """Print what was said on the stage, where it belongs to the story."""
        if isinstance(said, Line):
            self._tell_log(said)
        elif said["kind"] == "call":
            self._tell_call(said)
        elif said["kind"] == "speaking":
            who = PEOPLE.get(said["to"], said["to"])
            words = f"hears ({said['language']}): “{said['words']}”"
            self.say(who, words, said["monotonic"], "bold")

    def _tell_log(self, line: Line) -> None:
        found = _STAMP.match(line.text)
        level, text = found.groups() if found else ("INFO", line.text)
        if level in ("ERROR", "CRITICAL") or text.startswith(_SHOWN):
            self.say(line.who, text, line.at)

    def _tell_call(self, entry: dict[str, Any]) -> None:
        told = {
            "ringing": f"☎  the phone rings ({masked(entry['to'])})",
            "in-progress": "answers",
            "completed": "hangs up",
        }.get(entry["status"])
        if told:
            self.say(PEOPLE.get(entry["to"], entry["to"]), told, entry["monotonic"])
