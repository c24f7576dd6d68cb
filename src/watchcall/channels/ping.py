"""A heartbeat on its way: one GET request, and any 2xx has taken it."""

from __future__ import annotations

import logging
from datetime import timedelta

import requests
import urllib3.exceptions as wire

from watchcall import __version__
from watchcall.channels.broken import why
from watchcall.worker import Worker

# It quotes URLs, and that of a heartbeat is a secret.
logging.getLogger("urllib3").setLevel(logging.ERROR)

DEADLINE = timedelta(seconds=10)
CONNECT_S = 5.0
OK, REDIRECTION, BAD_REQUEST = 200, 300, 400
HEADERS = {"User-Agent": f"WatchCall/{__version__}", "Accept-Encoding": "identity"}


class Ping:
    """Asks a URL. No redirect is followed, no proxy of the environment is used.

    shown: what of the URL may be shown
    """

    def __init__(self, url: str, shown: str, deadline: timedelta = DEADLINE) -> None:
        self._url, self._shown, self._deadline = url, shown, deadline

    async def send(self) -> str | None:
        """Send one; return what is wrong, None where it was taken. Never takes longer."""
        worker, seconds = Worker("heartbeat"), self._deadline.total_seconds()
        try:
            return await worker.run(self._get, seconds)
        except TimeoutError:
            return f"{self._shown} did not answer within {seconds:g} s"
        finally:
            worker.close()

    def _get(self) -> str | None:
        try:
            with requests.Session() as session:
                session.trust_env = False
                return self._answer(session)
        except requests.exceptions.SSLError:
            return f"{self._shown} cannot be trusted: its certificate is not in order"
        except (requests.RequestException, wire.HTTPError, OSError, ValueError) as error:
            return f"{self._shown} cannot be reached ({why(error)})"

    def _answer(self, session: requests.Session) -> str | None:
        with session.get(
            self._url,
            headers=HEADERS,
            timeout=(CONNECT_S, self._deadline.total_seconds()),
            allow_redirects=False,
            stream=True,
        ) as response:
            status = response.status_code
        if OK <= status < REDIRECTION:
            return None  # what else it says is not read
        more = ", and no redirect is followed" if REDIRECTION <= status < BAD_REQUEST else ""
        return f"{self._shown} answers {status}{more}"
