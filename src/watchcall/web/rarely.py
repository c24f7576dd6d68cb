"""A log that strangers cannot fill."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

EVERY_S = 60.0


class Rarely(logging.Filter):
    """Lets each kind of message pass once a minute. Its kind is the text without the values."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._elapsed = elapsed
        self._passed: dict[str, float] = {}  # when, by kind: as many as there are texts in the code

    def filter(self, record: logging.LogRecord) -> bool:
        kind, now = str(record.msg), self._elapsed()
        before = self._passed.get(kind)
        if before is not None and now - before < EVERY_S:
            return False
        self._passed[kind] = now
        return True
