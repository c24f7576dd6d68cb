"""SIGHUP before there is a daemon that could reload: it ends nothing, and is remembered."""

from __future__ import annotations

import signal

_came = False


def heed() -> None:
    """From now on a SIGHUP is remembered; by itself it would end the program."""
    signal.signal(signal.SIGHUP, _remember)


def came() -> bool:
    """Whether one came since `heed`: what was read before it may be old."""
    return _came


def _remember(*_: object) -> None:
    global _came
    _came = True
