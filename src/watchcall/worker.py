"""Blocking work on threads of its own, so that a hung thing starves nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
V = TypeVar("V")
_Job = Callable[[], None]


class Worker:
    """One thread that runs one blocking call after the other.

    A call that outlives its deadline is left to itself: its thread is abandoned and the next
    call gets a new one. The threads are daemons, so none of them can hold up the end.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._closed = False
        self._jobs = self._start()

    async def run(self, call: Callable[[], T], deadline: float | None = None) -> T:
        """Run `call` on the thread and return what it returns, or raise what it raises.

        deadline: seconds, counted from now; TimeoutError when they have passed
        Raises RuntimeError after `close`: nobody would ever answer.
        """
        if self._closed:
            raise RuntimeError(f"the worker {self._name} was closed")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(lambda: _answer(loop, done, call))
        try:
            async with asyncio.timeout(deadline):
                return await done
        except TimeoutError:
            if not done.cancelled():  # raised by the call itself
                raise
            self._abandon()
            raise

    def close(self, last: _Job | None = None) -> None:
        """Let the thread end after what it has been given, and `last` after that."""
        self._closed = True
        if last is not None:
            self._jobs.put(last)
        self._jobs.put(None)

    def _start(self) -> queue.SimpleQueue[_Job | None]:
        jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        threading.Thread(target=_serve, args=(jobs,), name=self._name, daemon=True).start()
        return jobs

    def _abandon(self) -> None:
        self._jobs.put(None)
        self._jobs = self._start()


class Inline:
    """In a Worker's place where nothing blocks: a database in memory. Each call runs at once, on
    the loop, so that nothing depends on how threads take turns."""

    async def run(self, call: Callable[[], T], deadline: float | None = None) -> T:
        return call()

    def close(self, last: _Job | None = None) -> None:
        if last is not None:
            last()


def _serve(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job()


def _answer(
    loop: asyncio.AbstractEventLoop, done: asyncio.Future[T], call: Callable[[], T]
) -> None:
    try:
        result = call()
    except BaseException as error:
        tell = functools.partial(_set, done.set_exception, error)
    else:
        tell = functools.partial(_set, done.set_result, result)
    # A loop that has ended meanwhile has nobody left to hear it.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(tell, done)


def _set(setter: Callable[[V], None], value: V, done: asyncio.Future[T]) -> None:
    if not done.cancelled():
        setter(value)
