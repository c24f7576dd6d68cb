"""Blocking questions that may hang, each in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")


class Apart(Generic[T]):
    """Whoever asks the same at the same time shares one answer.

    So a file system that hangs holds one thread, however often somebody asks after it, and
    whoever waits gives up at the deadline of its own.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._asked: dict[Hashable, asyncio.Future[T]] = {}

    async def ask(self, about: Hashable, question: Callable[[], T]) -> T:
        """Return the answer, or raise what it raises; OSError where there is no thread left."""
        return await asyncio.shield(self._asked.get(about) or self._ask(about, question))

    def _ask(self, about: Hashable, question: Callable[[], T]) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        answer.add_done_callback(partial(self._done, about))
        self._asked[about] = answer
        # A daemon thread: what hangs in the kernel cannot be stopped, and the exit need not wait.
        thread = threading.Thread(
            target=_run, args=(loop, question, answer), name=self._name, daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            answer.set_exception(OSError(str(error)))
        return answer

    def _done(self, about: Hashable, answer: asyncio.Future[T]) -> None:
        self._asked.pop(about, None)
        if not answer.cancelled():
            answer.exception()  # nobody may have waited long enough to hear of it


def _run(
    loop: asyncio.AbstractEventLoop, question: Callable[[], T], answer: asyncio.Future[T]
) -> None:
    settle: Callable[[], None]
    try:
        settle = partial(answer.set_result, question())
    except Exception as error:
        settle = partial(answer.set_exception, error)
    with suppress(RuntimeError):  # the loop was closed meanwhile
        loop.call_soon_threadsafe(settle)
