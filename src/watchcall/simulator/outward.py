"""The simulator's own requests, to loopback addresses only: TwiML documents, status callbacks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlencode, urlsplit

import h11

DEADLINE = 5.0
MAX_BODY = 64 * 1024


class NotFetched(Exception):
    """There was no answer that could be used, and why."""


def loopback(host: str | None) -> bool:
    """Return whether a host is this machine, without asking any resolver."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


class Outward:
    """Makes requests, signed with the account's token.

    public: returns where public URLs really are: loopback addresses, by the URLs' beginnings
    """

    def __init__(self, token: str, public: Callable[[], Mapping[str, str]]) -> None:
        self._token, self._public = token, public

    async def send(self, method: str, url: str, params: Mapping[str, str]) -> tuple[int, str]:
        """Make one request; return its status and body, or raise NotFetched."""
        return await send(method, url, params, self._token, self._public())


def located(url: str, public: Mapping[str, str]) -> str:
    """Return where a URL really is; the longest beginning that fits decides."""
    for known in sorted(public, key=len, reverse=True):
        base = known.rstrip("/")
        rest = url.removeprefix(base)
        if url.startswith(base) and rest[:1] in ("", "/", "?"):
            return public[known].rstrip("/") + rest
    return url


async def send(
    method: str,
    url: str,
    params: Mapping[str, str],
    token: str,
    public: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Make one signed request, as Twilio does; return its status and body.

    It is signed for the URL as written, and sent to where `public` says that this is.
    """
    form = urlencode(params)
    if method == "GET":
        parts = urlsplit(url)
        query = "&".join(filter(None, (parts.query, form)))
        url, form, params = parts._replace(query=query).geturl(), "", {}
    place = urlsplit(located(url, public or {}))
    if place.scheme != "http" or not loopback(place.hostname):
        raise NotFetched(f"{url} is not http on a loopback address")
    request = _request(method, url, place, form, signature(url, params, token))
    try:
        async with asyncio.timeout(DEADLINE):
            return await _exchange(place, request)
    except TimeoutError:
        raise NotFetched(f"{url} did not answer within {DEADLINE:g} s") from None
    except (OSError, h11.ProtocolError) as error:
        raise NotFetched(f"{url}: {error}") from error


def signature(url: str, params: Mapping[str, str], token: str) -> str:
    """Return what X-Twilio-Signature holds: HMAC-SHA1 over the URL and the sorted parameters."""
    signed = url + "".join(f"{name}{params[name]}" for name in sorted(params))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


async def _exchange(place: SplitResult, request: list[h11.Event]) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection(place.hostname, place.port or 80)
    try:
        connection = h11.Connection(h11.CLIENT)
        for event in request:
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _response(connection, reader)
    finally:
        writer.close()


def _request(method: str, url: str, place: SplitResult, form: str, signed: str) -> list[h11.Event]:
    """The Host is that of the URL as written: what stands before the real one passes it on."""
    target = (place.path or "/") + (f"?{place.query}" if place.query else "")
    headers = {
        "Host": urlsplit(url).netloc.rpartition("@")[2],
        "User-Agent": "TwilioProxy/1.1",
        "X-Twilio-Signature": signed,
        "Connection": "close",
    }
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        headers["Content-Length"] = str(len(form))
    request = h11.Request(method=method, target=target, headers=list(headers.items()))
    body = [h11.Data(data=form.encode())] if method == "POST" else []
    return [request, *body, h11.EndOfMessage()]


async def _response(connection: h11.Connection, reader: asyncio.StreamReader) -> tuple[int, str]:
    status, body = 0, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(MAX_BODY))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise NotFetched(f"more than {MAX_BODY} bytes")
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            return status, body.decode("utf-8", "replace")
