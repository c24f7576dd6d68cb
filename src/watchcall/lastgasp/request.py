"""One request to place one call, and what its answer means."""

from __future__ import annotations

import base64
import contextlib
import enum
import http.client
import importlib
import json
import os
import queue
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from watchcall.lastgasp.words import Person, Words, is_loopback

GRACE_S = 1.0
LONGEST_REPLY = 64 * 1024  # bytes
LONGEST_CALL_S = 120
LONGEST_WAIT_S = 60.0  # whatever Retry-After says
OK, REDIRECTION, SERVER_ERROR = 200, 300, 500
# https://www.twilio.com/docs/api/errors; tests hold these against core/refusal.py
TOO_MANY = {429, 20429}
FOR_ALL = {401, 403, 10001, 20003, 20005, 20006, 20403, 21210, 21212, 21213, 21606}
PERHAPS = {10004, 20500, 20503}


class Meaning(enum.Enum):
    """What came of a request."""

    PLACED = "placed"
    LATER = "later"  # certainly not placed; the same again may help
    UNSURE = "unsure"  # nobody knows whether it was placed
    REFUSED = "refused"  # certainly not placed: not this person
    NOBODY = "nobody"  # certainly not placed, and nobody else's call would be


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request, for people; `after`: seconds that Twilio wants to be left alone."""

    meaning: Meaning
    text: str
    after: float | None = None


class _Given:
    """Whether the request may still be sent, and whether it was: for two threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._up, self._away = False, False

    def send(self) -> bool:
        """From now on it may have been sent; False: nobody waits for it any more."""
        with self._lock:
            self._away = not self._up
            return self._away

    def up(self) -> bool:
        """Nobody waits any more; return whether it may have been sent."""
        with self._lock:
            self._up = True
            return self._away


def place(words: Words, secret: str, person: Person, twiml: str) -> Reply:
    """Ask Twilio for one call. It ends in time, whatever hangs: also the search for a name."""
    answers: queue.SimpleQueue[Reply] = queue.SimpleQueue()
    given = _Given()
    form = {
        "To": person.to,
        "From": words.caller,
        "Twiml": twiml,
        "Timeout": person.ring_s,
        "TimeLimit": LONGEST_CALL_S,
    }
    ask = lambda: answers.put(_asked(words, secret, form, given))  # noqa: E731 - a thread's target
    threading.Thread(target=ask, daemon=True).start()
    deadline = words.timeout_s + GRACE_S
    try:
        return answers.get(timeout=deadline)
    except queue.Empty:
        meaning = Meaning.UNSURE if given.up() else Meaning.LATER
        return Reply(meaning, f"Twilio did not answer within {deadline:g} s")


def _asked(words: Words, secret: str, form: Mapping[str, Any], given: _Given) -> Reply:
    try:
        connection = _connection(words)
        connection.connect()
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Reply(Meaning.LATER, f"cannot connect to Twilio ({_named(error)})")
    if not given.send():
        connection.close()
        return Reply(Meaning.LATER, "nobody waits any more")
    login = base64.b64encode(f"{words.user}:{secret}".encode()).decode()
    headers = {
        "Authorization": f"Basic {login}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    try:
        path = f"/2010-04-01/Accounts/{words.account_sid}/Calls.json"
        connection.request("POST", path, urlencode(form), headers)
        response = connection.getresponse()
        body = response.read(LONGEST_REPLY)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Reply(Meaning.UNSURE, f"the connection to Twilio broke ({_named(error)})")
    finally:
        connection.close()
    return understood(response.status, body, response.getheader("Retry-After"))


def _connection(words: Words) -> http.client.HTTPConnection:
    parts = urlsplit(words.api)
    host, timeout = parts.hostname or "", words.timeout_s
    if parts.scheme == "http":  # a simulator: no proxy stands between us and this machine
        return http.client.HTTPConnection(host, parts.port, timeout=timeout)
    trusted = _trusted()
    proxy = None if is_loopback(host) or proxy_bypass(host) else getproxies().get("https")
    if not proxy:
        return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=trusted)
    via = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    tunnel = http.client.HTTPSConnection(
        via.hostname or "", via.port or 80, timeout=timeout, context=trusted
    )
    login = f"{unquote(via.username or '')}:{unquote(via.password or '')}".encode()
    known = {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"}
    tunnel.set_tunnel(host, parts.port or 443, known if via.username else None)
    return tunnel


def _trusted() -> ssl.SSLContext:
    """The system's authorities; also those that the daemon trusts, if they are still there."""
    context = ssl.create_default_context()
    with contextlib.suppress(Exception):  # it is part of what may be broken
        context.load_verify_locations(importlib.import_module("certifi").where())
    return context


def understood(status: int, body: bytes, after: str | None = None) -> Reply:
    """Return what a reply means. A body that says less is no reason to call twice."""
    if OK <= status < REDIRECTION:
        return Reply(Meaning.PLACED, str(_field(body, "sid") or "no SID was given"))
    code = _field(body, "code")
    codes = {status, code if isinstance(code, int) else status}
    said = _field(body, "message") or _field(body, "detail") or "no reason given"
    text = f"Twilio says {status}, code {code}: {said}" if code else f"Twilio says {status}: {said}"
    if codes & TOO_MANY:
        return Reply(Meaning.LATER, text, _seconds(after))
    if status >= SERVER_ERROR or codes & PERHAPS:
        return Reply(Meaning.UNSURE, text)
    return Reply(Meaning.NOBODY if codes & FOR_ALL else Meaning.REFUSED, text)


def _field(body: bytes, name: str) -> object:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return fields.get(name) if isinstance(fields, dict) else None


def _seconds(after: str | None) -> float | None:
    text = (after or "").strip()
    return min(float(text), LONGEST_WAIT_S) if text.isascii() and text.isdigit() else None


def _named(error: Exception) -> str:
    """Return why, in the words of channels/broken.py as far as the standard library goes."""
    if isinstance(error, socket.gaierror):
        return f"its name cannot be looked up: {error.strerror}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "it hung up without an answer"
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number > 0 and not isinstance(error, ssl.SSLError):
        return os.strerror(number)
    tunnel = re.match(r"Tunnel connection failed: ([0-9]{3}[ \w-]{0,60})", str(error))
    return f"the proxy: {tunnel[1].strip()}" if tunnel else type(error).__name__
