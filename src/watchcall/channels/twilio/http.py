"""The SDK's transport: bounded in time and size, and with another address for the simulator."""

from __future__ import annotations

import ipaddress
import logging
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.util import create_urllib3_context

from watchcall.channels.retry import http_date, retry_after

# It quotes the URL of a reply whose headers it cannot read, and phone numbers stand in it.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)

DEFAULT = "https://api.twilio.com"
ROOT = f"{DEFAULT}/2010-04-01.json"  # asks for nothing, and needs no credentials
TRUSTED = DEFAULT_CA_BUNDLE_PATH  # certificates, where the environment names no others
LONGEST_REPLY = 4 * 1024 * 1024  # bytes; a page of a hundred texts has some 200 kB
CHUNK = 64 * 1024
SAME = timedelta(seconds=2)  # clocks that differ by less are the same: Date has whole seconds
SECOND = timedelta(seconds=1)
ZERO = timedelta(0)


class ReplyTooLongError(requests.RequestException):
    """A reply that no question of ours can have; the rest of it was not read."""


class NothingTrustedError(requests.RequestException):
    """The trusted certificates cannot be read: nothing was sent."""


class Reply(Response):  # type: ignore[misc]  # twilio ships no types
    """What came back.

    skew:  Twilio's clock minus ours, zero where they agree
    after: what Retry-After asks for
    """

    status_code: int
    text: str

    def __init__(
        self, status: int, text: str, skew: timedelta = ZERO, after: timedelta | None = None
    ) -> None:
        super().__init__(status, text)
        self.skew, self.after = skew, after


class Trusting(HTTPAdapter):
    """Connects with certificates that are read once.

    urllib3 reads the trusted ones anew for each connection: some 30 ms, which the first call of a
    night would wait for.
    """

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[Any, Any]:
        host, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        if not verify or host["scheme"] != "https":
            return host, tls
        kept = {name: value for name, value in tls.items() if not name.startswith("ca_cert")}
        return host, {**kept, "ssl_context": trusted(verify if isinstance(verify, str) else None)}

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:
        """The context knows what is trusted: nothing is to be read for this connection."""


def trusted(where: str | None = None) -> ssl.SSLContext:
    """Return what trusts a file or folder of certificates, by default TRUSTED.

    Raises NothingTrustedError where there are none.
    """
    path = Path(where or TRUSTED)
    try:
        return _trusting(path, path.stat().st_mtime_ns)
    except OSError as error:  # of TLS, too: what is there is no certificate
        raise NothingTrustedError(f"no certificates in {path}: {error}") from None


@lru_cache(maxsize=2)
def _trusting(path: Path, _changed: int) -> ssl.SSLContext:
    context = create_urllib3_context()
    context.load_verify_locations(*((None, path) if path.is_dir() else (path, None)))
    return context


class Transport(HttpClient):  # type: ignore[misc]  # twilio ships no types
    """Sends what the SDK wants sent, and reads no more of the reply than there can be.

    timeout: seconds for each wait for bytes; whoever asks bounds the whole
    """

    def __init__(self, api_url: str, timeout: float) -> None:
        super().__init__(logging.getLogger(__name__), False, timeout)
        self._timeout = timeout
        self._base = None if api_url.rstrip("/") == DEFAULT else urlsplit(api_url)
        self._skew = ZERO
        self._session = requests.Session()
        self._session.mount("https://", Trusting())
        # A compressed reply could be far longer than what comes over the wire.
        self._session.headers["Accept-Encoding"] = "identity"
        if self._base is not None and is_loopback(self._base.hostname or ""):
            self._session.trust_env = False  # no proxy stands between us and this machine

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Reply:
        """Send a request; raise requests.RequestException where no whole reply comes.

        Takes what twilio.http.HttpClient.request takes.
        """
        sent = self._prepared(*args, **kwargs)
        asked = datetime.now(UTC)
        with self._session.request(
            method,
            self.redirected(url),
            **sent,
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            came = datetime.now(UTC)
            date = http_date(response.headers.get("Date"))
            if date is not None:
                self._skew = skew(date, asked, came)
            after = retry_after(response.headers, date or came)
            return Reply(response.status_code, self._text(response), self._skew, after)

    def load(self) -> None:
        """Read what the first connection would wait for; what is missing, that one will say."""
        with suppress(NothingTrustedError):
            trusted()
        "a".encode("idna")  # the codec of host names

    def connect(self) -> None:
        """Have a connection at hand: the next request need not shake hands first.

        Raises as `request` does.
        """
        self.request("HEAD", ROOT)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    @staticmethod
    def _prepared(
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        return {"params": params, "data": data, "headers": headers, "auth": auth}

    @staticmethod
    def _text(response: requests.Response) -> str:
        body = bytearray()
        for chunk in response.iter_content(CHUNK):
            body += chunk
            if len(body) > LONGEST_REPLY:
                raise ReplyTooLongError(f"more than {LONGEST_REPLY} bytes")
        return body.decode("utf-8", "replace")

    def redirected(self, url: str) -> str:
        """Point a URL of the SDK's elsewhere: to the simulator whatever its host, else api's."""
        parts = urlsplit(url)
        if self._base is None:
            return url
        everything = is_loopback(self._base.hostname or "")
        if not everything and not parts.netloc.startswith("api."):
            return url
        return urlunsplit(parts._replace(scheme=self._base.scheme, netloc=self._base.netloc))


def skew(date: datetime, asked: datetime, came: datetime) -> timedelta:
    """Return how far Twilio's clock is ahead of ours, as little as its Date header can mean.

    The header was written at some instant between question and answer, and has whole seconds
    (RFC 9110, 6.6.1).
    """
    least, most = date - came, date + SECOND - asked
    if least <= ZERO <= most:
        return ZERO
    nearest = least if least > ZERO else most
    return nearest if abs(nearest) >= SAME else ZERO


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's own loopback."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
