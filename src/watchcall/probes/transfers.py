"""libcurl's multi interface on the asyncio loop: many transfers, no thread.

libcurl says which sockets it waits for and when it wants to be woken (libcurl-multi(3),
"multi_socket"). Its sockets are in an epoll of their own, which the loop watches as one: a look
opens and closes a socket, and to let the loop know of each would cost as much as the look itself.
"""

from __future__ import annotations

import asyncio
import select
from contextlib import suppress
from typing import NamedTuple

import pycurl

MOST = 256  # sockets that are served before the loop goes on with something else


class Outcome(NamedTuple):
    """How a transfer ended: libcurl's code, 0 where all went well, and its words for it."""

    code: int
    message: str


class Transfers:
    """Transfers on the running loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._under_way: dict[pycurl.Curl, asyncio.Future[Outcome]] = {}
        self._watched: dict[int, int] = {}  # by descriptor: POLL_IN and POLL_OUT as bits
        self._sockets = select.epoll()
        self._loop.add_reader(self._sockets.fileno(), self._serve)
        self._due: float | None = None  # when libcurl wants to be woken, by the loop's clock
        self._timer: asyncio.TimerHandle | None = None  # at that time or before
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._wake_in)

    @property
    def opening(self) -> int:
        """How many transfers have no connection of their own yet."""
        return max(0, len(self._under_way) - len(self._watched))

    async def perform(self, curl: pycurl.Curl) -> Outcome:
        """Run a transfer to its end. A cancelled one ends at once."""
        ended: asyncio.Future[Outcome] = self._loop.create_future()
        self._under_way[curl] = ended
        self._multi.add_handle(curl)
        try:
            self._act(pycurl.SOCKET_TIMEOUT, 0)  # begin at once, not when the timer says so
            return await ended
        finally:
            if self._under_way.pop(curl, None) is not None:
                self._multi.remove_handle(curl)

    def close(self) -> None:
        """Cancel what is under way and let go of every socket."""
        for curl, ended in list(self._under_way.items()):
            del self._under_way[curl]
            self._multi.remove_handle(curl)
            ended.cancel()
        self._wake_in(-1)
        if self._timer is not None:
            self._timer.cancel()
        self._multi.close()
        self._loop.remove_reader(self._sockets.fileno())
        self._sockets.close()

    def _watch(self, what: int, fd: int, _multi: object, _data: object) -> None:
        """libcurl: from now on wait for this on that socket."""
        if what == pycurl.POLL_REMOVE:
            self._watched.pop(fd, None)
            with suppress(OSError):  # it may be closed already
                self._sockets.unregister(fd)
            return
        events = select.EPOLLIN if what & pycurl.POLL_IN else 0
        events |= select.EPOLLOUT if what & pycurl.POLL_OUT else 0
        self._watched[fd] = what
        try:
            self._sockets.register(fd, events)
        except FileExistsError:
            self._sockets.modify(fd, events)

    def _wake_in(self, milliseconds: int) -> None:
        """libcurl: wake me then, or never (-1). It must not be called back from in here."""
        if milliseconds < 0:
            self._due = None
            return
        self._due = self._loop.time() + milliseconds / 1000
        if self._timer is None or self._due < self._timer.when():
            self._set_timer(self._due)

    def _set_timer(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._wake)

    def _wake(self) -> None:
        """A timer that comes too early is set anew: libcurl puts off more often than it waits."""
        self._timer = None
        if self._due is None:
            return
        if self._due > self._loop.time():
            self._set_timer(self._due)
        else:
            self._due = None
            self._act(pycurl.SOCKET_TIMEOUT, 0)

    def _serve(self) -> None:
        """Some of the sockets are ready."""
        for fd, events in self._sockets.poll(0, MOST):
            # An error or a hang-up is for whoever waits, as in asyncio.
            ready = pycurl.CSELECT_IN if events & ~select.EPOLLOUT else 0
            ready |= pycurl.CSELECT_OUT if events & ~select.EPOLLIN else 0
            ready &= self._watched.get(fd, 0)  # what was served before may have closed it
            if ready:
                self._multi.socket_action(fd, ready)
        self._reap()

    def _act(self, fd: int, ready: int) -> None:
        self._multi.socket_action(fd, ready)
        self._reap()

    def _reap(self) -> None:
        """Take out what has ended."""
        left = 1
        while left:
            left, succeeded, failed = self._multi.info_read()
            for curl in succeeded:
                self._end(curl, Outcome(0, ""))
            for curl, code, message in failed:
                self._end(curl, Outcome(code, message))

    def _end(self, curl: pycurl.Curl, outcome: Outcome) -> None:
        ended = self._under_way.get(curl)
        if ended is not None and not ended.done():
            ended.set_result(outcome)
