"""The SDK's transport: a deadline on each request, and another address for the simulator."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

DEFAULT = "https://api.twilio.com"


class Transport(TwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """Sends what the SDK wants sent, never without a timeout, and keeps the reply's headers."""

    def __init__(self, api_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = None if api_url.rstrip("/") == DEFAULT else urlsplit(api_url)
        self._headers: dict[str, str] = {}
        if self._base is not None and is_loopback(self._base.hostname or ""):
            assert isinstance(self.session, requests.Session)  # noqa: S101 - the SDK's default
            self.session.trust_env = False  # no proxy stands between us and this machine

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        self._headers = {}
        response = super().request(method, self._redirected(url), *args, **kwargs)
        self._headers = {name.lower(): value for name, value in (response.headers or {}).items()}
        return response

    def close(self) -> None:
        """Let go of the connections."""
        self.session.close()

    def retry_after(self) -> timedelta | None:
        """Return what the last reply asked for, where it gave seconds (RFC 9110, 10.2.3)."""
        value = self._headers.get("retry-after", "")
        return timedelta(seconds=int(value)) if value.isdigit() else None

    def _redirected(self, url: str) -> str:
        if self._base is None:
            return url
        parts = urlsplit(url)
        return urlunsplit(parts._replace(scheme=self._base.scheme, netloc=self._base.netloc))


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's own loopback."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
