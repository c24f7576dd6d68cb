"""Names to addresses, each in a thread of its own.

libcurl would do it too, but its resolvers are few and shared: with a dead name server twenty
looks hold them all, and the twenty-first times out although its name is in /etc/hosts
(measured with libcurl 8.23).
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial

from watchcall.core.reason import Reason
from watchcall.probes.verdict import CannotLook, clean
from watchcall.rights import explained

MOST = 64  # names looked up at a time; what hangs longer than a look still holds its thread

# Not the name server's answer but trouble of this machine.
OURS = (socket.EAI_MEMORY, socket.EAI_SYSTEM)

Lookup = Callable[[str], list[str]]


class NoAddress(Exception):
    """The name has no address, or nobody could say which."""


def system_lookup(host: str) -> list[str]:
    """Return a name's addresses in the system's order of preference."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def needs_lookup(host: str) -> bool:
    """Whether a host is a name: addresses and localhost need nobody's help."""
    if host == "localhost" or host.endswith(".localhost"):
        return False
    return ip_version(host) is None


@lru_cache(maxsize=1024)
def ip_version(host: str) -> str | None:
    """Return "4" or "6" for an address, None for a name."""
    families = {"4": socket.AF_INET, "6": socket.AF_INET6}
    return next((name for name, family in families.items() if _is_address(host, family)), None)


class Resolver:
    """Looks that ask for the same name at the same time share one answer."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup
        self._asked: dict[str, asyncio.Future[list[str]]] = {}

    async def addresses(self, host: str) -> list[str]:
        """Return a name's addresses; raise NoAddress or CannotLook."""
        answer = self._asked.get(host) or self._ask(host)
        try:
            return await asyncio.shield(answer)
        except socket.gaierror as error:
            if error.errno in OURS:
                raise _cannot(error) from error
            raise NoAddress(host) from error
        except UnicodeError as error:  # no name at all: a label that is empty or too long
            raise NoAddress(host) from error
        except OSError as error:
            raise _cannot(error) from error

    def _ask(self, host: str) -> asyncio.Future[list[str]]:
        if len(self._asked) >= MOST:
            raise CannotLook(Reason.of("http.lookups", count=MOST))
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[str]] = loop.create_future()
        answer.add_done_callback(partial(self._done, host))
        self._asked[host] = answer
        # A daemon thread: getaddrinfo() cannot be stopped, and the exit need not wait for it.
        thread = threading.Thread(
            target=self._run, args=(loop, host, answer), name="name-lookup", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            answer.set_exception(OSError(str(error)))
        return answer

    def _run(
        self, loop: asyncio.AbstractEventLoop, host: str, answer: asyncio.Future[list[str]]
    ) -> None:
        settle: Callable[[], None]
        try:
            settle = partial(answer.set_result, self._lookup(host))
        except Exception as error:
            settle = partial(answer.set_exception, error)
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(settle)

    def _done(self, host: str, answer: asyncio.Future[list[str]]) -> None:
        self._asked.pop(host, None)
        answer.exception()  # nobody may have waited long enough to hear of it


def _is_address(host: str, family: int) -> bool:
    try:
        socket.inet_pton(family, host)
    except (OSError, ValueError):
        return False
    return True


def _cannot(error: OSError) -> CannotLook:
    return CannotLook(Reason.of("http.cannot_look", error=clean(explained(error))))
