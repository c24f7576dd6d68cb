"""What hangs when it is read: noted by whoever reads it, left alone by everybody else.

A read of /proc/PID/cmdline waits for the process it belongs to, a PID file may lie on a dead file
server, a user may be looked up in a directory that does not answer. None of that can be stopped,
so the thread that reads is left behind, and until it comes back nobody else goes there.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

_touched: dict[int, Hashable] = {}  # by thread: what it reads now
_stuck: set[Hashable] = set()


def enter(thing: Hashable) -> bool:
    """Note that this thread reads something now; return whether it may: others hang there."""
    if thing in _stuck:
        return False
    _touched[threading.get_ident()] = thing
    return True


def leave() -> None:
    """It came to an end after all."""
    thing = _touched.pop(threading.get_ident(), None)
    if _stuck:
        _stuck.discard(thing)


@contextmanager
def reading(thing: Hashable) -> Iterator[bool]:
    """As enter() and leave(), for what is not read a thousand times a second."""
    try:
        yield enter(thing)
    finally:
        leave()


def left_behind(thread: int) -> Hashable:
    """This thread is waited for no longer: what it reads now is left alone until it comes back.

    Returns what that is, None where it reads nothing.
    """
    thing = _touched.get(thread)
    if thing is not None:
        _stuck.add(thing)
        if _touched.get(thread) is not thing:  # it came back this very moment
            _stuck.discard(thing)
    return thing
