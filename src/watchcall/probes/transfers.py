"""libcurl's multi interface on the asyncio loop: many transfers, no thread.

libcurl says which sockets it waits for and when it wants to be woken; the loop does both
(libcurl-multi(3), "multi_socket").
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import NamedTuple

import pycurl


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
        self._timer: asyncio.TimerHandle | None = None
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
        self._multi.close()

    def _watch(self, what: int, fd: int, _multi: object, _data: object) -> None:
        """libcurl: from now on wait for this on that socket."""
        before = self._watched.pop(fd, 0)
        wanted = 0 if what == pycurl.POLL_REMOVE else what
        if before & ~wanted & pycurl.POLL_IN:
            self._loop.remove_reader(fd)
        if before & ~wanted & pycurl.POLL_OUT:
            self._loop.remove_writer(fd)
        if wanted & ~before & pycurl.POLL_IN:
            self._loop.add_reader(fd, self._act, fd, pycurl.CSELECT_IN)
        if wanted & ~before & pycurl.POLL_OUT:
            self._loop.add_writer(fd, self._act, fd, pycurl.CSELECT_OUT)
        if wanted:
            self._watched[fd] = wanted

    def _wake_in(self, milliseconds: int) -> None:
        """libcurl: wake me then, or never (-1). It must not be called back from in here."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if milliseconds >= 0:
            wake = partial(self._act, pycurl.SOCKET_TIMEOUT, 0)
            self._timer = self._loop.call_later(milliseconds / 1000, wake)

    def _act(self, fd: int, ready: int) -> None:
        self._multi.socket_action(fd, ready)
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
