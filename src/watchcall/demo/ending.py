"""Signals that end the demo: the first unwinds it, and no other disturbs the clearing up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, kill, a closed terminal


@contextmanager
def unwound_by_signals() -> Iterator[None]:
    """Let a signal raise SystemExit inside; what was ignored (nohup) stays so."""
    before = {number: signal.getsignal(number) for number in ENDING}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _unwind)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """Let a signal wait, while a child is started but not yet known."""
    came: list[int] = []
    hearing = [number for number in ENDING if signal.getsignal(number) is _unwind]
    for number in hearing:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number in hearing:
            signal.signal(number, _unwind)
    if came:
        _unwind(came[0], None)


def deaf() -> None:
    """Hear no signal any more."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _unwind(number: int, _frame: FrameType | None) -> None:
    deaf()
    raise SystemExit(128 + number)
