"""Judging that takes long, beside the loop: one after the other, and few that wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from watchcall.probes.patterns import Budget, TooHard
from watchcall.worker import Worker

QUICK_S = 0.01  # what takes longer to judge is judged beside the loop
SLOW_S = 1.0
MOST_SLOW = 4  # judged beside the loop, or waiting for it, at a time

T = TypeVar("T")


class Beside:
    """Belongs to the loop on which it is first used."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._worker: Worker | None = None
        self._slow = threading.BoundedSemaphore(MOST_SLOW)

    async def judge(
        self, judge: Callable[[Budget], T], searched: str, *, quickly: bool = True
    ) -> T:
        """Return what `judge` says, on the loop where it is quick, else from a thread.

        searched: what TooHard names where too many wait already
        quickly:  whether it is worth while to try it on the loop
        """
        if quickly:
            with suppress(TooHard):
                return judge(Budget(QUICK_S))
        if not self._slow.acquire(blocking=False):
            raise TooHard(searched)
        if self._worker is None:
            self._worker = Worker(self._name)

        def judged() -> T:
            try:
                return judge(Budget(SLOW_S))
            finally:  # not before: a look may be given up, its search goes on
                self._slow.release()

        return await self._worker.run(judged)

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None
