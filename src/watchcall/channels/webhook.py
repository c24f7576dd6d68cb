"""Notices to a web service: a JSON POST, and any 2xx is delivered."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import requests
import urllib3.exceptions as wire

from watchcall import __version__
from watchcall.channels.broken import why
from watchcall.channels.retry import retry_after
from watchcall.core.contact import Address
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.ports import NoticeData
from watchcall.worker import Worker

# They quote URLs, and secrets stand in them.
logging.getLogger("urllib3").setLevel(logging.ERROR)

DEADLINE = timedelta(seconds=10)
OK, REDIRECTION, BAD_REQUEST, SERVER_ERROR = 200, 300, 400, 500
LATER = (408, 425, 429)  # RFC 9110, RFC 8470, RFC 6585: the same again may be taken
CONNECT_S = 5.0
OURS = {
    "Content-Type": "application/json",
    "User-Agent": f"WatchCall/{__version__}",
    "Accept-Encoding": "identity",
}


class WebhookOutlet:
    """Implements ports.Outlet. No redirect is followed, no proxy of the environment is used."""

    def __init__(self, address: Address, deadline: timedelta = DEADLINE) -> None:
        self._address, self._deadline = address, deadline

    async def deliver(self, notice: NoticeData) -> None:
        body = notice.document()
        shown, seconds = self._address.shown, self._deadline.total_seconds()
        worker = Worker("webhook")  # of its own: what hangs delays no other notice
        try:
            refusal = await worker.run(lambda: self._post(body), seconds)
        except TimeoutError:
            raise Unsure(f"{shown} did not answer within {seconds:g} s") from None
        finally:
            worker.close()
        if refusal is not None:
            raise refusal

    def _post(self, body: bytes) -> PhoneError | None:
        shown = self._address.shown
        try:
            with requests.Session() as session:
                session.trust_env = False
                return self._answer(session, body)
        except requests.ConnectionError as error:
            return _unreachable(shown, error)
        except (requests.RequestException, wire.HTTPError, OSError, ValueError) as error:
            return Unsure(f"the connection to {shown} broke ({why(error)})")

    def _answer(self, session: requests.Session, body: bytes) -> PhoneError | None:
        """Return what is wrong with the answer, None where it was taken."""
        with session.post(
            self._address.url,
            data=body,
            headers={**OURS, **dict(self._address.headers)},
            timeout=(CONNECT_S, self._deadline.total_seconds()),
            allow_redirects=False,
            stream=True,
        ) as response:
            status = response.status_code
            if OK <= status < REDIRECTION:
                return None  # what else it says is not read
            text = f"{self._address.shown} answers {status}"
            if status in LATER or status >= SERVER_ERROR:
                after = retry_after(response.headers, datetime.now(UTC))
                return NotPlaced(text, status, after)
            if status < BAD_REQUEST:
                text += ", and no redirect is followed"
            return Rejected(text, status)


def _unreachable(shown: str, error: requests.ConnectionError) -> PhoneError:
    """No connection: nothing was sent. Anything later: it may have arrived."""
    inner = error.args[0] if error.args else None
    cause = getattr(inner, "reason", None) or inner
    if isinstance(cause, wire.NewConnectionError | wire.ConnectTimeoutError):
        return NotPlaced(f"cannot connect to {shown} ({why(error)})")
    if isinstance(error, requests.exceptions.SSLError):
        return NotPlaced(f"cannot connect to {shown}: no trusted TLS ({why(error)})")
    return Unsure(f"the connection to {shown} broke ({why(error)})")
