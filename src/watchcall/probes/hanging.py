"""What is being read, so that nobody asks again what hangs already.

A command line hangs with the memory of its process (as `ps` does), a path with its file system. The
thread that met it is lost until that is over; the next one passes by.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_reading: dict[Hashable, tuple[int, float]] = {}  # by what: which thread, and since when


class Hangs(Exception):
    """Another thread asked, and waits still."""


def read(what: Hashable, call: Callable[[], T]) -> T:
    """Return what a call returns that may hang; raise Hangs where it does so already."""
    if what in _reading:
        raise Hangs(what)
    _reading[what] = (threading.get_ident(), time.monotonic())
    try:
        return call()
    finally:
        del _reading[what]


def is_stuck(thread: int | None, seconds: float) -> bool:
    """Whether a thread has waited for one and the same thing for so long."""
    now = time.monotonic()
    return any(who == thread and now - since > seconds for who, since in list(_reading.values()))


class once(Generic[T]):  # noqa: N801 - it is written like a function, as cached_property is
    """functools.cached_property without its lock, which until Python 3.12 all instances share:
    what hangs in one of them would hold up all others."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    def __get__(self, instance: object, owner: type[object]) -> T:
        value = self._read(instance)
        vars(instance)[self._read.__name__] = value
        return value
