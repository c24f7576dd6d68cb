"""The terminal: lines out, lines in. It knows widths and colours, and nothing of the questions."""

from __future__ import annotations

import contextlib
import getpass
import shutil
import sys
import unicodedata
import warnings
from collections.abc import Iterator

from rich.cells import cell_len

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
READLINE = (
    "set enable-bracketed-paste off",
    # letters of other languages are letters, whatever the locale: else they are commands to it
    "set convert-meta off",
    "set input-meta on",
    "set output-meta on",
)
NARROWEST = 20  # columns; below, lines are broken by the terminal
WIDEST = 100
UNBOUNDED = 10_000
NEVER_FIRST = "、。，！？）」』】〉》ー…,.!?)]"  # of a line, in Japanese and elsewhere
NEVER_LAST = "（「『【〈《(["


class Stopped(Exception):
    """Nobody answers any more: Ctrl-D, or the terminal is gone."""


class CannotHide(Exception):
    """What is typed would be shown."""


class Terminal:
    """A terminal on standard input and output.

    colour: whether to use any
    """

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour
        with contextlib.suppress(ImportError):  # a Python without it reads lines all the same
            import readline

            # what is pasted comes as it is, and the prompt holds nothing that is not text
            for setting in READLINE:
                readline.parse_and_bind(setting)
            readline.set_completer(lambda *_: None)  # without one, Tab lists files
            readline.set_auto_history(False)

    def say(self, text: str = "", style: str | None = None) -> None:
        """Print lines, wrapped between words; a line goes on where its text began."""
        for line in text.splitlines() or [""]:
            for part in wrapped(line, self.width):
                print(self._styled(harmless(part), style))

    def row(self, head: str, about: str, *, start: int, style: str | None = None) -> None:
        """Print two columns, the second from `start` on; where it has no room, below the first."""
        gap = start - cell_len(head)
        if gap > 0 and start + cell_len(about) <= self.width:
            print(self._styled(harmless(f"{head}{' ' * gap}{about}"), style))
            return
        self.say(head, style)
        self.say(f"{' ' * 9}{about}", style)

    def verbatim(self, line: str, style: str | None = None) -> None:
        """Print a line as it is, to be copied: the terminal breaks it where it has to."""
        print(self._styled(harmless(line), style))

    def ask(self, prompt: str) -> str:
        """Return what is typed. Raises Stopped; KeyboardInterrupt for Ctrl-C."""
        try:
            return input(self._prompt(prompt))
        except EOFError:
            print()
            raise Stopped from None
        except OSError:
            raise Stopped from None

    def hidden(self, prompt: str) -> str:
        """Return what is typed without showing it. Raises Stopped, CannotHide."""
        with warnings.catch_warnings():
            # getpass would go on, with an echo, where it cannot turn that off
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return getpass.getpass(self._prompt(prompt))
            except getpass.GetPassWarning:
                raise CannotHide from None
            except EOFError:
                print()
                raise Stopped from None
            except OSError:
                raise Stopped from None

    @property
    def width(self) -> int:
        """How many columns there are now: a window may have changed. A pipe has no end."""
        columns = shutil.get_terminal_size((UNBOUNDED, 24)).columns
        return max(NARROWEST, min(WIDEST, columns) if sys.stdout.isatty() else columns)

    def _prompt(self, prompt: str) -> str:
        """Print all of a prompt but its last line, which the reader of lines has to know."""
        *above, last = [part for line in prompt.splitlines() for part in self._fitting(line)]
        for part in above:
            print(part)
        sys.stdout.flush()
        return f"{last} "

    def _fitting(self, line: str) -> list[str]:
        """Leave room for an answer on the last line."""
        return wrapped(line, self.width - 2)

    def _styled(self, text: str, style: str | None) -> str:
        if not self._colour or style is None or not text:
            return text
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def harmless(text: str) -> str:
    """Return text without what a terminal would obey."""
    return "".join("?" if unicodedata.category(char)[0] == "C" else char for char in text)


def wrapped(line: str, width: int) -> list[str]:
    """Break a line so that each part fits, by columns: a character of Japanese takes two.

    Breaks are between words, or between two wide characters. Parts after the first are indented
    as the first is.
    """
    text = line.lstrip(" ")
    indent = line[: len(line) - len(text)]
    parts, part = [], indent
    for piece in _pieces(text):
        if cell_len(part + piece.rstrip()) > width and part.strip():
            parts.append(part.rstrip())
            part = indent
            piece = piece.lstrip()
        part += piece
    return [*parts, part.rstrip()]


def _pieces(text: str) -> Iterator[str]:
    """Yield what stays together: words with the space behind them, single wide characters."""
    piece = ""
    for char in text:
        if piece and _may_break(piece[-1], char):
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _may_break(before: str, char: str) -> bool:
    if char == " " or before == " ":
        return char != " "
    if char in NEVER_FIRST or before in NEVER_LAST:
        return False
    return _wide(before) or _wide(char)


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
