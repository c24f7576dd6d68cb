"""Regular expressions that come to an end, whatever they are searched in.

A backtracking search can take years, and `re` holds the interpreter all the while: a page, or a
command line that any user of this machine may give a process, would stop the whole of WatchCall.
So `re` searches only what it is done with at once; all else is left to `regex`, which reads the
same expressions, lets other threads run meanwhile and gives up when it is told to.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from typing import Any

AT_ONCE = 1_000_000  # steps of `re`: a few milliseconds
ASKED_EVERY = 16  # searches of that kind: what the clock says
FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE  # the same bits in both engines
NESTED = re.compile(r"\)[*+?{]")
AT_THE_END = ("$", r"\Z", r"\b", r"\B")
BACK = re.compile(r"\\[1-9]")


class TooHard(Exception):
    """What was looked for could not be found out in the time there was; `text` says what."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Budget:
    """How long one look may search: seconds from its first search on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: float | None = None

    def left(self, text: str) -> float:
        """Return the seconds left; raise TooHard, about `text`, where there are none."""
        now = time.monotonic()
        if self._ends is None:
            self._ends = now + self._seconds
        if now >= self._ends:
            raise TooHard(text)
        return self._ends - now

    def spend(self) -> None:
        """Nothing is left: a search took all of it, by whichever clock it went."""
        self._ends = time.monotonic()


def searcher(pattern: re.Pattern[str], budget: Budget) -> Callable[[str], int | None]:
    """Return where in a text an expression is first found: the end of that, None where it is not.
    It may raise TooHard."""
    loops, written = _loops(pattern), pattern.pattern
    short = 0 if loops is None else int(AT_ONCE ** (1 / (loops + 1)))
    careful: list[Any] = []
    turns = itertools.count()

    def found(text: str) -> int | None:
        if len(text) <= short:
            if not next(turns) % ASKED_EVERY:
                budget.left(written)
            return _end(pattern.search(text))
        left = budget.left(written)
        careful[:] = careful or [_careful(pattern)]
        try:
            return bounded(careful[0], text, left, written)
        except TooHard:
            budget.spend()
            raise

    return found


def bounded(compiled: Any, text: str, seconds: float, written: str) -> int | None:
    """As searcher, with an expression of `regex`; raise TooHard after so many seconds."""
    try:
        return _end(compiled.search(text, timeout=seconds, concurrent=True))
    except (TimeoutError, MemoryError) as error:
        raise TooHard(written) from error


def needs_what_follows(pattern: re.Pattern[str], end: int, length: int) -> bool:
    """Whether a match that ends there in a text that was cut may be none in the whole text."""
    if "(?=" in pattern.pattern or "(?!" in pattern.pattern:
        return True
    return end >= length - 1 and any(sign in pattern.pattern for sign in AT_THE_END)


def _end(match: Any) -> int | None:
    return None if match is None else int(match.end())


def _loops(pattern: re.Pattern[str]) -> int | None:
    """Return the k for which a search takes no more than length^(k+1) steps; None: exponential.

    Counts what might loop, so it may say too much, and that costs a microsecond or two.
    """
    if pattern.flags & re.VERBOSE or NESTED.search(pattern.pattern):
        return None
    signs = sum(pattern.pattern.count(sign) for sign in "*+?{|")
    return signs + len(BACK.findall(pattern.pattern))


def _careful(pattern: re.Pattern[str]) -> Any:
    import regex  # not needed until something is hard to search

    try:
        return regex.compile(pattern.pattern, (pattern.flags & FLAGS) | regex.VERSION0)
    except regex.error as error:  # what only `re` can read
        raise TooHard(pattern.pattern) from error
